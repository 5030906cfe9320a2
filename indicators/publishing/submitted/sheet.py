"""A sheet of a workbook: its rows as they come, formulas, errors, dates and merged cells told apart."""

from __future__ import annotations

import datetime
import re
from collections import deque
from collections.abc import Iterator

from ..words import Said as _
from . import limits
from .archive import Archive
from .book import Book, plain
from .markup import Markup
from .records import Cell, Notice, Record, Trouble, letters

_REFERENCE = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_MOST_MERGED = 20


def read_sheet(archive: Archive, part: str, book: Book, notices: list[Notice]) -> Iterator[Record]:
    """The rows of a sheet that hold anything; merged cells are told at the end, where the sheet tells them."""
    reading = _Reading(book, notices)
    markup = Markup(part, reading.start, reading.end, reading.character)
    for chunk in archive.chunks(part):
        markup.feed(chunk)
        while reading.rows:
            yield reading.rows.popleft()


class _Reading:
    """The state of reading: the row and the cell that the parser is in."""

    def __init__(self, book: Book, notices: list[Notice]) -> None:
        self.rows: deque[Record] = deque()
        self._book, self._notices = book, notices
        self._row, self._cells, self._merged = 0, dict[int, Cell](), 0
        self._column, self._type, self._style = -1, "", ""
        self._formula: list[str] | None = None
        self._value: list[str] = []
        self._into: list[str] | None = None
        self._spoken = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v" or (name == "t" and not self._spoken):
            self._into = self._value
        elif name == "f":
            self._formula = self._into = []
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._spoken = True  # how a text is spoken is no part of it
        elif name == "mergeCell" and self._merged < _MOST_MERGED:
            self._merged += 1
            place = attributes.get("ref", "")[:20]
            message = _("the cells %(place)s are merged: undo it, and write what they hold into each", place=place)
            found = _REFERENCE.match(place)
            self._notices.append(Notice(message, int(found[2]) if found else None, place.partition(":")[0], False))

    def character(self, text: str) -> None:
        """Text of the element."""
        if self._into is not None:
            self._into.append(text)

    def end(self, name: str) -> None:
        """An element ends."""
        if name == "c":
            if self._value or self._formula is not None:
                self._cells[self._column] = self._cell("".join(self._value))
        elif name == "row":
            if self._cells:
                cells: list[Cell] = [None] * (max(self._cells) + 1)
                for column, cell in self._cells.items():
                    cells[column] = cell
                self.rows.append((self._row, cells))
        elif name in ("v", "t", "f"):
            self._into = None
        elif name == "rPh":
            self._spoken = False

    def _begin_row(self, attributes: dict[str, str]) -> None:
        text = attributes.get("r")
        row = self._row + 1 if text is None else int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0
        if row <= self._row:
            raise Trouble(_("is a damaged workbook: its rows are out of order"), self._row)
        self._row, self._cells, self._column = row, {}, -1

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        place = attributes.get("r")
        if place is None:
            self._column += 1
        else:
            found = _REFERENCE.fullmatch(place)
            if not found or int(found[2]) != self._row:
                message = _("is a damaged workbook: %(place)r is no cell of this row", place=place[:20])
                raise Trouble(message, self._row)
            self._column = _index(found[1])
        self._type, self._style = attributes.get("t", "n"), attributes.get("s", "")
        self._value, self._formula = [], None

    def _cell(self, text: str) -> Cell:
        if self._column >= limits.MOST_COLUMNS:
            place = f"{letters(self._column)}{self._row}"
            last = letters(limits.MOST_COLUMNS - 1)
            message = _("a cell beyond column %(last)s, the last that is read, holds something", last=last)
            raise Trouble(message, self._row, place)
        if self._formula is not None:
            return "formula", "=" + "".join(self._formula)[:50]
        if self._type == "s":
            return self._shared(text)
        if self._type in ("inlineStr", "str"):
            return plain(text)
        if self._type == "e":
            return "error", text[:50]
        if self._type == "b":
            return "boolean", "true" if text == "1" else "false"
        return ("date", text[:50]) if self._type == "d" else self._number(text)

    def _shared(self, text: str) -> str:
        try:
            return self._book.strings[int(text)]
        except (ValueError, IndexError) as error:
            raise Trouble(_("is a damaged workbook: a cell has no text"), self._row, self._place) from error

    @property
    def _place(self) -> str:
        return f"{letters(self._column)}{self._row}"

    def _number(self, text: str) -> Cell:
        try:
            number = float(text)
        except ValueError:
            return text
        shows = self._book.shows(self._style)
        if shows == "date":
            return "date", self._day(number)
        if shows == "percent":
            return "percent", text[:50]
        return number

    def _day(self, number: float) -> str:
        origin = datetime.datetime(1904, 1, 1) if self._book.from_1904 else datetime.datetime(1899, 12, 30)
        try:
            return str((origin + datetime.timedelta(days=number)).date())
        except (OverflowError, ValueError):
            return str(number)


def _index(name: str) -> int:
    number = 0
    for letter in name:
        number = number * 26 + ord(letter) - 64
    return number - 1
