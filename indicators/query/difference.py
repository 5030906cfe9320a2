"""What a release did to the one before it, counted and in examples; found out from the vintages, for any release.

A release never changes, so this is asked once in a process. Two things are counted: rows that the release set, which an
index holds in order, and rows that it superseded, each beside what took its place. The second is what takes time: some
two seconds for a million revisions; and nothing where all cells are new.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from ..models import Observation
from .edition import ReleaseRow
from .limit import fetch

#: Revisions and withdrawals that are given as examples.
EXAMPLES = 10
#: Both counts may take so many times as long as a query for data: they are made once.
_TIMES = 3
#: From so many rows on SQLite goes faster through the index of all cells, which has the release too.
_MANY = 100_000

_TABLE = Observation._meta.db_table
_CELL = ("indicator_id", "region_id", "year")
_SAME = " AND ".join(f"n.{name} = o.{name}" for name in _CELL)
#: Rows that a release superseded, each beside the row that took its place.
_SUPERSEDED = (
    f"FROM {_TABLE} AS o LEFT JOIN {_TABLE} AS n ON {_SAME} AND n.release_id = o.superseded_by_id "
    "WHERE o.superseded_by_id = %s"
)


class Counts(NamedTuple):
    """What became of cells."""

    added: int = 0
    revised: int = 0
    confirmed: int = 0
    withdrawn: int = 0


class Cell(NamedTuple):
    """A cell that was revised or withdrawn; without a new value it was withdrawn."""

    indicator: str
    region: str
    year: int
    old: float | None
    new: float | None


@dataclass(frozen=True)
class Difference:
    """The counts of each indicator, the revisions that are largest beside the value before, and first withdrawals."""

    indicators: Mapping[str, Counts]
    revisions: Sequence[Cell]
    withdrawals: Sequence[Cell]


@lru_cache(maxsize=256)
def difference(release: ReleaseRow) -> Difference:
    """What a release did; raises `TooSlow`."""
    return Difference(_counts(release), _revisions(release), _withdrawals(release))


def _counts(release: ReleaseRow) -> dict[str, Counts]:
    by_release = "+release_id" if release.written > _MANY and connection.vendor == "sqlite" else "release_id"
    written = f"SELECT indicator_id, COUNT(*) FROM {_TABLE} WHERE {by_release} = %s GROUP BY indicator_id"
    made = dict(_fetch(written, release))
    differs = f"(n.value {'IS DISTINCT FROM' if connection.vendor == 'postgresql' else 'IS NOT'} o.value)"
    became = ("n.year IS NOT NULL AND " + differs, f"n.year IS NOT NULL AND NOT {differs}", "n.year IS NULL")
    sums = ", ".join(f"SUM(CASE WHEN {condition} THEN 1 ELSE 0 END)" for condition in became)
    closed = {
        code: (int(revised), int(confirmed), int(withdrawn))
        for code, revised, confirmed, withdrawn in _fetch(
            f"SELECT o.indicator_id, {sums} {_SUPERSEDED} GROUP BY o.indicator_id", release
        )
    }
    found = {}
    for code in sorted(made.keys() | closed.keys()):
        revised, confirmed, withdrawn = closed.get(code, (0, 0, 0))
        found[code] = Counts(made.get(code, 0) - revised - confirmed, revised, confirmed, withdrawn)
    return found


def _revisions(release: ReleaseRow) -> list[Cell]:
    ratio = "ABS(n.value - o.value) / ABS(o.value)"
    columns = ", ".join([*(f"o.{name}" for name in _CELL), "o.value", "n.value"])
    order = f"ORDER BY {ratio} DESC, o.indicator_id, o.region_id, o.year LIMIT {EXAMPLES}"
    sql = f"SELECT {columns} {_SUPERSEDED} AND o.value <> 0 AND n.value <> o.value {order}"
    return [Cell(*row) for row in _fetch(sql, release)]


def _withdrawals(release: ReleaseRow) -> list[Cell]:
    if not release.withdrawn:
        return []
    columns = ", ".join([*(f"o.{name}" for name in _CELL), "o.value", "NULL"])
    order = f"ORDER BY o.indicator_id, o.region_id, o.year LIMIT {EXAMPLES}"
    return [Cell(*row) for row in _fetch(f"SELECT {columns} {_SUPERSEDED} AND n.year IS NULL {order}", release)]


def _fetch(sql: str, release: ReleaseRow) -> list[tuple[Any, ...]]:
    return fetch(sql, (release.order,), _TIMES)


def forget() -> None:
    """Drop what is held in memory; for tests that roll the database back to an earlier release."""
    difference.cache_clear()
