"""Serialized rows as an `Answer`, so that the formats write reference resources like observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson

from ..query.columns import Column
from ..query.edition import Coverage
from ..query.slice import Answer

#: The one nested object of a list row: in a table its members are columns, such as `coverage_first_year`.
_NESTED = {"coverage": tuple(f"coverage_{field.name}" for field in fields(Coverage))}


def table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Answer:
    """A flat table of rows: texts, numbers and empty cells."""
    columns = [column for name in names for column in _NESTED.get(name, (name,))]
    flat = [[_cell(value) for name in names for value in _members(name, row[name])] for row in rows]
    numeric = [all(isinstance(row[n], int | float | None) for row in flat) for n in range(len(columns))]
    return Answer(
        tuple(
            Column(column, "number" if number else "string", column, "", "", nullable=True)
            for column, number in zip(columns, numeric, strict=True)
        ),
        [tuple(row) for row in flat],
    )


def _members(name: str, value: Any) -> Sequence[Any]:
    return list(value.values()) if name in _NESTED else [value]


def _cell(value: Any) -> str | int | float | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None or isinstance(value, str | int | float):
        return value
    if all(isinstance(item, str) for item in value):
        return ";".join(value)
    return orjson.dumps(value).decode()
