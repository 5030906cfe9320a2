"""Formats that write columns write what they write row by row."""

from collections.abc import Sequence
from typing import Any

import pyarrow
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.formats import FORMATS, Format
from indicators.query.columns import COLUMNS, DEFAULT_COLUMNS
from indicators.query.slice import Answer
from tests.readers import read_parquet, read_parquet_by_duckdb, read_xlsx

NAMES = (*DEFAULT_COLUMNS, "locator", "note")
META = {
    "release": "one",
    "license": "https://licence.example",
    "permalink": "https://x.example/o?as_of=one",
    "query": {},
}
BY_COLUMN = [f for f in FORMATS if type(f).write_batches is not Format.write_batches]
FILED = [f for f in FORMATS if f.filed]

hard = st.sampled_from(
    [
        "", " ", '"', "a,b", "'", "=1+1", "+", "-3", "@x", "\tt", "\rr", "one\r\ntwo", "\n", "&<>]]>", "_x000D_", "\x01",
        "\x01", "济南市", "\U0001f3d9", "null", "\ufffe", "\u2028", "\\", "1e5", "0123",
    ]
)  # fmt: skip
texts = hard | st.text(st.characters(codec="utf-8"), max_size=8)
numbers = st.floats(-1e15, 1e15) | st.sampled_from([0.0, -0.0, 5e-324, 1e15, -1e15, 1e10, 1e9, 0.1 + 0.2, 65.53, 1e-5])
missing = st.none() | texts
years, values = st.integers(1000, 9999), st.none() | numbers
rows = st.lists(st.tuples(texts, texts, years, values, texts, texts, missing, texts, missing, missing), max_size=12)


def answer(found: Sequence[Any] = ()) -> Answer:
    return Answer(tuple(COLUMNS[name] for name in NAMES), found, META)


def table(found: list[tuple[Any, ...]]) -> pyarrow.Table:
    kinds = {"integer": pyarrow.int32(), "number": pyarrow.float64()}
    columns = [list(column) for column in zip(*found, strict=True)] or [[] for _ in NAMES]
    arrays = [
        pyarrow.array(values, kinds.get(COLUMNS[name].type, pyarrow.string()))
        for name, values in zip(NAMES, columns, strict=True)
    ]
    return pyarrow.table(
        [array.dictionary_encode() if array.type == pyarrow.string() else array for array in arrays], NAMES
    )


def by_column(f: Format, found: list[tuple[Any, ...]], size: int) -> bytes:
    return b"".join(f.write_batches(answer(), table(found).to_batches(max_chunksize=size)))


def test_the_formats_of_files() -> None:
    assert {f.name for f in FILED} == {"csv", "ndjson", "xlsx", "parquet"}
    assert set(FILED) == set(BY_COLUMN), "none is slow"


@pytest.mark.parametrize("f", [f for f in FILED if not f.binary], ids=lambda f: str(f.name))
@given(found=rows, size=st.integers(1, 12))
@example(found=[], size=1)
@example(found=[("i", "r", 2000, None, "", "", None, "", None, None)] * 3, size=2)
def test_text_is_the_same_to_the_byte(f: Format, found: list[tuple[Any, ...]], size: int) -> None:
    written = by_column(f, found, size)
    assert written == b"".join(f.write(answer(found)))
    head = f.head(answer())
    assert head is not None
    assert written.startswith(head)
    assert written[len(head) :] == b"".join(by_column(f, [row], 1)[len(head) :] for row in found), (
        "rows are joined alone"
    )


@given(found=rows, size=st.integers(1, 12))
def test_workbooks_are_the_same_to_the_cell(found: list[tuple[Any, ...]], size: int) -> None:
    (f,) = (f for f in FILED if f.name == "xlsx")
    bodies = by_column(f, found, size), b"".join(f.write(answer(found)))
    for sheet in ("data", "about"):
        new, old = (read_xlsx(body, sheet) for body in bodies)
        assert new == old
    assert f.head(answer()) is None


@given(found=rows, size=st.integers(1, 12))
def test_parquet_is_the_same_to_the_value(found: list[tuple[Any, ...]], size: int) -> None:
    (f,) = (f for f in FILED if f.name == "parquet")
    bodies = by_column(f, found, size), b"".join(f.write(answer(found)))
    for reader in (read_parquet, read_parquet_by_duckdb):
        assert reader(bodies[0]) == reader(bodies[1])
    schemas = [pyarrow.parquet.read_schema(pyarrow.BufferReader(body)) for body in bodies]
    assert schemas[0].equals(schemas[1], check_metadata=True)


def test_the_same_rows_make_the_same_file() -> None:
    found = [("i", "r", 2000 + n, n / 7, "u", "A", "s", "one", None, "note") for n in range(50)]
    for f in FILED:
        assert by_column(f, found, 20) == by_column(f, found, 20)


def test_a_format_without_a_way_of_its_own_is_given_rows() -> None:
    class Plain(Format):
        name = "plain"

        def write(self, answer: Answer) -> Any:
            yield repr(list(answer.rows)).encode()

    found = [("i", "r", 2000, 1.5, "u", "A", "s", "one", None, "=1")]
    assert by_column(Plain(), found, 5) == repr(found).encode()
