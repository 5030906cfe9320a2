"""A file in, rows out: CSV tables in UTF-8 with a header row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ..query.vocabulary import similar_names
from .faults import BadData, Fault
from .words import Said as _


@dataclass(frozen=True)
class Row:
    """One row of a table: its line in the file, and its cells by column; an empty cell is None."""

    line: int
    cells: dict[str, str | None]


@dataclass(frozen=True)
class Table:
    """A table as read: the name to say in messages, its columns and rows, and the lines that are no rows."""

    name: str
    columns: tuple[str, ...]
    rows: list[Row]
    faults: list[Fault] = field(default_factory=list)


def read_csv(path: Path, columns: tuple[str, ...], required: tuple[str, ...], root: Path | None = None) -> Table:
    """Read a table of known `columns`, of which `required` must be there; raise `BadData` if it is no such table."""
    name = str(path.relative_to(root) if root else path)
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise BadData([Fault(name, None, None, _("cannot be read: %(reason)s", reason=error.strerror))]) from error
    except UnicodeDecodeError as error:
        place = error.object[: error.start].count(b"\n") + 1
        raise BadData([Fault(name, place, None, _("is not UTF-8: save the file as UTF-8"))]) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise BadData([Fault(name, line, None, _("holds a NUL character: this is not a text file"))])
    records = _records(name, text)
    header = next(records, (1, list[str]()))[1]
    _check_header(name, header, columns, required)
    rows, faults = [], []
    for line, cells in records:
        if len(cells) == len(header):
            rows.append(Row(line, {column: cell or None for column, cell in zip(header, cells, strict=True)}))
        elif cells:
            message = _("has %(n)d cells where the header has %(width)d", n=len(cells), width=len(header))
            faults.append(Fault(name, line, None, message))
    return Table(name, tuple(header), rows, faults)


def _records(name: str, text: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise BadData([Fault(name, line, None, _("is not a CSV table: %(reason)s", reason=str(error)))]) from error


def _check_header(name: str, header: list[str], columns: tuple[str, ...], required: tuple[str, ...]) -> None:
    faults = [Fault(name, 1, column, _("column is missing")) for column in required if column not in header]
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            faults.append(Fault(name, 1, column, _("column stands twice")))
        if column not in columns:
            meant = similar_names(column, columns)
            hint = (
                _("; did you mean %(meant)s?", meant=meant[0]) if meant else _("; known are %(known)s", known=columns)
            )
            faults.append(Fault(name, 1, column, _("unknown column%(hint)s", hint=hint)))
    if faults:
        raise BadData(faults)
