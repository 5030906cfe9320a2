"""XLSX: a workbook with one sheet of data, and one that says what the data are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, flat, guarded, numbers
from .files import about
from .json import array
from .workbook import EMPTY, MOST_ROWS, Workbook, day, number, text


class Xlsx(Format):
    """The whole slice on a sheet, one row for each row."""

    name = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    charset = None
    binary = True
    description = "The whole slice as a workbook: codes are text, a missing value is an empty cell."
    bound = MOST_ROWS - 1
    options = frozenset({"labels"})

    def write(self, answer: Answer) -> Iterator[bytes]:
        answer = flat(answer)
        found = batches(answer)
        batch = next(found, [])  # before the first byte: a fault here is still an error, not a broken file
        book = Workbook()
        with book.sheet("data", [max(12, len(column.name) + 2) for column in answer.columns]) as sheet:
            sheet.add([[text(column.name, bold=True)] for column in answer.columns])
            while batch:
                sheet.add([_cells(*pair) for pair in zip(answer.columns, zip(*batch, strict=True), strict=True)])
                yield book.taken()
                batch = next(found, [])
        with book.sheet("about", (24, 100)) as sheet:
            sheet.add([[text("name", bold=True)], [text("description", bold=True)]])
            described = about(answer) | {column.name: column.description for column in answer.columns}
            sheet.add([[text(name) for name in described], [text(guarded(words)) for words in described.values()]])
        book.close()
        yield book.taken()


def _cells(column: Column, values: Sequence[Any]) -> Sequence[str]:
    if column.type == "number":
        return [number(digits) if digits else EMPTY for digits in numbers(values, "")]
    if column.type == "array":
        return [text(array(column, value)) for value in values]
    made = {value: _cell(column, value) for value in set(values)}
    return [made[value] for value in values]


def _cell(column: Column, value: Any) -> str:
    if value is None:
        return EMPTY
    if column.type == "integer":
        return number(str(value))
    return day(value) if column.type == "date" else text(guarded(value))
