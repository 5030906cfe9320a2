"""Files are read to the letter, and every fault is told with its line and column."""

import csv
import io
import math
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.models import decimal_text
from indicators.publishing.faults import BadData, Fault, stop_on_errors
from indicators.publishing.figures import COLUMNS, REQUIRED, Figure, digest, figures
from indicators.publishing.readers import Row, Table, read_csv

HEADER = ",".join(COLUMNS)
Write = Callable[[str | bytes], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file and return its path."""

    def writing(content: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return writing


def read(path: Path) -> Table:
    return read_csv(path, COLUMNS, REQUIRED, path.parent)


def faults(path: Path) -> list[str]:
    """The faults of a file, as they are printed."""
    try:
        return [str(fault) for fault in read(path).faults]
    except BadData as error:
        return [str(fault) for fault in error.faults]


def row(**cells: str) -> str:
    """A right line of figures, with changes."""
    right = {"indicator": "rate", "region": "N", "year": "2000", "value": "1.5", "status": "A", "source": "alm"}
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow((right | cells).get(column, "") for column in COLUMNS)
    return out.getvalue().removesuffix("\n")


def one(**cells: str) -> tuple[list[Figure], list[Fault]]:
    """The figures of a table with one row."""
    right = {"indicator": "rate", "region": "N", "year": "2000", "value": "1.5", "status": "A", "source": "alm"}
    values = {column: (right | cells).get(column) or None for column in COLUMNS}
    return figures(Table("table.csv", COLUMNS, [Row(2, values)]))


def test_rows_with_their_lines(write: Write) -> None:
    table = read(write(f"{HEADER}\n{row()}\n\n{row(note='two')}\n"))
    assert table.name == "table.csv"
    assert table.columns == COLUMNS
    assert [found.line for found in table.rows] == [2, 4]
    assert table.rows[0].cells["note"] is None
    assert table.rows[1].cells["note"] == "two"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends(write: Write, end: str) -> None:
    table = read(write(end.join((HEADER, row(), row(year="2001"))) + end))
    assert [(found.line, found.cells["year"]) for found in table.rows] == [(2, "2000"), (3, "2001")]


def test_last_line_may_lack_its_end(write: Write) -> None:
    assert len(read(write(f"{HEADER}\n{row()}")).rows) == 1


def test_byte_order_mark_is_read_over(write: Write) -> None:
    assert read(write(f"\ufeff{HEADER}\n{row()}\n")).columns == COLUMNS


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_separators_of_unicode_do_not_end_a_line(write: Write, separator: str) -> None:
    note = f"before{separator}after"
    table = read(write(f"{HEADER}\n{row(note=note)}\n{row()}\n"))
    assert table.rows[0].cells["note"] == note
    assert [found.line for found in table.rows] == [2, 3]


def test_newline_in_a_quoted_cell(write: Write) -> None:
    note = "a\nb\r\nc"
    table = read(write(f"{HEADER}\n{row(note=note)}\n{row()}\n"))
    assert table.rows[0].cells["note"] == note
    assert [found.line for found in table.rows] == [2, 5]


def test_columns_in_another_order_and_without_the_optional_ones(write: Write) -> None:
    table = read(write("source,status,value,year,region,indicator\nalm,A,1,2000,N,rate\n"))
    assert table.rows[0].cells["indicator"] == "rate"
    assert figures(table)[0] == [Figure(2, "rate", "N", 2000, 1.0, "A", "alm", None, None)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", [f"table.csv:1 [{column}]: column is missing" for column in REQUIRED]),
        (HEADER.replace("region,", ""), ["table.csv:1 [region]: column is missing"]),
        (
            HEADER.replace("region,", "regoin,"),
            ["[region]: column is missing", "[regoin]: unknown column; did you mean region?"],
        ),
        (f"{HEADER},colour", ["table.csv:1 [colour]: unknown column; known are indicator, region"]),
        (f"{HEADER},", ["table.csv:1: unknown column"]),
        (f"{HEADER},note", ["table.csv:1 [note]: column stands twice"]),
        (HEADER.replace(",", ";"), [*["column is missing"] * 6, "unknown column"]),
        (
            f"{HEADER}\n{row()}\n{row()},more\n\nrate,N\n{row()}\n \n",
            [
                "table.csv:3: has 9 cells where the header has 8",
                "table.csv:5: has 2 cells where the header has 8",
                "table.csv:7: has 1 cells where the header has 8",
            ],
        ),
        (f'{HEADER}\n{row()}\n{row()}"half\n{row()}\n', ["table.csv:3: is not a CSV table: unexpected end of data"]),
        (f'{HEADER}\n"rate"x,N,2000,1,A,alm,,\n', ["table.csv:2: is not a CSV table"]),
        (f"{HEADER}\n{row()}\n{row(note='国')}".encode("gbk"), ["table.csv:3: is not UTF-8: save the file as UTF-8"]),
        (b"\xef\xbb\xbf" + HEADER.encode() + b"\n\xff", ["table.csv:2: is not UTF-8"]),
        (f"{HEADER}\n".encode("utf-16"), ["table.csv:1: is not UTF-8"]),
        (f"{HEADER}\n".encode("utf-16-le"), ["table.csv:1: holds a NUL character: this is not a text file"]),
        (f"{HEADER}\n{row()}\n{row(note='a')}\0\n", ["table.csv:3: holds a NUL character"]),
        (f"{HEADER}\n{row(note='x' * 140_000)}\n", ["table.csv:2: is not a CSV table: field larger than field limit"]),
    ],
    ids=[
        "empty file",
        "missing column",
        "misspelt column",
        "unknown column",
        "nameless column",
        "column twice",
        "semicolons",
        "ragged rows",
        "unbalanced quotes",
        "text after a quote",
        "GBK",
        "not UTF-8 after BOM",
        "UTF-16 with BOM",
        "UTF-16 without BOM",
        "NUL",
        "long cell",
    ],
)
def test_faults_of_a_file(write: Write, content: str | bytes, expected: list[str]) -> None:
    found = faults(write(content))
    assert len(found) == len(expected), found
    for fault, part in zip(found, expected, strict=True):
        assert part in fault


def test_file_that_is_not_there(tmp_path: Path) -> None:
    assert faults(tmp_path / "table.csv") == ["table.csv: cannot be read: No such file or directory"]
    (tmp_path / "folder.csv").mkdir()
    assert faults(tmp_path / "folder.csv") == ["folder.csv: cannot be read: Is a directory"]


cells = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.lists(cells, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=5),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\ufeff"]),
)
def test_what_a_writer_writes_is_read_back(tmp_path: Path, rows: list[list[str]], end: str, mark: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator=end).writerows([COLUMNS, *rows])
    path = tmp_path / "table.csv"
    path.write_bytes((mark + out.getvalue()).encode())
    assert [list(found.cells.values()) for found in read(path).rows] == [[cell or None for cell in r] for r in rows]


@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(lambda text: f"{HEADER}\n{text}".encode())))
def test_no_bytes_break_the_reader(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    try:
        figures(read(path))
    except BadData as error:
        assert error.faults  # noqa: PT017 (nothing else may be raised)


NO_NUMBERS = [
    "1e5", "1E5", "1e-999999", "1,000", "1 000", "1_000", "66%", "６６", "66．5", "١٢", "½", "+1", "−5", "--1", "-",
    ".5", "5.", "5.5.5", "NaN", "nan", "inf", "-Infinity", "0x1F", "1/2", " 5", "5 ", "5\n", "\u3000", "…", "n/a",
]  # fmt: skip


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_not_a_decimal_number(text: str) -> None:
    found, wrong = one(value=text)
    assert found == []
    assert [(fault.line, fault.column) for fault in wrong] == [(2, "value")]
    assert f"{text!r} is not a decimal number: write digits with a point" in wrong[0].message


@pytest.mark.parametrize("text", ["0.12345678901234567", "-7.0000000000000001", "1000000000.00000005"])
def test_more_digits_than_a_double_gives_back(text: str) -> None:
    found, wrong = one(value=text)
    assert found == []
    assert "digits" in wrong[0].message.replace("write digits", "")


@pytest.mark.parametrize("text", ["1000000000000001", "-2000000000000000", "9" + "0" * 400])
def test_number_beyond_the_bound(text: str) -> None:
    found, wrong = one(value=text)
    assert found == []
    assert "digits" in wrong[0].message or "is beyond ±1000000000000000" in wrong[0].message


@pytest.mark.parametrize(
    ("text", "shortest"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("-0.00", "0"),
        ("007", "7"),
        ("7.10", "7.1"),
        ("-12.5", "-12.5"),
        ("66.0", "66"),
        ("132802", "132802"),
        ("123456789012345", "123456789012345"),
        ("123456789012345.00", "123456789012345"),
        ("-0.00000123", "-0.00000123"),
        ("0.000000000000001", "0.000000000000001"),
        ("1000000000000000", "1000000000000000"),
        ("-1000000000000000", "-1000000000000000"),
    ],
)
def test_number_to_the_digit(text: str, shortest: str) -> None:
    (figure,), wrong = one(value=text)
    assert wrong == []
    assert figure.value is not None
    assert math.copysign(1, figure.value) == (-1 if shortest.startswith("-") else 1)
    assert decimal_text(figure.value) == shortest


@given(st.from_regex(r"-?[0-9]{1,9}(\.[0-9]{1,6})?", fullmatch=True, alphabet="0123456789.-"))
def test_any_decimal_of_fifteen_digits_is_read_to_the_digit(text: str) -> None:
    (figure,), wrong = one(value=text)
    assert wrong == []
    assert figure.value is not None
    assert Decimal(decimal_text(figure.value)) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["0." + "0" * 400 + "1", "0." + "0" * 310 + "123456789012345"], ids=["zero", "subnormal"]
)
def test_tiny_number_is_refused_or_kept_to_the_digit(text: str) -> None:
    found, wrong = one(value=text)
    assert wrong or Decimal(decimal_text(found[0].value or 0.0)) == Decimal(text)


@pytest.mark.parametrize(
    "text", ["999", "10000", "0999", "0000", "２０００", "2000.0", "2e3", "-200", " 2000", "2000\n", "MM"]
)
def test_what_is_not_a_year(text: str) -> None:
    found, wrong = one(year=text)
    assert found == []
    assert [(fault.line, fault.column) for fault in wrong] == [(2, "year")]
    assert f"{text!r} is not a year" in wrong[0].message


@pytest.mark.parametrize("text", ["1000", "1953", "9999"])
def test_what_is_a_year(text: str) -> None:
    assert one(year=text)[0][0].year == int(text)


@pytest.mark.parametrize("column", ["indicator", "region", "status"])
def test_cell_that_must_not_be_empty(column: str) -> None:
    assert list(map(str, one(**{column: ""})[1])) == [f"table.csv:2 [{column}]: is empty"]


def test_missing_value_is_none() -> None:
    assert one(value="", status="L", source="")[0] == [Figure(2, "rate", "N", 2000, None, "L", None, None, None)]


def test_all_faults_of_all_rows() -> None:
    right = {"indicator": "rate", "region": "N", "year": "2000", "value": "1.5", "status": "A", "source": "alm"}
    lines = [{"year": "20", "value": "1e5", "region": None}, {}, {"status": None}]
    _, wrong = figures(Table("t.csv", COLUMNS, [Row(n, {**right, **cells}) for n, cells in enumerate(lines, start=2)]))
    assert [(fault.line, fault.column) for fault in wrong] == [(2, "region"), (2, "year"), (2, "value"), (4, "status")]


def test_long_cell_is_cut_in_the_message() -> None:
    assert len(one(value="x" * 5000)[1][0].message) < 250


def test_digest_knows_content_not_order() -> None:
    first, second = one()[0][0], one(year="2001")[0][0]
    assert digest([first, second]) == digest([second, first._replace(line=77)])
    different = [first._replace(**{name: value}) for name, value in _CHANGED.items()]
    assert len({digest([row]) for row in [first, *different]}) == len(_CHANGED) + 1


_CHANGED = {
    **dict.fromkeys(("indicator", "region", "status", "locator", "note"), "x"),
    "year": 1,
    "value": None,
    "source": None,
}


def test_fault_says_its_place() -> None:
    assert str(Fault("a.csv", None, None, "is bad")) == "a.csv: is bad"
    assert str(Fault("a.csv", 3, None, "is bad")) == "a.csv:3: is bad"
    assert str(Fault("a.csv", 3, "year", "is odd", warning=True)) == "a.csv:3 [year]: warning: is odd"


def test_warnings_alone_do_not_stop() -> None:
    warning, error = Fault("a", 1, None, "odd", warning=True), Fault("a", 2, None, "bad")
    assert stop_on_errors([warning]) == [warning]
    with pytest.raises(BadData) as raised:
        stop_on_errors([warning, error])
    assert raised.value.faults == (warning, error)
    assert str(raised.value) == "a:1: warning: odd\na:2: bad"
