"""The process in which workbooks and Parquet files are unpacked, under limits of memory and time; see decision 0015.

It is started by `process.py` with the kind and the path of a file, knows neither settings nor database, and writes
messages in the form of `marshal`: rows or columns, notices, trouble, and at last `end`.
"""

from __future__ import annotations

import marshal
import resource
import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from ..words import Said as _
from ..words import packed
from . import limits
from .parquet import read_columns, read_parquet
from .records import Notice, Record, Trouble
from .workbook import read_workbook

_READERS = {"xlsx": read_workbook, "parquet": read_parquet}


def main(kind: str, path: str) -> None:
    """Read the file and tell what is in it."""
    out = sys.stdout.buffer
    _restrain()
    notices: list[Notice] = []
    try:
        if kind == "columns":
            for columns in read_columns(Path(path)):
                _tell(out, "columns", columns)
        else:
            for batch in _batches(_READERS[kind](Path(path), notices)):
                _tell(out, "rows", batch)
    except Trouble as trouble:
        _tell(out, "trouble", packed(trouble.message), trouble.line, trouble.cell)
    except MemoryError:
        _tell(
            out,
            "trouble",
            packed(_("needs more memory than a file is given: divide it, or save it as CSV")),
            None,
            None,
        )
    except OSError as error:
        message = _("cannot be read: %(reason)s", reason=error.strerror or str(error))
        _tell(out, "trouble", packed(message), None, None)
    for notice in notices:
        _tell(out, "notice", packed(notice.message), *notice[1:])
    _tell(out, "end")


def _restrain() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (limits.CHILD_BYTES, limits.CHILD_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (limits.CHILD_SECONDS, limits.CHILD_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _batches(records: Iterator[Record]) -> Iterator[list[tuple[int, list[Any]]]]:
    while batch := [(line, list(cells)) for line, cells in islice(records, limits.BATCH)]:
        yield batch


def _tell(out: BinaryIO, *message: Any) -> None:
    out.write(marshal.dumps(message))
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
