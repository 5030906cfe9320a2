"""Figures: the rows of a submission with their types, in columns (Apache Arrow), as checks and comparison see them.

A million rows as tuples take 400 MB and seconds for every question about them; as columns they take 50 MB and
hundredths. Texts are dictionaries, so a question about codes is asked once for each code, not once for each row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, overload

import pyarrow as pa
import pyarrow.compute as pc

from ..models import FIRST_YEAR, LARGEST_VALUE, LAST_YEAR, decimal_text
from .faults import Fault
from .readers import Table
from .words import Said
from .words import Said as _

#: A decimal of up to 15 significant digits always comes back from a double; longer ones are tried.
_SAFE_LENGTH = 15

COLUMNS = ("indicator", "region", "year", "value", "status", "source", "locator", "note")
REQUIRED = ("indicator", "region", "year", "value", "status", "source")
#: Columns of text, and those of them that make a new vintage when they differ from the row in force.
TEXTS = ("indicator", "region", "status", "source", "locator", "note")
CONTENT = ("status", "source", "locator", "note")
Key = tuple[str, str, int]

_TEXT = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [("line", pa.int64()), *((name, {"year": pa.int32(), "value": pa.float64()}.get(name, _TEXT)) for name in COLUMNS)]
)
#: Rows that are made columns, or tuples again, at a time.
BATCH = 10_000
#: More than any year: a cell is one number, its series times this plus its year.
_YEARS = 10_000


class Figure(NamedTuple):
    """One figure as submitted."""

    line: int
    indicator: str
    region: str
    year: int
    value: float | None
    status: str
    source: str | None
    locator: str | None
    note: str | None

    @property
    def key(self) -> Key:
        """The cell that the figure is for."""
        return self.indicator, self.region, self.year


@dataclass(frozen=True, eq=False)
class Figures(Sequence[Figure]):
    """Many figures: a table of SCHEMA in one chunk. They equal any sequence of the same figures."""

    table: pa.Table

    @classmethod
    def of(cls, rows: Iterable[Figure]) -> Figures:
        """Rows as columns; those that are columns already stay as they are."""
        return rows if isinstance(rows, Figures) else cls.joined(_batches(rows))

    @classmethod
    def joined(cls, parts: Iterable[pa.RecordBatch | pa.Table]) -> Figures:
        """Tables of SCHEMA, one after the other."""
        tables = [part if isinstance(part, pa.Table) else pa.Table.from_batches([part]) for part in parts]
        table = pa.concat_tables(tables) if tables else SCHEMA.empty_table()
        return cls(table.unify_dictionaries().combine_chunks())

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Figure]:
        return map(Figure._make, self.rows(SCHEMA.names))

    @overload
    def __getitem__(self, index: int) -> Figure: ...
    @overload
    def __getitem__(self, index: slice) -> Figures: ...
    def __getitem__(self, index: int | slice) -> Figure | Figures:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            return self.take(pa.array(range(start, stop, step), pa.int64()))
        return Figure(**self.table.slice(range(len(self))[index], 1).to_pylist()[0])

    def rows(self, names: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Some columns as tuples, made some thousands at a time."""
        for batch in self.table.select(names).to_batches(max_chunksize=BATCH):
            yield from zip(*map(_listed, batch.columns), strict=True)

    def column(self, name: str) -> pa.Array:
        """One column."""
        column = self.table.column(name)
        return column.chunk(0) if column.num_chunks else pa.array([], column.type)

    def each(self, name: str, of: Callable[[Any], Any], type_: pa.DataType) -> pa.Array:
        """What `of` says of the code in a column, row by row; it is asked once for each code."""
        column = self.column(name)
        return pa.array(map(of, column.dictionary.to_pylist()), type_).take(column.indices)

    def distinct(self, name: str) -> list[Any]:
        """The values of a column, each once, in order; missing ones left out."""
        return sorted(set(pc.unique(self.column(name)).to_pylist()) - {None})

    def series(self, most: int) -> list[tuple[str, str]] | None:
        """The indicator and region of each series that figures are of, in order; None if there are more than `most`."""
        indicator, region = self.column("indicator"), self.column("region")
        regions = max(len(region.dictionary), 1)
        places = pc.add(pc.multiply(indicator.indices.cast(pa.int64()), regions), region.indices)
        found = pc.unique(places)
        if len(found) > most:
            return None
        indicators, codes = indicator.dictionary.to_pylist(), region.dictionary.to_pylist()
        return sorted((indicators[place // regions], codes[place % regions]) for place in found.to_pylist())

    def where(self, mask: pa.Array) -> Figures:
        """The rows for which the mask is true."""
        return Figures(self.table.filter(mask).combine_chunks())

    def take(self, places: pa.Array) -> Figures:
        """The rows at these places."""
        return Figures(self.table.take(places).combine_chunks())

    def by_cell(self) -> Figures:
        """The rows by indicator, region and year, by code point: in the order of the key they are written fastest."""
        return self.take(pc.array_sort_indices(cells(self)[0]))


class Gathering:
    """Figures as they come, one by one, made columns some thousands at a time."""

    def __init__(self) -> None:
        self._rows: list[Figure] = []
        self._parts: list[pa.RecordBatch] = []
        self._number = 0

    def __len__(self) -> int:
        return self._number

    def append(self, figure: Figure) -> None:
        """Add one."""
        self._rows.append(figure)
        self._number += 1
        if len(self._rows) == BATCH:
            self._parts += _batches(self._rows)
            self._rows = []

    def all(self) -> Figures:
        """Those that came so far."""
        return Figures.joined([*self._parts, *_batches(self._rows)])


def cells(*many: Figures) -> list[pa.Array]:
    """The cell of every row as one number, which compares as the cells do, also between the figures that are given."""
    ranks = [
        {
            code: rank
            for rank, code in enumerate(sorted({c for some in many for c in some.column(name).dictionary.to_pylist()}))
        }
        for name in ("indicator", "region")
    ]
    return [
        pc.add(
            pc.multiply(
                pc.add(
                    pc.multiply(some.each("indicator", ranks[0].get, pa.int64()), len(ranks[1])),
                    some.each("region", ranks[1].get, pa.int64()),
                ),
                _YEARS,
            ),
            some.column("year"),
        )
        for some in many
    ]


def _listed(column: pa.Array) -> list[Any]:
    """A column as a list; a text that stands in many rows is made once."""
    if not pa.types.is_dictionary(column.type):
        return list(column.to_pylist())
    if len(column.dictionary) > len(column):
        return list(column.dictionary_decode().to_pylist())
    texts = [*column.dictionary.to_pylist(), None]
    return [texts[index] for index in column.indices.fill_null(-1).to_pylist()]


def _batches(rows: Iterable[Figure]) -> Iterator[pa.RecordBatch]:
    ahead = iter(rows)
    while some := list(islice(ahead, BATCH)):
        columns = (pa.array(values, field.type) for values, field in zip(zip(*some, strict=True), SCHEMA, strict=True))
        yield pa.record_batch(list(columns), SCHEMA)


def figures(table: Table) -> tuple[Figures, list[Fault]]:
    """Type the rows of a table; rows with a fault are left out and reported."""
    faults: list[Fault] = []
    return Figures.of(_typed(table, faults)), faults


def _typed(table: Table, faults: list[Fault]) -> Iterator[Figure]:
    for row in table.rows:
        cells = row.cells
        wrong = [
            Fault(table.name, row.line, c, _("is empty")) for c in ("indicator", "region", "status") if not cells[c]
        ]
        year, value = cells["year"] or "", cells["value"]
        if not re.fullmatch(r"[1-9][0-9]{3}", year):
            reason = _("is not a year of four digits, %(first)d to %(last)d", first=FIRST_YEAR, last=LAST_YEAR)
            message = _("%(text)r %(reason)s", text=year[:50], reason=reason)
            wrong.append(Fault(table.name, row.line, "year", message))
        if value is not None and (why := not_a_number(value)):
            message = _("%(text)r %(reason)s", text=value[:50], reason=why)
            wrong.append(Fault(table.name, row.line, "value", message))
        if wrong:
            faults += wrong
            continue
        number = None if value is None else float(value) + 0.0  # -0.0 becomes 0.0
        key = (cells["indicator"] or "", cells["region"] or "", int(year))
        texts = (cells.get("source"), cells.get("locator"), cells.get("note"))
        yield Figure(row.line, *key, number, cells["status"] or "", *texts)


def doubtful(table: Table, faults: Iterable[Fault]) -> Figures:
    """Figures of the rows that could not be typed, without year and value: their codes can still be checked."""
    lines = {fault.line for fault in faults}
    return Figures.of(
        Figure(row.line, c["indicator"], c["region"], 0, None, c["status"] or "", c["source"], None, None)
        for row in table.rows
        if row.line in lines and (c := row.cells)["indicator"] and c["region"]
    )


def not_a_number(text: str) -> Said | None:
    """Why a text is not a value, or None: what was expected instead."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        return _("is not a decimal number: write digits with a point, no separators, signs of percent or exponents")
    number = float(text)
    if abs(number) > LARGEST_VALUE:
        return _("is beyond ±%(limit)s", limit=decimal_text(LARGEST_VALUE))
    if len(text) > _SAFE_LENGTH and Decimal(decimal_text(number)) != Decimal(text):
        return _("has more digits than are kept: round it to %(number)s", number=decimal_text(number))
    return None


def digest(rows: Iterable[Figure]) -> str:
    """SHA-256 of the figures, whatever their order: the same content has the same digest.

    It is that of the lines `repr(indicator, region, year, value, …)` in order of code point, between line feeds.
    """
    lines = _lines(Figures.of(rows).by_cell())
    if not pc.all(pc.less_equal(lines[:-1], lines[1:])).as_py():  # where a code has signs that sort before a quote
        lines = lines.take(pc.array_sort_indices(lines))
    found = hashlib.sha256()
    for start in range(0, len(lines), BATCH):
        text = "\n".join(lines[start : start + BATCH].to_pylist())
        found.update(("\n" if start else "").encode() + text.encode())
    return found.hexdigest()


def _lines(figures: Figures) -> pa.Array:
    """Each figure as Python writes the tuple of its cells."""
    texts = {name: figures.each(name, repr, pa.string()).fill_null("None") for name in TEXTS}
    values = figures.column("value").dictionary_encode()
    texts["value"] = (
        pa.array(map(repr, values.dictionary.to_pylist()), pa.string()).take(values.indices).fill_null("None")
    )
    texts["year"] = figures.column("year").cast(pa.string())
    joined = pc.binary_join_element_wise(*(texts[name] for name in COLUMNS), ", ")
    return pc.binary_join_element_wise("(", joined, ")", "")
