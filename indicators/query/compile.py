"""A question becomes SQL: the text is kept for each shape of question, only the values differ.

Every statement asks for the vintages in force at one release, by its order:
`release <= R and (superseded_by is null or superseded_by > R)`. Rows are only ever added and closed, so the answer
to that stays the same whatever is published meanwhile, and a page walk needs no transaction.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection

from ..models import Observation
from .conditions import Condition
from .grammar import Ranges, Term
from .limit import fetch

#: Base column -> its name in the table.
_DATABASE = {field.name: connection.ops.quote_name(str(field.column)) for field in Observation._meta.concrete_fields}
_TABLE = Observation._meta.db_table
_NULLABLE = {"value"}


@dataclass(frozen=True)
class Statement:
    """SQL with its parameters."""

    sql: str
    parameters: tuple[Any, ...]

    def rows(self) -> list[tuple[Any, ...]]:
        """Run it within the time limit and fetch everything; callers bound the number of rows."""
        return fetch(self.sql, self.parameters)


@dataclass(frozen=True)
class _Shape:
    """What decides the text of a statement: everything but the values."""

    select: tuple[str, ...]
    conditions: tuple[tuple[str, str, int, tuple[tuple[bool, bool], ...]], ...]
    sort: tuple[Term, ...]
    after: tuple[bool, ...] | None  # for each sort key of the last row: whether it was null
    tail: str


def select_rows(
    columns: Sequence[str],
    conditions: Sequence[Condition],
    release: int,
    sort: Sequence[Term],
    after: Sequence[Any] | None,
    limit: int,
) -> Statement:
    """Rows in order, from behind the key `after`, at most `limit`."""
    return _statement(
        tuple(_DATABASE[name] for name in columns), conditions, release, sort, after, "LIMIT %s", (limit,)
    )


def count_rows(conditions: Sequence[Condition], release: int) -> Statement:
    """The exact number of rows."""
    return _statement(("COUNT(*)",), conditions, release, (), None)


def years_by_region(conditions: Sequence[Condition], release: int) -> Statement:
    """For each region with a row: its code, first and last year."""
    region, year = _DATABASE["region"], _DATABASE["year"]
    select = (region, f"MIN({year})", f"MAX({year})")
    return _statement(select, conditions, release, (), None, f"GROUP BY {region}")


def _statement(
    select: tuple[str, ...],
    conditions: Sequence[Condition],
    release: int,
    sort: Sequence[Term],
    after: Sequence[Any] | None,
    tail: str = "",
    tail_parameters: tuple[Any, ...] = (),
) -> Statement:
    shapes, parameters = [], [release, release]
    for condition in conditions:
        kind, count, values = _points(condition)
        shapes.append(
            (condition.column, kind, count, tuple((a is not None, b is not None) for a, b in condition.ranges))
        )
        parameters += values
        parameters += _range_parameters(condition.ranges)
    nulls = None if after is None else tuple(value is None for value in after)
    if after is not None:
        parameters += _after_parameters(tuple(sort), after)
    shape = _Shape(select, tuple(shapes), tuple(sort), nulls, tail)
    return Statement(_text(shape), (*parameters, *tail_parameters))


def _points(condition: Condition) -> tuple[str, int, list[Any]]:
    """How a list of points is bound: kind, number of placeholders, parameters."""
    points = condition.points
    if len(points) <= 1 or isinstance(points[0], float):
        return "listed", len(points), list(points)
    if connection.vendor == "postgresql":
        return "array", 1, [list(points)]
    return "json", 1, [json.dumps(points)]


@lru_cache(maxsize=1024)
def _text(shape: _Shape) -> str:
    release, superseded = _DATABASE["release"], _DATABASE["superseded_by"]
    where = [f"{release} <= %s", f"({superseded} IS NULL OR {superseded} > %s)"]
    where += [_condition(*condition) for condition in shape.conditions]
    if shape.after is not None:
        where.append(_after(shape.sort, shape.after))
    order = ", ".join(_order(term) for term in shape.sort)
    return " ".join(
        filter(
            None,
            (
                f"SELECT {', '.join(shape.select)} FROM {_TABLE} WHERE {' AND '.join(where)}",
                order and f"ORDER BY {order}",
                shape.tail,
            ),
        )
    )


def _condition(column: str, kind: str, count: int, ranges: Sequence[tuple[bool, bool]]) -> str:
    name = _DATABASE[column]
    parts = []
    if kind == "array":
        parts.append(f"{name} = ANY(%s)")
    elif kind == "json":
        parts.append(f"{name} IN (SELECT value FROM json_each(%s))")
    elif count == 1:
        parts.append(f"{name} = %s")
    elif count:
        parts.append(f"{name} IN ({', '.join(['%s'] * count)})")
    if ranges:
        parts.append(_ranges(name, ranges))
    return f"({' OR '.join(parts)})" if parts else "1 = 0"


def _ranges(name: str, ranges: Sequence[tuple[bool, bool]]) -> str:
    """Membership in ascending, disjoint ranges as a search tree: a row is compared with ten of a thousand ranges.

    Nested, also because SQLite refuses expressions more than 1,000 deep.
    """
    if len(ranges) == 1:
        (has_low, has_high) = ranges[0]
        return " AND ".join([f"{name} >= %s"] * has_low + [f"{name} <= %s"] * has_high)
    middle = len(ranges) // 2
    below, above = _ranges(name, ranges[:middle]), _ranges(name, ranges[middle:])
    return f"CASE WHEN {name} < %s THEN {below} ELSE {above} END"


def _range_parameters(ranges: Ranges) -> list[Any]:
    """The values of `_ranges`, in the order of its placeholders."""
    if len(ranges) <= 1:
        return [bound for pair in ranges for bound in pair if bound is not None]
    middle = len(ranges) // 2
    return [ranges[middle][0], *_range_parameters(ranges[:middle]), *_range_parameters(ranges[middle:])]


def _order(term: Term) -> str:
    nulls = " NULLS LAST" if term.column in _NULLABLE else ""
    return f"{_DATABASE[term.column]} {'DESC' if term.descending else 'ASC'}{nulls}"


def _row_values(sort: Sequence[Term], nulls: Sequence[bool]) -> bool:
    """Whether one comparison of row values, which an index serves, says it all."""
    return not any(term.descending or term.column in _NULLABLE for term in sort) and not any(nulls)


def _after(sort: Sequence[Term], nulls: Sequence[bool]) -> str:
    names = [_DATABASE[term.column] for term in sort]
    if _row_values(sort, nulls):
        return f"({', '.join(names)}) > ({', '.join(['%s'] * len(names))})"
    alternatives = []
    for position, term in enumerate(sort):
        if nulls[position]:
            continue  # nulls come last: nothing lies behind a null on this key alone
        equal = [
            f"{name} IS NULL" if null else f"{name} = %s"
            for name, null in zip(names[:position], nulls[:position], strict=True)
        ]
        beyond = f"{names[position]} {'<' if term.descending else '>'} %s"
        if term.column in _NULLABLE:
            beyond = f"({beyond} OR {names[position]} IS NULL)"
        alternatives.append("(" + " AND ".join([*equal, beyond]) + ")")
    return "(" + " OR ".join(alternatives) + ")"


def _after_parameters(sort: tuple[Term, ...], after: Sequence[Any]) -> list[Any]:
    nulls = [value is None for value in after]
    if _row_values(sort, nulls):
        return list(after)
    return [
        value
        for position in range(len(sort))
        if not nulls[position]
        for value in (*(v for v in after[:position] if v is not None), after[position])
    ]
