"""LibreOffice opens the workbooks and reads the cells that were written: `make test-office`."""

import csv
import subprocess
from pathlib import Path
from typing import Any

import pytest

from indicators.formats.xlsx import Xlsx
from indicators.query.columns import COLUMNS
from indicators.query.slice import Answer
from tests.conftest import Api
from tests.formats.test_cells import TEXTS
from tests.readers import guarded, read_csv, read_xlsx

#: Comma, quote, UTF-8, from the first line; text in quotes, numbers without and in full.
AS_STORED = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false"
AS_SHOWN = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true"


def converted(body: bytes, folder: Path, how: str) -> str:
    """The first sheet as LibreOffice writes it as CSV; a workbook that it would have to repair is not converted."""
    (folder / "book.xlsx").write_bytes(body)
    profile = f"-env:UserInstallation=file://{folder}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", how, "--outdir", str(folder), "book.xlsx"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return (folder / "book.csv").read_text(encoding="utf-8")


def read(text: str) -> list[list[Any]]:
    """Rows with quoted cells as text and the others as numbers; an empty cell is None."""
    rows = csv.reader(text.splitlines(keepends=True), quoting=csv.QUOTE_NONNUMERIC)
    return [[None if value == "" else value for value in row] for row in rows]


@pytest.mark.parametrize(
    "path",
    [
        "/observations?fields=region,indicator,year,value,status,source,region_name_zh,locator,note",
        "/series?region_within=370000&include=values",
        "/changes",
        "/vintages?region=370000",
        "/observations?region=370000&year=1800",
    ],
)
def test_it_reads_the_cells_that_openpyxl_reads(api: Api, path: str, tmp_path: Path) -> None:
    body = api.get(f"{path}{'&' if '?' in path else '?'}format=xlsx").getvalue()
    header, rows = read_xlsx(body)
    assert read(converted(body, tmp_path, AS_STORED)) == [header, *rows]


def test_it_shows_days_as_csv_has_them(api: Api, tmp_path: Path) -> None:
    path = "/observations?region=370000&fields=year,published_on"
    shown = converted(api.get(f"{path}&format=xlsx").getvalue(), tmp_path, AS_SHOWN)
    header, rows = read_csv(api.get(f"{path}&format=csv").getvalue())
    assert [line.replace('"', "").split(",") for line in shown.splitlines()] == [header, *rows]


def test_hostile_text_stays_text(tmp_path: Path) -> None:
    texts = [text for text in [*TEXTS, "_x0041_"] if "\r" not in text]  # its own CSV leaves returns out
    body = b"".join(Xlsx().write(Answer((COLUMNS["note"], COLUMNS["year"]), [(text, 1) for text in texts])))
    assert read(converted(body, tmp_path, AS_STORED))[1:] == [[guarded(text), 1] for text in texts]
