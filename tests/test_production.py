"""The real server as production runs it: hashed static files, JSON logs whatever callers send, TLS by a proxy."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.http.test_logs import CONTROL, strings
from tests.serving import ROOT, empty_database, environment_of, serving


@dataclass(frozen=True)
class Production:
    """A running service: its address, and the file that all its output goes to."""

    base: str
    log: Path

    def lines(self) -> list[Any]:
        """Every line of its output, read as JSON."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").split("\n") if line]


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    folder = tmp_path_factory.mktemp("production")
    settings = f"from urbanapi.settings import *\nSTATIC_ROOT = {str(folder / 'static')!r}\n"
    (folder / "in_production.py").write_text(settings, encoding="utf-8")
    environment = {
        "PRODUCTION": "true", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "127.0.0.1", "BEHIND_TLS_PROXY": "true",
        "TRUSTED_PROXIES": "1", "DJANGO_SETTINGS_MODULE": "in_production", "PYTHONPATH": f"{ROOT}:{folder}",
        "GRANIAN_LOG_CONFIG": str(ROOT / "deploy" / "granian-logs.json"),
    }  # fmt: skip
    with empty_database(folder) as database:
        variables = environment_of(database, "http://127.0.0.1", **environment)
        collect = [sys.executable, "manage.py", "collectstatic", "-v0"]
        subprocess.run(collect, env=variables, cwd=ROOT, check=True)
        with serving(database, 1, folder / "log", **environment) as base:
            yield Production(base, folder / "log")


@pytest.mark.server
def test_static_files_have_hashed_names_that_are_kept_for_good(production: Production) -> None:
    page = httpx.get(f"{production.base}/api/v1/docs").text
    files = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(files) > 2
    for file in files:
        assert re.search(r"\.[0-9a-f]{12}\.(js|css|png)$", file)
        answer = httpx.get(f"{production.base}{file}", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert int(re.findall(r"max-age=(\d+)", answer.headers["Cache-Control"])[0]) > 31_000_000
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        plain = re.sub(r"\.[0-9a-f]{12}\.", ".", file)
        assert "immutable" not in httpx.get(f"{production.base}{plain}").headers["Cache-Control"]


@pytest.mark.server
def test_transport_security_where_the_proxy_says_tls(production: Production) -> None:
    for path in ("/api/v1/units", "/api/v1/nothing", "/livez", "/static/nothing"):
        secure = httpx.get(production.base + path, headers={"X-Forwarded-Proto": "https"}).headers
        assert secure["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
        assert "Strict-Transport-Security" not in httpx.get(production.base + path).headers
        assert not re.search(r"\d", secure.get("Server", ""))
        assert "X-Powered-By" not in secure


@pytest.mark.server
def test_the_default_rate_holds(production: Production) -> None:
    answer = httpx.get(f"{production.base}/api/v1/meta")
    assert answer.json()["limits"]["throttle"] == "600/minute"
    assert answer.headers["RateLimit-Policy"] == '"default";q=600;w=60'


HOSTILE = [
    b"GET /api/v1/units%0d%0aforged HTTP/1.1",
    b"GET /api/v1/units?q=%0d%0a%1b[31m%00%e2%80%a8 HTTP/1.1",
    b"GET /api/v1/%1b%5b2J%c2%85%c2%9b%e2%80%a9%ed%a0%80%ff HTTP/1.1",
    b"GET /api/v1/\x1b[2J\x9b HTTP/1.1",
    b'GET /api/v1/units?"}{"level":"forged HTTP/1.1',
    b"GET /livez\x85 HTTP/1.1",
    b"\x1b[31m\r\n HTTP/1.1",
    b"BREW\x1b /api/v1/units HTTP/1.1",
]
HEADERS = [
    b"X-Request-ID: a\x1b[31mb",
    b"X-Request-ID: a\r\n forged: 1",
    b"X-Request-ID: \xc2\x85\xe2\x80\xa8",
    b"Host: a\x0bb\x85.example",
    b"Host: forged\n{}",
    b"User-Agent: \x1b]0;x\x07",
    b"X-Forwarded-For: \x1b[31m\r\n2026 INFO forged",
    b"Referer: \xe2\x80\xae",
]


@pytest.mark.server
def test_every_line_of_the_log_is_one_object_whatever_callers_send(production: Production) -> None:
    requests = [line + b"\r\nHost: 127.0.0.1\r\n" for line in HOSTILE]
    requests += [b"GET /api/v1/nothing HTTP/1.1\r\nHost: 127.0.0.1\r\n" + header + b"\r\n" for header in HEADERS]
    requests += [
        b"GET /api/v1/units HTTP/1.1\r\n" + header + b"\r\n" for header in HEADERS if header.startswith(b"Host")
    ]
    for request in requests:
        sent(production.base, request + b"Connection: close\r\n\r\n")
    answer = httpx.get(f"{production.base}/api/v1/regions?page_size=50", headers={"X-Request-ID": "the-last-one"})
    lines = production.lines()
    assert {line["logger"].partition(".")[0] for line in lines} >= {"_granian", "indicators"}
    for line in lines:
        assert not any(CONTROL.search(text) for text in strings(line)), line
        assert "forged" not in (line["level"], line["logger"])
        assert line["level"] not in ("ERROR", "CRITICAL"), line
    last = [line for line in lines if line["request"] == "the-last-one"]
    assert [(line["method"], line["path"], line["status"]) for line in last] == [
        ("GET", "/api/v1/regions?page_size=50", 200)
    ]
    assert last[0]["bytes"] == int(answer.headers["Content-Length"]) < len(answer.content), "as it was sent: compressed"


def sent(base: str, request: bytes) -> bytes:
    host, port = base.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=10)) as wire:
        wire.sendall(request)
        return wire.recv(65_536)
