"""COLUMNS: the columns that an answer may have; SELECT, formats and OpenAPI read this list.

Codes of observations are natural keys, so most columns are read as they stand. A column with a `lookup` is found
by its base column in a dictionary held in memory: no joins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .edition import Edition

Lookup = Callable[[Edition], Mapping[Any, Any]]


@dataclass(frozen=True)
class Column:
    """A column: `type` is string, integer, number, date, array or object; `base` is what it is selected as.

    An array holds `items` of one type, or objects with `members`. An object has `members`; tables show each as a
    column, such as `old_value`. `choices` are all values that a text, or those of an
    array, can have.
    """

    name: str
    type: str
    base: str
    description: str
    example: Any
    nullable: bool = False
    lookup: Lookup | None = None
    items: str = ""
    members: tuple[Column, ...] = ()
    choices: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Column, ...]:
        """What it is in a table: the members of an object, else itself."""
        return self.members if self.type == "object" else (self,)


def _attribute(name: str) -> Lookup:
    return lambda edition: edition.reference.lookups[name]


def _release(attribute: str) -> Lookup:
    return lambda edition: {row.order: getattr(row, attribute) for row in edition.releases}


#: The name of a release, by its order.
release_name = _release("name")


_ALL = (
    Column("indicator", "string", "indicator", "Code of the indicator.", "urbanization_rate"),
    Column("region", "string", "region", "Code of the region: a string, also where it has digits only.", "370000"),
    Column("year", "integer", "year", "Calendar year of the figure.", 2023),
    Column(
        "value",
        "number",
        "value",
        "The published figure, to the digit; null if missing, with a status that says why.",
        65.53,
        nullable=True,
    ),
    Column("unit", "string", "indicator", "Code of the unit.", "percent", lookup=_attribute("indicator.unit")),
    Column("status", "string", "status", "Observation status: SDMX CL_OBS_STATUS.", "A"),
    Column("source", "string", "source", "Code of the source that prints the figure.", "S46", nullable=True),
    Column(
        "release", "string", "release", "Name of the release that last set the row.", "2024-12-pre-ec5",
        lookup=release_name,
    ),
    Column(
        "indicator_name_zh", "string", "indicator", "Chinese name of the indicator.", "常住人口城镇化率",
        lookup=_attribute("indicator.name_zh"),
    ),
    Column(
        "indicator_name_en", "string", "indicator", "English name of the indicator.", "Urbanization rate",
        lookup=_attribute("indicator.name_en"),
    ),
    Column(
        "region_name_zh", "string", "region", "Chinese name of the region.", "山东省",
        lookup=_attribute("region.name_zh"),
    ),
    Column(
        "region_name_en", "string", "region", "English name of the region.", "Shandong Province",
        lookup=_attribute("region.name_en"),
    ),
    Column("region_level", "string", "region", "Level of the region.", "province", lookup=_attribute("region.level")),
    Column("region_type", "string", "region", "Type of the region.", "province", lookup=_attribute("region.type")),
    Column(
        "dataset", "string", "indicator", "Code of the dataset.", "urbanization", lookup=_attribute("indicator.dataset")
    ),
    Column("locator", "string", "locator", "Place in the source.", "table 3-4", nullable=True),
    Column("note", "string", "note", "What to know of this figure.", "first release", nullable=True),
    Column(
        "published_on", "date", "release", "Day from which the release that last set the row is deemed known.",
        "2024-12-31", lookup=_release("published_on"),
    ),
    Column(
        "reliability", "string", "source", "Grade of the source: A, B or C.", "B", nullable=True,
        lookup=_attribute("source.reliability"),
    ),
)  # fmt: skip


def by_name(*columns: Column) -> Mapping[str, Column]:
    """The columns in their order, to be asked for by name."""
    return {column.name: column for column in columns}


COLUMNS: Mapping[str, Column] = by_name(*_ALL)
DEFAULT_COLUMNS = ("indicator", "region", "year", "value", "unit", "status", "source", "release")
#: The columns that name what is coded, in both languages.
NAMES = ("indicator_name_zh", "indicator_name_en", "region_name_zh", "region_name_en")
#: value and release only when an indicator or a region is given: no index serves them over the whole table.
SORTABLE = ("indicator", "region", "year", "value", "release")
KEY = ("indicator", "region", "year")


def selected(columns: Sequence[Column]) -> list[str]:
    """What is selected for the columns, in order: an object needs each of its members."""
    return [part.base for column in columns for part in column.parts]


def looked_up(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], edition: Edition) -> list[tuple[Any, ...]]:
    """Rows that were computed, as tuples: each column by its base, with lookups applied."""
    values = [
        [row[column.base] for row in rows]
        if column.lookup is None
        else list(map(column.lookup(edition).get, (row[column.base] for row in rows)))
        for column in columns
    ]
    return list(zip(*values, strict=True))


def decode(columns: Sequence[Column], rows: Sequence[tuple[Any, ...]], edition: Edition) -> list[tuple[Any, ...]]:
    """Rows as selected, with lookups applied column by column, and objects put together (null if all parts are)."""
    if not rows or not any(column.lookup or column.type == "object" for column in columns):
        return list(rows)
    parts = iter(zip(*rows, strict=True))
    decoded: list[Sequence[Any]] = []
    for column in columns:
        if column.type == "object":
            names = [member.name for member in column.members]
            found = zip(*(next(parts) for _ in names), strict=True)
            decoded.append(
                [None if all(v is None for v in row) else dict(zip(names, row, strict=True)) for row in found]
            )
        else:
            values = next(parts)
            decoded.append(values if column.lookup is None else list(map(column.lookup(edition).get, values)))
    return list(zip(*decoded, strict=True))
