"""Parquet: typed columns in row groups, with descriptions, licence and release in the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, flat
from .files import Sink, about

if TYPE_CHECKING:
    import pyarrow

#: Batches of rows in one row group: with 10 a million rows take 22 MB, with 25 they take 56.
_BATCHES_A_GROUP = 10
#: Integers that are years. 32 bits: with 16, `year * 100` would overflow in a reader, in some silently.
_YEARS = frozenset({"year", "first_year", "last_year", "years", "gaps"})


class Parquet(Format):
    """The whole slice as one file."""

    name = "parquet"
    media_type = "application/vnd.apache.parquet"
    charset = None
    binary = True
    filed = True
    description = "The whole slice: typed columns, compressed with zstd; licence and release in the metadata."

    def write(self, answer: Answer) -> Iterator[bytes]:
        # 50 MB and a fifth of a second, which only workers pay that are asked for Parquet.
        import pyarrow
        import pyarrow.parquet

        answer = flat(answer)
        found = batches(answer)
        first = next(found, [])  # before the first byte: a fault here is still an error, not a broken file
        schema = _schema(answer)
        sink = Sink()
        with pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
            parts = (_batch(schema, rows) for rows in chain([first], found) if rows)
            while group := list(islice(parts, _BATCHES_A_GROUP)):
                writer.write_table(pyarrow.Table.from_batches(group))
                yield sink.taken()
        yield sink.taken()

    def write_batches(self, answer: Answer, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes | memoryview]:
        import pyarrow
        import pyarrow.parquet

        schema = _schema(answer)
        sink = Sink()
        with pyarrow.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
            for batch in batches:
                writer.write_table(pyarrow.Table.from_batches([batch]).cast(schema))
                yield sink.taken()
        yield sink.taken()


def _schema(answer: Answer) -> pyarrow.Schema:
    import pyarrow

    fields = [
        pyarrow.field(column.name, _type(column), column.nullable, {"description": column.description})
        for column in answer.columns
    ]
    return pyarrow.schema(fields, {**about(answer), "created-by": "UrbanAPI"})


def _type(column: Column) -> pyarrow.DataType:
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "integer": pyarrow.int32() if column.name in _YEARS else pyarrow.int64(),
        "number": pyarrow.float64(),
        "date": pyarrow.date32(),
    }
    return pyarrow.list_(types[column.items]) if column.type == "array" else types[column.type]


def _batch(schema: pyarrow.Schema, rows: Sequence[Sequence[Any]]) -> pyarrow.RecordBatch:
    import pyarrow

    arrays = [pyarrow.array(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)]
    return pyarrow.record_batch(arrays, schema)
