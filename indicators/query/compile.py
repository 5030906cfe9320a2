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
#: Columns of a series: what `latest` looks among its years for.
_OF_SERIES = {"indicator", "region", "pair"}
#: SQLite seeks each item of a list; from so many on it goes faster through the rows in order.
_MANY = 500


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
    up to `release`) or changes (one row for each cell and release behind `since` up to `release`: these releases set
    `written` of all `held` rows, and `withdrew` some without another in their place).
    """

    kind: str
    conditions: Sequence[Condition]
    release: int
    newest: int = 0
    since: int = 0
    written: int = 0
    held: int = 0
    withdrew: bool = False

    def dense(self, limit: int | None) -> bool:
        """Whether so many rows are found faster among all, in order, than by sorting those that the releases set."""
        return limit is not None and self.written**2 > self.held * limit


@dataclass(frozen=True)
class _Shape:
    """What decides the text of a statement: everything but the values."""

    kind: str
    select: tuple[str, ...]
    conditions: tuple[tuple[str, str, int, tuple[tuple[bool, bool], ...]], ...]
    sort: tuple[Term, ...]
    after: tuple[bool, ...] | None  # for each sort key of the last row: whether it was null
    limited: bool
    distinct: bool
    dense: bool
    withdrew: bool


def select_rows(
    relation: Relation, columns: Sequence[str], sort: Sequence[Term], after: Sequence[Any] | None, limit: int | None
) -> Statement:
    """Rows in order, from behind the key `after`, at most `limit`."""
    return _statement(relation, tuple(_DATABASE[name] for name in columns), sort, after, limit)


def count_rows(relation: Relation) -> Statement:
    """The exact number of rows."""
    return _statement(relation, ("COUNT(*)",))


def years_by_region(relation: Relation) -> Statement:
    """For each region with a row: its code, first and last year."""
    found = _statement(relation, (_REGION, f"MIN({_YEAR})", f"MAX({_YEAR})"))
    return Statement(f"{found.sql} GROUP BY {_REGION}", found.parameters)


def select_series(relation: Relation, sort: Sequence[Term], after: Sequence[Any] | None, limit: int) -> Statement:
    """Pairs of indicator and region that have rows, in order."""
    if after is None and not any(term.descending for term in sort):
        after = [""] * len(sort)  # before every code: SQLite then reads the index of that order from its beginning
    return _statement(relation, (_INDICATOR, _REGION), sort, after, limit, distinct=True)


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
    limit: int | None = None,
    distinct: bool = False,
) -> Statement:
    shapes: list[tuple[str, str, int, tuple[tuple[bool, bool], ...]]] = []
    values: list[Any] = []
    outcome: list[Any] = []
    for condition in relation.conditions:
        kind, count, points = _points(condition)
        ends = tuple((low is not None, high is not None) for low, high in condition.ranges)
        shapes.append((condition.column, kind, count, ends))
        bound = [*points, *_range_parameters(condition.ranges)]
        values += bound
        outcome += bound if condition.column not in _OF_SERIES else []
    nulls = None if after is None else tuple(value is None for value in after)
    flags = (limit is not None, distinct, relation.dense(limit), relation.withdrew)
    shape = _Shape(relation.kind, select, tuple(shapes), tuple(sort), nulls, *flags)
    page = [*(_after_parameters(tuple(sort), after) if after is not None else ()), *(() if limit is None else (limit,))]
    if relation.kind == "changes":
        bounds = (relation.since, relation.release, *values, *page)
        branches = 2 if relation.withdrew else 1
        return Statement(_text(shape), (*bounds * branches, *(() if limit is None else (limit,))))
    return Statement(_text(shape), (*_relation_parameters(relation, values, outcome), *page))


def _points(condition: Condition) -> tuple[str, int, list[Any]]:
    """How a list of points is bound: kind, number of placeholders, parameters."""
    points = condition.points
    if points and isinstance(points[0], tuple):
        if connection.vendor == "sqlite":
            return "json pairs", 1, [json.dumps(points)]
        return "pairs", len(points), [code for pair in points for code in pair]
    if len(points) <= 1 or isinstance(points[0], float):
        return "listed", len(points), list(points)
    if connection.vendor == "postgresql":
        return "array", 1, [list(points)]
    return "json" if len(points) < _MANY else "long json", 1, [json.dumps(points)]


@lru_cache(maxsize=1024)
def _text(shape: _Shape) -> str:
    conditions = [(column, _condition(column, kind, count, ends)) for column, kind, count, ends in shape.conditions]
    every = [text for _, text in conditions]
    if shape.kind == "changes":
        return _select(shape.select, _changes(shape, every), (), shape)
    where = _where(shape.kind, every, [text for column, text in conditions if column not in _OF_SERIES])
    if shape.after is not None:
        where.append(_after(shape.sort, shape.after))
    return _select(shape.select, f"{_TABLE} AS o", where, shape)


def _select(select: Sequence[str], source: str, where: Sequence[str], shape: _Shape, by: str = "release") -> str:
    """Rows of a source in the order of the shape, at most as many as its limit says."""
    order = ", ".join(_order(term, by) for term in shape.sort)
    parts = (
        f"SELECT {'DISTINCT ' if shape.distinct else ''}{', '.join(select)} FROM {source}",
        f"WHERE {' AND '.join(where)}" if where else "",
        order and f"ORDER BY {order}",
        "LIMIT %s" if shape.limited else "",
    )
    return " ".join(filter(None, parts))


def _unindexed(name: str) -> str:
    """A column of which no index is to be used: SQLite, without statistics, takes a release for a narrow choice."""
    return f"+{name}" if connection.vendor == "sqlite" else name


def _where(kind: str, conditions: list[str], outcome: list[str]) -> list[str]:
    """What rows of the table must fulfil to be of that kind."""
    release, superseded = _unindexed(_DATABASE["release"]), _unindexed(_DATABASE["superseded_by"])
    if kind == "vintages":
        return [f"{release} <= %s", *conditions]
    in_force = [f"{release} <= %s", f"({superseded} IS NULL OR {superseded} > %s)"]
    if kind == "in_force":
        return [*in_force, *conditions]
    valued = f"{_DATABASE['value']} IS NOT NULL"
    newer = [f"n.{name} = o.{name}" for name in (_INDICATOR, _REGION)] + [f"n.{_YEAR} > o.{_YEAR}"]
    newer += [*in_force, *outcome, valued]
    fewer = f"(SELECT COUNT(*) FROM (SELECT 1 FROM {_TABLE} AS n WHERE {' AND '.join(newer)} LIMIT %s) AS newer) < %s"
    return [*in_force, *conditions, valued, fewer]


def _changes(shape: _Shape, conditions: list[str]) -> str:
    """Rows that releases set, each beside the one it replaced; and rows that they withdrew.

    Each half is cut to the page before anything is looked up for its rows.
    """
    release, superseded, value, status, source = (
        _DATABASE[name] for name in ("release", "superseded_by", "value", "status", "source")
    )
    cell = (_INDICATOR, _REGION, _YEAR)
    same = " AND ".join(f"o.{name} = n.{name}" for name in cell)
    became = _select(("*",), f"{_TABLE} AS n", _made(shape, conditions, "release"), shape)
    found = (
        f"SELECT {', '.join(f'n.{name}' for name in (*cell, release))}, "
        f"CASE WHEN o.{release} IS NULL THEN 'insert' ELSE 'update' END AS op, "
        f"o.{value} AS old_value, o.{status} AS old_status, o.{source} AS old_source, "
        f"n.{value} AS new_value, n.{status} AS new_status, n.{source} AS new_source "
        f"FROM ({became}) AS n LEFT JOIN {_TABLE} AS o ON {same} AND {_unindexed(f'o.{superseded}')} = n.{release}"
    )
    if not shape.sort:
        found = f"SELECT 1 FROM ({became}) AS n"  # they are counted
    if not shape.withdrew:
        return f"({found}) AS changes"
    gone = f"NOT EXISTS (SELECT 1 FROM {_TABLE} AS n WHERE {same} AND n.{release} = o.{superseded})"
    ceased = _select(
        ("*",), f"{_TABLE} AS o", [*_made(shape, conditions, "superseded_by"), gone], shape, "superseded_by"
    )
    columns = (*cell, superseded, "'delete'", value, status, source, "NULL", "NULL", "NULL") if shape.sort else ("1",)
    return f"({found} UNION ALL SELECT {', '.join(columns)} FROM ({ceased}) AS ceased) AS changes"


def _made(shape: _Shape, conditions: list[str], by: str) -> list[str]:
    """The conditions on rows that the releases in question set (`by` release) or ended (`by` superseded_by)."""
    order = _unindexed(_DATABASE[by]) if shape.dense else _DATABASE[by]
    where = [f"{order} > %s", f"{order} <= %s", *conditions]
    return where if shape.after is None else [*where, _after(shape.sort, shape.after, by)]


def _relation_parameters(relation: Relation, values: list[Any], outcome: list[Any]) -> list[Any]:
    """The values of `_where`, in the order of its placeholders."""
    if relation.kind == "vintages":
        return [relation.release, *values]
    in_force = [relation.release, relation.release]
    if relation.kind == "in_force":
        return [*in_force, *values]
    return [*in_force, *values, *in_force, *outcome, relation.newest, relation.newest]


def _condition(column: str, kind: str, count: int, ranges: Sequence[tuple[bool, bool]]) -> str:
    if kind == "pairs":
        return f"({_INDICATOR}, {_REGION}) IN (VALUES {', '.join(['(%s, %s)'] * count)})"
    if kind == "json pairs":
        pair = "json_extract(value, '$[0]'), json_extract(value, '$[1]')"
        return f"({_INDICATOR}, {_REGION}) IN (SELECT {pair} FROM json_each(%s))"
    name = _DATABASE[column]
    parts = []
    if kind == "array":
        parts.append(f"{name} = ANY(%s)")
    elif kind in ("json", "long json"):
        listed = _unindexed(name) if kind == "long json" else name
        parts.append(f"{listed} IN (SELECT value FROM json_each(%s))")
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


def _order(term: Term, by: str = "release") -> str:
    nulls = " NULLS LAST" if term.column in _NULLABLE else ""
    return f"{_column(term, by)} {'DESC' if term.descending else 'ASC'}{nulls}"


def _column(term: Term, by: str) -> str:
    """What a term sorts by: the release of a row that was withdrawn is the one that did it."""
    return _DATABASE[by if term.column == "release" else term.column]


def _row_values(sort: Sequence[Term], nulls: Sequence[bool]) -> bool:
    """Whether one comparison of row values, which an index serves, says it all."""
    return not any(term.descending or term.column in _NULLABLE for term in sort) and not any(nulls)


def _after(sort: Sequence[Term], nulls: Sequence[bool], by: str = "release") -> str:
    names = [_column(term, by) for term in sort]
    if _row_values(sort, nulls):
        return f"({', '.join(names)}) > ({', '.join(['%s'] * len(names))})"
    alternatives = []
    reached = _reached(sort, nulls, names)
    names = [_unindexed(name) for name in names]
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
    return " AND ".join([*reached, "(" + " OR ".join(alternatives) + ")"])


def _reached(sort: Sequence[Term], nulls: Sequence[bool], names: Sequence[str]) -> list[str]:
    """How far a walk came by its first key: an index reads from there, which it cannot by alternatives."""
    if not sort or sort[0].column in _NULLABLE or nulls[0]:
        return []
    return [f"{names[0]} {'<=' if sort[0].descending else '>='} %s"]


def _after_parameters(sort: tuple[Term, ...], after: Sequence[Any]) -> list[Any]:
    nulls = [value is None for value in after]
    if _row_values(sort, nulls):
        return list(after)
    reached = [after[0]] if _reached(sort, nulls, [""] * len(sort)) else []
    return reached + [
        value
        for position in range(len(sort))
        if not nulls[position]
        for value in (*(v for v in after[:position] if v is not None), after[position])
    ]
