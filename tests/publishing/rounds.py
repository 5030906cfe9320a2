"""Releases whose every figure tells its release, a process that publishes them, and readers that notice any mixture.

Release `round-K` says K everywhere: in two regions, in the years from 1000 + K on, of an indicator that nothing else is
known of. So each release revises nearly all cells, adds two and withdraws two; what an answer must be follows from K
alone, and two numbers in one answer are a mixture.
"""

import csv
import io
import json
import random
import threading
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.publishing.test_load import OwnDatabase
from tests.serving import get

INDICATOR, REGIONS, YEARS = "grp", ("110000", "370000"), 1_000

#: Argument: the number of the release. It says when it begins, and what became of it.
PUBLISHER = f"""
import datetime, sys
import django
django.setup()
from indicators.publishing.figures import Figure
from indicators.publishing.run import Announcement, publish
from indicators.publishing.turn import NotPublished
from indicators.publishing.faults import BadData

k = int(sys.argv[1])
rows = [
    Figure(2, "{INDICATOR}", region, year, float(k), "A", "S22", None, None)
    for region in {REGIONS} for year in range(1000 + k, 1000 + k + {YEARS})
]
day = datetime.date(2026, 6, 1) + datetime.timedelta(days=k)
print("begins", flush=True)
try:
    outcome = publish(Announcement(f"round-{{k}}", day, "轮", "Round"), rows, "round.csv", withdraw_missing=True)
    print(outcome.state.name)
except (BadData, NotPublished) as error:
    print(error)
    sys.exit(1)
"""

Cell = tuple[str, int]


def truth(k: int) -> dict[Cell, float]:
    """The figures of release K."""
    return {(region, year): float(k) for region in REGIONS for year in range(1000 + k, 1000 + k + YEARS)}


def in_force(own: OwnDatabase, order: int | None = None) -> dict[Cell, float]:
    """What stands in the table, now or as of a release, read without any of our code."""
    when = "superseded_by_id IS NULL"
    if order is not None:
        when = f"release_id <= {order} AND (superseded_by_id IS NULL OR superseded_by_id > {order})"
    sql = f"SELECT region_id, year, value FROM indicators_observation WHERE indicator_id = '{INDICATOR}' AND {when}"
    rows = own.query(sql)
    found = {(region, year): value for region, year, value in rows}
    assert len(found) == len(rows), "two rows of a cell"
    return found


def published(own: OwnDatabase, k: int) -> str:
    """Publish release K to the end; what became of it."""
    code, out, err = own.run("-W", "ignore", "-c", PUBLISHER, str(k))
    assert (code, err) == (0, ""), (out, err)
    return out.split()[-1]


def pages(base: str) -> tuple[int, dict[Cell, float]]:
    """A walk: the release that every page names, and its rows."""
    address: str | None = f"{base}/api/v1/observations?indicator={INDICATOR}&page_size=700"
    releases, found, number = set(), {}, 0
    while address:
        page = get(address)
        releases.add(page["meta"]["release"])
        found |= {(row["region"], row["year"]): row["value"] for row in page["results"]}
        number += len(page["results"])
        address = page["next"]
    (release,) = releases
    assert number == len(found), "a row stands on two pages"
    return int(release.removeprefix("round-")), found


def table(base: str) -> tuple[int, dict[Cell, float]]:
    """The whole as CSV; each of its rows names the release that set it."""
    address = f"{base}/api/v1/observations?indicator={INDICATOR}&format=csv"
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
        rows = list(csv.DictReader(io.TextIOWrapper(answer, "utf-8", newline="")))
    (release,) = {row["release"] for row in rows}
    return int(release.removeprefix("round-")), {(row["region"], int(row["year"])): float(row["value"]) for row in rows}


def series(base: str) -> tuple[int, dict[Cell, float]]:
    """Both series with their values."""
    answer = get(f"{base}/api/v1/series?indicator={INDICATOR}&include=values")
    found = {
        (row["region"], year): value
        for row in answer["results"]
        for year, value in zip(row["years"], row["values"], strict=True)
    }
    (release,) = {row["release"] for row in answer["results"]} | {answer["meta"]["release"]}
    return int(release.removeprefix("round-")), found


def changes(base: str) -> tuple[int, dict[Cell, float]]:
    """What the release in force changed: all its figures, beside those of the one before."""
    address = f"{base}/api/v1/changes?indicator={INDICATOR}&format=ndjson"
    with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
        rows = [json.loads(line) for line in answer]
    (release,) = {row["release"] for row in rows}
    k = int(release.removeprefix("round-"))
    before = {(row["region"], row["year"]): row["old"]["value"] for row in rows if row["op"] != "insert"}
    assert before == truth(k - 1)
    assert sorted(row["op"] for row in rows if row["op"] != "update") == ["delete", "delete", "insert", "insert"]
    return k, {(row["region"], row["year"]): row["new"]["value"] for row in rows if row["op"] != "delete"}


READERS: tuple[Callable[[str], tuple[int, dict[Cell, float]]], ...] = (pages, table, series, changes)


@dataclass
class Watch:
    """What may be served: the release that is known to be in force, and the one that is being published."""

    known: int
    trying: int
    ends: threading.Event = field(default_factory=threading.Event)
    answers: list[tuple[str, int]] = field(default_factory=list)

    def read(self, reader: Callable[[str], tuple[int, dict[Cell, float]]], base: str) -> None:
        """Read until the end; every answer is exactly one release, that was in force while it was asked for."""
        while not self.ends.is_set():
            known = self.known
            k, found = reader(base)
            assert found == truth(k), f"{reader.__name__} mixes releases"
            assert known <= k <= self.trying, f"{reader.__name__} was answered {k}"
            self.answers.append((reader.__name__, k))
            self.ends.wait(0.1)  # or they leave no processor to the publishers


@contextmanager
def watched(base: str, known: int) -> Iterator[Watch]:
    """Four readers, each on its own, for as long as the body runs; what one of them finds wrong is raised."""
    watch = Watch(known, known)
    with ThreadPoolExecutor(len(READERS)) as pool:
        running = [pool.submit(watch.read, reader, base) for reader in READERS]
        try:
            yield watch
        finally:
            watch.ends.set()
    for reading in running:
        reading.result()
    assert {name for name, _ in watch.answers} == {reader.__name__ for reader in READERS}


def moment(seed: int, number: int, seconds: float) -> float:
    """A random moment of a publication that takes so long; the same for the same seed."""
    return random.Random(seed * 1_000_003 + number).uniform(0, seconds)


def check_clean(own: OwnDatabase) -> None:
    assert own.run("-W", "ignore", "manage.py", "check_store") == (0, "The store is clean.\n", "")


def check_clean_but_for_files(own: OwnDatabase) -> None:
    """Files of a release that did not come into force may be left over; the next publication removes them."""
    code, out, err = own.run("-W", "ignore", "manage.py", "check_store")
    left = [line for line in out.splitlines() if "belongs to no release" in line]
    assert out == ("".join(f"{line}\n" for line in left) or "The store is clean.\n")
    assert code == bool(left), err
