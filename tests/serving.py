"""The real server (granian) in a process of its own, on a database of its own, for tests that go through the wire."""

import hashlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def empty_database(folder: Path) -> Iterator[str]:
    """The address of an empty database of the engine under test; on SQLite a file in the folder."""
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        yield f"sqlite:///{folder / 'served.sqlite3'}"
        return
    name = f"served_{uuid.uuid4().hex[:12]}"
    server = os.environ["TEST_DATABASE_URL"]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        before, _, options = server.partition("?")
        yield f"{before.rpartition('/')[0]}/{name}{'?' + options if options else ''}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def environment_of(database: str, base: str, **more: str) -> dict[str, str]:
    """The environment of a process of the project: ours, without what the tests set for themselves."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTEST", "TEST_"))}
    return kept | {
        "DATABASE_URL": database, "FILES_ROOT": files_of(database), "PUBLIC_BASE_URL": base,
        "DJANGO_SETTINGS_MODULE": "urbanapi.settings",
        "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore",
    } | more  # fmt: skip


def files_of(database: str) -> str:
    """Where a database of its own has the files of its releases."""
    return f"{Path(os.environ['FILES_ROOT']).parent}/{hashlib.sha256(database.encode()).hexdigest()[:16]}"


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def serving(database: str, workers: int = 2, log: Path = Path(os.devnull), **environment: str) -> Iterator[str]:
    """Load the real pack, serve it on a free port of this machine, and give the address; its output goes to `log`."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    variables = environment_of(database, base, **environment)
    for command in (["migrate", "-v0"], ["load", "fixtures/"]):
        subprocess.run(
            [sys.executable, "manage.py", *command], env=variables, cwd=ROOT, check=True, capture_output=True
        )
    serve = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", str(workers)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, *serve, "--blocking-threads", "2", "--no-ws", "urbanapi.wsgi:application"],
            env=variables, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        for _ in range(200):
            try:
                get(f"{base}/readyz")
                break
            except OSError:
                time.sleep(0.1)
        yield base
    finally:
        server.terminate()
        server.wait(timeout=20)


def get(address: str) -> Any:
    """The JSON at an address of our own server."""
    with urllib.request.urlopen(address, timeout=20) as response:  # noqa: S310
        return json.load(response)


@contextmanager
def desk_served(folder: Path, incoming: Path, phrase: str) -> Iterator[str]:
    """The address of a server with a superuser, `steward`, who logs in with the phrase."""
    with empty_database(folder) as database, serving(database, INCOMING_DIR=str(incoming)) as address:
        variables = environment_of(database, address, DJANGO_SUPERUSER_PASSWORD=phrase)
        command = ["createsuperuser", "--noinput", "--username", "steward", "--email", "steward@example.org"]
        subprocess.run(
            [sys.executable, "manage.py", *command], env=variables, cwd=ROOT, check=True, capture_output=True
        )
        yield address
