"""Series, vintages and changes hold in every table what they hold in JSON."""

import json
from typing import Any

import pytest

from tests.conftest import Api
from tests.readers import (
    cell,
    guarded,
    read_csv,
    read_ndjson,
    read_parquet,
    read_parquet_by_duckdb,
    read_xlsx,
)

QUESTIONS = [
    "/series?indicator=urbanization_rate",
    "/series?indicator=urbanization_rate,grp&region_within=370000&include=values",
    "/series?region=370100&fields=region,values,statuses,gaps&sort=-region,-indicator",
    "/series?region=370100&year=1800",
    "/vintages?indicator=urbanization_rate",
    "/vintages?region=370000&as_of=2024-12-pre-ec5&fields=year,value,superseded_by,published_on,release&sort=-year",
    "/changes",
    "/changes?since=2000-01-01&indicator=urbanization_rate",
    "/changes?fields=new,year,old",
    "/changes?until=2000-01-01",
]


def spread(row: dict[str, Any], columns: list[str]) -> list[Any]:
    """A row of JSON as a row of a table with these columns."""
    cells = {f"{name}_{part}": None for name in ("old", "new") for part in ("value", "status", "source")}
    for name, value in row.items():
        cells |= {f"{name}_{part}": v for part, v in value.items()} if isinstance(value, dict) else {name: value}
    return [cells[name] for name in columns]


@pytest.mark.parametrize("question", QUESTIONS)
def test_tables_hold_what_json_holds(api: Api, question: str) -> None:
    expected = api.walk(f"{question}{'&' if '?' in question else '?'}page_size=1000")
    body = {
        name: api.get(f"{question}{'&' if '?' in question else '?'}format={name}").getvalue()
        for name in ("csv", "ndjson", "xlsx", "parquet")
    }
    assert read_ndjson(body["ndjson"]) == expected
    columns, lines = read_csv(body["csv"])
    rows = [spread(row, columns) for row in expected]
    assert lines == [[cell(shown(value)) for value in row] for row in rows]
    assert read_xlsx(body["xlsx"]) == (columns, [[guarded(shown(value)) for value in row] for row in rows])
    for reader in (read_parquet, read_parquet_by_duckdb):
        assert reader(body["parquet"]) == (columns, rows)


def shown(value: Any) -> Any:
    """An array as the text that a flat table has."""
    if not isinstance(value, list):
        return value
    return json.dumps(value, separators=(",", ":"))
