"""NDJSON: one JSON object a line, written as JSON writes its rows."""

from collections.abc import Iterator

from ..query.slice import Answer
from .base import Format, batches
from .json import objects


class NdJson(Format):
    """The whole slice, one object for each row."""

    name = "ndjson"
    media_type = "application/x-ndjson"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    description = "The whole slice: one JSON object a line, the same as in `results`."

    def write(self, answer: Answer) -> Iterator[bytes]:
        for batch in batches(answer):
            yield ("\n".join(objects(answer.columns, batch)) + "\n").encode()
