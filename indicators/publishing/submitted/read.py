"""read_file(): a file that a steward hands in, as figures and faults, whatever it is and in whatever form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ..faults import Fault, Gathered
from ..figures import Figures
from ..words import Said as _
from . import limits
from .header import Defaults, read_header
from .kinds import kind_of
from .names import Layout
from .process import read_apart
from .records import Notice, Record, Trouble
from .rows import Typing
from .swift import parquet_columns, text_columns
from .text import Dialect, dialect_of, read_text

#: Called now and then with the number of rows that are read.
Progress = Callable[[int], None]
_EVERY = 10_000
NO_DEFAULTS = Defaults()


def silent(rows: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Submitted:
    """A file as read: its figures, the rows with faults as far as their codes can be checked, and the faults."""

    name: str
    figures: Figures
    doubtful: Figures
    faults: Gathered
    layout: Layout | None


def read_file(
    path: Path, defaults: Defaults = NO_DEFAULTS, name: str | None = None, progress: Progress = silent
) -> Submitted:
    """Read a file, called `name` in messages; nothing is raised, everything that is wrong is among the faults."""
    faults, notices = Gathered(name or str(path)), list[Notice]()
    typing: Typing | None = None
    swift: Figures | None = None
    layout: Layout | None = None
    header = 0
    try:
        kind = kind_of(path)
        dialect = dialect_of(path, notices) if kind == "csv" else None
        records = read_text(path, dialect) if dialect else read_apart(kind, path, notices)
        first = next(_filled(records), None)
        if first is not None:
            layout = read_header(*first, defaults, kind == "xlsx", notices)
            header = first[0]
        elif not notices:
            raise Trouble(_("holds no header and no rows"))
        if layout is not None and (swift := _swiftly(path, dialect, layout, defaults, kind, header)) is not None:
            progress(len(swift))
        elif layout is not None:
            typing = Typing(layout, defaults, faults, header)
            _type_all(records, typing, progress)
            if not typing.figures and not faults.found:
                raise Trouble(_("has a header, but no figures below it"))
    except Trouble as trouble:
        notices.append(Notice(trouble.message, trouble.line, trouble.cell, warning=False))
    except MemoryError:
        notices.append(Notice(_("needs more memory than there is: divide it"), warning=False))
    for message, line, cell, warning in notices:
        faults.add(Fault(faults.file, line, None, message, warning, cell), always=True)
    found, doubtful = (typing.figures.all(), typing.doubtful) if typing else (swift or (), ())
    return Submitted(faults.file, Figures.of(found), Figures.of(doubtful), faults, layout)


def _swiftly(
    path: Path, dialect: Dialect | None, layout: Layout, defaults: Defaults, kind: str, header: int
) -> Figures | None:
    """The figures, if all of the table is plainly right."""
    if dialect is not None:
        return text_columns(path, dialect, layout, defaults) if header == 1 else None
    return parquet_columns(path, layout, defaults) if kind == "parquet" else None


def _filled(records: Iterator[Record]) -> Iterator[Record]:
    """Records that are not blank."""
    return (record for record in records if any(cell not in (None, "") for cell in record[1]))


def _type_all(records: Iterator[Record], typing: Typing, progress: Progress) -> None:
    for count, record in enumerate(records, start=1):
        if count > limits.MOST_FIGURES:
            most = f"{limits.MOST_FIGURES:,}"
            raise Trouble(_("has more than %(most)s rows: divide it", most=most), record[0])
        typing.add(record)
        if count % _EVERY == 0:
            progress(count)
