"""The rows of a release into the table, by the fastest safe way of each engine."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

import pyarrow as pa
import pyarrow.csv
from django.db import connection
from django.db.backends.utils import CursorWrapper

from ..models import Observation, Release
from .changes import Changes
from .figures import COLUMNS, Figures

_BATCH = 5_000
#: Rows of one INSERT on SQLite, which makes its constraints ready once for each: twice as fast as row by row. Their
#: values are fewer than the 999 parameters that every build takes.
_ROWS = 100
#: Share of new rows from which PostgreSQL is to gather statistics anew, as autovacuum would in the next minute.
_MUCH = 0.1
_TABLE = Observation._meta.db_table
_CELL = ("indicator", "region", "year")
_STORED = "indicator_id, region_id, year, value, status, source_id, locator, note, release_id"
_INSERT = f"INSERT INTO {_TABLE} ({_STORED}) VALUES "  # noqa: S608 (names of our own table)
_CLOSE = f"UPDATE {_TABLE} SET superseded_by_id = %s"  # noqa: S608

T = TypeVar("T")
#: Called with how many rows are closed or written.
Written = Callable[[int], None]


def write(release: Release, changes: Changes, written: Written) -> None:
    """Close the rows that the release replaces or withdraws, and insert its own."""
    done = 0
    with connection.cursor() as cursor:
        engine = (_PostgreSQL if connection.vendor == "postgresql" else _SQLite)(cursor, release.order)
        for step, figures in ((engine.close, changes.closed), (engine.insert, changes.written)):
            for start in range(0, len(figures), _BATCH):
                some = Figures(figures.table.slice(start, _BATCH))
                step(some)
                written(done := done + len(some))
        engine.finish()


class _SQLite:
    """Statements of many rows."""

    def __init__(self, cursor: CursorWrapper, order: int) -> None:
        self.cursor, self.order = cursor, order

    def close(self, figures: Figures) -> None:
        where = "indicator_id = %s AND region_id = %s AND year = %s AND superseded_by_id IS NULL"
        self.cursor.executemany(f"{_CLOSE} WHERE {where}", [(self.order, *cell) for cell in figures.rows(_CELL)])

    def insert(self, figures: Figures) -> None:
        row = f"({', '.join(['%s'] * len(COLUMNS))}, {self.order:d})"
        for some in _batches(figures.rows(COLUMNS), _ROWS):
            self.cursor.execute(_INSERT + ", ".join([row] * len(some)), list(chain.from_iterable(some)))

    def finish(self) -> None:
        """Nothing is left to do."""


class _PostgreSQL:
    """Arrays, and COPY of the CSV that Arrow writes; references are looked up once for each statement by a trigger."""

    def __init__(self, cursor: CursorWrapper, order: int) -> None:
        self.cursor, self.order = cursor, order
        self.rows = 0

    def close(self, figures: Figures) -> None:
        indicators, regions, years = zip(*figures.rows(_CELL), strict=True)
        self.cursor.execute(
            f"{_CLOSE} FROM unnest(%s::text[], %s::text[], %s::int[]) AS closed (indicator, region, year) "
            f'WHERE {_TABLE}.indicator_id = closed.indicator COLLATE "C" '
            f'AND {_TABLE}.region_id = closed.region COLLATE "C" '
            f"AND {_TABLE}.year = closed.year AND superseded_by_id IS NULL",
            (self.order, list(indicators), list(regions), list(years)),
        )

    def insert(self, figures: Figures) -> None:
        self.rows += len(figures)
        table = figures.table.select(COLUMNS)
        table = table.append_column("release", pa.repeat(self.order, table.num_rows))
        text = io.BytesIO()
        pyarrow.csv.write_csv(table, text, pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid"))
        into = f"COPY {_TABLE} ({_STORED}) FROM STDIN (FORMAT csv)"
        with connection.wrap_database_errors, self.cursor.copy(into) as copy:
            copy.write(text.getvalue())

    def finish(self) -> None:
        """Gather statistics where much has changed: without them the first questions are planned badly."""
        self.cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [_TABLE])
        if self.rows > _MUCH * self.cursor.fetchone()[0]:  # -1 where they were never gathered
            self.cursor.execute(f"ANALYZE {_TABLE}")


def _batches(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    ahead = iter(rows)
    while batch := list(islice(ahead, size)):
        yield batch
