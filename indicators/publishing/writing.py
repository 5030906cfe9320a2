"""The rows of a release into the table, by the fastest safe way of each engine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from typing import TypeVar

from django.db import IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from ..models import Indicator, Observation, Region, Release, Source
from .changes import Changes, Withdrawal
from .figures import Figure

_BATCH = 5_000
#: Rows of one INSERT on SQLite, which makes its constraints ready once for each: twice as fast as row by row. Their
#: values are fewer than the 999 parameters that every build takes.
_ROWS = 100
_TABLE = Observation._meta.db_table
_COLUMNS = "indicator_id, region_id, year, value, status, source_id, locator, note, release_id"
_INSERT = f"INSERT INTO {_TABLE} ({_COLUMNS}) VALUES "  # noqa: S608 (names of our own table)
_CLOSE = f"UPDATE {_TABLE} SET superseded_by_id = %s"  # noqa: S608
_REFERENCES = (("indicator", Indicator), ("region", Region), ("source", Source))

T = TypeVar("T")
#: Called with how many rows are closed or written.
Written = Callable[[int], None]


def write(release: Release, changes: Changes, written: Written) -> None:
    """Close the rows that the release replaces or withdraws, and insert its own."""
    done = 0
    with connection.cursor() as cursor:
        engine = _PostgreSQL(cursor, changes) if connection.vendor == "postgresql" else _SQLite(cursor)
        for closed in _batches(changes.closed):
            engine.close(release.order, closed)
            written(done := done + len(closed))
        for rows in _batches(changes.written):
            engine.insert(release.order, rows)
            written(done := done + len(rows))
        engine.finish()


def _batches(rows: Iterable[T], size: int = _BATCH) -> Iterator[list[T]]:
    ahead = iter(rows)
    while batch := list(islice(ahead, size)):
        yield batch


class _SQLite:
    """Statements of many rows."""

    def __init__(self, cursor: CursorWrapper) -> None:
        self.cursor = cursor

    def close(self, order: int, rows: Sequence[Figure | Withdrawal]) -> None:
        where = "indicator_id = %s AND region_id = %s AND year = %s AND superseded_by_id IS NULL"
        self.cursor.executemany(f"{_CLOSE} WHERE {where}", [(order, *row.key) for row in rows])

    def insert(self, order: int, rows: Sequence[Figure]) -> None:
        row = f"({', '.join(['%s'] * 8)}, {order:d})"
        for some in _batches(rows, _ROWS):
            values = list(chain.from_iterable(figure[1:] for figure in some))
            self.cursor.execute(_INSERT + ", ".join([row] * len(some)), values)

    def finish(self) -> None:
        """Nothing is left to do."""


class _PostgreSQL:
    """Arrays and COPY.

    Every row refers to an indicator, a region, a source and its release, and to look up each of them takes longer than
    all else. So a superuser, who may, holds the rows of the reference tables that the figures refer to, once for each,
    as the foreign keys do for every row, and writes without asking again. Other constraints hold all the same.
    """

    def __init__(self, cursor: CursorWrapper, changes: Changes) -> None:
        self.cursor = cursor
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        (self.trusted,) = cursor.fetchone()
        if self.trusted:
            self._hold_references(changes)

    def _hold_references(self, changes: Changes) -> None:
        for name, model in _REFERENCES:
            codes = {getattr(figure, name) for figure in changes.written} - {None}
            self.cursor.execute(
                f"SELECT code FROM {model._meta.db_table} WHERE code = ANY(%s) FOR KEY SHARE",  # noqa: S608
                [sorted(codes)],
            )
            if missing := codes - {code for (code,) in self.cursor.fetchall()}:
                raise IntegrityError(f"there is no {name} {min(missing)!r} any more")

    @contextmanager
    def _unasked(self) -> Iterator[None]:
        """Foreign keys are not looked up, until the end of what is inside."""
        if self.trusted:
            self.cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        if self.trusted:  # not after an error: that ends the transaction, and the setting with it
            self.cursor.execute("SET LOCAL session_replication_role = DEFAULT")

    def close(self, order: int, rows: Sequence[Figure | Withdrawal]) -> None:
        indicators, regions, years = zip(*(row.key for row in rows), strict=True)
        with self._unasked():
            self.cursor.execute(
                f"{_CLOSE} FROM unnest(%s::text[], %s::text[], %s::int[]) AS closed (indicator, region, year) "
                f'WHERE {_TABLE}.indicator_id = closed.indicator COLLATE "C" '
                f'AND {_TABLE}.region_id = closed.region COLLATE "C" '
                f"AND {_TABLE}.year = closed.year AND superseded_by_id IS NULL",
                (order, list(indicators), list(regions), list(years)),
            )

    def insert(self, order: int, rows: Sequence[Figure]) -> None:
        into = f"COPY {_TABLE} ({_COLUMNS}) FROM STDIN"
        with self._unasked(), connection.wrap_database_errors, self.cursor.copy(into) as copy:
            for figure in rows:
                copy.write_row((*figure[1:], order))

    def finish(self) -> None:
        """Gather statistics: without them the first questions are planned badly."""
        self.cursor.execute(f"ANALYZE {_TABLE}")
