"""Figures: the rows of an observation file with their types, as checks and comparison see them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from ..models import LARGEST_VALUE, decimal_text
from .faults import Fault
from .readers import Table

COLUMNS = ("indicator", "region", "year", "value", "status", "source", "locator", "note")
REQUIRED = ("indicator", "region", "year", "value", "status", "source")
#: A double gives a decimal of up to so many significant digits back unchanged.
_MOST_DIGITS = 15

Key = tuple[str, str, int]


class Figure(NamedTuple):
    """One figure as submitted."""

    line: int
    indicator: str
    region: str
    year: int
    value: float | None
    status: str
    source: str | None
    locator: str | None
    note: str | None

    @property
    def key(self) -> Key:
        """The cell that the figure is for."""
        return self.indicator, self.region, self.year

    @property
    def content(self) -> tuple[float | None, str, str | None, str | None, str | None]:
        """What makes a new vintage when it differs from the row in force."""
        return self.value, self.status, self.source, self.locator, self.note


def figures(table: Table) -> tuple[list[Figure], list[Fault]]:
    """Type the rows of a table; rows with a fault are left out and reported."""
    found: list[Figure] = []
    faults: list[Fault] = []
    for row in table.rows:
        cells = row.cells
        wrong = [Fault(table.name, row.line, c, "is empty") for c in ("indicator", "region", "status") if not cells[c]]
        year, value = cells["year"] or "", cells["value"]
        if not re.fullmatch(r"[0-9]{4}", year):
            wrong.append(Fault(table.name, row.line, "year", f"{year!r} is not a year of four digits"))
        if value is not None and (reason := _not_a_number(value)):
            wrong.append(Fault(table.name, row.line, "value", f"{value[:50]!r} {reason}"))
        if wrong:
            faults += wrong
            continue
        number = None if value is None else float(value) + 0.0  # -0.0 becomes 0.0
        texts = (cells.get("source"), cells.get("locator"), cells.get("note"))
        found.append(
            Figure(
                row.line,
                cells["indicator"] or "",
                cells["region"] or "",
                int(year),
                number,
                cells["status"] or "",
                *texts,
            )
        )
    return found, faults


def _not_a_number(text: str) -> str | None:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return "is not a decimal number: write digits with a point, no separators, signs of percent or exponents"
    if len(re.sub(r"[-.]", "", text).strip("0")) > _MOST_DIGITS:
        return f"has more than {_MOST_DIGITS} significant digits"
    if abs(float(text)) > LARGEST_VALUE:
        return f"is beyond ±{decimal_text(LARGEST_VALUE)}"
    return None


def digest(rows: Iterable[Figure]) -> str:
    """SHA-256 of the figures, whatever their order: the same content has the same digest."""
    lines = sorted(repr((*row.key, *row.content)) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
