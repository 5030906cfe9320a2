"""Last-Modified of data: when a release last changed one of the series, or a steward what they are called."""

import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings

from indicators.models import Indicator, Observation, Region, Source, Store, Target, Unit
from indicators.publishing.figures import Figure
from indicators.publishing.package import load
from indicators.publishing.run import Announcement, publish, replayed
from indicators.query import history
from tests.conftest import Api
from tests.oracle import Oracle
from tests.packages import Package, empty_the_store
from tests.query.test_limit import SLOW
from tests.query.test_slices import query_string, questions

pytestmark = pytest.mark.django_db

ORACLE = Oracle.of_pack()
RESOURCES = ("observations", "series", "vintages")


def instant(response: Any) -> datetime.datetime:
    return parsedate_to_datetime(response["Last-Modified"])


def midnight(day: str) -> datetime.datetime:
    return datetime.datetime.combine(datetime.date.fromisoformat(day), datetime.time(), datetime.UTC)


def expected(question: dict[str, Any]) -> datetime.datetime | None:
    """From the files: the date of the last release, up to the one asked, that has a new row in one of the series."""
    held = ORACLE.as_of(question.get("as_of"))
    if not held:
        return None
    known = ORACLE.states[: ORACLE.states.index(held) + 1]
    of_series = {name: value for name, value in question.items() if name not in ("year", "value", "status", "source")}
    last = ORACLE.releases[0]
    for release, before, after in zip(ORACLE.releases[1:], known, known[1:], strict=False):
        rows = ORACLE.slice({**of_series, "as_of": release["name"]})
        changed = {cell[:2] for cell, row in after.items() if before.get(cell) != row}
        if changed & {(row["indicator"], row["region"]) for row in rows}:
            last = release
    return midnight(last["date"])


@settings(max_examples=60)
@given(question=questions)
def test_it_is_the_instant_of_the_last_release_that_changed_a_series(question: dict[str, Any]) -> None:
    for resource in RESOURCES:
        response = Client().get(f"/api/v1/{resource}?{query_string(question)}&page_size=1")
        assert response.status_code == 200
        told = instant(response) if "Last-Modified" in response else None
        assert told == expected(question)


def published(name: str, *figures: Figure) -> datetime.datetime:
    """Publish a release of June 2026, and tell the instant at which it came into force."""
    day = datetime.date(2026, 6, int(name.removeprefix("test-")))
    publish(replayed(Announcement(name, day, "测试", "Test")), figures, "file.csv")
    return midnight(day.isoformat())


def figure(region: str = "370000", value: float = 1.5, year: int = 1980) -> Figure:
    return Figure(2, "urbanization_rate", region, year, value, "A", "S22", None, None)


ASKED = "indicator=urbanization_rate&region=370000"


@pytest.mark.parametrize("f", ["json", "csv"])
@pytest.mark.parametrize("resource", RESOURCES)
def test_a_release_shows_in_the_series_that_it_changes_alone(api: Api, resource: str, f: str) -> None:
    def asked(query: str) -> Any:
        return api.get(f"/{resource}?{query}&format={f}")

    others = [
        "indicator=grp&region=370000",
        "indicator=urbanization_rate&region=370100",
        f"{ASKED}&as_of=2026-05-post-ec5",
    ]
    before = [asked(query) for query in others]
    since = published("test-1", figure())
    touched = [
        ASKED,
        f"{ASKED}&year=2020",
        f"{ASKED}&status=U&value=9999..",
        "region=370000,370100",
        "dataset=urbanization",
        "",
    ]
    for query in touched:
        assert instant(asked(query)) == since, query
    for query, known in zip(others, before, strict=True):
        assert asked(query)["Last-Modified"] == known["Last-Modified"]
        api.get(f"/{resource}?{query}&format={f}", 304, **{"If-Modified-Since": known["Last-Modified"]})
    later = published("test-2", figure(region="370100"))
    assert [instant(asked(query)) for query in (ASKED, others[1])] == [since, later]


def test_changes_move_with_the_release_unless_they_are_of_named_ones(api: Api) -> None:
    since = published("test-1", figure())
    other = "/changes?indicator=grp&region=370000"
    assert instant(api.get("/changes")) == instant(api.get(other)) == since
    assert api.json(other)["results"] == []
    named = instant(api.get(f"{other}&since=2013-12-yearbooks"))
    assert named == expected({"indicator": ["grp"], "region": ["370000"]})
    assert instant(api.get(f"/changes?{ASKED}&since=2013-12-yearbooks")) == since
    assert instant(api.get(f"/changes?{ASKED}&until=2013-12-yearbooks")) == midnight("2013-12-31")


