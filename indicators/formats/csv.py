"""CSV by RFC 4180: UTF-8, CRLF, a header row; null is an empty cell."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, flat, guarded, numbers
from .columnar import Spelling, body, decimals
from .json import array

if TYPE_CHECKING:
    import pyarrow


class Csv(Format):
    """The whole slice, one line for each row."""

    name = "csv"
    media_type = "text/csv"
    description = "The whole slice: RFC 4180, CRLF, UTF-8, with a header; a missing value is an empty cell."
    options = frozenset({"labels", "bom"})
    filed = True
    codings = ("zst",)

    def write(self, answer: Answer) -> Iterator[bytes]:
        answer = flat(answer)
        found = batches(answer)
        batch = next(found, [])  # before the header: a fault here is still an error, not a broken file
        yield self.head(answer)
        while batch:
            columns = [
                _cells(column, values) for column, values in zip(answer.columns, zip(*batch, strict=True), strict=True)
            ]
            yield lines(zip(*columns, strict=True))
            batch = next(found, [])

    def write_batches(self, answer: Answer, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes | memoryview]:
        yield self.head(answer)
        ends = [*[","] * (len(answer.columns) - 1), "\r\n"]
        spelled = list(map(_spelling, answer.columns))
        for batch in batches:
            cells = (spell(values) for spell, values in zip(spelled, batch.columns, strict=True))
            yield body([piece for pair in zip(cells, ends, strict=True) for piece in pair], batch.num_rows)

    def head(self, answer: Answer) -> bytes:
        mark = codecs.BOM_UTF8 if answer.options.get("bom") else b""
        return mark + lines([[column.name for column in answer.columns]])


def lines(rows: Any) -> bytes:
    """Rows of cells as lines of a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cells(column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.type == "number":
        return numbers(values, "")
    if column.type == "array":
        return [array(column, value) for value in values]
    if column.type != "string":
        return values
    return ["" if value is None else guarded(value) for value in values]


def _spelling(column: Column) -> Callable[[pyarrow.Array], pyarrow.Array | str]:
    if column.type == "number":
        return lambda values: decimals(values).fill_null("")
    return Spelling(lambda value: _quoted(guarded(value)) if column.type == "string" else str(value), "")


def _quoted(text: str) -> str:
    """A cell as `csv` writes one of several: quoted where it must be."""
    return '"' + text.replace('"', '""') + '"' if re.search('[",\r\n]', text) else text
