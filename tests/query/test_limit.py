"""The time limit of queries for data: the engine keeps it, the answer says what to ask instead, loading has none."""

import sqlite3
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from indicators.models import Observation
from indicators.publishing.package import load
from indicators.query.edition import forget
from indicators.query.limit import TooSlow, fetch
from indicators.query.slice import narrower
from tests.conftest import FIXTURES, Api
from tests.serving import empty_database, get, serving

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
TABLE = Observation._meta.db_table
#: What makes every question about observations endless, and what makes it answerable again.
SLOW = (f"ALTER TABLE {TABLE} RENAME TO elsewhere", f"CREATE VIEW {TABLE} AS SELECT * FROM elsewhere, ({ENDLESS}) AS e")
FAST = (f"DROP VIEW {TABLE}", f"ALTER TABLE elsewhere RENAME TO {TABLE}")


def state() -> Any:
    """What a limit could have left behind on the connection."""
    if connection.vendor == "sqlite":
        return None  # a handler that was left behind would end the statements that follow
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()


def outside(work: Callable[[], Any]) -> Any:
    """Do it on a connection of its own, as a request does: without a transaction around it."""

    def done() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(done).result()


def too_slow() -> bool:
    """An endless statement is ended at its limit."""
    began = time.monotonic()
    with pytest.raises(TooSlow, match=r"longer than 0\.3 s"):
        fetch(ENDLESS, ())
    return 0.2 < time.monotonic() - began < 3


@pytest.mark.django_db
def test_a_statement_that_is_too_slow_is_ended_and_nothing_is_left_behind(settings: Any) -> None:
    settings.QUERY_SECONDS = 0.3

    def alone() -> None:
        for _ in range(2):
            assert too_slow()
            assert fetch("SELECT %s", (7,)) == [(7,)]
            assert (state(), connection.get_autocommit()) == (before, True)
        with connection.cursor() as cursor:  # not a query for data: as long as it likes
            cursor.execute(ENDLESS.replace("FROM n)", "FROM n WHERE i < 5000000)"))
            assert cursor.fetchone() == (5_000_000,)

    before = state()
    outside(alone)


@pytest.mark.django_db
def test_within_a_transaction_the_limit_ends_with_the_statement(settings: Any) -> None:
    settings.QUERY_SECONDS = 0.3
    before = state()
    assert fetch("SELECT %s", (7,)) == [(7,)]
    assert state() == before
    mark = transaction.savepoint()
    assert too_slow()
    transaction.savepoint_rollback(mark)
    assert fetch("SELECT %s", (7,)) == [(7,)]
    assert state() == before


@pytest.mark.django_db
def test_threads_are_limited_each_by_itself(settings: Any) -> None:
    settings.QUERY_SECONDS = 0.3
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(outside, too_slow)
        while not slow.done():
            assert outside(lambda: fetch("SELECT %s", (1,))) == [(1,)]
        assert slow.result()


@pytest.mark.django_db
def test_what_is_wrong_in_another_way_stays_so(settings: Any) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        fetch("SELECT * FROM no_such_table", ())


@pytest.mark.parametrize(
    ("given", "named", "words"),
    [
        ((), "indicator", "Add a filter by indicator or dataset, such as indicator=urbanization_rate."),
        (("dataset", "year"), "indicator", "Add a filter by indicator, such as indicator=urbanization_rate."),
        (("indicator", "region_within"), "region", "Add a filter by region, such as region="),
        (("indicator", "region", "value"), "year", "Add a filter by year, such as year="),
        (("indicator", "region", "year"), None, "Ask for fewer indicators, regions or years at a time."),
    ],
)
def test_the_filter_to_add(given: tuple[str, ...], named: str | None, words: str) -> None:
    advice, parameter = narrower(set(given))
    assert parameter == named
    assert advice.startswith(words)


@contextmanager
def endless() -> Iterator[None]:
    """Within, every question about observations is too slow; afterwards all is as before, on any engine."""
    mark = transaction.savepoint()
    with connection.cursor() as cursor:
        for command in SLOW:
            cursor.execute(command)
    slow = transaction.savepoint()
    yield
    transaction.savepoint_rollback(slow)  # PostgreSQL breaks off a transaction in which a statement was ended
    transaction.savepoint_rollback(mark)


QUESTIONS = [
    ("/observations", "indicator"),
    ("/observations?format=csv", "indicator"),
    ("/observations?dataset=urbanization&count=true", "indicator"),
    ("/observations?indicator=grp&region_within=370000", "region"),
    ("/observations?indicator=grp&region=370000", "year"),
    ("/observations?indicator=grp&region=370000&year=2020", None),
    ("/series", "indicator"),
    ("/series?indicator=grp&count=true&include=values", "region"),
    ("/vintages?region_level=province&format=csv", "indicator"),
    ("/vintages?sort=-year&dataset=urbanization", "indicator"),
    ("/changes", "indicator"),
    ("/changes?until=2026-05-post-ec5&sort=release&indicator=grp&region=370000", "year"),
    ("/indicators", "fields"),
    ("/datasets/urbanization", "fields"),
]


@pytest.mark.parametrize(("path", "named"), QUESTIONS)
def test_a_question_that_is_too_slow_is_told_what_to_add(api: Api, settings: Any, path: str, named: str | None) -> None:
    settings.QUERY_SECONDS = 0.1
    with endless():
        response = api.get(path, 503)
    assert response["Retry-After"] == "5"
    (error,) = response.json()["errors"]
    assert (error["code"], error["parameter"]) == ("unavailable", named)
    assert "s and was ended. " in error["detail"]
    if named == "fields":  # that coverage takes too long is believed for a minute
        assert api.json(path, 503)["errors"] == [error]
        forget()
    api.get(path)


def test_the_log_names_the_question_that_was_too_slow(
    api: Api, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.QUERY_SECONDS = 0.1
    with endless():
        api.get("/observations?indicator=grp&region=370000", 503)
    (logged,) = [found for found in caplog.records if found.name == "indicators.http.errors"]
    assert logged.levelname == "WARNING"
    assert logged.getMessage().startswith("/api/v1/observations?indicator=grp&region=370000 ")


def test_columns_without_coverage_do_not_wait_for_it(api: Api, settings: Any) -> None:
    settings.QUERY_SECONDS = 0.1
    with endless():
        api.get("/indicators?fields=code")
        api.get("/indicators/grp?fields=code,unit")
        api.get("/indicators?fields=code,coverage", 503)


@pytest.mark.django_db
def test_loading_has_no_limit(settings: Any) -> None:
    settings.QUERY_SECONDS = 0.001
    assert all(outcome.release is None for outcome in load(FIXTURES).outcomes)


def run(database: str, commands: tuple[str, ...]) -> None:
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=20)) as store:
            for command in commands:
                store.execute(command)
        return
    with psycopg.connect(database) as store:
        for command in commands:
            store.execute(command)


@pytest.mark.server
def test_the_real_server_goes_on_after_questions_that_were_too_slow(tmp_path: Path) -> None:
    with empty_database(tmp_path) as database, serving(database, workers=1, QUERY_SECONDS="0.3") as base:
        address = f"{base}/api/v1/observations?indicator=grp"
        before = get(address)
        run(database, SLOW)
        for more in ("", "&format=csv", "", "&format=csv"):  # both threads
            with pytest.raises(urllib.error.HTTPError) as raised, closing(urllib.request.urlopen(address + more)):  # noqa: S310
                pass
            with closing(raised.value) as answer:
                assert answer.status == 503
                assert b"Add a filter by region" in answer.read()
        run(database, FAST)
        assert [get(address) for _ in range(4)] == [before] * 4
