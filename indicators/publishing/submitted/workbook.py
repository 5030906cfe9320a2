"""A workbook: the first of its sheets that holds data."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ..words import Said as _
from .archive import Archive
from .book import open_book
from .records import Notice, Record, Trouble
from .sheet import read_sheet


def read_workbook(path: Path, notices: list[Notice]) -> Iterator[Record]:
    """The records of the first sheet with data; the others are named in a notice. Raises `Trouble`."""
    archive = Archive(path)
    book = open_book(archive)
    for name, part in book.sheets:
        records = read_sheet(archive, part, book, notices)
        if (first := next(records, None)) is not None:
            if others := [other for other, _part in book.sheets if other != name]:
                listed = [*map(repr, others[:5])]
                more = " …" if len(others) > 5 else ""
                told = _(
                    "only the sheet %(name)r is read; not read: %(others)s%(more)s", name=name, others=listed, more=more
                )
                notices.append(Notice(told))
            yield from chain([first], records)
            return
    raise Trouble(_("has no sheet with data"))
