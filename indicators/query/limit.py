"""A time limit for each query for data: the engine itself ends a statement that passes it."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection

#: SQLite looks at the clock once in so many steps of its virtual machine: a few milliseconds of work.
_STEPS = 100_000
_QUERY_CANCELED = "57014"  # SQLSTATE


_unlimited: ContextVar[bool] = ContextVar("unlimited", default=False)


@contextmanager
def unlimited() -> Iterator[None]:
    """Let queries take as long as they need: for commands, which nobody waits for but who runs them."""
    token = _unlimited.set(True)
    try:
        yield
    finally:
        _unlimited.reset(token)


def allowed(times: int = 1) -> float:
    """The seconds that a query may take."""
    return math.inf if _unlimited.get() else float(settings.QUERY_SECONDS * times)


class TooSlow(Exception):
    """A query that was ended at its limit; `advice` says what to ask instead, `parameter` is the one to add."""

    def __init__(self, seconds: float, advice: str = "Ask for less at a time.", parameter: str | None = None) -> None:
        super().__init__(f"The query took longer than {seconds:g} s and was ended. {advice}")
        self.seconds, self.advice, self.parameter = seconds, advice, parameter


def fetch(sql: str, parameters: Sequence[Any], times: int = 1) -> list[tuple[Any, ...]]:
    """Run a statement and fetch all its rows, within `times` QUERY_SECONDS; raises `TooSlow`."""
    seconds = allowed(times)
    run = _postgresql if connection.vendor == "postgresql" else _sqlite
    try:
        return run(sql, parameters, seconds)
    except OperationalError as error:
        if _ended(error.__cause__):
            raise TooSlow(seconds) from error
        raise


def _postgresql(sql: str, parameters: Sequence[Any], seconds: float) -> list[tuple[Any, ...]]:
    """Both commands go in one message, and outside of a transaction the message is one: the setting ends with it."""
    limit = f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000)) if math.isfinite(seconds) else 0}"
    reset = "; SET LOCAL statement_timeout = DEFAULT" if connection.in_atomic_block else ""
    with connection.cursor() as cursor:
        cursor.execute(f"{limit}; {sql}{reset}", parameters)
        cursor.nextset()
        return list(cursor.fetchall())


def _sqlite(sql: str, parameters: Sequence[Any], seconds: float) -> list[tuple[Any, ...]]:
    """The handler belongs to the connection, which belongs to this thread; it is gone before the next statement."""
    with connection.cursor() as cursor:
        end, raw = time.monotonic() + seconds, connection.connection
        raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
        finally:
            raw.set_progress_handler(None, _STEPS)


def _ended(cause: BaseException | None) -> bool:
    return (
        getattr(cause, "sqlstate", None) == _QUERY_CANCELED
        or getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT
    )
