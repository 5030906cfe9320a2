"""Workbooks and Parquet files are read in a process of their own, which may run out of memory or crash alone."""

from __future__ import annotations

import contextlib
import marshal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.ipc

from ..words import Said, unpacked
from ..words import Said as _
from . import limits
from .records import Notice, Record, Trouble

_ROOT = Path(__file__).resolve().parents[3]
#: Seconds by the clock, on a machine that is busy.
_PATIENCE = 4 * limits.CHILD_SECONDS


def read_apart(kind: str, path: Path, notices: list[Notice]) -> Iterator[Record]:
    """The records of a workbook or a Parquet file. Raises `Trouble`, also when the process ends before its time."""
    with _child(kind, path) as (stream, child):
        yield from _records(stream, child, notices)


def read_columns(path: Path) -> Iterator[pa.RecordBatch]:
    """The columns of a Parquet file, in batches; what is wrong with it ends them, and `read_apart` tells it."""
    with _child("columns", path) as (stream, _process), contextlib.suppress(EOFError, ValueError, TypeError):
        while (message := marshal.load(stream))[0] == "columns":  # noqa: S302 (written by our own process)
            yield from pa.ipc.open_stream(message[1])
        if message[0] == "end":
            return
    raise pa.ArrowInvalid("the process that reads the columns did not come to their end")


@contextlib.contextmanager
def _child(kind: str, path: Path) -> Iterator[tuple[IO[bytes], subprocess.Popen[bytes]]]:
    """A process that reads the file and writes messages to the stream."""
    command = [sys.executable, "-m", f"{__package__}.child", kind, str(path.resolve())]
    # It gets no secrets, and memory that counts as data from the first byte.
    environment = {"PYTHONPATH": str(_ROOT), "ARROW_DEFAULT_MEMORY_POOL": "system", "MALLOC_ARENA_MAX": "2",
                   "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}  # fmt: skip
    child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603
    timer = threading.Timer(_PATIENCE, child.kill)
    timer.start()
    try:
        assert child.stdout is not None
        yield child.stdout, child
    finally:
        timer.cancel()
        with contextlib.suppress(OSError):
            child.kill()
        child.communicate()


def _records(stream: IO[bytes], child: subprocess.Popen[bytes], notices: list[Notice]) -> Iterator[Record]:
    trouble: Trouble | None = None
    while True:
        try:
            message: tuple[Any, ...] = marshal.load(stream)  # noqa: S302 (written by our own process)
        except (EOFError, ValueError, TypeError) as error:
            raise Trouble(_ended(child.wait())) from error
        match message:
            case ("rows", batch):
                yield from batch
            case ("notice", what, *place):
                notices.append(Notice(unpacked(what), *place))
            case ("trouble", what, line, cell):
                trouble = Trouble(unpacked(what), line, cell)
            case _other:
                break
    if trouble is not None:
        raise trouble


def _ended(code: int) -> Said:
    if -code in (9, 24):
        return _(
            "takes more than %(seconds)d seconds or too much memory to read: save it as CSV, or divide it",
            seconds=limits.CHILD_SECONDS,
        )
    return _("cannot be read: the process that reads it ended with code %(code)d; save the table as CSV", code=code)
