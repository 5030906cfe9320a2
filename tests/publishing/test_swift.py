"""Tables read column by column give the figures that reading them row by row gives, or leave them to that."""

import csv
import io
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.publishing.figures import Figures
from indicators.publishing.submitted.header import Defaults, read_header
from indicators.publishing.submitted.names import Layout
from indicators.publishing.submitted.read import read_file
from indicators.publishing.submitted.swift import parquet_columns, text_columns
from indicators.publishing.submitted.text import dialect_of
from tests.conftest import FIXTURES

HEADER = ["指标", "region", "year", "value", "status", "source", "note"]
NO_DEFAULTS = Defaults()

plain = st.text("ab7 　é指.-=", max_size=5)
odd_numbers = ["", "-0", "0.10", "-0.0", "1e3", "1,5", "65%", "６５", "nan", "٣", " 1", "1.", ".5", "--1"]
long_numbers = ["123456789012345", "0.1234567890123456", "1234567890123456789"]
numbers = st.one_of(
    st.sampled_from(odd_numbers + long_numbers),
    st.decimals(-(10**6), 10**6, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
years = st.one_of(
    st.integers(1000, 9999).map(str), st.sampled_from(["", "0999", "10000", " 2020 ", "2020年", "２０２０"])
)
rows = st.tuples(plain, plain, years, numbers, st.sampled_from(["A", "L", "", " A"]), plain, plain)


def written(path: Path, table: list[tuple[str, ...]], quote: bool = False, end: str = "\r\n") -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator=end).writerows([HEADER, *table])
    content = text.getvalue()
    path.write_text(content.replace(HEADER[0], f'"{HEADER[0]}"', 1) if quote else content, encoding="utf-8", newline="")
    return path


def swift(path: Path, defaults: Defaults = NO_DEFAULTS) -> Figures | None:
    """What reading by columns alone says."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        layout = read_header(1, next(csv.reader(file)), defaults, False, [])
    assert layout is not None
    return text_columns(path, dialect_of(path, []), layout, defaults)


@given(st.lists(rows, max_size=4), st.sampled_from(["\n", "\r\n", "\r"]))
def test_columns_give_what_rows_give(tmp_path_factory: pytest.TempPathFactory, table: list[Any], end: str) -> None:
    folder = tmp_path_factory.mktemp("swift")
    by_rows = read_file(written(folder / "rows.csv", table, quote=True, end=end))  # a quote leads to the slow way
    path = written(folder / "columns.csv", table, end=end)
    found = swift(path)
    if found is None:
        return
    assert by_rows.faults.listed() == []
    assert found == by_rows.figures
    assert read_file(path).figures == found


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_right_table_takes_the_swift_way(tmp_path: Path, end: str, mark: str) -> None:
    table = [
        (f"i{n % 7}", f"{370000 + n}", "2020", "" if n % 5 == 0 else f"-{n}.50", "L" if n % 5 == 0 else "A", "S1", "注")
        for n in range(3000)
    ]
    path = written(tmp_path / "right.csv", table, end=end)
    path.write_text(mark + path.read_text(encoding="utf-8"), encoding="utf-8", newline="")
    found = swift(path)
    assert found is not None
    assert found == read_file(written(tmp_path / "quoted.csv", table, quote=True)).figures
    assert (found[2999].line, found[1].value, found[0].value, found[0].note) == (3001, -1.5, None, "注")


DOUBTFUL = {
    "a quote": 'i,r,2020,1,A,S,"a"\n',
    "a cell too many": "i,r,2020,1,A,S,,x\n",
    "a cell too few": "i,r,2020,1,A,S\n",
    "a blank line": "i,r,2020,1,A,S,\n\ni,q,2020,1,A,S,\n",
    "a lone carriage return": "i,r,2020,1,A,S,a\rb\n",
    "no code": ",r,2020,1,A,S,\n",
    "a code of spaces": " ,r,2020,1,A,S,\n",
    "no status": "i,r,2020,1,,S,\n",
    "no rows": "",
    "a long cell": f"i,r,2020,1,A,S,{'x' * 40_000}\n",
}


@pytest.mark.parametrize("content", DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_is_not_plainly_right_is_left_to_a_closer_look(tmp_path: Path, content: str) -> None:
    path = tmp_path / "doubtful.csv"
    path.write_text(",".join(HEADER) + "\n" + content, encoding="utf-8", newline="")
    assert swift(path) is None


def test_the_pack_is_read_swiftly_or_not_with_the_same_figures(tmp_path: Path) -> None:
    """As Parquet, which has types, each release of the pack comes out as it does from CSV."""
    for source in sorted((FIXTURES / "observations").glob("*.csv")):
        with source.open(encoding="utf-8", newline="") as file:
            header, *body = list(csv.reader(file))
        columns: dict[str, Any] = {
            name: pyarrow.array([cell or None for cell in cells])
            for name, cells in zip(header, zip(*body, strict=True), strict=True)
        }
        columns["year"] = pyarrow.array([int(year.as_py()) for year in columns["year"]], pyarrow.int16())
        columns["value"] = pyarrow.array([v.as_py() and float(v.as_py()) for v in columns["value"]], pyarrow.float64())
        path = tmp_path / f"{source.stem}.parquet"
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
        by_rows = read_file(source).figures
        found = read_file(path)
        assert found.faults.listed() == []
        assert [row[1:] for row in found.figures] == [row[1:] for row in by_rows]


def test_columns_of_parquet_are_taken_as_they_are(tmp_path: Path) -> None:
    names = ["indicator", "region", "year", "value", "status", "source"]
    layout = Layout({name: place for place, name in enumerate(names)}, {}, 6, False)
    right = {"indicator": ["i", "i"], "region": ["r", "s"], "year": [2020, 2021], "value": [1.5, None],
             "status": ["A", "L"], "source": ["S", None]}  # fmt: skip
    path = tmp_path / "table.parquet"
    for changes, taken in (
        ({}, True),
        ({"value": [1, 2]}, True),
        ({"value": [float("nan"), 1.0]}, False),
        ({"value": [1e16, 1.0]}, False),
        ({"value": ["1.5", "2"]}, False),
        ({"year": [2020, None]}, False),
        ({"year": [2020, 999]}, False),
        ({"region": ["r", None]}, False),
        ({"region": ["r", " "]}, False),
    ):
        pyarrow.parquet.write_table(pyarrow.table({**right, **changes}), path)
        found = parquet_columns(path, layout, NO_DEFAULTS)
        assert (found is not None) == taken, changes
        if found is not None:
            assert [row.source for row in found] == ["S", None]
