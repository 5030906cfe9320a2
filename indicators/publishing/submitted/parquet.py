"""Parquet: flat columns of text and numbers, read in batches; types that lose digits are told."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from ..words import Said
from ..words import Said as _
from . import limits
from .records import Cell, Notice, Record, Trouble, cut


def read_parquet(path: Path, notices: list[Notice]) -> Iterator[Record]:
    """The header as the first record, then the rows, from 1. Raises `Trouble`."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _told(pa), path.open("rb") as file:
        described = pq.ParquetFile(file, page_checksum_verification=True)
        metadata, schema = described.metadata, described.schema_arrow
        _check_size(metadata)
        if len(schema) > limits.MOST_COLUMNS:
            most = limits.MOST_COLUMNS
            raise Trouble(_("has %(n)d columns; a table has at most %(most)d", n=len(schema), most=most))
        wrong = [
            Notice(_("column %(name)r %(reason)s", name=f.name[:50], reason=why), warning=False)
            for f in schema
            if (why := _why_not(pa, f.type))
        ]
        notices += wrong
        if wrong:
            return
        yield 0, list(schema.names)
        file.seek(0)
        rows = pq.ParquetFile(file, read_dictionary=_texts_of(pa, schema), pre_buffer=False)
        columns = [_Column() for _field in schema]
        line = 1
        for batch in rows.iter_batches(batch_size=10 * limits.BATCH, use_threads=False):
            read = (column.cells(values) for column, values in zip(columns, batch.columns, strict=True))
            for cells in zip(*read, strict=True):
                yield line, cells
                line += 1


def read_columns(path: Path) -> Iterator[bytes]:
    """The columns as batches in the form of Arrow streams, texts in dictionaries. Raises `Trouble`."""
    import pyarrow as pa
    import pyarrow.ipc
    import pyarrow.parquet as pq

    with _told(pa), path.open("rb") as file:
        described = pq.ParquetFile(file, page_checksum_verification=True)
        _check_size(described.metadata)
        texts = [
            f.name for f in described.schema_arrow if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)
        ]
        file.seek(0)
        rows = pq.ParquetFile(file, read_dictionary=texts, pre_buffer=False)
        for batch in rows.iter_batches(batch_size=100 * limits.BATCH, use_threads=False):
            sink = pa.BufferOutputStream()
            with pyarrow.ipc.new_stream(sink, batch.schema) as stream:
                stream.write_batch(batch)
            yield sink.getvalue().to_pybytes()


def _texts_of(pa: Any, schema: Any) -> list[str]:
    """Columns of text, which stay in their dictionary: a long text that stands in every row stands in memory once."""
    return [f.name for f in schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type)]


@contextlib.contextmanager
def _told(pa: Any) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowMemoryError, MemoryError):
        raise
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:200]
        raise Trouble(_("is a damaged or cut off Parquet file (%(reason)s)", reason=reason)) from error


def _check_size(metadata: Any) -> None:
    if metadata.num_rows > limits.MOST_FIGURES:
        rows, most = f"{metadata.num_rows:,}", f"{limits.MOST_FIGURES:,}"
        raise Trouble(_("has %(rows)s rows; a file has at most %(most)s: divide it", rows=rows, most=most))
    unpacked = sum(metadata.row_group(index).total_byte_size for index in range(metadata.num_row_groups))
    if unpacked > limits.MOST_PARQUET_BYTES:
        size, most = f"{unpacked:,}", f"{limits.MOST_PARQUET_BYTES:,}"
        raise Trouble(_("unpacks to %(size)s bytes; a file to at most %(most)s: divide it", size=size, most=most))


def _why_not(pa: Any, type_: Any) -> Said | None:
    types = pa.types
    value = type_.value_type if types.is_dictionary(type_) else type_
    if types.is_float16(value) or types.is_float32(value):
        return _(
            "has the type %(type)s, which keeps less than the published digits: write it as double", type=str(value)
        )
    fine = (
        types.is_string,
        types.is_large_string,
        types.is_integer,
        types.is_floating,
        types.is_decimal,
        types.is_null,
    )
    if any(kind(value) for kind in fine):
        return None
    if types.is_temporal(value):
        return _("holds dates (%(type)s): write the year as a whole number", type=str(value))
    return _("has the type %(type)s; expected is text or a number", type=str(value)[:80])


class _Column:
    """The cells of a column, batch by batch; its dictionary is mostly that of the batch before."""

    def __init__(self) -> None:
        self._dictionary: Any = None
        self._values: list[Cell] = []

    def cells(self, column: Any) -> list[Cell]:
        """The cells of a batch."""
        dictionary = getattr(column, "dictionary", None)
        if dictionary is None:
            return [str(cell) if isinstance(cell, Decimal) else cell for cell in column.to_pylist()]
        if self._dictionary is None or not dictionary.equals(self._dictionary):
            self._dictionary, self._values = dictionary, _texts(dictionary)
        values = self._values
        return [None if index is None else values[index] for index in column.indices.to_pylist()]


def _texts(dictionary: Any) -> list[Cell]:
    values = [cut(value) if isinstance(value, str) else value for value in dictionary.to_pylist()]
    if sum(len(value) for value in values if isinstance(value, str)) > limits.BATCH_CHARACTERS:
        most = f"{limits.BATCH_CHARACTERS:,}"
        raise Trouble(_("holds texts of more than %(most)s characters together", most=most))
    return values
