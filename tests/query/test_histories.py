"""Series, vintages and changes against a plain replay of the CSV files; themes, plans and the newest values."""

import csv
import datetime
import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.models import Observation, Release, Store
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
from indicators.query.changes import CHANGE_COLUMNS
from indicators.query.columns import DEFAULT_COLUMNS
from indicators.query.series import SERIES_COLUMNS
from indicators.query.vintages import VINTAGE_COLUMNS
from tests.conftest import Api
from tests.questions import DAYS, NAMES, ORACLE, lists, query_string, questions

more = st.fixed_dictionaries(
    {},
    optional={
        "theme": lists({row["theme"] for row in ORACLE.indicators.values()}, 2),
        "plan": lists({row["plan"] for row in ORACLE.targets}, 2),
        "latest": st.integers(1, 3),
    },
)
asked = st.tuples(questions, more).map(lambda pair: {**pair[0], **pair[1]})


def address(path: str, question: dict[str, Any], more: str = "page_size=10000") -> str:
    """The address that asks the question; numbers are spelled as they are."""
    plain = {name: str(value) if isinstance(value, int) else value for name, value in question.items()}
    return f"{path}?{query_string(plain)}&{more}".replace("?&", "?")


@pytest.mark.django_db
@settings(max_examples=120)
@given(question=asked)
def test_themes_plans_and_the_newest_values(question: dict[str, Any]) -> None:
    expected = [ORACLE.shown(row, DEFAULT_COLUMNS) for row in ORACLE.slice(question)]
    api = Api()
    page = api.json(address("/observations", question, "page_size=3&count=true"))
    assert page["meta"]["count"] == len(expected)
    assert page["results"] == expected[:3]
    assert (page["meta"]["empty_reason"] is None) == bool(expected)
    assert api.walk(address("/observations", question)) == expected


@pytest.mark.django_db
@settings(max_examples=100)
@given(question=asked, size=st.sampled_from([7, 100, 1000]))
def test_random_series_equal_the_oracle(question: dict[str, Any], size: int) -> None:
    expected = ORACLE.series(question)
    api = Api()
    assert api.walk(address("/series", question, f"include=values&page_size={size}")) == expected
    page = api.json(address("/series", question, "count=true&page_size=1"))
    assert page["meta"]["count"] == len(expected)
    assert list(page["results"][0] if expected else SERIES_COLUMNS)[:4] == list(SERIES_COLUMNS)[:4]
    rows = list(csv.reader(io.StringIO(api.text(address("/series", question, "format=csv")), newline="")))
    assert rows[0] == [
        "indicator",
        "region",
        "first_year",
        "last_year",
        "count",
        "gaps",
        "last_value",
        "last_status",
        "release",
    ]
    assert [json.loads(row[5]) for row in rows[1:]] == [row["gaps"] for row in expected]


@pytest.mark.django_db
@settings(max_examples=100)
@given(question=questions)
def test_random_vintages_equal_the_replay(question: dict[str, Any]) -> None:
    columns = (*DEFAULT_COLUMNS, "superseded_by")
    expected = [
        {**ORACLE.shown(row, DEFAULT_COLUMNS), "superseded_by": row["superseded_by"]}
        for row in ORACLE.vintages(question)
    ]
    api = Api()
    page = api.json(address("/vintages", question, "page_size=2&count=true"))
    assert page["meta"]["count"] == len(expected)
    assert all(tuple(row) == columns for row in page["results"])
    assert api.walk(address("/vintages", question)) == expected


moments = st.fixed_dictionaries(
    {}, optional={"since": st.sampled_from(NAMES + DAYS), "until": st.sampled_from(NAMES + DAYS)}
)


@pytest.mark.django_db
@settings(max_examples=120)
@given(question=questions, between=moments)
def test_random_changes_equal_the_replay(question: dict[str, Any], between: dict[str, str]) -> None:
    question = {name: value for name, value in question.items() if name != "as_of"} | between
    api = Api()
    if {"since", "until"} <= between.keys() and ORACLE.upto(between["since"]) > ORACLE.upto(between["until"]):
        assert api.json(address("/changes", question), 400)["code"] == "conflicting_parameters"
        return
    expected = ORACLE.changes(question)
    page = api.json(address("/changes", question, "page_size=2&count=true"))
    assert page["meta"]["count"] == len(expected)
    assert api.walk(address("/changes", question)) == expected
    assert all(tuple(row) == ("release", "op", "indicator", "region", "year", "old", "new") for row in page["results"])


