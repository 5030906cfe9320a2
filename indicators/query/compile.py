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

#: What a change tells of a figure before and after.
CHANGED = ("value", "status", "source")

#: Base column -> its name in the table.
_DATABASE = {field.name: connection.ops.quote_name(str(field.column)) for field in Observation._meta.concrete_fields}
#: What a row of changes has beside its cell and release.
_DATABASE |= {name: name for name in ("op", *(f"{age}_{part}" for age in ("old", "new") for part in CHANGED))}
_TABLE = Observation._meta.db_table
_INDICATOR, _REGION, _YEAR = (_DATABASE[name] for name in ("indicator", "region", "year"))
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
class Relation:
    """Which rows a question is about.

    `kind` is in_force (as of `release`), latest (of those, the `newest` with a value of each series), vintages (all set
    up to `release`) or changes (one row for each cell and release behind `since` up to `release`).
    """

    kind: str
    conditions: Sequence[Condition]
    release: int
    newest: int = 0
    since: int = 0


@dataclass(frozen=True)
class _Shape:
    """What decides the text of a statement: everything but the values."""

    kind: str
    select: tuple[str, ...]
    conditions: tuple[tuple[str, str, int, tuple[tuple[bool, bool], ...]], ...]
    sort: tuple[Term, ...]
    after: tuple[bool, ...] | None  # for each sort key of the last row: whether it was null
    tail: str
    distinct: bool


def select_rows(
    relation: Relation, columns: Sequence[str], sort: Sequence[Term], after: Sequence[Any] | None, limit: int | None
) -> Statement:
    """Rows in order, from behind the key `after`, at most `limit`."""
    bounded = ("LIMIT %s", (limit,)) if limit is not None else ("", ())
    return _statement(relation, tuple(_DATABASE[name] for name in columns), sort, after, *bounded)


def count_rows(relation: Relation) -> Statement:
    """The exact number of rows."""
    return _statement(relation, ("COUNT(*)",))


def years_by_region(relation: Relation) -> Statement:
    """For each region with a row: its code, first and last year."""
    return _statement(relation, (_REGION, f"MIN({_YEAR})", f"MAX({_YEAR})"), tail=f"GROUP BY {_REGION}")


def select_series(relation: Relation, sort: Sequence[Term], after: Sequence[Any] | None, limit: int) -> Statement:
    """Pairs of indicator and region that have rows, in order."""
    return _statement(relation, (_INDICATOR, _REGION), sort, after, "LIMIT %s", (limit,), distinct=True)


def count_series(relation: Relation) -> Statement:
    """The exact number of pairs of indicator and region that have rows."""
    pairs = _statement(relation, (_INDICATOR, _REGION), distinct=True)
    return Statement(f"SELECT COUNT(*) FROM ({pairs.sql}) AS pairs", pairs.parameters)


def changed_regions(release: int) -> Statement:
    """For each indicator of which a release set or superseded a row: the regions in question, joined by commas."""
    joined = "STRING_AGG" if connection.vendor == "postgresql" else "GROUP_CONCAT"
    pairs = f"SELECT {_INDICATOR} AS indicator, {_REGION} AS region FROM {_TABLE} WHERE"
    changed = f"{pairs} {_DATABASE['release']} = %s UNION {pairs} {_DATABASE['superseded_by']} = %s"
    sql = f"SELECT indicator, {joined}(region, ',') FROM ({changed}) AS changed GROUP BY indicator"
    return Statement(sql, (release, release))


def _statement(
    relation: Relation,
    select: tuple[str, ...],
    sort: Sequence[Term] = (),
    after: Sequence[Any] | None = None,
    tail: str = "",
    tail_parameters: tuple[Any, ...] = (),
    distinct: bool = False,
) -> Statement:
    shapes, values = [], []
    for condition in relation.conditions:
        kind, count, points = _points(condition)
        shapes.append(
            (condition.column, kind, count, tuple((a is not None, b is not None) for a, b in condition.ranges))
        )
        values += points
        values += _range_parameters(condition.ranges)
    nulls = None if after is None else tuple(value is None for value in after)
    shape = _Shape(relation.kind, select, tuple(shapes), tuple(sort), nulls, tail, distinct)
    parameters = _relation_parameters(relation, values)
    if after is not None:
        parameters += _after_parameters(tuple(sort), after)
    return Statement(_text(shape), (*parameters, *tail_parameters))


