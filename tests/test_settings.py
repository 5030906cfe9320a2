"""Settings: every variable is documented, production refuses to start half-configured, the defaults are safe."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.conftest import ROOT


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "urbanapi" / "settings.py").read_text(encoding="utf-8")))
    documented = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert read == documented


def started(
    code: str = "print(s.PUBLIC_BASE_URL, s.ALLOWED_HOSTS, s.DEBUG)", **environment: str
) -> subprocess.CompletedProcess[str]:
    """A process of its own that reads the settings, as `s`, in that environment."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", f"from urbanapi import settings as s; {code}"],
        env={**kept, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_names_what_is_missing() -> None:
    refused = started(PRODUCTION="true", SECRET_KEY="x" * 60)
    assert refused.returncode != 0
    assert "ALLOWED_HOSTS, PUBLIC_BASE_URL is not set" in refused.stderr


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"HOST": "127.0.0.1", "PORT": "9001"}, "http://127.0.0.1:9001"),
        ({"HOST": "0.0.0.0", "PORT": "9001"}, "http://127.0.0.1:9001"),  # noqa: S104
        ({"HOST": "::1", "PORT": "9001"}, "http://[::1]:9001"),
        ({"PUBLIC_BASE_URL": "https://data.example.org/"}, "https://data.example.org"),
        ({"PUBLIC_BASE_URL": ""}, "http://127.0.0.1:8000"),
    ],
)
def test_links_begin_where_the_service_is_reached(environment: dict[str, str], address: str) -> None:
    done = started(**environment)
    assert done.stdout.split()[0] == address, done.stderr


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("THROTTLE", "600", "THROTTLE='600' is not a rate: write a number of requests and second, minute, hour or day"),
        ("THROTTLE", "0/minute", "as in 600/minute, or leave it empty for no limit."),
        ("TRUSTED_PROXIES", "-1", "TRUSTED_PROXIES is the number of proxies in front that are yours: 0 or more."),
        ("QUERY_SECONDS", "0", "QUERY_SECONDS is the time limit of a query for data: 0.001 to 3600 seconds."),
        ("QUERY_SECONDS", "86400", "QUERY_SECONDS is the time limit"),
        (
            "SDMX_AGENCY",
            "1 Agency",
            "SDMX_AGENCY='1 Agency' is not the id of an agency: write letters, digits, - and _",
        ),
        ("LOG_FORMAT", "xml", "LOG_FORMAT='xml' is not a format of the log: write json or text."),
    ],
)
def test_a_wrong_value_is_refused_at_start_with_the_form(name: str, value: str, words: str) -> None:
    refused = started(**{name: value})
    assert refused.returncode != 0
    assert words in refused.stderr


@pytest.mark.parametrize("production", ["true", "false"])
def test_production_limits_and_logs_by_default_and_a_laptop_does_not(production: str) -> None:
    needed = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a.example", "PUBLIC_BASE_URL": "https://a.example"}
    code = "print(s.THROTTLE, s.LOG_FORMAT, s.ACCESS_LOG, s.QUERY_SECONDS)"
    found = started(code, PRODUCTION=production, **needed).stdout.split()
    assert found == (["600/minute", "json", "True"] if production == "true" else ["None", "text", "False"]) + ["10.0"]
    free = started(code, PRODUCTION="true", THROTTLE="", LOG_FORMAT="text", ACCESS_LOG="false", **needed).stdout.split()
    assert free == ["None", "text", "False", "10.0"]


@pytest.mark.django_db
def test_sqlite_is_tuned() -> None:
    if connection.vendor != "sqlite":
        assert settings.DATABASES["default"]["CONN_HEALTH_CHECKS"] is True
        assert settings.DATABASES["default"]["OPTIONS"]["server_side_binding"] is False
        return
    with connection.cursor() as cursor:
        found = {}
        for pragma in ("busy_timeout", "journal_mode", "synchronous", "foreign_keys"):
            cursor.execute(f"PRAGMA {pragma}")
            found[pragma] = cursor.fetchone()[0]
    assert found == {"busy_timeout": 30_000, "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
    assert connection.settings_dict["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
