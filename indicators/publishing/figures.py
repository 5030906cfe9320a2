"""Figures: the rows of an observation file with their types, as checks and comparison see them."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from operator import itemgetter
from typing import NamedTuple

from ..models import FIRST_YEAR, LARGEST_VALUE, LAST_YEAR, decimal_text
from .faults import Fault
from .readers import Table

#: A decimal of up to 15 significant digits always comes back from a double; longer ones are tried.
_SAFE_LENGTH = 15

COLUMNS = ("indicator", "region", "year", "value", "status", "source", "locator", "note")
REQUIRED = ("indicator", "region", "year", "value", "status", "source")
Key = tuple[str, str, int]
#: Value, status, source, locator and note.
Content = tuple[float | None, str, str | None, str | None, str | None]


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
    def content(self) -> Content:
        """What makes a new vintage when it differs from the row in force."""
        return self.value, self.status, self.source, self.locator, self.note


def by_cell(rows: Iterable[Figure]) -> list[Figure]:
    """The figures by indicator, region and year: in the order of the key, in which they are written fastest."""
    return sorted(rows, key=itemgetter(1, 2, 3))


def figures(table: Table) -> tuple[list[Figure], list[Fault]]:
    """Type the rows of a table; rows with a fault are left out and reported."""
    found: list[Figure] = []
    faults: list[Fault] = []
    for row in table.rows:
        cells = row.cells
        wrong = [Fault(table.name, row.line, c, "is empty") for c in ("indicator", "region", "status") if not cells[c]]
        year, value = cells["year"] or "", cells["value"]
        if not re.fullmatch(r"[1-9][0-9]{3}", year):
            message = f"{year[:50]!r} is not a year of four digits, {FIRST_YEAR} to {LAST_YEAR}"
            wrong.append(Fault(table.name, row.line, "year", message))
        if value is not None and (reason := not_a_number(value)):
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


def doubtful(table: Table, faults: Iterable[Fault]) -> list[Figure]:
    """Figures of the rows that could not be typed, without year and value: their codes can still be checked."""
    lines = {fault.line for fault in faults}
    return [
        Figure(row.line, c["indicator"], c["region"], 0, None, c["status"] or "", c["source"], None, None)
        for row in table.rows
        if row.line in lines and (c := row.cells)["indicator"] and c["region"]
    ]


def not_a_number(text: str) -> str | None:
    """Why a text is not a value, or None: what was expected instead."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return "is not a decimal number: write digits with a point, no separators, signs of percent or exponents"
    number = float(text)
    if abs(number) > LARGEST_VALUE:
        return f"is beyond ±{decimal_text(LARGEST_VALUE)}"
    if len(text) > _SAFE_LENGTH and Decimal(decimal_text(number)) != Decimal(text):
        return f"has more digits than are kept: round it to {decimal_text(number)}"
    return None


def digest(rows: Iterable[Figure]) -> str:
    """SHA-256 of the figures, whatever their order: the same content has the same digest.

    It is that of one sorted list of lines, which are made for one indicator at a time, because a million take much
    memory: lines begin with the indicator, and so sort by it first.
    """
    grouped: defaultdict[str, list[Figure]] = defaultdict(list)
    for row in rows:
        grouped[row.indicator].append(row)
    found = hashlib.sha256()
    for number, indicator in enumerate(sorted(grouped, key=repr)):
        lines = sorted(repr(tuple(row[1:])) for row in grouped[indicator])
        found.update(("\n" if number else "").encode() + "\n".join(lines).encode())
    return found.hexdigest()
