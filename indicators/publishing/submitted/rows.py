"""Records typed as figures, in long or in wide form; a row with a fault is left out and told, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...models import LARGEST_VALUE, decimal_text
from ..faults import LISTED, Fault, Gathered
from ..figures import Figure, Gathering
from ..words import Said
from ..words import Said as _
from . import limits
from .header import Defaults
from .marks import why_no_value, why_no_year
from .names import Layout
from .records import ODD, Cell, Record, Trouble, letters

_TEXTS = ("indicator", "region", "status", "source", "locator", "note")
NEEDED = {"indicator", "region", "status"}
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,12})?", re.ASCII)
#: A decimal of so many characters always comes back from a double.
_SHORT = 15
LONGEST_NUMBER = 100
#: What no database takes: NUL, and halves of characters, which only the escapes of workbooks can bring.
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
#: Texts of a column that are remembered: codes are few, notes may be as many as rows.
_REMEMBERED = 100_000


class Memory(dict[Cell, str | None]):
    """The texts of the cells of a column as they were seen; raises KeyError for what may be a fault."""

    def __missing__(self, cell: Cell) -> str:
        if type(cell) is not str or len(cell) > limits.LONGEST_CELL or _UNSTORABLE.search(cell):
            raise KeyError(cell)
        text = cell.strip()
        if not text:
            raise KeyError(cell)
        if len(self) < _REMEMBERED:
            self[cell] = text
        return text


class _Always(Memory):
    """What a file without a column has in every row."""

    def __init__(self, text: str | None) -> None:
        self._text = text

    def __missing__(self, cell: Cell) -> str | None:  # type: ignore[override]
        return self._text


class Typing:
    """Types the rows of one table; `doubtful` are rows that have faults, of which the codes can still be checked."""

    def __init__(self, layout: Layout, defaults: Defaults, faults: Gathered, header: int = 0) -> None:
        self.figures = Gathering()
        self.doubtful: list[Figure] = []
        self._layout, self._faults = layout, faults
        self._columns = [(column, layout.columns.get(column), defaults.of(column)) for column in _TEXTS]
        self._memories = [
            (Memory() if index is not None else _Always(default), index or 0)
            for _column, index, default in self._columns
        ]
        self._years = [(year, index) for year, index in layout.years.items()]
        self._year_at, self._value_at = layout.columns.get("year", -1), layout.columns.get("value", -1)
        self._known_years: dict[Cell, int] = {}
        self._blank_since: int | None = None
        self._previous = header

    def add(self, record: Record) -> None:
        """Type one row."""
        line, cells = record
        if not any(cells) and all(cell is None or cell == "" for cell in cells):
            self._blank_since = self._blank_since or line
            return
        self._tell_blank(line)
        cells = self._fitted(line, cells)
        before = self._faults.found
        try:
            indicator, region, status, source, locator, note = [memory[cells[at]] for memory, at in self._memories]
        except KeyError:
            indicator, region, status, source, locator, note = self._texts(line, cells)
        if self._years:
            pairs = [
                (year, self._value(line, str(year), index, cells[index]))
                for year, index in self._years
                if cells[index] is not None and cells[index] != ""
            ]
        else:
            value = self._value(line, "value", self._value_at, cells[self._value_at])
            pairs = [(self._year(line, cells[self._year_at]), value)]
        if self._faults.found > before:
            if indicator and region and len(self.doubtful) < LISTED:
                self.doubtful.append(Figure(line, indicator, region, 0, None, status or "", source, None, None))
            self._stop_at_last()
            return
        for year, value in pairs:
            self.figures.append(
                Figure(line, indicator or "", region or "", year, value, status or "", source, locator, note)
            )
        if len(self.figures) > limits.MOST_FIGURES:
            raise Trouble(_("has more than %(most)s figures: divide it", most=f"{limits.MOST_FIGURES:,}"), line)

    def _tell_blank(self, line: int) -> None:
        first = self._blank_since
        if first is None and self._layout.lettered and self._previous and line > self._previous + 1:
            first = self._previous + 1
        if first is not None:
            several = first < line - 1
            blank = (
                _("rows %(first)d to %(last)d are blank", first=first, last=line - 1)
                if several
                else _("the row is blank")
            )
            self._faults.add(Fault(self._faults.file, first, None, blank, warning=True))
        self._blank_since, self._previous = None, line

    def _fitted(self, line: int, cells: Sequence[Cell]) -> Sequence[Cell]:
        """The cells of the row, as many as the header has."""
        width = self._layout.width
        if len(cells) == width:
            return cells
        if not self._layout.lettered:
            told = _("has %(n)d cells where the header has %(width)d", n=len(cells), width=width)
            self._fault(line, None, None, told)
        for index in range(width, len(cells)):
            if cells[index] not in (None, ""):
                self._fault(line, None, index, _("stands under no header"))
        return [*cells[:width], *[None] * (width - len(cells))]

    def _texts(self, line: int, cells: Sequence[Cell]) -> list[str | None]:
        """The texts of a row; those without a fault are remembered, for most stand in many rows."""
        texts: list[str | None] = []
        for (column, index, default), (memory, _at) in zip(self._columns, self._memories, strict=True):
            if index is None:
                texts.append(default)
                continue
            before = self._faults.found
            texts.append(self._text(line, column, index, cells[index]))
            if self._faults.found == before and not isinstance(cells[index], str):
                memory[cells[index]] = texts[-1]  # numbers and nothing; texts are remembered already
            elif cells[index] == "" and column not in NEEDED:
                memory[""] = None
        return texts

    def _text(self, line: int, column: str, index: int, cell: Cell) -> str | None:
        text = cell.strip() if isinstance(cell, str) else self._other(line, column, index, cell)
        if len(text) > limits.LONGEST_CELL:
            most = f"{limits.LONGEST_CELL:,}"
            self._fault(line, column, index, _("has more than %(most)s characters", most=most))
        elif found := _UNSTORABLE.search(text):
            character = f"U+{ord(found[0]):04X}"
            told = _("holds the character %(character)s, which cannot be kept", character=character)
            self._fault(line, column, index, told)
            return None
        elif not text and column in NEEDED and not isinstance(cell, tuple):
            self._fault(line, column, index, _("is empty"))
        return text or None

    def _other(self, line: int, column: str, index: int, cell: Cell) -> str:
        """The text of a cell that is not text: whole numbers are codes written as numbers."""
        if isinstance(cell, tuple):
            self._fault(line, column, index, ODD[cell[0]](cell[1]))
            return ""
        if isinstance(cell, bool):
            self._fault(line, column, index, ODD["boolean"](str(cell).lower()))
            return ""
        if isinstance(cell, float) and cell.is_integer() and abs(cell) <= LARGEST_VALUE:
            return str(int(cell))
        return "" if cell is None else str(cell)

    def _year(self, line: int, cell: Cell) -> int:
        year = self._known_years.get(cell)
        if year is None:
            text = cell.strip() if isinstance(cell, str) else self._other(line, "year", self._year_at, cell)
            if re.fullmatch(r"[1-9][0-9]{3}", text, re.ASCII):
                year = int(text)
                self._known_years[cell] = year
            elif not isinstance(cell, tuple):
                self._fault(line, "year", self._year_at, _year_fault(text))
        return year or 0

    def _value(self, line: int, column: str, index: int, cell: Cell) -> float | None:
        if type(cell) is str:
            if len(cell) <= _SHORT and _NUMBER.fullmatch(cell):
                return float(cell) + 0.0  # -0.0 becomes 0.0
            text = cell.strip()
            if text and (reason := _long_fault(text) or why_no_value(text)):
                self._fault(line, column, index, _("%(text)r %(reason)s", text=text[:50], reason=reason))
                return None
            return float(text) + 0.0 if text else None
        if cell is None:
            return None
        if not isinstance(cell, int | float) or isinstance(cell, bool):
            self._other(line, column, index, cell)
            return None
        if not -LARGEST_VALUE <= cell <= LARGEST_VALUE:
            finite = cell - cell == 0
            beyond = (
                _("is beyond ±%(limit)s", limit=decimal_text(LARGEST_VALUE)) if finite else _("is not a finite number")
            )
            self._fault(line, column, index, _("%(text)r %(reason)s", text=cell, reason=beyond))
            return None
        return float(cell) + 0.0

    def _fault(self, line: int, column: str | None, index: int | None, message: Said) -> None:
        cell = f"{letters(index)}{line}" if self._layout.lettered and index is not None else None
        self._faults.add(Fault(self._faults.file, line, column, message, cell=cell))

    def _stop_at_last(self) -> None:
        if self._faults.found >= limits.MOST_FAULTS:
            most = f"{limits.MOST_FAULTS:,}"
            raise Trouble(_("has %(most)s faults up to here and was read no further", most=most))


def _year_fault(text: str) -> Said:
    if not text:
        return _("is empty: a year of four digits is expected")
    return _("%(text)r %(reason)s", text=text[:50], reason=why_no_year(text))


def _long_fault(text: str) -> Said | None:
    if len(text) <= LONGEST_NUMBER:
        return None
    return _("is no number: it has %(n)s characters", n=f"{len(text):,}")
