"""A publication that is killed or loses its database leaves the old release, and the next one succeeds.

Every publisher is a process of its own. What happens in it is named by the statements that it sends and the progress
that it tells, and at one of these names it is killed, or waits, or has its connection cut.
"""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.packages import FILES, Package
from tests.publishing.test_load import SQLITE, OwnDatabase, copied, migrated

__all__ = ["migrated"]

#: Two releases: the second revises 6,000 figures, adds as many and withdraws one. Arguments: release, point, action.
PUBLISHER = """
import datetime, os, signal, sys
import django
django.setup()
from django.db import connection, transaction
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
from indicators.publishing.turn import NotPublished

name, point, action = sys.argv[1:4]

def cut():
    import psycopg
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

def reached(here):
    if here != point:
        return
    if action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif action == "wait":
        print("waiting", flush=True)
        sys.stdin.readline()
    elif action == "cut":
        cut()
    elif action == "limit":
        import resource
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, resource.RLIM_INFINITY))
    elif action == "fill":
        connection.connection.execute("PRAGMA max_page_count=1")

def around(execute, sql, *arguments):
    words = sql.replace('"', "").split()
    table = next((word.split(".")[0] for word in words if word.startswith("indicators_")), "")
    reached(f"before {words[0]} {table}")
    result = execute(sql, *arguments)
    reached(f"after {words[0]} {table}")
    return result

def progress(step, done, total):
    if step.startswith("comparing"):
        transaction.on_commit(lambda: reached("committed"))
    reached(f"{step.split()[0]} {done}")

def figure(region, year, value):
    return Figure(2 + year, "balance", region, year, value, "A", "alm", None, None)

if action == "impatient":
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=500" if connection.vendor == "sqlite" else "SET lock_timeout = 500")
years = range(1900, 7900)
if name == "one":
    rows = [figure("N", year, 1.0) for year in years] + [figure("nb", 1990, 1.0)]
else:
    rows = [figure(region, year, 2.0) for year in years for region in ("N", "S")]
day = datetime.date(2005, 1, 1 if name == "one" else 2)
connection.execute_wrappers.append(around)
try:
    outcome = publish(Announcement(name, day, "版", name), rows, "rows.csv", progress, withdraw_missing=True)
    print(outcome.state.name)
except NotPublished as error:
    print(error)
"""

POINTS = (
    "before SELECT indicators_store",
    "after SELECT indicators_store",
    "after SELECT indicators_indicator",
    "comparing 12000",
    "before INSERT indicators_release",
    "after INSERT indicators_release",
    "before UPDATE indicators_observation",
    "release 5000",
    "release 6001",
    "release 11001",
    "release 16001",
    "release 18001",
    "before UPDATE indicators_release",
    "after UPDATE indicators_release",
    "before UPDATE indicators_store",
    "after UPDATE indicators_store",
)


def publish(own: OwnDatabase, name: str, point: str = "nowhere", action: str = "none") -> tuple[int, str]:
    """Exit code and output of a publisher."""
    code, out, err = own.run("-W", "ignore", "-c", PUBLISHER, name, point, action)
    assert "Traceback" not in err, err
    return code, out.strip()


def served(own: OwnDatabase) -> list[list[tuple[Any, ...]]]:
    """All that a publication may touch, but for the instant; the order of rows is that of their keys."""
    return [
        own.query(
            'SELECT "order", name, published_on, added, revised, confirmed, withdrawn, content_sha256 '
            'FROM indicators_release ORDER BY "order"'
        ),
        own.query("SELECT release_id FROM indicators_store"),
        own.query(
            "SELECT indicator_id, region_id, year, release_id, superseded_by_id, value, status, source_id "
            "FROM indicators_observation ORDER BY 1, 2, 3, 4"
        ),
    ]


@pytest.fixture(scope="module")
def seeded(migrated: OwnDatabase, tmp_path_factory: pytest.TempPathFactory) -> OwnDatabase:
    """The database that every test copies: the reference tables of the small package, and the release `one`."""
    package = Package(tmp_path_factory.mktemp("seed") / "package")
    package.write("releases.csv", FILES["releases.csv"].splitlines()[0])
    assert migrated.load(package)[0] == 0
    assert publish(migrated, "one") == (0, "PUBLISHED")
    return migrated


