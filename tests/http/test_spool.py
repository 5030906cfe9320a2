"""A whole slice is one answer of known length, or an error; what the server makes of a body that breaks off."""

import errno
import http.client
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from django.db import connection

from indicators.http.spool import _AT_ONCE, IN_MEMORY, LONG, Busy, finished
from tests.conftest import Api
from tests.serving import free_port


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, IN_MEMORY, IN_MEMORY + 1, 3 * IN_MEMORY])
def test_the_body_is_what_was_written(size: int) -> None:
    block = bytes(range(256)) * 256
    chunks = [block[: min(len(block), size - begin)] for begin in range(0, size, len(block))]
    with closing(finished(iter(chunks), "text/csv")) as response:
        assert response.getvalue() == b"".join(chunks)
        assert response["Content-Type"] == "text/csv"
        assert response.streaming is (size > IN_MEMORY)
        if response.streaming:
            assert response["Content-Length"] == str(size)


def test_a_fault_on_the_way_is_a_fault_not_an_answer() -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x" * (IN_MEMORY + 1)
        raise ConnectionError

    with pytest.raises(ConnectionError):
        finished(chunks(), "text/csv")


@pytest.mark.django_db
def test_few_long_bodies_are_made_at_once_and_short_ones_always() -> None:
    refused, short = [], []

    def chunks() -> Iterator[bytes]:
        yield b"x" * (LONG + 1)  # from here on, this one is long
        with pytest.raises(Busy, match="Try again shortly") as raised:
            finished(iter([b"y" * (LONG + 1)]), "text/csv")
        refused.append(raised.value)
        short.append(finished(iter([b"z"]), "text/csv").content)
        yield b"x"

    finished(chunks(), "text/csv").close()
    assert len(refused) == 1
    assert short == [b"z"]
    finished(iter([b"y" * (LONG + 1)]), "text/csv").close()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG])
def test_no_room_is_said_so_and_is_not_a_fault(number: int) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"x"
        raise OSError(number, "no room")

    with pytest.raises(Busy, match="no room now"):
        finished(chunks(), "text/csv")


def test_a_busy_service_says_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indicators.http.spool.LONG", 1_000)
    with _AT_ONCE:
        problem = api.get("/observations?format=csv", 503)
    assert problem["Retry-After"] == "5"
    assert "Another large table" in problem.json()["detail"]
    assert len(api.text("/observations?format=csv")) > 500_000


def test_a_whole_slice_has_a_length(api: Api) -> None:
    response = api.get("/observations?format=csv")
    assert int(response["Content-Length"]) == len(response.getvalue()) > 500_000
    assert "Content-Length" not in api.client.head("/api/v1/observations?format=csv")


MADE_UP = """
    INSERT INTO indicators_observation (indicator_id, region_id, year, release_id, value, status, source_id)
    SELECT i.code, r.code, y.year, 1, y.year / 7.0, 'A', 'S01'
    FROM indicators_indicator i, indicators_region r, (SELECT DISTINCT year - 900 AS year FROM indicators_observation) y
    LIMIT 100000
"""


@pytest.mark.parametrize("coding", ["identity", "br"])
def test_memory_stays_flat_however_long_the_slice(api: Api, coding: str) -> None:
    """The same for a million rows, with the real server: benchmarks/memory.py."""
    with connection.cursor() as cursor:
        cursor.execute(MADE_UP)
    api.get("/observations?indicator=grp&region=370000&format=csv")
    tracemalloc.start()
    try:
        with closing(api.get("/observations?format=csv", **{"Accept-Encoding": coding})) as response:
            size = sum(len(block) for block in response)
            _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert int(response["Content-Length"]) == size
    assert size > (6_000_000 if coding == "identity" else 200_000)
    assert most < 12_000_000


BREAKS_OFF = """
def application(environ, start_response):
    length = [("Content-Length", "3000")] if environ["PATH_INFO"] == "/known" else []
    start_response("200 OK", [("Content-Type", "text/csv"), *length])
    def body():
        yield b"a" * 1000
        raise ConnectionError
    return body()
"""


@pytest.mark.server
def test_only_a_known_length_makes_the_server_cut_the_connection(tmp_path: Path) -> None:
    (tmp_path / "breaks.py").write_text(BREAKS_OFF, encoding="utf-8")
    port = free_port()
    serve = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--no-ws", "breaks:application"]
    with subprocess.Popen([sys.executable, *serve], cwd=tmp_path, stdout=subprocess.DEVNULL) as server:
        try:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                body(port, "/known")
            assert body(port, "/unknown") == b"a" * 1000, "granian tells a broken body now: spool.py may stream again"
        finally:
            server.terminate()


def body(port: int, path: str) -> bytes:
    for _ in range(100):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        with closing(connection):
            try:
                connection.request("GET", path)
            except ConnectionRefusedError:
                time.sleep(0.1)
                continue
            return connection.getresponse().read()
    raise TimeoutError
