"""CSV by RFC 4180: UTF-8, CRLF, a header row; null is an empty cell."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, flat, guarded, numbers
from .json import array


class Csv(Format):
    """The whole slice, one line for each row."""

    name = "csv"
    media_type = "text/csv"
    description = "The whole slice: RFC 4180, CRLF, UTF-8, with a header; a missing value is an empty cell."
    options = frozenset({"labels", "bom"})

    def write(self, answer: Answer) -> Iterator[bytes]:
        answer = flat(answer)
        found = batches(answer)
        batch = next(found, [])  # before the header: a fault here is still an error, not a broken file
        mark = codecs.BOM_UTF8 if answer.options.get("bom") else b""
        yield mark + lines([[column.name for column in answer.columns]])
        while batch:
            columns = [
                _cells(column, values) for column, values in zip(answer.columns, zip(*batch, strict=True), strict=True)
            ]
            yield lines(zip(*columns, strict=True))
            batch = next(found, [])


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