def _points(condition: Condition) -> tuple[str, int, list[Any]]:
    """How a list of points is bound: kind, number of placeholders, parameters."""
    points = condition.points
    if points and isinstance(points[0], tuple):
        return "pairs", len(points), [code for pair in points for code in pair]
    if len(points) <= 1 or isinstance(points[0], float):
        return "listed", len(points), list(points)
    if connection.vendor == "postgresql":
        return "array", 1, [list(points)]
    return "json", 1, [json.dumps(points)]


@lru_cache(maxsize=1024)
def _text(shape: _Shape) -> str:
    source, where = _source(shape.kind, [_condition(*condition) for condition in shape.conditions])
    if shape.after is not None:
        where.append(_after(shape.sort, shape.after))
    order = ", ".join(_order(term) for term in shape.sort)
    parts = (
        f"SELECT {'DISTINCT ' if shape.distinct else ''}{', '.join(shape.select)} FROM {source}",
        f"WHERE {' AND '.join(where)}" if where else "",
        order and f"ORDER BY {order}",
        shape.tail,
    )
    return " ".join(filter(None, parts))


def _source(kind: str, conditions: list[str]) -> tuple[str, list[str]]:
    """What a relation is read from, and the conditions that are left to be set."""
    release, superseded = _DATABASE["release"], _DATABASE["superseded_by"]
    in_force = [f"{release} <= %s", f"({superseded} IS NULL OR {superseded} > %s)", *conditions]
    if kind == "in_force":
        return _TABLE, in_force
    if kind == "vintages":
        return _TABLE, [f"{release} <= %s", *conditions]
    if kind == "latest":
        place = f"ROW_NUMBER() OVER (PARTITION BY {_INDICATOR}, {_REGION} ORDER BY {_YEAR} DESC) AS place"
        valued = " AND ".join([*in_force, f"{_DATABASE['value']} IS NOT NULL"])
        return f"(SELECT *, {place} FROM {_TABLE} WHERE {valued}) AS newest", ["place <= %s"]
    return _changes(conditions), []


def _changes(conditions: list[str]) -> str:
    """Rows that releases set, each beside the one it replaced; and rows that they withdrew."""
    release, superseded, value, status, source = (
        _DATABASE[name] for name in ("release", "superseded_by", "value", "status", "source")
    )
    cell = (_INDICATOR, _REGION, _YEAR)
    same = " AND ".join(f"o.{name} = n.{name}" for name in cell)
    became = " AND ".join([f"{release} > %s", f"{release} <= %s", *conditions])
    ceased = " AND ".join([f"{superseded} > %s", f"{superseded} <= %s", *conditions])
    return (
        f"(SELECT {', '.join(f'n.{name}' for name in (*cell, release))}, "
        f"CASE WHEN o.{release} IS NULL THEN 'insert' ELSE 'update' END AS op, "
        f"o.{value} AS old_value, o.{status} AS old_status, o.{source} AS old_source, "
        f"n.{value} AS new_value, n.{status} AS new_status, n.{source} AS new_source "
        f"FROM (SELECT * FROM {_TABLE} WHERE {became}) AS n "
        f"LEFT JOIN {_TABLE} AS o ON {same} AND o.{superseded} = n.{release} "
        f"UNION ALL SELECT {', '.join(f'o.{name}' for name in cell)}, o.{superseded}, 'delete', "
        f"o.{value}, o.{status}, o.{source}, NULL, NULL, NULL "
        f"FROM (SELECT * FROM {_TABLE} WHERE {ceased}) AS o "
        f"WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} AS n WHERE {same} AND n.{release} = o.{superseded})) AS changes"
    )


def _relation_parameters(relation: Relation, values: list[Any]) -> list[Any]:
    """The values of `_source`, in the order of its placeholders."""
    if relation.kind == "in_force":
        return [relation.release, relation.release, *values]
    if relation.kind == "vintages":
        return [relation.release, *values]
    if relation.kind == "latest":
        return [relation.release, relation.release, *values, relation.newest]
    return [relation.since, relation.release, *values] * 2


def _condition(column: str, kind: str, count: int, ranges: Sequence[tuple[bool, bool]]) -> str:
    if kind == "pairs":
        return f"({_INDICATOR}, {_REGION}) IN (VALUES {', '.join(['(%s, %s)'] * count)})"
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
