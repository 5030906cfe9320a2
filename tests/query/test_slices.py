"""Random slices answer what the oracle answers, in every format, and what the filter set of django-filter selects."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.models import Observation
from indicators.query.columns import COLUMNS, DEFAULT_COLUMNS
from indicators.query.filters import ObservationFilter
from tests.conftest import Api
from tests.questions import DAYS, NAMES, ORACLE, VALUES, query_string, questions
from tests.readers import cell


@pytest.mark.django_db
@settings(max_examples=200)
@given(
    question=questions, itself=st.booleans(), fields=st.lists(st.sampled_from(list(COLUMNS)), max_size=6, unique=True)
)
def test_random_slices_equal_the_oracle(question: dict[str, Any], itself: bool, fields: list[str]) -> None:
    api = Api()
    if itself and "region_within" in question:
        question["region_within_self"] = True
    columns = fields or list(DEFAULT_COLUMNS)
    expected = [ORACLE.shown(row, columns) for row in ORACLE.slice(question)]
    asked = {**question, "fields": fields} if fields else question
    query = query_string(asked)

    page = api.json(f"/observations?{query}&page_size=10000&count=true".replace("?&", "?"))
    rows = (
        page["results"]
        if page["next"] is None
        else api.walk(f"/observations?{query}&page_size=10000".replace("?&", "?"))
    )
    assert rows == expected
    assert all(list(row) == columns for row in rows[:3])
    assert page["meta"]["count"] == len(expected)
    assert (page["meta"]["empty_reason"] is None) == bool(expected)

    lines = list(csv.reader(io.StringIO(api.text(f"/observations?{query}&format=csv".replace("?&", "?")), newline="")))
    assert lines[0] == columns
    assert lines[1:] == [[cell(row[name]) for name in columns] for row in expected]


@pytest.mark.django_db
@settings(max_examples=150)
@given(question=questions, itself=st.booleans())
def test_the_filter_set_selects_the_same_rows(question: dict[str, Any], itself: bool) -> None:
    question.pop("as_of", None)
    if itself and "region_within" in question:
        question["region_within_self"] = True
    data = dict(part.split("=") for part in query_string(question).split("&") if part)
    selected = ObservationFilter(data, queryset=Observation.objects.current())
    assert selected.is_valid(), selected.errors
    keys = set(selected.qs.values_list("indicator_id", "region_id", "year"))
    assert keys == {(row["indicator"], row["region"], row["year"]) for row in ORACLE.slice(question)}


def test_every_release_equals_the_replay_cell_by_cell(api: Api) -> None:
    for moment in [None, *NAMES, *DAYS]:
        expected = [ORACLE.shown(row, COLUMNS) for row in ORACLE.slice({"as_of": moment})]
        suffix = f"&as_of={moment}" if moment else ""
        rows = api.walk(f"/observations?page_size=10000&fields={','.join(COLUMNS)}{suffix}")
        assert rows == expected


def test_many_ranges_select_what_the_oracle_selects(api: Api) -> None:
    """Enough of them that membership is a search tree several levels deep."""
    spans = [(n / 10, n / 10 + 0.04) for n in range(0, 1000, 3)]
    points = [(value, value) for value in VALUES[::40]]
    question = {"indicator": ["urbanization_rate", "birth_rate", "natural_growth_rate"], "value": spans + points}
    expected = [ORACLE.shown(row, DEFAULT_COLUMNS) for row in ORACLE.slice(question)]
    assert len(expected) > 50
    assert api.walk(f"/observations?{query_string(question)}&page_size=77") == expected
