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
        head = b'{"meta":' + orjson.dumps(answer.meta) + b',"next":' + orjson.dumps(answer.next) + b',"results":['
        for batch in batches(answer):
            yield head + ",".join(objects(answer.columns, batch)).encode()
            head = b","
        yield b"]}" if head == b"," else head + b"]}"


def objects(columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Rows as JSON objects."""
    template = "{" + ",".join(f"{orjson.dumps(column.name).decode()}:%s" for column in columns) + "}"
    if not rows:
        return []
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
        rows = [[value[member.name] for member in column.members] for value in values if value is not None]
        held = iter(objects(column.members, rows))
        return ["null" if value is None else next(held) for value in values]
    quoted = {value: orjson.dumps(value).decode() for value in set(values)}
    return [quoted[value] for value in values]


def array(column: Column, values: Sequence[Any] | None) -> str:
    """An array as JSON text, numbers to the published digit."""
    if values is None:
        return "null"
    if column.members:
        rows = [[value[member.name] for member in column.members] for value in values]
        return f"[{','.join(objects(column.members, rows))}]"
    if column.items == "number":
        return f"[{','.join(numbers(values, 'null'))}]"
    return orjson.dumps(values).decode()
