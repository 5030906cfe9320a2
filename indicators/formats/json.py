"""JSON: a page with its `meta` and `next`, rows written from string fragments."""

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, numbers


class Json(Format):
    """An object `{meta, next, results}`."""

    name = "json"
    media_type = "application/json"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    paged = True
    description = "One page as an object `{meta, next, results}`."

    def write(self, answer: Answer) -> Iterator[bytes]:
        template = "{" + ",".join(f"{orjson.dumps(column.name).decode()}:%s" for column in answer.columns) + "}"
        head = b'{"meta":' + orjson.dumps(answer.meta) + b',"next":' + orjson.dumps(answer.next) + b',"results":['
        for batch in batches(answer):
            texts = [
                _texts(column, values) for column, values in zip(answer.columns, zip(*batch, strict=True), strict=True)
            ]
            yield head + ",".join([template % row for row in zip(*texts, strict=True)]).encode()
            head = b","
        yield b"]}" if head == b"," else head + b"]}"


def _texts(column: Column, values: Sequence[Any]) -> Sequence[str]:
    if column.type == "number":
        return numbers(values, "null")
    if column.type == "integer":
        return ["null" if value is None else str(value) for value in values]
    quoted = {value: orjson.dumps(value).decode() for value in set(values)}
    return [quoted[value] for value in values]
