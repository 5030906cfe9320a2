"""What stands in a cell is what was published: text stays text, numbers keep their digits, nothing is run or lost."""

import datetime
import io
from dataclasses import replace
from typing import Any

import openpyxl
import pandas
import pyarrow.parquet
import pytest

from indicators.formats import DATA_FORMATS, Format
from indicators.formats.workbook import LONGEST_TEXT
from indicators.models import Region
from indicators.query.changes import CHANGE_COLUMNS
from indicators.query.columns import COLUMNS, Column
from indicators.query.problems import BadQuery
from indicators.query.series import SERIES_COLUMNS
from indicators.query.slice import Answer
from tests.conftest import Api
from tests.readers import (
    cell,
    read_csv,
    read_ndjson,
    read_parquet,
    read_parquet_by_duckdb,
    read_parquet_by_pandas,
    read_xlsx,
)

FORMATS = {f.name: f for f in DATA_FORMATS}
FORMULAS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example")', "-", "=",
]  # fmt: skip
TEXTS = [
    *FORMULAS, "370000", "007", "1e5", "TRUE", "NaN", "null", "#N/A", "2024-01-01", " lead", "trail ", "a\nb", "a\rb",
    "a\r\nb", "a\tb", '"quoted", with a comma', "'", "{=1}", "&amp;", "<r>&</r>", "<r><t>rich</t></r>", "]]>",
    "http://a.example/", "𠮷村", "e\u0301", "\u202e", "x" * LONGEST_TEXT,
]  # fmt: skip
#: XML has no form for these; what they become is the rule of the standard (ST_Xstring), which openpyxl does not undo.
ESCAPED = {"a\x01b": "a_x0001_b", "\x0b": "_x000B_", "\ufffe": "_xFFFE_", "_x0041_": "_x005F_x0041_"}
NUMBERS = [
    0.1, 47.6, 65.53, 132802.0, -0.5, 0.0, 1e15, -1e15, 123456789012345.0, 999999999999.999, 0.30000000000000004,
    1e-9, 5e-324, 2 / 3, None,
]  # fmt: skip


def written(name: str, columns: tuple[Column, ...], rows: Any, **meta: Any) -> bytes:
    return b"".join(FORMATS[name].write(Answer(columns, rows, meta)))


def test_text_stays_text() -> None:
    columns, rows = (COLUMNS["note"], COLUMNS["year"]), [(text, 2000) for text in TEXTS]
    in_sheets = [[cell(text), 2000] for text in TEXTS]
    assert read_csv(written("csv", columns, rows))[1] == [[text, str(year)] for text, year in in_sheets]
    assert read_xlsx(written("xlsx", columns, rows))[1] == in_sheets
    assert read_ndjson(written("ndjson", columns, rows)) == [{"note": text, "year": 2000} for text in TEXTS]
    for reader in (read_parquet, read_parquet_by_duckdb, read_parquet_by_pandas):
        assert reader(written("parquet", columns, rows))[1] == [[text, 2000] for text in TEXTS]
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", columns, rows)))
    assert {row[0].data_type for row in book["data"].iter_rows()} == {"s"}
    assert {row[1].data_type for row in book["data"].iter_rows(min_row=2)} == {"n"}


def test_what_xml_cannot_hold_does_not_break_the_file() -> None:
    rows = [(text,) for text in ESCAPED]
    assert read_xlsx(written("xlsx", (COLUMNS["note"],), rows))[1] == [[text] for text in ESCAPED.values()]
    assert read_parquet(written("parquet", (COLUMNS["note"],), rows))[1] == [[text] for text in ESCAPED]


def test_numbers_keep_their_digits() -> None:
    columns, rows = (COLUMNS["value"],), [(value,) for value in NUMBERS]
    expected = [[value] for value in NUMBERS]
    assert read_xlsx(written("xlsx", columns, rows))[1] == expected
    assert [[float(v) if v else None] for (v,) in read_csv(written("csv", columns, rows))[1]] == expected
    assert [list(row.values()) for row in read_ndjson(written("ndjson", columns, rows))] == expected
    for reader in (read_parquet, read_parquet_by_duckdb, read_parquet_by_pandas):
        assert reader(written("parquet", columns, rows))[1] == expected


