"""NAMES: what columns are called in Chinese and in English, and what the header of a table says of its form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from .records import Cell, letters

#: column -> the names by which it is known, the first of which messages use; among them those of SDMX-CSV.
NAMES: dict[str, tuple[str, ...]] = {
    "indicator": ("indicator", "indicator_code", "indicator_id", "指标", "指标代码", "指标编码"),
    "region": (
        "region", "region_code", "region_id", "ref_area", "地区", "地区代码", "地区编码", "区划代码", "行政区划代码",
    ),
    "year": ("year", "time_period", "年份", "年", "年度"),
    "value": ("value", "obs_value", "数值", "值", "指标值"),
    "status": ("status", "obs_status", "状态", "数据状态", "观测状态"),
    "source": ("source", "source_code", "source_id", "来源", "来源代码", "数据来源"),
    "locator": ("locator", "出处", "页码", "位置"),
    "note": ("note", "notes", "备注", "说明", "注释", "注"),
}  # fmt: skip
#: name -> column.
COLUMN_OF = {name: column for column, names in NAMES.items() for name in names}
_YEAR = re.compile(r"([1-9][0-9]{3})年?")


def folded(text: str) -> str:
    """A name without differences of case, width and spaces."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", text).casefold().strip())


def recognised(cell: Cell) -> bool:
    """Whether a cell of a header is the name of a column, or a year."""
    return column_of(cell) is not None or year_of(cell) is not None


def column_of(cell: Cell) -> str | None:
    """The column that a cell of the header names."""
    return COLUMN_OF.get(folded(cell)) if isinstance(cell, str) and len(cell) < 50 else None


def year_of(cell: Cell) -> int | None:
    """The year that a cell of the header names: 2020 or 2020年."""
    if isinstance(cell, int | float):
        return int(cell) if cell == int(cell) and 1000 <= cell <= 9999 else None
    found = _YEAR.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return int(found[1]) if found else None


@dataclass(frozen=True)
class Layout:
    """Where each column stands; `years` are the columns of the wide form, which has none for year and value."""

    columns: Mapping[str, int]
    years: Mapping[int, int]
    width: int
    lettered: bool

    def place(self, line: int, column: str, year: int | None = None) -> tuple[str, str | None]:
        """The name of the column to show for a figure, and in workbooks the cell, such as D12."""
        index = self.columns.get(column, self.columns.get("value"))
        if year is not None and year in self.years and column not in self.columns:
            index = self.years[year]
            column = str(year) if column in ("value", "year") else column
        return column, f"{letters(index)}{line}" if self.lettered and index is not None else None
