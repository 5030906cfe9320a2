"""Observations: sorting, pages, releases, reasons for an empty answer, and what a page costs."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from indicators.models import Observation, Release
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
from tests.conftest import Api
from tests.oracle import Oracle

RATES = "/observations?indicator=urbanization_rate,pop_resident&region_level=province"


def next_release(name: str, day: datetime.date, *changes: tuple[str, str, int, float]) -> None:
    """Publish some figures, as a steward would in the middle of somebody's walk."""
    rows = [Figure(n, *cell, value, "A", "S22", None, "test") for n, (*cell, value) in enumerate(changes, start=2)]
    publish(Announcement(name, day, "测试", "Test"), rows, "test.csv")


def test_a_walk_stays_on_its_release_whatever_is_published(api: Api) -> None:
    expected = api.walk(f"{RATES}&page_size=10000")
    regions = sorted({row["region"] for row in expected})
    days = iter(range(1, 1000))

    def publish_something() -> None:
        day = next(days)
        last = regions[-1 - day % 20]
        next_release(
            f"walk-{day}",
            datetime.date(2026, 6, 1) + datetime.timedelta(days=day),
            ("urbanization_rate", last, 2023, 50 + day / 100),
            ("urbanization_rate", regions[day % 20], 1999, 20.5),
        )

    assert api.walk(f"{RATES}&page_size=90", publish_something) == expected
    assert api.json(RATES)["meta"]["release"].startswith("walk-")


@pytest.mark.parametrize(
    "sort", ["-year,region", "value", "-value,year", "release,-indicator", "-release,value", "-region"]
)
def test_sorted_walks_neither_repeat_nor_skip(api: Api, sort: str) -> None:
    query = "/observations?indicator=income_urban_pc,birth_rate,income_ratio_urban_rural"
    everything = api.json(f"{query}&page_size=10000")["results"]
    walked = api.walk(f"{query}&sort={sort}&page_size=97")
    assert len(walked) == len(everything)
    order = {release["name"]: int(release["order"]) for release in Oracle.of_pack().releases}

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        keys = []
        for term in [*sort.split(","), "indicator", "region", "year"]:
            column, sign = term.lstrip("-"), -1 if term.startswith("-") else 1
            value = order[row["release"]] if column == "release" else row[column]
            if isinstance(value, str):
                value = tuple(sign * ord(character) for character in value)
            keys.append((value is None, sign * value if isinstance(value, int | float) else value or 0))
        return tuple(keys)

    assert walked == sorted(everything, key=key)


def test_the_last_page_says_so(api: Api) -> None:
    total = api.json(f"{RATES}&count=true")["meta"]["count"]
    page = api.json(f"{RATES}&page_size={min(total, 10_000)}")
    assert page["next"] is None
    assert len(page["results"]) == total
    assert api.json(RATES)["meta"]["count"] is None


def test_the_next_page_is_in_the_link_header_too(api: Api) -> None:
    response = api.get(f"{RATES}&page_size=5")
    assert f'<{response.json()["next"]}>; rel="next"' in response["Link"]


@pytest.mark.parametrize(
    ("query", "reason", "available"),
    [
        ("indicator=urbanization_rate&as_of=2000-01-01", "not_published_yet", None),
        (
            "indicator=urbanization_rate&region=370102",
            "no_such_combination",
            {"years": [1953, 2024], "levels": ["country", "province", "prefecture"]},
        ),
        ("indicator=new_small_cities", "no_such_combination", None),
        ("region=370100&region_level=province", "no_such_combination", None),
        (
            "indicator=urbanization_rate&region=370000&year=1960..1990",
            "outside_period",
            {"years": [1953, 2024], "levels": ["province"]},
        ),
        (
            "indicator=urbanization_rate&region=370000&value=99..",
            "filtered_out",
            {"years": [1953, 2024], "levels": ["province"]},
        ),
        ("indicator=urbanization_rate&region=370000&year=1960&status=P", "outside_period", None),
    ],
)
def test_an_empty_answer_says_why(api: Api, query: str, reason: str, available: Any) -> None:
    meta = api.json(f"/observations?{query}")["meta"]
    assert meta["empty_reason"] == reason
    if available:
        assert meta["available"] == available


def test_permalink_names_the_release_and_answers_the_same(api: Api) -> None:
    page = api.json("/observations?indicator=grp&region=370000&year=2015..&sort=-year&count=true")
    assert "as_of=2026-05-post-ec5" in page["meta"]["permalink"]
    next_release("later", datetime.date(2026, 6, 30), ("grp", "370000", 2024, 1.5))
    assert api.json("/observations?indicator=grp&region=370000&year=2024")["results"][0]["value"] == 1.5
    assert api.json(page["meta"]["permalink"])["results"] == page["results"]


def test_all_the_query_is_echoed_in_canonical_form(api: Api) -> None:
    meta = api.json("/observations?year=2020,2015..2019,2018&region=370200,370100&indicator=grp")["meta"]
    assert meta["query"] == {"indicator": ["grp"], "region": ["370100", "370200"], "year": ["2015..2020"]}


def test_a_page_of_a_thousand_costs_two_queries_and_no_instance(api: Api) -> None:
    made: list[type] = []

    def note(sender: type, **_: Any) -> None:
        made.append(sender)

    query = "/observations?dataset=census&page_size=1000"
    api.json(query)
    post_init.connect(note)
    try:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(api.json(query)["results"]) == 1000
    finally:
        post_init.disconnect(note)
    assert len(queries) <= 2
    assert made == []


def test_no_query_for_data_behind_a_304(api: Api) -> None:
    tag = api.get(RATES)["ETag"]
    with CaptureQueriesContext(connection) as queries:
        api.get(RATES, 304, **{"If-None-Match": tag})
    assert len(queries) == 1
    assert Observation._meta.db_table not in queries[0]["sql"]


def test_csv_streams_more_rows_than_one_chunk(api: Api) -> None:
    lines = api.text("/observations?format=csv").split("\r\n")
    assert len(lines) - 2 == len(Oracle.of_pack().states[-1])
    assert lines[-1] == ""


def test_withdrawn_rows_are_gone_now_and_there_then(api: Api) -> None:
    release = Release.objects.get(name="2026-05-post-ec5")
    cell = {"indicator": "urbanization_rate", "region": "370000", "year": 1953}
    changed = Observation.objects.filter(**cell).update(superseded_by=release)
    assert changed == 1
    query = "/observations?indicator=urbanization_rate&region=370000&year=1953"
    assert api.json(query)["results"] == []
    assert len(api.json(f"{query}&as_of=2024-12-pre-ec5")["results"]) == 1