@pytest.fixture(scope="module")
def old(seeded: OwnDatabase) -> list[Any]:
    """What is served before."""
    return served(seeded)


@pytest.fixture(scope="module")
def new(seeded: OwnDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """What is served when nothing happened on the way."""
    with copied(seeded, tmp_path_factory.mktemp("undisturbed")) as copy:
        assert publish(copy, "two") == (0, "PUBLISHED")
        yield served(copy)


@pytest.fixture
def own(seeded: OwnDatabase, old: list[Any], new: list[Any], tmp_path: Path) -> Iterator[OwnDatabase]:
    """A copy of it, for one test."""
    with copied(seeded, tmp_path) as copy:
        yield copy


def test_the_two_releases_differ(old: list[Any], new: list[Any]) -> None:
    assert [len(table) for table in old] == [1, 1, 6001]
    assert [row[3:7] for row in new[0]] == [(6001, 0, 0, 0), (6000, 6000, 0, 1)]
    assert new[1:] != old[1:]
    assert len(new[2]) == 18001


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, old: list[Any], new: list[Any], own: OwnDatabase) -> None:
    assert publish(own, "two", point, "kill") == (-signal.SIGKILL, "")
    assert served(own) == old
    assert publish(own, "two") == (0, "PUBLISHED")
    assert served(own) == new


def test_killed_after_the_commit(new: list[Any], own: OwnDatabase) -> None:
    assert publish(own, "two", "committed", "kill") == (-signal.SIGKILL, "")
    assert served(own) == new
    assert publish(own, "two") == (0, "REPEATED")
    assert served(own) == new


def test_the_second_of_two_publishers_waits(new: list[Any], old: list[Any], own: OwnDatabase) -> None:
    first = own.start("-W", "ignore", "-c", PUBLISHER, "two", "release 11001", "wait")
    assert first.stdout is not None
    assert first.stdout.readline() == "waiting\n"
    second = own.start("-W", "ignore", "-c", PUBLISHER, "two", "nowhere", "none")
    time.sleep(2)  # for the second to run into the first
    assert second.poll() is None
    assert served(own) == old, "readers do not wait"
    assert first.communicate("\n", timeout=60)[0] == "PUBLISHED\n"
    assert second.communicate(timeout=60)[0] == "REPEATED\n"
    assert served(own) == new


def test_who_waits_too_long_is_told(old: list[Any], own: OwnDatabase) -> None:
    first = own.start("-W", "ignore", "-c", PUBLISHER, "two", "release 11001", "wait")
    assert first.stdout is not None
    assert first.stdout.readline() == "waiting\n"
    code, told = publish(own, "two", action="impatient")
    assert code == 0
    assert told.startswith(
        "Nothing was published: another publication, load or edit has held the database for too long."
    )
    assert served(own) == old
    assert first.communicate("\n", timeout=60)[0] == "PUBLISHED\n"


CUT = {
    "before SELECT indicators_store": "Nothing was published: the database does not answer",
    "comparing 12000": "Nothing was published: the database failed in the middle",
    "release 5000": "Nothing was published: the database failed in the middle",
    "release 11001": "Nothing was published: the database failed in the middle",
    "after UPDATE indicators_store": "The database failed while it made the release final",
}
FULL = dict.fromkeys(("comparing 12000", "release 11001"), "Nothing was published: the disk of the database is full")


@pytest.mark.parametrize("point", FULL if SQLITE else CUT)
def test_a_database_that_fails_is_told_and_nothing_is_lost(
    point: str, old: list[Any], new: list[Any], own: OwnDatabase
) -> None:
    """PostgreSQL ends the connection; the disk that SQLite writes is full."""
    code, told = publish(own, "two", point, "fill" if SQLITE else "cut")
    assert code == 0
    assert told.startswith((FULL if SQLITE else CUT)[point]), told
    assert served(own) == old
    assert publish(own, "two") == (0, "PUBLISHED")
    assert served(own) == new
