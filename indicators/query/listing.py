"""Order and pages of rows that are computed, not stored: as the database would have it, nulls last both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .grammar import Term

Row = Mapping[str, Any]


def ordered(rows: Sequence[Row], sort: Sequence[Term]) -> list[Row]:
    """Rows in the order of the terms; texts sort by code point."""
    found = list(rows)
    for term in reversed(sort):  # a stable sort for each term, the least important first
        valued = [row for row in found if row[term.column] is not None]
        valued.sort(key=lambda row: row[term.column], reverse=term.descending)
        found = valued + [row for row in found if row[term.column] is None]
    return found


def behind(rows: Sequence[Row], sort: Sequence[Term], key: Sequence[Any]) -> Sequence[Row]:
    """Those of the ordered rows that come after the one with that sort key, whether it is still there or not."""
    low, high = 0, len(rows)
    while low < high:
        middle = (low + high) // 2
        if _after(rows[middle], sort, key):
            high = middle
        else:
            low = middle + 1
    return rows[low:]


def key_of(row: Row, sort: Sequence[Term]) -> tuple[Any, ...]:
    """The sort key of a row."""
    return tuple(row[term.column] for term in sort)


def _after(row: Row, sort: Sequence[Term], key: Sequence[Any]) -> bool:
    for term, wanted in zip(sort, key, strict=True):
        value = row[term.column]
        if value == wanted:
            continue
        if value is None or wanted is None:
            return value is None
        return bool(value < wanted) if term.descending else bool(value > wanted)
    return False
