"""What a format is: a name, a media type, and an answer turned into chunks of bytes.

A format never asks the database: it is handed an `Answer` and reads nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, Any, ClassVar

from ..models import decimal_text
from ..query.columns import Column
from ..query.slice import Answer

if TYPE_CHECKING:
    import pyarrow

#: Rows turned into one chunk of bytes.
ROWS_A_CHUNK = 2_000
#: A text cell that begins so would be run as a formula by a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Format:
    """One representation of an answer.

    `paged` formats answer a page and say where the next begins; the others stream the whole slice.
    `write` is called once for each answer; it may be a generator, and must ask for the first row before it yields.
    `columns` are those that a format needs where it has a layout of its own; `bound` is the most rows that it takes;
    `options` are the parameters that it reads; `extension` ends the names of its files; `binary` ones are no text.
    `version` is a parameter of the media type: a client may leave it out, or must name this one.
    `json_type` is what a body is to JSON Schema: an object in formats made of JSON.
    A release keeps `filed` formats as files, also compressed as a whole by each of `codings`.
    """

    name: ClassVar[str]
    media_type: ClassVar[str]
    version: ClassVar[str | None] = None
    charset: ClassVar[str | None] = "utf-8"
    paged: ClassVar[bool] = False
    binary: ClassVar[bool] = False
    description: ClassVar[str]
    columns: ClassVar[tuple[str, ...]] = ()
    bound: ClassVar[int | None] = None
    options: ClassVar[frozenset[str]] = frozenset()
    json_type: ClassVar[str] = "string"
    extension: ClassVar[str]
    filed: ClassVar[bool] = False
    codings: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls) -> None:
        """Most formats end the names of their files with their own."""
        cls.extension = cls.__dict__.get("extension", cls.name)

    @property
    def content_type(self) -> str:
        """The media type with its parameters, as the Content-Type header gives it."""
        parameters = {"version": self.version, "charset": self.charset}
        return "; ".join([self.media_type, *(f"{name}={value}" for name, value in parameters.items() if value)])

    def write(self, answer: Answer) -> Iterator[bytes]:
        """The answer as chunks of bytes."""
        raise NotImplementedError

    def write_batches(self, answer: Answer, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes | memoryview]:
        """The same, with the rows of the answer as batches of Arrow; its columns hold one value each.

        A format that is much faster column by column has a way of its own, which the suite holds to `write`.
        """
        rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
        return self.write(replace(answer, rows=rows))

    def head(self, answer: Answer) -> bytes | None:
        """What comes before the first row, where tables are joined by their rows alone; None where they cannot be."""
        return None


def batches(answer: Answer) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of an answer, some thousands at a time; the first batch is read when the first is asked for."""
    rows = iter(answer.rows)
    while batch := list(islice(rows, ROWS_A_CHUNK)):
        yield batch


def flat(answer: Answer) -> Answer:
    """The answer as a table: the members of an object as columns of their own, such as `old_value`."""
    if not any(column.type == "object" for column in answer.columns):
        return answer
    columns = [
        part if part is column else replace(part, name=f"{column.name}_{part.name}", nullable=True)
        for column in answer.columns
        for part in column.parts
    ]
    return replace(answer, columns=tuple(columns), rows=_spread(answer))


def _spread(answer: Answer) -> Iterator[tuple[Any, ...]]:
    for row in answer.rows:
        yield tuple(
            part
            for column, value in zip(answer.columns, row, strict=True)
            for part in (_members(column, value) if column.type == "object" else (value,))
        )


def _members(column: Column, value: Mapping[str, Any] | None) -> list[Any]:
    return [None if value is None else value[member.name] for member in column.members]


def guarded(text: str) -> str:
    """A text cell that no spreadsheet takes for a formula."""
    return "'" + text if text.startswith(_FORMULA) else text


def numbers(values: Sequence[float | None], missing: str) -> list[str]:
    """Decimal text of a column of numbers."""
    return [missing if value is None else decimal_text(value) for value in values]
