"""Series: one row for each indicator and region: which years the observations that match have, and the last one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar, Self

from .columns import COLUMNS, NAMES, Column, by_name, decode, selected
from .compile import count_series, select_rows, select_series
from .conditions import Condition
from .edition import Edition, ReleaseRow
from .parameters import Asked
from .slice import Slice

_FROM = ("indicator", "region", "year", "value", "status", "release")
_VALUES = ("years", "values", "statuses")

SERIES_COLUMNS = by_name(
    COLUMNS["indicator"],
    COLUMNS["region"],
    Column("first_year", "integer", "first_year", "First year with an observation.", 2005),
    Column("last_year", "integer", "last_year", "Last year with an observation.", 2024),
    Column("count", "integer", "count", "Number of observations that match; a missing value with a status counts.", 20),
    Column(
        "gaps", "array", "gaps", "Years between the first and the last without an observation that matches.", [2019],
        items="integer",
    ),
    Column("last_value", "number", "last_value", "Value of the last year; null if missing.", 66.48, nullable=True),
    Column("last_status", "string", "last_status", "Status of the last year: SDMX CL_OBS_STATUS.", "A"),
    Column(
        "release", "string", "release", "Name of the newest release that set one of the observations.",
        "2026-05-post-ec5",
    ),
    Column("years", "array", "years", "Years of the observations, in order.", [2023, 2024], items="integer"),
    Column("values", "array", "values", "Their values; null where missing.", [65.53, 66.48], items="number"),
    Column("statuses", "array", "statuses", "Their statuses.", ["A", "E"], items="string"),
    *(COLUMNS[name] for name in NAMES),
)  # fmt: skip


class SeriesSlice(Slice):
    """The series of the observations that match."""

    known: ClassVar[Mapping[str, Column]] = SERIES_COLUMNS
    default: ClassVar[tuple[str, ...]] = tuple(name for name in SERIES_COLUMNS if name not in (*_VALUES, *NAMES))
    key: ClassVar[tuple[str, ...]] = ("indicator", "region")
    chunk: ClassVar[int] = 1_000

    @classmethod
    def asked(cls, asked: Asked, edition: Edition, pinned: ReleaseRow | None = None) -> Self:
        """The series that a request asks for; `include=values` adds what they are made of."""
        found = super().asked(asked, edition, pinned)
        more = [name for name in _VALUES if "include" in asked.values and name not in found.columns]
        return replace(found, columns=(*found.columns, *more))

    def count(self, edition: Edition) -> int:
        """The exact number of series."""
        if self.release is None:
            return 0
        return int(self._rows(count_series(self.relation(edition)))[0][0])

    def _fetch(
        self, edition: Edition, size: int, after: Sequence[Any] | None
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        if self.release is None:
            return [], None
        relation = self.relation(edition)
        pairs = self._rows(select_series(relation, self.sort, after, size + 1))
        shown = pairs[:size]
        next_key = self._key(shown[-1]) if len(pairs) > size else None
        if not shown:
            return [], None
        narrowed = replace(relation, conditions=[*relation.conditions, Condition("pair", tuple(shown))])
        rows = sorted(self._rows(select_rows(narrowed, _FROM, (), None, None)), key=itemgetter(0, 1, 2))
        releases = {row.order: row.name for row in edition.releases}
        found = {pair: summary(list(group), releases) for pair, group in groupby(rows, key=lambda row: row[:2])}
        parts = [tuple(found[pair][name] for name in selected(self._columns)) for pair in shown]
        return decode(self._columns, parts, edition), next_key

    def _key(self, pair: tuple[str, str]) -> tuple[str, ...]:
        values = dict(zip(self.__class__.key, pair, strict=True))
        return tuple(values[term.column] for term in self.sort)


def summary(rows: Sequence[tuple[Any, ...]], releases: Mapping[int, str]) -> dict[str, Any]:
    """What the observations of one series, by year, amount to."""
    years = [row[2] for row in rows]
    held = set(years)
    *_, last_value, last_status, _ = rows[-1]
    return {
        "indicator": rows[0][0],
        "region": rows[0][1],
        "first_year": years[0],
        "last_year": years[-1],
        "count": len(years),
        "gaps": [year for year in range(years[0], years[-1]) if year not in held],
        "last_value": last_value,
        "last_status": last_status,
        "release": releases[max(row[5] for row in rows)],
        "years": years,
        "values": [row[3] for row in rows],
        "statuses": [row[4] for row in rows],
    }
