"""The real server, two workers: walked by readers while another process publishes, and with its database down."""

import json
import os
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.conftest import ROOT
from tests.serving import empty_database, environment_of, get, serving

PUBLISHER = """
import datetime, time, django
django.setup()
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
day = datetime.date(2026, 6, 1)
for n in range(25):
    rows = [
        Figure(2, "urbanization_rate", code, year, 40 + n / 100, "A", "S22", None, f"round {n}")
        for code in ("110000", "370000", "650000") for year in range(2005, 2024)
    ] + [Figure(2, "urbanization_rate", "370000", 1900 + n, 1.5, "A", "S22", None, None)]
    publish(Announcement(f"round-{n}", day + datetime.timedelta(days=n), "轮", "Round"), rows, "round.csv")
    time.sleep(0.1)
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    with empty_database(tmp_path) as address:
        yield address


@pytest.fixture
def base(database: str) -> Iterator[str]:
    with serving(database) as address:
        yield address


def walk(address: str | None) -> tuple[set[str], list[dict[str, Any]]]:
    """The releases that the pages name, and all rows."""
    releases, rows = set(), []
    while address:
        page = get(address)
        releases.add(page["meta"]["release"])
        rows += page["results"]
        address = page["next"]
    return releases, rows


@contextmanager
def down(database: str) -> Iterator[None]:
    """The database does not answer: no connections are let in, or, on SQLite, its tables are not to be found."""
    if database.startswith("sqlite"):
        with closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=20)) as store:
            store.execute("ALTER TABLE indicators_store RENAME TO elsewhere")
            yield
            store.execute("ALTER TABLE elsewhere RENAME TO indicators_store")
        return
    name = database.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
        yield
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


@pytest.mark.server
def test_a_database_that_is_down_is_503_and_back_by_itself(base: str, database: str) -> None:
    address = f"{base}/api/v1/observations?indicator=urbanization_rate&region=370000"
    before = get(address)
    with down(database):
        for _ in range(8):  # every thread of both workers has a connection of its own
            with pytest.raises(urllib.error.HTTPError) as raised, closing(urllib.request.urlopen(address)):  # noqa: S310
                pass
            with closing(raised.value) as answer:
                assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
                assert json.load(answer)["code"] == "unavailable"
    assert [get(address) for _ in range(8)] == [before] * 8


@pytest.mark.server
def test_walks_while_releases_are_published(base: str, database: str) -> None:
    query = f"{base}/api/v1/observations?indicator=urbanization_rate&page_size=60"
    walks: list[tuple[set[str], list[dict[str, Any]]]] = []
    publishing = subprocess.Popen([sys.executable, "-c", PUBLISHER], env=environment_of(database, base), cwd=ROOT)
    with publishing as publisher, ThreadPoolExecutor(4) as readers:
        while publisher.poll() is None:
            walks += readers.map(walk, [query] * 4)
    assert publisher.returncode == 0
    assert len({min(releases) for releases, _ in walks}) > 3, "readers met several releases"
    truth: dict[str, list[dict[str, Any]]] = {}
    for releases, rows in walks:
        (release,) = releases
        if release not in truth:
            truth[release] = walk(f"{query}&as_of={release}")[1]
        assert rows == truth[release]
    assert get(f"{base}/api/v1/releases/latest")["name"] == "round-24"


ONE_RELEASE = """
import datetime, django
django.setup()
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
day = datetime.date(2026, 7, 1)
row = Figure(2, "urbanization_rate", "370000", 1900, 1.5, "A", "S22", None, None)
publish(Announcement("at-once", day, "即时", "At once"), [row], "row.csv")
"""
ONE_EDIT = """
import django
django.setup()
from indicators.models import Region
Region.objects.filter(code="370000").update(name_en="Shantung")
"""
WATCHED = (
    "/observations?indicator=urbanization_rate&region=370000&fields=year,value,region_name_en",
    "/observations?indicator=grp&region=370100",
    "/series?region=370000",
    "/releases/latest",
    "/regions/370000",
    "/meta",
)


def fresh(base: str, times: int = 20) -> list[tuple[str | None, str, Any]]:
    """ETags, Last-Modified and bodies of what is watched, each asked on a connection of its own, by both workers."""
    found = []
    for n in range(times):
        with closing(urllib.request.urlopen(f"{base}/api/v1{WATCHED[n % len(WATCHED)]}", timeout=20)) as answer:  # noqa: S310
            found.append((answer.headers["ETag"], answer.headers["Last-Modified"], json.load(answer)))
    return found


@pytest.mark.server
@pytest.mark.parametrize(
    ("program", "shows"),
    [
        (ONE_RELEASE, lambda body: body["meta"]["release"] == "at-once" and body["results"][0]["year"] == 1900),
        (ONE_EDIT, lambda body: body["results"][0]["region_name_en"] == "Shantung"),
    ],
    ids=["a release", "an edit"],
)
def test_every_worker_shows_a_change_at_the_next_request(
    base: str, database: str, program: str, shows: Callable[[Any], bool]
) -> None:
    before = fresh(base)
    assert not any(shows(body) for _, _, body in before[:: len(WATCHED)])
    assert len({tag for tag, _, _ in before}) == len(WATCHED)
    environment = environment_of(database, base)
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=ROOT, check=True)
    after = fresh(base)
    assert all(shows(body) for _, _, body in after[:: len(WATCHED)])
    assert not {tag for tag, _, _ in before} & {tag for tag, _, _ in after}
    assert len({tag for tag, _, _ in after}) == len(WATCHED), "both workers say the same"
    told = {path: {answer[1] for answer in after[n :: len(WATCHED)]} for n, path in enumerate(WATCHED)}
    assert all(len(instants) == 1 for instants in told.values())
    if program == ONE_RELEASE:
        assert told[WATCHED[1]] == {before[1][1]}, "of a series that the release left alone"