def test_a_withdrawn_row_is_a_change(api: Api) -> None:
    published("test-1", figure())
    since = published("test-2", figure(region="370100"))
    assert instant(api.get(f"/observations?{ASKED}")) < since
    Observation.objects.filter(release__name="test-1").update(superseded_by=Store.objects.get().release_id)
    history.forget()
    assert instant(api.get(f"/observations?{ASKED}")) == since


@pytest.fixture
def noon() -> datetime.datetime:
    """An instant before any that the test makes."""
    return datetime.datetime.now(datetime.UTC).replace(microsecond=0)


def test_an_edit_of_what_is_shown_is_a_change(api: Api, noon: datetime.datetime) -> None:
    query = f"/observations?{ASKED}&fields=region,region_name_en,value"
    before = api.get(query)
    assert instant(before) < noon
    Region.objects.filter(code="370000").update(name_en="Shantung")
    after = api.get(query, **{"If-Modified-Since": before["Last-Modified"]})
    assert instant(after) >= noon
    assert after.json()["results"][0]["region_name_en"] == "Shantung"


def test_a_new_row_that_no_figure_refers_to_is_no_change_of_data(api: Api, noon: datetime.datetime) -> None:
    known = {resource: api.get(f"/{resource}?{ASKED}")["Last-Modified"] for resource in (*RESOURCES, "changes")}
    Source.objects.create(
        code="S999", title="A new yearbook", publisher="NBS", published_on="2026", kind="yearbook", license="free",
        reliability="A",
    )  # fmt: skip
    for resource, last_modified in known.items():
        assert api.get(f"/{resource}?{ASKED}")["Last-Modified"] == last_modified
    assert instant(api.get("/sources")) >= noon


def test_a_new_target_is_as_plans_select_by_it(api: Api, noon: datetime.datetime) -> None:
    query = "/observations?plan=SD-NUP-3Y-2021-2023"
    assert instant(api.get(query)) < noon
    target = Target.objects.filter(plan="SD-NUP-3Y-2021-2023").first()
    assert target is not None
    target.code, target.indicator = "T-NEW", Indicator.objects.get(code="grp")
    target.save(force_insert=True)
    assert instant(api.get(query)) >= noon


def test_a_deleted_row_counts(api: Api, noon: datetime.datetime) -> None:
    Unit.objects.create(code="parsec", name_zh="秒差距", name_en="parsecs", symbol="pc")
    assert instant(api.get(f"/observations?{ASKED}")) < noon
    Unit.objects.filter(code="parsec").delete()
    assert instant(api.get(f"/observations?{ASKED}")) >= noon


def test_before_the_first_release_nothing_is_said(api: Api) -> None:
    assert "Last-Modified" not in api.get("/observations?as_of=2000-01-01")
    empty_the_store()
    response = api.get("/observations")
    assert "Last-Modified" not in response
    api.get(
        "/observations", 200, **{"If-Modified-Since": response.headers.get("Date", "Fri, 01 Jan 2100 00:00:00 GMT")}
    )
    api.get("/observations", 304, **{"If-None-Match": response["ETag"]})


@pytest.fixture
def package(db: None, tmp_path: Path) -> Package:
    """A package to be loaded into a store that was never used."""
    empty_the_store()
    Store.objects.update(reference_edited_at=None)
    return Package(tmp_path / "package")


def test_the_first_load_leaves_the_instants_of_the_releases_and_later_ones_count(
    api: Api, package: Package, noon: datetime.datetime
) -> None:
    load(package.folder)
    history.forget()
    dates = {
        query: instant(api.get(f"/observations?{query}"))
        for query in ("indicator=density&region=N", "indicator=share&region=S")
    }
    assert list(dates.values()) == [midnight("2001-04-01"), midnight("2003-10-01")]
    load(package.folder)
    assert instant(api.get("/observations?indicator=density&region=N")) == midnight("2001-04-01")
    package.replace("regions.csv", "S,南州,South", "S,南州,Southland")
    load(package.folder)
    assert instant(api.get("/observations?indicator=density&region=N")) >= noon


def test_what_releases_did_is_asked_once(api: Api) -> None:
    query = "/observations?indicator=grp&region=370000"
    api.get(query)
    history.forget()
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            api.get(query)
        counts.append(len(captured))
    assert 0 < counts[0] - counts[1] < len(ORACLE.releases)
    assert counts[1] == 2, "the store, and the rows"


def test_where_it_takes_too_long_every_release_counts(api: Api, settings: Any, caplog: Any) -> None:
    since = published("test-1", figure())
    other = "/observations?indicator=grp&region=370000"
    known = api.get(other)
    assert instant(known) < since
    history.forget()
    settings.QUERY_SECONDS = 0.3
    with connection.cursor() as cursor:
        for statement in SLOW:
            cursor.execute(statement)
    assert instant(api.get(other, 304, **{"If-None-Match": known["ETag"]})) == since
    assert "Release test-1 counts as a change of every series" in caplog.text