def test_changes_from_the_first_release_rebuild_the_state_of_every_release(api: Api) -> None:
    """Applied release by release, the feed gives what `/observations` answers as of that release."""
    state: dict[tuple[str, str, int], Any] = {}
    feed = api.walk("/changes?until=2026-05-post-ec5&page_size=10000")
    for name in NAMES:
        for row in feed:
            if row["release"] == name:
                cell = (row["indicator"], row["region"], row["year"])
                assert row["old"] == state.get(cell)
                if row["op"] == "delete":
                    del state[cell]
                else:
                    state[cell] = row["new"]
        shown = api.walk(f"/observations?as_of={name}&page_size=10000&fields=indicator,region,year,value,status,source")
        assert {(row.pop("indicator"), row.pop("region"), row.pop("year")): row for row in shown} == state


# Withdrawals, which the pack has none of


def release_of(name: str, day: int, rows: list[Figure]) -> None:
    publish(Announcement(name, datetime.date(2026, 6, day), "版", "Edition"), rows, f"{name}.csv")


@pytest.fixture
def withdrawn(api: Api) -> Api:
    """A figure of 1950 that is published, withdrawn, and published anew; and another that is confirmed."""
    cell = ("urbanization_rate", "370000", 1950)
    release_of(
        "one", 1, [Figure(2, *cell, 5.5, "P", "S22", None, None), Figure(3, *cell[:2], 1951, 6, "P", "S22", None, None)]
    )
    release_of("two", 2, [Figure(2, *cell[:2], 1951, 6, "A", "S22", None, None)])
    two = Release.objects.get(name="two")
    Observation.objects.filter(indicator=cell[0], region=cell[1], year=cell[2]).update(superseded_by=two)
    Release.objects.filter(name="two").update(withdrawn=1)
    release_of("three", 3, [Figure(2, *cell, 5.75, "A", "S22", None, None)])
    return api


CELL = "indicator=urbanization_rate&region=370000&year=1950,1951"


def test_a_withdrawal_is_a_delete_and_a_figure_published_anew_an_insert(withdrawn: Api) -> None:
    found = withdrawn.walk(f"/changes?{CELL}&since=2026-05-post-ec5&sort=release&page_size=1")
    assert [(row["release"], row["op"], row["year"]) for row in found] == [
        ("one", "insert", 1950), ("one", "insert", 1951), ("two", "delete", 1950), ("two", "update", 1951),
        ("three", "insert", 1950),
    ]  # fmt: skip
    assert found[2]["old"] == {"value": 5.5, "status": "P", "source": "S22"}
    assert found[2]["new"] is None
    assert found[3]["old"]["value"] == found[3]["new"]["value"] == 6
    assert withdrawn.walk(f"/changes?{CELL}&until=two&since=one&value=5..5.6")[0]["op"] == "delete"
    assert withdrawn.walk(f"/changes?{CELL}&until=two&since=one&status=A")[0]["op"] == "update"


def test_a_withdrawn_figure_is_a_vintage_with_an_end(withdrawn: Api) -> None:
    rows = withdrawn.walk(f"/vintages?{CELL}&fields=year,value,release,superseded_by")
    assert [tuple(row.values()) for row in rows] == [
        (1950, 5.5, "one", "two"), (1950, 5.75, "three", None), (1951, 6, "one", "two"), (1951, 6, "two", None),
    ]  # fmt: skip
    rows = withdrawn.walk(f"/vintages?{CELL}&fields=year,value,release,superseded_by&as_of=one")
    assert [tuple(row.values()) for row in rows] == [(1950, 5.5, "one", None), (1951, 6, "one", None)]
    assert withdrawn.walk(f"/observations?{CELL}&as_of=two&fields=year") == [{"year": 1951}]


def test_without_since_and_until_the_changes_are_those_of_the_release_in_force(withdrawn: Api) -> None:
    page = withdrawn.json("/changes")
    assert [row["release"] for row in page["results"]] == ["three"]
    assert page["meta"]["permalink"].endswith("/changes?since=two&until=three")
    everything = withdrawn.json("/changes?until=one&page_size=1&count=true")
    assert everything["meta"]["count"] == len(ORACLE.changes({"until": "2026-05-post-ec5"})) + 2
    assert withdrawn.json("/changes?since=three")["results"] == []


