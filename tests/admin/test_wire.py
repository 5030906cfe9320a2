"""The desk over the wire: bodies of strangers are not read, a form that is sent twice at once publishes once."""

import os
import re
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.serving import desk_served, get

pytestmark = pytest.mark.server
FORM = "/admin/indicators/release/publish/"
PHRASE = "a long pass phrase"
LONG = "indicator,region,year,value,status,source\nurbanization_rate,370100,2025,76.1,A,S22\n"
TYPED = {"title_zh": "试验", "title_en": "Test", "published_on": "2026-11-01", "status": "", "source": ""}


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("incoming")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, incoming: Path) -> Iterator[str]:
    """A server with a superuser."""
    with desk_served(tmp_path_factory.mktemp("desk"), incoming, PHRASE) as address:
        yield address


def token_in(page: str) -> dict[str, str]:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found is not None
    return {"csrfmiddlewaretoken": found[1]}


@pytest.fixture
def steward(base: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=base, headers={"Origin": base}, timeout=60) as client:
        login = client.get("/admin/login/?next=/admin/").text
        answer = client.post(
            "/admin/login/?next=/admin/", data={"username": "steward", "password": PHRASE, **token_in(login)}
        )
        assert answer.status_code == 302
        yield client


def shown(client: httpx.Client, content: bytes, **typed: str) -> httpx.Response:
    """The page that shows the difference."""
    data = {**TYPED, **typed, **token_in(client.get(FORM).text)}
    return client.post(FORM, data=data, files={"tables": ("rates.csv", content)}, follow_redirects=True)


def test_a_table_is_published_once_though_it_is_sent_by_two_at_once(base: str, steward: httpx.Client) -> None:
    before = len(get(f"{base}/api/v1/releases")["results"])
    page = shown(steward, LONG.encode(), name="wire-1")
    found = re.search(r'name="print" value="([0-9a-f]{64})"', page.text)
    assert found is not None
    data = {"print": found[1], **token_in(page.text)}

    def send(_: Any) -> httpx.Response:
        with httpx.Client(base_url=base, cookies=steward.cookies, headers={"Origin": base}, timeout=60) as client:
            return client.post(page.url.path, data=data, follow_redirects=True)

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(send, range(4)))
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert any("in force" in answer.text for answer in answers)
    assert len(get(f"{base}/api/v1/releases")["results"]) == before + 1
    assert "with these figures; nothing was done twice" in send(None).text


def test_a_stranger_is_answered_before_the_body_is_sent(base: str, incoming: Path) -> None:
    """Nothing waits for 250 MB that were announced, and nothing is written of what came."""
    host, port = base.removeprefix("http://").split(":")
    head = f"POST {FORM} HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: {250 * 1024**2}\r\n"
    begin = b'--x\r\nContent-Disposition: form-data; name="tables"; filename="a"\r\n\r\n' + bytes(60_000)
    before = list(incoming.rglob("*"))
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n".encode() + begin)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1.1 302 ")
    assert b"/admin/login/" in answer
    assert list(incoming.rglob("*")) == before


def test_a_large_file_is_kept_in_the_folder(base: str, steward: httpx.Client, incoming: Path) -> None:
    row = b"urbanization_rate,370100,2025,not a number,A,S22\n"
    page = shown(steward, LONG.encode() + row * (100 * 1024**2 // len(row)), name="wire-2")
    assert page.status_code == 200
    assert "faults" in page.text
    (file,) = [path for path in incoming.rglob("1") if path.is_file()]
    assert file.stat().st_size > 99 * 1024**2
    assert os.stat(file).st_mode & 0o777 == 0o600
