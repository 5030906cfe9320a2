"""JSON: a page with its `meta` and `next`, rows written from string fragments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, array, batches, numbers


class Json(Format):
    """An object `{meta, next, results}`."""

    name = "json"
    media_type = "application/json"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    paged = True
    description = "One page as an object `{meta, next, results}`."

    def write(self, answer: Answer) -> Iterator[bytes]:
        head = b'{"meta":' + orjson.dumps(answer.meta) + b',"next":' + orjson.dumps(answer.next) + b',"results":['
        for batch in batches(answer):
            yield head + ",".join(objects(answer.columns, batch)).encode()
            head = b","
        yield b"]}" if head == b"," else head + b"]}"


def objects(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows as JSON objects."""
    template = "{" + ",".join(f"{orjson.dumps(column.name).decode()}:%s" for column in columns) + "}"
    texts = [_texts(column, values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)]
    return [template % row for row in zip(*texts, strict=True)]


def _texts(column: Column, values: Sequence[Any]) -> Sequence[str]:
    if column.type == "number":
        return numbers(values, "null")
    if column.type == "integer":
        return ["null" if value is None else str(value) for value in values]
    if column.type == "array":
        return [array(column, value) for value in values]
    if column.type == "object":
        return ["null" if value is None else _object(column.members, value) for value in values]
    quoted = {value: orjson.dumps(value).decode() for value in set(values)}
    return [quoted[value] for value in values]


def _object(members: Sequence[Column], value: Mapping[str, Any]) -> str:
    return objects(members, [[value[member.name] for member in members]])[0]
