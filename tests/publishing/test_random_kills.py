"""Publishers are killed at random moments while four readers ask a real server: all see the old release or the new one.

KILLS=100 in the environment (`make test-kills`) makes a hundred of them; SEED chooses other moments.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.publishing.rounds import (
    PUBLISHER,
    check_clean,
    check_clean_but_for_files,
    in_force,
    moment,
    published,
    truth,
    watched,
)
from tests.publishing.test_load import OwnDatabase
from tests.serving import empty_database, get, serving

#: Every so many kills the whole store is checked, which takes longer with each release.
CHECKED = 4
KILLS, SEED = int(os.environ.get("KILLS", "6")), int(os.environ.get("SEED", "6"))


#: Releases of the pack, before the rounds.
BEFORE = 6


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """A database of its own."""
    with empty_database(tmp_path_factory.mktemp("rounds")) as address:
        yield OwnDatabase(address)


@pytest.fixture(scope="module")
def base(own: OwnDatabase) -> Iterator[str]:
    """The server on it, with the real pack and two rounds."""
    with serving(own.url) as address:
        for k in (1, 2):
            assert published(own, k) == "PUBLISHED"
        yield address


def started(own: OwnDatabase, k: int) -> subprocess.Popen[str]:
    """A publisher that has just begun."""
    process = own.start("-W", "ignore", "-c", PUBLISHER, str(k))
    assert process.stdout is not None
    assert process.stdout.readline() == "begins\n"
    return process


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Its exit code and what it said since."""
    out, err = process.communicate(timeout=120)
    assert err == ""
    return process.returncode, out.strip()


def newest(own: OwnDatabase) -> int:
    """The number of the release in force."""
    sql = 'SELECT name FROM indicators_release JOIN indicators_store ON release_id = "order"'
    ((name,),) = own.query(sql)
    return int(name.removeprefix("round-"))


@pytest.mark.server
@pytest.mark.timeout(120 + 30 * KILLS)
def test_killed_at_random_moments_while_readers_ask(base: str, own: OwnDatabase) -> None:
    first = newest(own) + 1
    process, begun = started(own, first), time.monotonic()
    assert end(process) == (0, "PUBLISHED")
    whole, old = time.monotonic() - begun, 0
    with watched(base, first) as watch:
        for k in range(first + 1, first + 1 + KILLS):
            watch.trying = k
            process = started(own, k)
            time.sleep(moment(SEED, k, whole))
            process.send_signal(signal.SIGKILL)
            end(process)
            served = newest(own)
            assert served in (k - 1, k)
            assert in_force(own) == truth(served)
            assert get(f"{base}/api/v1/releases/latest")["name"] == f"round-{served}"
            watch.known = served
            old += served == k - 1
            if k % CHECKED == 0:
                check_clean_but_for_files(own)
            assert published(own, k) == ("PUBLISHED" if served == k - 1 else "REPEATED")
            watch.known = k
    check_clean(own)
    assert old > KILLS / 4, "many were killed before they were done"
    assert len({k for _, k in watch.answers}) > KILLS / 4, "readers met many releases"
    for k in range(1, newest(own) + 1):
        assert in_force(own, BEFORE + k) == truth(k), "every release is still what it was"


@pytest.mark.server
def test_two_publishers_at_once(base: str, own: OwnDatabase) -> None:
    """Of the same release one makes it; of two, the one of an earlier date may come too late, and is told so."""
    k = newest(own)
    with watched(base, k) as watch:
        watch.trying = k + 1
        outcomes = sorted(map(end, [started(own, k + 1), started(own, k + 1)]))
        assert outcomes == [(0, "PUBLISHED"), (0, "REPEATED")]
        watch.known, watch.trying = k + 1, k + 3
        (earlier, said), later = map(end, [started(own, k + 2), started(own, k + 3)])
        assert later == (0, "PUBLISHED")
        if earlier:
            assert "releases are published in the order of their dates" in said
        else:
            assert said == "PUBLISHED"
    assert in_force(own) == truth(k + 3)
    check_clean(own)
