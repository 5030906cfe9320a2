"""Rows in force as columns: read from the database into Arrow, with every text held once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from operator import itemgetter
from typing import Any, Final

import pyarrow
from django.db import connection
from pyarrow import csv

from ..models import Observation

_TEXT: Final = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
#: A row of `in_force`; `release` is the order of the release that set it.
SCHEMA: Final = pyarrow.schema(
    [
        pyarrow.field("indicator", _TEXT, nullable=False),
        pyarrow.field("region", _TEXT, nullable=False),
        pyarrow.field("year", pyarrow.int32(), nullable=False),
        pyarrow.field("value", pyarrow.float64()),
        pyarrow.field("status", _TEXT, nullable=False),
        pyarrow.field("source", _TEXT),
        pyarrow.field("locator", _TEXT),
        pyarrow.field("note", _TEXT),
        pyarrow.field("release", pyarrow.int32(), nullable=False),
    ]
)
_COLUMNS: Final = "indicator_id, region_id, year, value, status, source_id, locator, note, release_id"
_ORDER: Final = "ORDER BY indicator_id, region_id, year"
#: Rows of which one batch is made: memory stays flat while they are read.
_ROWS, _LINES = 5_000, 100_000


def in_force(indicators: Iterable[str], order: int) -> pyarrow.Table:
    """The rows of these indicators as of the release of that order, by indicator, region and year in code points.

    In a transaction its own writes are seen. Texts are dictionaries, the same in all chunks; see SCHEMA.
    """
    wanted = sorted(set(indicators))
    if connection.vendor == "postgresql":
        return _table(_postgresql("indicator_id = ANY(%s)", (wanted,), order))
    return _table(_sqlite("indicator_id = %s", [(indicator,) for indicator in wanted], order))


def series_in_force(series: Iterable[tuple[str, str]], order: int) -> pyarrow.Table:
    """The same of some series only, each given by indicator and region: quicker where an indicator has many more."""
    wanted = sorted(set(series))
    if connection.vendor == "postgresql":
        asked = "(indicator_id, region_id) IN (SELECT * FROM unnest(%s::text[], %s::text[]))"
        return _table(_postgresql(asked, ([pair[0] for pair in wanted], [pair[1] for pair in wanted]), order))
    of_indicators = [
        (indicator, json.dumps([region for _indicator, region in pairs]))
        for indicator, pairs in groupby(wanted, itemgetter(0))
    ]
    return _table(_sqlite("indicator_id = %s AND region_id IN (SELECT value FROM json_each(%s))", of_indicators, order))


def _table(batches: Iterable[pyarrow.RecordBatch]) -> pyarrow.Table:
    return pyarrow.Table.from_batches(list(batches), SCHEMA).unify_dictionaries()


def _sqlite(where: str, asked: Iterable[Sequence[str]], order: int) -> Iterator[pyarrow.RecordBatch]:
    """One indicator at a time: the primary key leads to its rows, which stand there in order."""
    sql = (
        f"SELECT {_COLUMNS} FROM {Observation._meta.db_table} "  # noqa: S608 (names of our own table)
        f"WHERE {where} AND +release_id <= %s AND (superseded_by_id IS NULL OR +superseded_by_id > %s) {_ORDER}"
    )
    rows: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for codes in asked:
            cursor.execute(sql, (*codes, order, order))
            while some := cursor.fetchmany(_ROWS):
                rows += some
                if len(rows) >= _ROWS:
                    yield _batch(rows)
                    rows.clear()
    if rows:
        yield _batch(rows)


def _batch(rows: Sequence[tuple[Any, ...]]) -> pyarrow.RecordBatch:
    columns = zip(zip(*rows, strict=True), SCHEMA, strict=True)
    return pyarrow.record_batch([_array(values, field.type) for values, field in columns], SCHEMA)


def _array(values: Sequence[Any], kind: pyarrow.DataType) -> pyarrow.Array:
    if kind != _TEXT:
        return pyarrow.array(values, kind)
    return pyarrow.array(values, pyarrow.string()).dictionary_encode()  # twice as fast as the type itself


def _postgresql(where: str, codes: Sequence[Sequence[str]], order: int) -> Iterator[pyarrow.RecordBatch]:
    """COPY as CSV, in which a missing value is an empty cell and an empty text is quoted."""
    sql = (
        f"COPY (SELECT {_COLUMNS} FROM {Observation._meta.db_table} "  # noqa: S608
        f"WHERE {where} AND release_id <= %s AND (superseded_by_id IS NULL OR superseded_by_id > %s) {_ORDER}) "
        "TO STDOUT (FORMAT csv)"
    )
    asked = (*codes, order, order)
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(sql, asked) as copy:
        lines = map(bytes, copy)  # one for each row
        while part := b"".join(islice(lines, _LINES)):
            yield from _parsed(part)


def _parsed(lines: bytes) -> Iterator[pyarrow.RecordBatch]:
    table = csv.read_csv(
        io.BytesIO(lines),
        csv.ReadOptions(column_names=SCHEMA.names, use_threads=False, block_size=len(lines) + 1),
        csv.ParseOptions(newlines_in_values=True),
        csv.ConvertOptions(
            column_types=SCHEMA, null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )
    yield from pyarrow.Table.from_arrays(table.columns, schema=SCHEMA).to_batches()
