"""A condition on one column, said once and used twice: as SQL of the compiled path, and as a Q of the ORM."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from .grammar import Ranges

#: From so many ranges of years on, the single years are listed instead: the ORM joins ranges by OR, one deeper each,
#: and SQLite limits the depth of an expression.
_MOST_RANGES = 8


@dataclass(frozen=True)
class Condition:
    """`column` is one of `points` or lies in one of `ranges`; with neither, nothing matches."""

    column: str
    points: tuple[Any, ...] = ()
    ranges: Ranges = ()

    def as_q(self) -> Q:
        """The condition for the ORM; the column may be a lookup path."""
        found = Q(**{f"{self.column}__in": self.points})
        for low, high in self.ranges:
            bounds = {f"{self.column}__gte": low, f"{self.column}__lte": high}
            found |= Q(**{lookup: bound for lookup, bound in bounds.items() if bound is not None})
        return found


def one_of(column: str, values: Iterable[Any]) -> Condition:
    """`column` is one of the values."""
    return Condition(column, points=tuple(sorted(values)))


def within(column: str, ranges: Ranges, lowest: int | None = None, highest: int | None = None) -> Condition:
    """`column` lies in one of the ranges; with bounds, many ranges of whole numbers become single points."""
    points = [low for low, high in ranges if low is not None and low == high]
    spans = tuple((low, high) for low, high in ranges if low is None or low != high)
    if len(spans) > _MOST_RANGES and lowest is not None and highest is not None:
        for low, high in spans:
            points += range(lowest if low is None else low, (highest if high is None else high) + 1)
        spans = ()
    return Condition(column, points=tuple(points), ranges=spans)


def intersect(conditions: Sequence[Condition]) -> list[Condition]:
    """The same conditions, with those that list points of the same column made one."""
    lists: dict[str, set[Any]] = {}
    others: list[Condition] = []
    for condition in conditions:
        if condition.ranges:
            others.append(condition)
        elif condition.column in lists:
            lists[condition.column] &= set(condition.points)
        else:
            lists[condition.column] = set(condition.points)
    return [one_of(column, points) for column, points in lists.items()] + others
