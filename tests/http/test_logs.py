"""Logs: one line for each record, no control characters in any field, and the id of the request everywhere."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path
from hypothesis import given
from hypothesis import strategies as st

from indicators.http.logs import JsonFormatter, TextFormatter, escaped, request_id
from tests.conftest import Api

HOSTILE = "a\r\nb\x1b[31mc\x00\x7f\x85\x9b\u2028\u2029\u202e\ud800\t\ufeff济南"
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@pytest.fixture(autouse=True)
def _no_request() -> None:
    """The thread of the tests has answered requests before."""
    request_id.set(None)


def record(message: str, *args: Any, fault: bool = False, **fields: Any) -> logging.LogRecord:
    info = None
    if fault:
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            info = sys.exc_info()
    made = logging.LogRecord("a.logger", logging.WARNING, __file__, 1, message, args, info)
    if fields:
        made.fields = fields
    return made


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *strings(item))
    elif isinstance(value, str):
        yield value


@given(st.text(st.characters()))
def test_json_is_one_object_on_one_line_without_control_characters(text: str) -> None:
    line = JsonFormatter().format(record("%s and more", text, path=text, status=200, bytes=None))
    assert not CONTROL.search(line)
    line.encode()  # no lone surrogate
    entry = json.loads(line)
    assert not any(CONTROL.search(found) for found in strings(entry))
    assert entry["message"] == f"{escaped(text)} and more"
    assert (entry["path"], entry["status"], entry["bytes"]) == (escaped(text), 200, None)
    assert (entry["level"], entry["logger"], entry["request"]) == ("WARNING", "a.logger", None)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", entry["time"])


def test_json_holds_a_traceback_on_the_same_line() -> None:
    line = JsonFormatter().format(record(HOSTILE, fault=True))
    assert not CONTROL.search(line)
    entry = json.loads(line)
    assert entry["exception"].startswith(r"Traceback (most recent call last):\n")
    assert r"ValueError: a\r\nb\x1b[31mc" in entry["exception"]
    assert entry["exception"].endswith("济南")


@given(st.text(st.characters()))
def test_text_is_one_line(text: str) -> None:
    line = TextFormatter().format(record(text, path=text))
    assert not CONTROL.search(line)
    assert f" WARNING a.logger [-]: {escaped(text)} path={escaped(text)}" in line


def test_text_indents_a_traceback_so_that_no_line_of_it_passes_for_a_record() -> None:
    first, *others = TextFormatter().format(record(HOSTILE, fault=True)).split("\n")
    assert not CONTROL.search(first)
    assert len(others) > 3
    for line in others:
        assert line.startswith("    ")
        assert not CONTROL.search(line)


def test_the_id_of_the_request_is_on_every_line() -> None:
    token = request_id.set("abc")
    try:
        assert json.loads(JsonFormatter().format(record("x")))["request"] == "abc"
        assert " a.logger [abc]: x" in TextFormatter().format(record("x"))
    finally:
        request_id.reset(token)


@pytest.mark.parametrize("given_id", ["a", "A-b_c.9", "x" * 64, "00000000-0000-0000-0000-000000000000"])
def test_a_plain_id_is_taken_over(api: Api, given_id: str) -> None:
    for address, status in (("/units", 200), ("/units?x=1", 400), ("/nothing", 404)):
        assert api.get(address, status, **{"X-Request-ID": given_id})["X-Request-ID"] == given_id


@pytest.mark.parametrize("given_id", ["", " ", "x" * 65, "a b", "a\r\nb", "a\x1b", "é", "ａ", "a\n", "<script>", "a;b"])
def test_any_other_id_is_replaced(api: Api, given_id: str) -> None:
    answers = [api.get("/units", **{"X-Request-ID": given_id})["X-Request-ID"] for _ in range(2)]
    assert all(re.fullmatch("[0-9a-f]{32}", answer) for answer in answers)
    assert answers[0] != answers[1]


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(HOSTILE.replace("\ud800", ""))  # pytest-xdist cannot send a lone surrogate between processes


urlpatterns = [path("api/v1/fault", fault)]


@pytest.mark.urls(__name__)
def test_a_fault_is_logged_with_the_id_that_its_answer_names(caplog: pytest.LogCaptureFixture, settings: Any) -> None:
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "django.request"):
        answer = client.get("/api/v1/fault?a=%0d%0a", headers={"X-Request-ID": "given"})
    assert answer.status_code == 500
    assert answer["X-Request-ID"] == "given"
    assert "The id of the request is given." in answer.json()["detail"]
    assert "RuntimeError" not in answer.text
    (logged,) = caplog.records
    assert isinstance(logged.exc_info, tuple)
    assert logged.exc_info[0] is RuntimeError


def test_the_access_log_has_a_line_for_each_request(api: Api, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "indicators.access")
    api.get("/units")
    assert not caplog.records, "off on a laptop"
    settings.ACCESS_LOG = True
    size = len(api.get("/units?q=%0d%0a%1b", 400).content)
    api.get("/observations?format=csv")
    api.client.head("/api/v1/" + "x" * 5_000)
    entries = [json.loads(JsonFormatter().format(found)) for found in caplog.records]
    assert [(entry["method"], entry["status"]) for entry in entries] == [("GET", 400), ("GET", 200), ("HEAD", 404)]
    assert entries[0]["path"] == "/api/v1/units?q=%0d%0a%1b"
    assert entries[0]["bytes"] == size
    assert entries[1]["bytes"] > 500_000
    assert len(entries[2]["path"]) == 500
    assert all(entry["ms"] > 0 for entry in entries)
