"""JSON-stat, SDMX-CSV and SDMX-JSON tell what the oracle knows of any slice, also to readers nobody here wrote."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Api
from tests.formats import reading
from tests.oracle import Row, shortest
from tests.query.test_slices import ORACLE, query_string, questions

pytestmark = [
    # pyjstat 2.4 reads by the function that it advises against.
    pytest.mark.filterwarnings("ignore:Shouldn't use this function anymore:DeprecationWarning"),
]


def told(row: Row, *names: str) -> tuple[Any, ...]:
    """What a cube says of a row: the value as it is spelled, and attributes."""
    unit = ORACLE.indicators[row["indicator"]]["unit"]
    value = None if row["value"] is None else shortest(row["value"])
    return (value, *((row | {"unit": unit})[name] for name in names))


def key(row: Row) -> tuple[str, str, int]:
    return row["indicator"], row["region"], row["year"]


def as_pysdmx_reads(row: Row) -> tuple[Any, ...]:
    """pysdmx hands the codes to pandas without a type, so the one that is all zeros loses them."""
    value = None if row["value"] is None else float(row["value"])
    return row["indicator"], str(int(row["region"])), str(row["year"]), value, row["status"]


def check(api: Api, query: str, expected: list[Row]) -> None:
    """All three formats of one slice."""
    cells = reading.jsonstat(api.text(f"/observations?{query}&format=jsonstat"))
    assert list(cells.items()) == [(key(row), told(row, "status")) for row in expected]

    with_attributes = [(key(row), told(row, "unit", "status", "source", "note")) for row in expected]
    text = api.text(f"/observations?{query}&format=sdmx-csv")
    assert list(reading.sdmx_csv(text).items()) == with_attributes
    if expected:
        assert reading.pysdmx_csv(text) == list(map(as_pysdmx_reads, expected))
    assert list(reading.sdmx_json(api.text(f"/observations?{query}&format=sdmx-json")).items()) == with_attributes


@pytest.mark.django_db
@settings(max_examples=300)
@given(question=questions, itself=st.booleans())
def test_random_slices_equal_the_oracle(question: dict[str, Any], itself: bool) -> None:
    if itself and "region_within" in question:
        question["region_within_self"] = True
    check(Api(), query_string(question), ORACLE.slice(question))


def test_the_whole_store_equals_the_oracle(api: Api) -> None:
    everything = ORACLE.slice({})
    check(api, "", everything)
    values = reading.pyjstat_values(api.text("/observations?format=jsonstat"))
    assert values == {key(row): float(row["value"]) for row in everything if row["value"] is not None}
    assert len(reading.sdmx1_csv(api.text("/observations?format=sdmx-csv"))) == len(everything)