def test_days_are_days_where_programs_agree_on_them() -> None:
    days = [datetime.date(*day) for day in ((1899, 12, 31), (1900, 3, 1), (2000, 2, 29), (9999, 12, 31))]
    rows = [(day,) for day in days]
    book = openpyxl.load_workbook(io.BytesIO(written("xlsx", (COLUMNS["published_on"],), rows)))
    first, *others = [row[0] for row in book["data"].iter_rows(min_row=2)]
    assert (first.value, first.data_type) == ("1899-12-31", "s")
    assert [(found.value.date(), found.number_format) for found in others] == [(d, r"yyyy\-mm\-dd") for d in days[1:]]
    assert read_parquet_by_duckdb(written("parquet", (COLUMNS["published_on"],), rows))[1] == [
        [day.isoformat()] for day in days
    ]


def test_a_workbook_is_laid_out_for_people() -> None:
    columns = (COLUMNS["region"], COLUMNS["value"], *(replace(COLUMNS["note"], name=f"n{n}") for n in range(30)))
    meta = {"release": "r1", "license": "https://l.example", "permalink": "https://u.example/api/v1/series?year=2000"}
    body = written("xlsx", columns, [("370000", 1.5, *["x"] * 30)], **meta, query={"year": ["2000", "2001..2005"]})
    book = openpyxl.load_workbook(io.BytesIO(body))
    assert book.sheetnames == ["data", "about"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert not sheet.merged_cells.ranges
        assert all(header.font.b for header in sheet[1])
    assert book["data"]["AF2"].value == "x"
    title = {"title": "UrbanAPI series, year=2000,2001..2005, release r1"}
    assert dict(read_xlsx(body, "about")[1]) == title | meta | {column.name: column.description for column in columns}
    frame = pandas.read_excel(io.BytesIO(body), dtype={"region": str})
    assert frame.iloc[0, :3].to_list() == ["370000", 1.5, "x"]


@pytest.mark.parametrize("f", DATA_FORMATS, ids=lambda f: f.name)
def test_an_empty_answer_is_a_whole_file(f: Format) -> None:
    columns = (COLUMNS["region"], COLUMNS["year"], CHANGE_COLUMNS["old"], SERIES_COLUMNS["values"])
    header = ["region", "year", "old_value", "old_status", "old_source", "values"]
    body = b"".join(f.write(Answer(columns, [], {})))
    if f.name in ("csv", "xlsx"):
        assert {"csv": read_csv, "xlsx": read_xlsx}[f.name](body) == (header, [])
    if f.name == "ndjson":
        assert body == b""
    if f.name == "parquet":
        assert [str(column.type) for column in pyarrow.parquet.read_schema(io.BytesIO(body))] == [
            "string", "int32", "double", "string", "string", "list<element: double>",
        ]  # fmt: skip
        assert read_parquet_by_duckdb(body) == (header, [])


@pytest.mark.parametrize("f", DATA_FORMATS, ids=lambda f: f.name)
def test_a_fault_comes_before_the_first_byte_or_through(f: Format) -> None:
    def rows(before: int) -> Any:
        yield from [("370000",)] * before
        raise ConnectionError

    with pytest.raises(ConnectionError):
        next(f.write(Answer((COLUMNS["region"],), rows(0), {})))
    with pytest.raises(ConnectionError):
        list(f.write(Answer((COLUMNS["region"],), rows(50_000), {})))


@pytest.mark.parametrize("f", DATA_FORMATS, ids=lambda f: f.name)
def test_the_same_answer_is_the_same_file(f: Format) -> None:
    rows = [(f"{n:06}", n / 7, datetime.date(2000, 1, 1)) for n in range(5_000)]
    columns = (COLUMNS["region"], COLUMNS["value"], COLUMNS["published_on"])
    first, second = (b"".join(f.write(Answer(columns, iter(rows), {}))) for _ in range(2))
    assert first == second


def test_a_text_longer_than_a_cell_is_refused() -> None:
    for text in ("x" * (LONGEST_TEXT + 1), "𠮷" * (LONGEST_TEXT // 2 + 1)):
        with pytest.raises(BadQuery, match=r"longer than 32767 characters.*format=csv"):
            written("xlsx", (COLUMNS["note"],), [(text,)])


def test_formulas_in_names_of_the_store(api: Api) -> None:
    query = "/observations?indicator=urbanization_rate&region=370000&year=2020&fields=region,region_name_en&format="
    for text in FORMULAS[:4]:
        Region.objects.filter(code="370000").update(name_en=text)
        assert read_csv(api.get(f"{query}csv").getvalue())[1] == [["370000", "'" + text]]
        assert read_xlsx(api.get(f"{query}xlsx").getvalue())[1] == [["370000", "'" + text]]
        assert read_ndjson(api.get(f"{query}ndjson").getvalue()) == [{"region": "370000", "region_name_en": text}]
        assert read_parquet(api.get(f"{query}parquet").getvalue())[1] == [["370000", text]]
