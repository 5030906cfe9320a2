"""Tables without any fault, read column by column: ten times faster than row by row, and with the same figures.

Whatever is not plainly right, or could have a place that is not easily told, is left to `rows.py`, which alone says
what is wrong: None here means that nobody knows yet.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ...models import LARGEST_VALUE
from ..figures import SCHEMA, TEXTS, Figures
from . import limits
from .header import Defaults
from .marks import why_no_value
from .names import Layout
from .process import read_columns
from .rows import LONGEST_NUMBER, NEEDED, Memory
from .text import Dialect

#: What is surely read as it is written: a short decimal.
_NUMBER = r"^-?[0-9]{1,12}(\.[0-9]{1,12})?$"
_SHORT = 15


class _Unsure(Exception):
    """Something is not plainly right."""


def text_columns(path: Path, dialect: Dialect, layout: Layout, defaults: Defaults) -> Figures | None:
    """The figures of a CSV file in long form whose header is its first line; None if that takes a closer look."""
    content = path.read_bytes()
    ends = content.count(b"\r") in (0, content.count(b"\r\n"))
    if dialect.encoding != "utf-8-sig" or b'"' in content or not ends or not _long(layout):
        return None
    names = [str(index) for index in range(layout.width)]
    types = {str(index): pa.string() if name == "value" else _TEXT for name, index in layout.columns.items()}
    try:
        table = pyarrow.csv.read_csv(
            io.BytesIO(content),
            pyarrow.csv.ReadOptions(skip_rows=1, column_names=names, block_size=limits.LONGEST_RECORD),
            pyarrow.csv.ParseOptions(delimiter=dialect.separator, quote_char=False, ignore_empty_lines=False),
            pyarrow.csv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
        return _figures(table, layout, defaults, 2, _decimals)
    except (pa.ArrowInvalid, _Unsure):
        return None


def parquet_columns(path: Path, layout: Layout, defaults: Defaults) -> Figures | None:
    """The figures of a Parquet file in long form; None if that takes a closer look."""
    if not _long(layout):
        return None
    try:
        parts = list(read_columns(path))
        return _figures(pa.Table.from_batches(parts), layout, defaults, 1, _doubles) if parts else None
    except (pa.ArrowInvalid, _Unsure):
        return None


_TEXT = SCHEMA.field("indicator").type


def _long(layout: Layout) -> bool:
    """Whether all columns are known, and no year is one."""
    return not layout.years and sorted(layout.columns.values()) == list(range(layout.width))


def _figures(
    table: pa.Table, layout: Layout, defaults: Defaults, first: int, number: Callable[[pa.Array], pa.Array]
) -> Figures | None:
    rows = table.num_rows
    if not 0 < rows <= limits.MOST_FIGURES:
        return None
    table = table.unify_dictionaries().combine_chunks()
    found = {"line": pa.array(range(first, first + rows), pa.int64())}
    for name in SCHEMA.names[1:]:
        index = layout.columns.get(name)
        if index is None:
            text = defaults.of(name)
            found[name] = pa.array([text], _TEXT).take(pa.repeat(pa.scalar(0, pa.int32()), rows))
        elif name == "value":
            found[name] = number(table.column(index).chunk(0))
        else:
            of, column = (_text(name) if name in TEXTS else _year), table.column(index).chunk(0)
            if column.null_count and (name in NEEDED or name == "year"):
                raise _Unsure
            found[name] = _each(column, of, SCHEMA.field(name).type)
    return Figures(pa.table(found, SCHEMA))


def _each(column: pa.Array, of: Callable[[str], object], type_: pa.DataType) -> pa.Array:
    """What `of` makes of each text, row by row; it is asked once for each text."""
    if pa.types.is_null(column.type):
        return pa.nulls(len(column), type_)
    if not pa.types.is_dictionary(column.type):
        column = column.dictionary_encode()
    return pa.array(map(of, column.dictionary.to_pylist()), type_).take(column.indices)


def _text(name: str) -> Callable[[str], str | None]:
    memory = Memory()

    def text(cell: str) -> str | None:
        if cell == "" and name not in NEEDED:
            return None
        try:
            return memory[cell]
        except KeyError:
            raise _Unsure from None

    return text


def _year(cell: str | int) -> int:
    if not re.fullmatch(r"[1-9][0-9]{3}", str(cell).strip(), re.ASCII):
        raise _Unsure
    return int(cell)


def _decimals(column: pa.Array) -> pa.Array:
    """Texts as numbers; an empty one is missing."""
    text = pc.if_else(pc.equal(column, ""), None, column)
    plain = pc.and_(pc.match_substring_regex(text, _NUMBER), pc.less_equal(pc.utf8_length(text), _SHORT))
    if any(
        len(number) > LONGEST_NUMBER or why_no_value(number) for number in text.filter(pc.invert(plain)).to_pylist()
    ):
        raise _Unsure
    return pc.add(text.cast(pa.float64()), 0.0)  # -0.0 becomes 0.0


def _doubles(column: pa.Array) -> pa.Array:
    if not (pa.types.is_float64(column.type) or pa.types.is_integer(column.type)):
        raise _Unsure
    values = column.cast(pa.float64())
    if not pc.all(pc.less_equal(pc.abs(values), LARGEST_VALUE), min_count=0).as_py():  # what is no number is not less
        raise _Unsure
    return pc.add(values, 0.0)
