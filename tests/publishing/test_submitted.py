"""The same figures come out of every form of a file, and a steward's table is checked against what is in force."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from indicators.models import Indicator, Observation
from indicators.publishing.figures import COLUMNS, REQUIRED, Figure, digest, figures
from indicators.publishing.readers import read_csv
from indicators.publishing.submitted.header import Defaults
from indicators.publishing.submitted.names import NAMES
from indicators.publishing.submitted.read import read_file
from indicators.publishing.submitted.submission import Submission, read_submission
from indicators.query.edition import current_edition
from tests.serving import ROOT

from .corpus import HEADER, RIGHT

FILES = sorted((ROOT / "fixtures" / "observations").glob("*.csv"))
DOCUMENT = ROOT / "docs" / "packages.md"
CHINESE = ("指标", "地区", "年份", "数值", "状态", "来源", "出处", "备注")
Rows = list[dict[str, str]]


def packed(path: Path) -> Rows:
    """A file of the pack as plain Python reads it."""
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def text(rows: Rows, header: tuple[str, ...] = COLUMNS, separator: str = ",", end: str = "\r\n") -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerow(header)
    writer.writerows([row[column] for column in COLUMNS] for row in rows)
    return out.getvalue()


def typed(row: dict[str, str]) -> list[Any]:
    """The cells of a row as a program of spreadsheets or data frames has them: numbers as numbers, nothing as None."""
    kinds: dict[str, Callable[[str], Any]] = {"year": int, "value": float}
    return [kinds.get(column, str)(row[column]) if row[column] else None for column in COLUMNS]


def as_workbook(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook()
    for values in (CHINESE, *map(typed, rows)):
        book.active.append(values)
    book.save(path)


def as_parquet(path: Path, rows: Rows) -> None:
    pq.write_table(pa.table(dict(zip(COLUMNS, zip(*map(typed, rows), strict=True), strict=True))), path)


def as_wide(path: Path, rows: Rows) -> None:
    """A row for each series and state, a column for each year; missing values have no place in this form."""
    years = sorted({row["year"] for row in rows})
    rest = [column for column in COLUMNS if column not in ("year", "value")]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*rest, *(f"{year}年" for year in years)])
        series: dict[tuple[str, ...], dict[str, str]] = {}
        for row in rows:
            series.setdefault(tuple(row[column] for column in rest), {})[row["year"]] = row["value"]
        writer.writerows([*key, *(values.get(year, "") for year in years)] for key, values in series.items())


FORMS: dict[str, Callable[[Path, Rows], object]] = {
    "utf8.csv": lambda path, rows: path.write_bytes(text(rows).encode()),
    "bom.csv": lambda path, rows: path.write_bytes(text(rows, end="\n").encode("utf-8-sig")),
    "gb18030.csv": lambda path, rows: path.write_bytes(text(rows, CHINESE).encode("gb18030")),
    "old_mac.csv": lambda path, rows: path.write_bytes(text(rows, end="\r").encode()),
    "semicolon.csv": lambda path, rows: path.write_bytes(text(rows, CHINESE, ";").encode()),
    "tab.csv": lambda path, rows: path.write_bytes(text(rows, COLUMNS, "\t").encode()),
    "book.xlsx": as_workbook,
    "table.parquet": as_parquet,
    "wide.csv": as_wide,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_form_gives_the_figures_of_the_pack(tmp_path: Path, path: Path, form: str) -> None:
    rows = packed(path)
    expected = figures(read_csv(path, COLUMNS, REQUIRED))[0]
    if form == "wide.csv":
        rows = [row for row in rows if row["value"]]
        expected = [figure for figure in expected if figure.value is not None]
    FORMS[form](tmp_path / form, rows)
    read = read_file(tmp_path / form)
    assert [fault for fault in map(str, read.faults.listed()) if "was read as GB18030" not in fault] == []
    assert digest(read.figures) == digest(expected)
    if form != "wide.csv":
        assert [figure.key for figure in read.figures] == [figure.key for figure in expected]


def submitted(tmp_path: Path, *contents: str, defaults: Defaults | None = None) -> Submission:
    paths = [tmp_path / f"{number}.csv" for number in range(1, len(contents) + 1)]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(content, encoding="utf-8")
    names = [path.name for path in paths]
    return read_submission(paths, current_edition(), defaults or Defaults(), names)


@pytest.mark.django_db
def test_a_right_file_has_no_faults(tmp_path: Path) -> None:
    submission = submitted(tmp_path, f"{HEADER}\n{RIGHT}\n")
    assert submission.faults == []
    assert submission.figures == [Figure(2, "urbanization_rate", "370000", 2023, 65.53, "A", "S01", None, None)]


@pytest.mark.django_db
def test_the_pack_submitted_again_has_few_warnings_and_no_fault() -> None:
    for path in FILES[-2:]:
        faults = read_submission([path], current_edition()).faults
        assert [str(fault) for fault in faults if not fault.warning] == []
        assert len(faults) < 20


@pytest.mark.django_db
def test_defaults_stand_for_columns_that_a_file_has_not(tmp_path: Path) -> None:
    table = "指标,地区,2022,2023\nurbanization_rate,370000,64.54,65.53\n"
    assert len(submitted(tmp_path, table).faults) == 2
    submission = submitted(tmp_path, table, defaults=Defaults("P", "S01"))
    assert submission.faults == []
    assert [(f.line, f.year, f.value, f.status, f.source) for f in submission.figures] == [
        (2, 2022, 64.54, "P", "S01"),
        (2, 2023, 65.53, "P", "S01"),
    ]


def test_every_name_of_a_column_is_known_and_documented(tmp_path: Path) -> None:
    documented = {
        column: [name.strip() for name in names.partition(";")[0].split(",")]
        for column, names in re.findall(r"^  \| `(\w+)` \| (.+) \|$", DOCUMENT.read_text(encoding="utf-8"), re.M)
    }
    assert documented == {column: list(names) for column, names in NAMES.items()}
    cells = {
        "indicator": "grp", "region": "370000", "year": "2020", "value": "1.5", "status": "A", "source": "S22",
        "locator": "p. 1", "note": "n",
    }  # fmt: skip
    for column, names in NAMES.items():
        for name in names:
            for spelled in (name, name.upper().replace("_", " "), f" {name.replace('_', '-')} "):
                path = tmp_path / "table.csv"
                header = ",".join({**{c: c for c in cells}, column: spelled}.values())
                path.write_text(f"{header}\n{','.join(cells.values())}\n", encoding="utf-8")
                (figure,) = read_file(path).figures
                assert figure == Figure(2, "grp", "370000", 2020, 1.5, "A", "S22", "p. 1", "n"), spelled


@pytest.mark.django_db
def test_a_cell_stands_in_one_file_alone(tmp_path: Path) -> None:
    submission = submitted(tmp_path, f"{HEADER}\n{RIGHT}\n", f"{HEADER}\n{RIGHT.replace('65.53', '65.5')}\n")
    assert [str(fault) for fault in submission.faults] == [
        "2.csv:2 [indicator, region, year]: the same indicator, region and year stand in 1.csv, line 2, already"
    ]
    assert len(submission.figures) == 2


@pytest.mark.django_db
def test_jumps_are_warnings(tmp_path: Path) -> None:
    rows = "pop_resident,370000,2023,101230000,A,S01,,\nurbanization_rate,370000,2023,6.553,A,S01,,\n"
    told = [str(fault) for fault in submitted(tmp_path, f"{HEADER}\n{rows}").faults]
    assert all(": warning: " in fault for fault in told)
    assert any("1.csv:2 [value]: warning: 101230000 replaces 10123, 10000 times apart" in fault for fault in told), told
    assert any("1.csv:3 [value]: warning: 6.553 replaces 65.53, 58.98 points apart" in fault for fault in told), told
    assert any("6.553 in 2023, 66.48 in 2024, 59.93 points apart" in fault for fault in told), told


@pytest.mark.django_db
def test_a_region_before_its_first_year_is_a_warning(tmp_path: Path) -> None:
    told = submitted(tmp_path, f"{HEADER}\n{RIGHT.replace('2023', '1953')}\n").faults
    assert [str(fault) for fault in told if "1981" in str(fault)] == [
        "1.csv:2 [year]: warning: 1953 is before 1981, the first year of region 370000"
    ]


@pytest.mark.django_db
def test_a_change_may_be_beyond_the_bounds_of_a_share(tmp_path: Path) -> None:
    rows = "natural_growth_rate,370000,2023,-1.3,A,S01,,\n"
    assert not [fault for fault in submitted(tmp_path, f"{HEADER}\n{rows}").faults if not fault.warning]


def test_blank_cells_and_rows_around_a_table_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(f"\n{HEADER},\n {RIGHT} ,\n\n\n".replace("A,S01", " A , S01"), encoding="utf-8")
    read = read_file(path)
    assert read.faults.listed() == []
    assert read.figures == [Figure(3, "urbanization_rate", "370000", 2023, 65.53, "A", "S01", None, None)]


@pytest.mark.django_db
def test_columns_that_a_table_does_not_have_stay_as_they_are(tmp_path: Path) -> None:
    """Where the figure stays the same; a new value may stand elsewhere in the source."""
    now = Observation.objects.current().get(indicator="urbanization_rate", region="370000", year=2023)
    assert now.locator
    columns = "indicator,region,year,value,status,source"
    same = f"urbanization_rate,370000,2023,{now.value},{now.status},{now.source_id}"
    (kept,) = submitted(tmp_path, f"{columns}\n{same}\n").figures
    assert (kept.locator, kept.note) == (now.locator, now.note)
    (other,) = submitted(tmp_path, f"{columns}\n{same.replace(str(now.value), '65.54')}\n").figures
    assert (other.locator, other.note) == (None, None)
    (emptied,) = submitted(tmp_path, f"{columns},locator,note\n{same},,\n").figures
    assert (emptied.locator, emptied.note) == (None, None), "columns that are there are meant"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("minimum", "maximum", "told"),
    [
        (None, None, None),
        (
            66,
            None,
            "65.53 is impossible: values of this indicator are 66 to 100",
        ),
        (
            None,
            65.5,
            "65.53 is impossible: values of this indicator are 0 to 65.5",
        ),
        (-200, 200, None),
    ],
)
def test_an_indicator_has_bounds_of_its_own(
    tmp_path: Path, minimum: float | None, maximum: float | None, told: str | None
) -> None:
    Indicator.objects.filter(code="urbanization_rate").update(minimum=minimum, maximum=maximum)
    faults = submitted(tmp_path, f"{HEADER}\n{RIGHT}\n").faults
    remedy = "; if it is right, say so in minimum and maximum of the indicator first"
    assert [fault.message for fault in faults if not fault.warning] == ([told + remedy] if told else [])
