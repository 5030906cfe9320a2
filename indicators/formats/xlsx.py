"""XLSX: a workbook with one sheet of data, and one that says what the data are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from ..query.columns import Column
from ..query.slice import Answer
from .base import Format, batches, flat, guarded, numbers
from .columnar import Spelling, body, decimals, joined
from .files import about
from .json import array
from .workbook import EMPTY, MOST_ROWS, Sheet, Workbook, day, letters, number, text

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")


class Xlsx(Format):
    """The whole slice on a sheet, one row for each row."""

    name = "xlsx"
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    charset = None
    binary = True
    filed = True
    description = "The whole slice as a workbook: codes are text, a missing value is an empty cell."
    bound = MOST_ROWS - 1
    options = frozenset({"labels"})

    def write(self, answer: Answer) -> Iterator[bytes]:
        answer = flat(answer)
        found = batches(answer)
        first = next(found, [])  # before the first byte: a fault here is still an error, not a broken file
        parts = chain([first] if first else [], found)
        return _book(answer, parts, lambda sheet, batch: sheet.add(_columns(answer, batch)))

    def write_batches(self, answer: Answer, batches: Iterable[pyarrow.RecordBatch]) -> Iterator[bytes | memoryview]:
        spelled = [_spelling(*pair) for pair in zip(answer.columns, _following(len(answer.columns)), strict=True)]
        return _book(answer, batches, lambda sheet, batch: _add(sheet, batch, spelled))


def _book(answer: Answer, parts: Iterable[T], add: Callable[[Sheet, T], None]) -> Iterator[bytes]:
    """The workbook, its rows added part by part."""
    book = Workbook()
    with book.sheet("data", [max(12, len(column.name) + 2) for column in answer.columns]) as sheet:
        sheet.add([[text(column.name, bold=True)] for column in answer.columns])
        for part in parts:
            add(sheet, part)
            yield book.taken()
    with book.sheet("about", (24, 100)) as sheet:
        sheet.add([[text("name", bold=True)], [text("description", bold=True)]])
        described = about(answer) | {column.name: column.description for column in answer.columns}
        sheet.add([[text(name) for name in described], [text(guarded(words)) for words in described.values()]])
    book.close()
    yield book.taken()


def _columns(answer: Answer, batch: Sequence[Sequence[Any]]) -> list[Sequence[str]]:
    return [_cells(column, values) for column, values in zip(answer.columns, zip(*batch, strict=True), strict=True)]


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


def _following(count: int) -> list[str]:
    """What comes behind each cell of a row: the beginning of the next one, or the end of the row."""
    return [*(f'<c r="{letters(n)}' for n in range(1, count)), "</row>"]


def _spelling(column: Column, following: str) -> Callable[[pyarrow.Array], pyarrow.Array | str]:
    """A column as cells from behind the number of their row on, each with what follows it."""
    empty = f'"{EMPTY}{following}'
    if column.type != "number":
        return Spelling(lambda value: f'"{_cell(column, value)}{following}', empty)
    before, after = number("|").split("|")
    return lambda values: joined([f'"{before}', decimals(values), f"{after}{following}"]).fill_null(empty)


def _add(
    sheet: Sheet, batch: pyarrow.RecordBatch, spelled: Sequence[Callable[[pyarrow.Array], pyarrow.Array | str]]
) -> None:
    import pyarrow

    first = sheet.next_row
    rows = pyarrow.array(range(first, first + batch.num_rows), pyarrow.int32()).cast(pyarrow.large_string())
    pieces: list[Any] = ['<row r="', rows, '"><c r="A']
    for spell, values in zip(spelled, batch.columns, strict=True):
        pieces += [rows, spell(values)]
    sheet.write(body(pieces, batch.num_rows), batch.num_rows)
