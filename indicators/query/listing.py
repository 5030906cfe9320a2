"""Order and pages of rows that are computed, not stored: as the database would have it, nulls last both ways."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any

from .grammar import Term

Row = Mapping[str, Any]
#: What a row is sorted by, one value for each term: many rows are held as these alone, which take little memory.
SortKey = tuple[Any, ...]


def ordered(rows: Sequence[Row], sort: Sequence[Term]) -> list[Row]:
    """Rows in the order of the terms; texts sort by code point."""
    return _ordered(rows, [(term.column, term.descending) for term in sort])


def ordered_keys(keys: Sequence[SortKey], sort: Sequence[Term]) -> list[SortKey]:
    """The same of the sort keys of rows."""
    return _ordered(keys, [(place, term.descending) for place, term in enumerate(sort)])


def behind(rows: Sequence[Row], sort: Sequence[Term], key: Sequence[Any]) -> Sequence[Row]:
    """Those of the ordered rows that come after the one with that sort key, whether it is still there or not."""
    return rows[bisect_left(rows, True, key=lambda row: _after(key_of(row, sort), sort, key)) :]


def keys_behind(keys: Sequence[SortKey], sort: Sequence[Term], key: Sequence[Any]) -> Sequence[SortKey]:
    """The same of the sort keys of rows."""
    return keys[bisect_left(keys, True, key=lambda found: _after(found, sort, key)) :]


def key_of(row: Row, sort: Sequence[Term]) -> SortKey:
    """The sort key of a row."""
    return tuple(row[term.column] for term in sort)


def _ordered(rows: Sequence[Any], terms: Sequence[tuple[Any, bool]]) -> list[Any]:
    """Rows by what each term finds in them: a stable sort for each, the least important first."""
    found = list(rows)
    for place, descending in reversed(terms):
        valued = [row for row in found if row[place] is not None]
        valued.sort(key=itemgetter(place), reverse=descending)
        found = valued + [row for row in found if row[place] is None]
    return found


def _after(found: SortKey, sort: Sequence[Term], key: Sequence[Any]) -> bool:
    for value, term, wanted in zip(found, sort, key, strict=True):
        if value == wanted:
            continue
        if value is None or wanted is None:
            return value is None
        return bool(value < wanted) if term.descending else bool(value > wanted)
    return False
