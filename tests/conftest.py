"""Fixture strategy.

The real data pack in `fixtures/` is loaded once for a run, by the same `load()` that `make run` uses, and stays
committed; every test runs in a transaction that is rolled back, so tests may publish and edit as they like. Answers
are compared with `tests/oracle.py`, which replays the CSV files in plain Python and knows nothing of our code.
Tests that need other data write a small package of their own (`tests/packages.py`).
"""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, settings

from indicators.publishing.package import load
from indicators.query import edition, history
from tests.serving import ROOT, empty_database, serving

FIXTURES = ROOT / "fixtures"
#: The database that the settings name, before pytest-django puts the test database in its place.
CONFIGURED = str(connection.settings_dict["NAME"])
#: Where the files of the pack stand.
FILES_ROOT = django_settings.FILES_ROOT

settings.register_profile(
    "urbanapi",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("urbanapi")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The real pack, loaded once, into the test database and no other."""
    if str(connection.settings_dict["NAME"]) == CONFIGURED:
        return  # no selected test uses a database, so none was set up: this is the developer's own
    with django_db_blocker.unblock():
        load(FIXTURES)


@pytest.fixture(autouse=True)
def _fresh_memory() -> Iterator[None]:
    """What is held in memory by revision is dropped: a rolled-back revision number is used again.

    Files do not roll back: those that a test publishes beside the pack are removed by the next publication, and a test
    that empties the store has a folder of its own.
    """
    edition.forget()
    history.forget()
    yield
    django_settings.FILES_ROOT = FILES_ROOT
    edition.forget()
    history.forget()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real server with the real pack, for tests that only read."""
    with empty_database(tmp_path_factory.mktemp("served")) as database, serving(database) as address:
        yield address


class Api:
    """A client of the API that checks what every answer promises."""

    client = Client()  # one for all tests: it loads the middleware once

    def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """The response; paths are relative to /api/v1, absolute URLs of the service are followed."""
        path = path.removeprefix("https://urbanapi.example")
        if not path.startswith("/api"):
            path = f"/api/v1{path}"
        response = self.client.get(path, headers=headers)
        assert response.status_code == status, (path, response.status_code, response.getvalue()[:2000])
        assert response["Access-Control-Allow-Origin"] == "*"
        assert response["API-Version"]
        if status >= 400:
            assert response["Content-Type"] == "application/problem+json"
        return response

    def json(self, path: str, status: int = 200, **headers: str) -> Any:
        """The body as JSON."""
        return self.get(path, status, **headers).json()

    def text(self, path: str, **headers: str) -> str:
        """The body as text; also of a streamed answer."""
        return self.get(path, 200, **headers).getvalue().decode()

    def walk(self, path: str, between: Callable[[], None] = lambda: None) -> list[dict[str, Any]]:
        """All rows, page by page; `between` runs after every page."""
        rows: list[dict[str, Any]] = []
        while path:
            page = self.json(path)
            rows += page["results"]
            path = page["next"]
            if path:
                between()
        return rows


@pytest.fixture
def api(db: None) -> Api:
    """A client on the real pack."""
    return Api()
