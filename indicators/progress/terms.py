"""What a target demands, and the figures that it is held against."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..query.edition import Reference


@dataclass(frozen=True)
class Terms:
    """A target as numbers; `value` in `unit`, years as calendar years.

    `first_year` is the first of its period, from which on a value can meet it; `known_on` the day from which it is
    known. Either is None where nothing says so.
    """

    code: str
    indicator: str
    region: str
    statistic: str
    comparator: str
    value: float
    unit: str
    year: int
    baseline_year: int | None
    baseline_value: float | None
    direction: str
    first_year: int | None
    known_on: datetime.date | None


@dataclass(frozen=True, slots=True)
class Point:
    """An observation of a series; `value` in the unit of the indicator, null if missing."""

    year: int
    value: float | None
    status: str


@lru_cache(maxsize=4)
def all_terms(reference: Reference) -> Mapping[str, Terms]:
    """The terms of all targets, by code, in order."""
    return {code: _terms(code, reference) for code in sorted(reference.lookups["target.year"])}


def _terms(code: str, reference: Reference) -> Terms:
    names = (
        "indicator", "region", "statistic", "comparator", "value", "unit", "year", "baseline_year", "baseline_value",
        "direction",
    )  # fmt: skip
    lookups = reference.lookups
    stated = {name: lookups[f"target.{name}"][code] for name in names}
    published = lookups["source.published_on"][lookups["target.source"][code]]
    known_on = last_day(published) if published else None
    begins = lookups["target.period_start"][code] or lookups["plan.period_start"][lookups["target.plan"][code]]
    if stated["baseline_year"] is not None:
        begins = stated["baseline_year"] + 1
    elif begins is None and known_on:
        begins = known_on.year
    return Terms(code=code, first_year=begins, known_on=known_on, **stated)


def last_day(date: str) -> datetime.date:
    """The last day of a year, a month or a day (ISO 8601 reduced precision)."""
    year, month, day = [*map(int, date.split("-")), 0, 0][:3]
    month = month or 12
    return datetime.date(year, month, day or calendar.monthrange(year, month)[1])
