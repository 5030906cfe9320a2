"""NDJSON: one JSON object a line, written as JSON writes its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import orjson

from ..query.slice import Answer
from .base import Format, batches
from .columnar import Spelling, body, decimals
from .json import objects

if TYPE_CHECKING:
    import pyarrow


class NdJson(Format):
    """The whole slice, one object for each row."""

    name = "ndjson"
    media_type = "application/x-ndjson"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    filed = True
    description = "The whole slice: one JSON object a line, the same as in `results`."

    def write(self, answer: Answer) -> Iterator[bytes]:
        for batch in batches(answer):
            yield ("\n".join(objects(answer.columns, batch)) + "\n").encode()

    def write_batches(self, answer: Answer, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes | memoryview]:
        names = [orjson.dumps(column.name).decode() for column in answer.columns]
        spell = [Spelling(lambda value: orjson.dumps(value).decode(), "null") for _ in names]
        for batch in batches:
            row: list[Any] = []
            for n, (column, values) in enumerate(zip(answer.columns, batch.columns, strict=True)):
                texts = decimals(values).fill_null("null") if column.type == "number" else spell[n](values)
                row += [f"{',' if n else '{'}{names[n]}:", texts]
            yield body([*row, "}\n"], batch.num_rows)

    def head(self, answer: Answer) -> bytes:
        return b""