def test_a_walk_over_changes_stays_on_the_release_of_its_first_page(withdrawn: Api) -> None:
    before = withdrawn.walk(f"/changes?{CELL}&since=2026-05-post-ec5")
    published = iter(range(4, 20))

    def another() -> None:
        day = next(published)
        release_of(f"r{day}", day, [Figure(2, "urbanization_rate", "370000", 1950, day, "A", "S22", None, None)])

    assert withdrawn.walk(f"/changes?{CELL}&since=2026-05-post-ec5&page_size=2", another) == before


# Edges


def test_before_the_first_release_everything_is_empty(api: Api) -> None:
    for path in ("/series?as_of=2000-01-01", "/vintages?as_of=2000-01-01", "/changes?until=2000-01-01"):
        page = api.json(path)
        assert page["results"] == []
        assert page["meta"]["empty_reason"] == "not_published_yet"
        assert page["meta"]["release"] is None
    Store.objects.update(release=None)
    for path in ("/series", "/vintages", "/changes"):
        assert api.json(path)["meta"]["empty_reason"] == "not_published_yet"
        assert api.text(f"{path}?format=csv").count("\r\n") == 1


def test_empty_answers_say_why(api: Api) -> None:
    reasons = {
        "/series?indicator=new_small_cities": "no_such_combination",
        "/series?indicator=urbanization_rate&region=370000&year=1900": "outside_period",
        "/series?indicator=urbanization_rate&region=370000&value=99..": "filtered_out",
        "/observations?indicator=income_ratio_urban_rural&region=370000&year=2023&latest=1": "filtered_out",
        "/vintages?indicator=urbanization_rate&region=370000&year=1900": "outside_period",
        "/changes?indicator=new_small_cities": "no_such_combination",
        "/changes?indicator=urbanization_rate&region=370000&year=2019": "outside_period",
    }  # fmt: skip
    for path, reason in reasons.items():
        meta = api.json(path)["meta"]
        assert (meta["empty_reason"], path) == (reason, path)


def test_labels_name_what_is_coded_in_tables(api: Api) -> None:
    one = "indicator=urbanization_rate&region=370000&year=2024&format=csv"
    both = list(csv.reader(io.StringIO(api.text(f"/observations?{one}&labels=both"), newline="")))
    assert both[0][:6] == [
        "indicator", "indicator_name_zh", "indicator_name_en", "region", "region_name_zh", "region_name_en",
    ]  # fmt: skip
    assert both[1][1] == ORACLE.indicators["urbanization_rate"]["name_zh"]
    names = list(csv.reader(io.StringIO(api.text(f"/series?{one.replace('&year=2024', '')}&labels=names"), newline="")))
    assert names[0][:4] == ["indicator_name_zh", "indicator_name_en", "region_name_zh", "region_name_en"]
    chosen = api.text(f"/changes?{one}&labels=names&fields=year,region,region_name_en")
    assert chosen.splitlines()[0] == "year,region_name_zh,region_name_en"
    for path in ("/observations?labels=both", "/observations?bom=true", "/series?labels=codes"):
        problem = api.json(path, 400)
        assert problem["code"] == "conflicting_parameters"


def test_a_byte_order_mark_on_request(api: Api) -> None:
    path = "/observations?indicator=urbanization_rate&region=370000&format=csv"
    plain, marked = (api.get(f"{path}&bom={flag}").getvalue() for flag in ("false", "true"))
    assert marked == b"\xef\xbb\xbf" + plain


@pytest.mark.parametrize(
    "path", ["/series?sort=year", "/changes?as_of=2024-12-31", "/vintages?latest=1", "/changes?latest=1"]
)
def test_what_a_resource_does_not_take_is_refused(api: Api, path: str) -> None:
    assert api.json(path, 400)["code"] in ("unknown_sort_field", "unknown_parameter")


def test_every_column_can_be_asked_for(api: Api) -> None:
    one = "indicator=urbanization_rate&region=370000"
    for path, columns in (("/series", SERIES_COLUMNS), ("/vintages", VINTAGE_COLUMNS), ("/changes", CHANGE_COLUMNS)):
        (row, *_) = api.json(f"{path}?{one}&fields={','.join(columns)}")["results"]
        assert list(row) == list(columns)
