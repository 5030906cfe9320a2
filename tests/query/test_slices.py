"""Random slices answer what the oracle answers, in every format, and what the filter set of django-filter selects."""

import csv
import io
import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.models import Observation
from indicators.query.columns import COLUMNS, DEFAULT_COLUMNS
from indicators.query.filters import ObservationFilter
from tests.conftest import Api
from tests.oracle import Oracle, shortest

ORACLE = Oracle.of_pack()
NAMES = [release["name"] for release in ORACLE.releases]
DAYS = ["2000-01-01", "2013-12-30", "2013-12-31", "2018-12-30", "2019-06-01", "2022-01-25", "2022-01-26", "2026-11-01"]
VALUES = sorted({float(row["value"]) for row in ORACLE.states[-1].values() if row["value"] is not None})


def lists(values: Any, most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=most, unique=True)


def ranges(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    pair = st.tuples(numbers, numbers).map(sorted).map(tuple)
    point = numbers.map(lambda n: (n, n))
    return st.lists(
        st.one_of(pair, point, numbers.map(lambda n: (n, None)), numbers.map(lambda n: (None, n))),
        min_size=1,
        max_size=3,
    )


subjects = st.one_of(
    st.fixed_dictionaries({"indicator": lists(ORACLE.indicators)}),
    st.fixed_dictionaries({"dataset": lists({row["dataset"] for row in ORACLE.indicators.values()}, 1)}),
    st.fixed_dictionaries({"region": lists(ORACLE.regions)}),
    st.fixed_dictionaries({"year": ranges(st.integers(1950, 2030))}),
)
narrowings = st.fixed_dictionaries(
    {},
    optional={
        "indicator": lists(ORACLE.indicators, 12),
        "dataset": lists({row["dataset"] for row in ORACLE.indicators.values()}, 2),
        "region": lists(ORACLE.regions),
        "region_within": lists(["000000", "370000", "370100", "371200", "110000", "371300"], 2),
        "region_level": lists({row["level"] for row in ORACLE.regions.values()}, 3),
        "region_type": lists({row["type"] for row in ORACLE.regions.values()}, 3),
        "year": ranges(st.integers(1950, 2030)),
        "value": ranges(st.sampled_from(VALUES)),
        "status": lists(["A", "B", "E", "P", "F", "U", "L"], 3),
        "source": lists(ORACLE.sources),
        "as_of": st.sampled_from(NAMES + DAYS),
    },
)
questions = st.tuples(subjects, narrowings).map(lambda pair: {**pair[1], **pair[0]})


def query_string(question: dict[str, Any]) -> str:
    """The question in the grammar of the API."""
    parts = []
    for name, value in question.items():
        if name in ("year", "value"):
            text = ",".join(spelled(low, high) for low, high in value)
        elif isinstance(value, bool):
            text = str(value).lower()
        else:
            text = value if isinstance(value, str) else ",".join(value)
        parts.append(f"{name}={quote(text, safe=',.')}")
    return "&".join(parts)


def spelled(low: Any, high: Any) -> str:
    low, high = (None if n is None else shortest(format(Decimal(repr(n)), "f")) for n in (low, high))
    return low if low == high else f"{low or ''}..{high or ''}"


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


def cell(value: Any) -> str:
    """A value as a cell of CSV shows it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return json.dumps(value)


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
