"""What the readers of all formats hand on: records, made of cells, and the trouble that ends reading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..words import Said
from ..words import Said as _
from . import limits

#: Text, a number, nothing, or what a table of figures must not hold: its kind (a key of ODD) and what was found.
Cell = str | int | float | tuple[str, str] | None
#: The line or row that it begins in, and its cells; none at all if it is blank.
Record = tuple[int, Sequence[Cell]]

ODD: dict[str, Callable[[str], Said]] = {
    "formula": lambda found: _(
        "is a formula (%(found)s): put the value itself, by copying and pasting values only", found=found
    ),
    "error": lambda found: _("is the error %(found)s of a spreadsheet", found=found),
    "date": lambda found: _("is a date (%(found)s)", found=found),
    "boolean": lambda found: _("is a truth value (%(found)s), not text or a number", found=found),
    "percent": lambda found: _(
        "is shown in percent, but the cell holds %(found)s: format it as a number and write it times 100", found=found
    ),
    "other": lambda found: _("is %(found)s, not text or a number", found=found),
}


class Trouble(Exception):
    """Why a file cannot be read on: where, and what was found and expected."""

    def __init__(self, message: Said, line: int | None = None, cell: str | None = None) -> None:
        super().__init__(message)
        self.message, self.line, self.cell = message, line, cell


class Notice(NamedTuple):
    """Something to tell beside the records; a warning, unless it is an error."""

    message: Said
    line: int | None = None
    cell: str | None = None
    warning: bool = True


def cut(text: str) -> str:
    """A text, one character longer than may be at most: enough to see that it is too long."""
    return text if len(text) <= limits.LONGEST_CELL else text[: limits.LONGEST_CELL + 1]


def letters(index: int) -> str:
    """The letters of a column of a sheet, from 0: A, B … Z, AA."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
