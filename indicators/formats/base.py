"""What a format is: a name, a media type, and an answer turned into chunks of bytes.

A format never asks the database: it is handed an `Answer` and reads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, ClassVar

from ..models import decimal_text
from ..query.slice import Answer

#: Rows turned into one chunk of bytes.
ROWS_A_CHUNK = 2_000


class Format:
    """One representation of an answer.

    `paged` formats answer a page and say where the next begins; the others stream the whole slice.
    `write` is called once for each answer; it may be a generator, and must ask for the first row before it yields.
    """

    name: ClassVar[str]
    media_type: ClassVar[str]
    charset: ClassVar[str | None] = "utf-8"
    paged: ClassVar[bool] = False
    description: ClassVar[str]

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as the Content-Type header gives it."""
        return f"{self.media_type}; charset={self.charset}" if self.charset else self.media_type

    def write(self, answer: Answer) -> Iterator[bytes]:
        """The answer as chunks of bytes."""
        raise NotImplementedError


def batches(answer: Answer) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of an answer, some thousands at a time; the first batch is read when the first is asked for."""
    rows = iter(answer.rows)
    while batch := list(islice(rows, ROWS_A_CHUNK)):
        yield batch


def numbers(values: Sequence[float | None], missing: str) -> list[str]:
    """Decimal text of a column of numbers."""
    return [missing if value is None else decimal_text(value) for value in values]
