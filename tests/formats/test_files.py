"""Tables as files: how they are asked for and named, what they say of themselves, their bounds, and their cost."""

import io
import json
import subprocess
import sys
from typing import Any

import pyarrow.parquet
import pytest

from indicators.formats import DATA_FORMATS, FORMATS, REFERENCE_FORMATS, workbook
from indicators.formats.xlsx import Xlsx
from tests.conftest import Api
from tests.query.test_limit import endless
from tests.readers import DUCKDB, read_csv, read_parquet, read_xlsx
from tests.serving import ROOT, environment_of

RATE = "/observations?indicator=urbanization_rate&region=370000"
TABLES = {
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


@pytest.mark.parametrize(("name", "media_type"), TABLES.items())
def test_a_table_is_asked_for_by_name_or_by_media_type(api: Api, name: str, media_type: str) -> None:
    named = api.get(f"{RATE}&format={name}")
    assert named["Content-Type"] == media_type
    release = api.json("/meta")["release"]
    assert named["Content-Disposition"] == f'attachment; filename="urbanization_rate-370000-{release}.{name}"'
    accepted = api.get(RATE, accept=f"text/html, {media_type};q=0.9, application/json;q=0.8")
    assert accepted["Content-Type"] == media_type
    assert len(accepted.getvalue()) > 1_000
    for parameter in ("page_size=5", "count=true"):
        (error,) = api.json(f"{RATE}&format={name}&{parameter}", 400)["errors"]
        assert error["code"] == "conflicting_parameters"
    api.json(f"/regions?format={name}", 406)
    assert api.client.head(f"/api/v1{RATE}&format={name}")["Content-Type"] == media_type


def test_all_resources_of_data_answer_all_tables(api: Api) -> None:
    assert {"csv", *TABLES} <= {f.name for f in DATA_FORMATS} <= {f.name for f in FORMATS}
    assert [f.name for f in REFERENCE_FORMATS] == ["json", "csv"]
    for resource in ("observations", "series", "vintages", "changes"):
        for name in TABLES:
            assert api.get(f"/{resource}?region=370000&format={name}")["Content-Disposition"].endswith(f'.{name}"')


def test_names_beside_codes(api: Api) -> None:
    header, rows = read_xlsx(api.get(f"{RATE}&fields=region,value&labels=both&year=2020&format=xlsx").getvalue())
    assert header == ["region", "region_name_zh", "region_name_en", "value"]
    assert rows == [["370000", "山东省", "Shandong Province", 63.05]]
    for name in ("ndjson", "parquet"):
        (error,) = api.json(f"{RATE}&labels=both&format={name}", 400)["errors"]
        assert (error["code"], error["parameter"]) == ("conflicting_parameters", "labels")


@pytest.mark.parametrize("path", ["/units", "/units/percent", "/regions/371200/events"])
def test_tables_of_reference_resources_have_the_mark_of_excel_too(api: Api, path: str) -> None:
    plain, marked = (api.get(f"{path}?format=csv{more}").getvalue() for more in ("", "&bom=true"))
    assert marked == b"\xef\xbb\xbf" + plain
    (error,) = api.json(f"{path}?bom=true", 400)["errors"]
    assert (error["code"], error["parameter"]) == ("conflicting_parameters", "bom")


def test_parquet_says_what_it_is(api: Api) -> None:
    body = api.get(f"{RATE}&fields=region,year,value,published_on&format=parquet").getvalue()
    file = pyarrow.parquet.ParquetFile(io.BytesIO(body))
    said = {name.decode(): text.decode() for name, text in file.schema_arrow.metadata.items()}
    meta = api.json(f"{RATE}&fields=region,year,value,published_on")["meta"]
    assert {name: said[name] for name in ("release", "license")} == {n: meta[n] for n in ("release", "license")}
    assert f"?as_of={meta['release']}&fields=" in said["permalink"]
    assert read_parquet(api.get(said["permalink"]).getvalue()) == read_parquet(body)
    subject = "indicator=urbanization_rate, region=370000"
    assert said["title"] == f"UrbanAPI observations, {subject}, release {meta['release']}"
    assert said["created-by"] == "UrbanAPI"
    fields = {field.name: (str(field.type), field.nullable) for field in file.schema_arrow}
    assert fields == {
        "region": ("string", False), "year": ("int32", False), "value": ("double", True),
        "published_on": ("date32[day]", False),
    }  # fmt: skip
    assert file.schema_arrow.field("year").metadata[b"description"] == b"Calendar year of the figure."
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_parquet_comes_in_row_groups_that_a_reader_may_skip(api: Api, tmp_path: Any) -> None:
    path = tmp_path / "all.parquet"
    path.write_bytes(api.get("/vintages?format=parquet").getvalue())
    assert pyarrow.parquet.ParquetFile(path).metadata.row_group(0).num_rows <= 20_000
    found = DUCKDB.sql(f"SELECT year * 100, count(*) FROM '{path}' WHERE region = '370000' GROUP BY 1 ORDER BY 1")
    assert found.fetchall()[-1][0] > 202_300


def test_more_rows_than_a_sheet_takes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    bounds = {f["name"]: f["bound"] for f in api.json("/meta")["formats"]}
    assert bounds["xlsx"] == 1_048_575
    assert {bounds[name] for name in ("json", "csv", "ndjson", "parquet")} == {None}
    size = api.json(f"{RATE}&count=true")["meta"]["count"]
    monkeypatch.setattr(Xlsx, "bound", size)
    assert len(read_xlsx(api.get(f"{RATE}&format=xlsx").getvalue())[1]) == size
    monkeypatch.setattr(Xlsx, "bound", size - 1)
    (error,) = api.json(f"{RATE}&labels=both&format=xlsx", 413)["errors"]
    assert (error["code"], error["parameter"], error["value"]) == ("too_large", "format", str(size))
    assert f"{size} rows" in error["detail"]
    assert f"at most {size - 1}" in error["detail"]
    (instead,) = error["did_you_mean"]
    header, rows = read_csv(api.get(instead).getvalue())
    assert "region_name_zh" in header
    assert len(rows) == size


def test_more_bytes_than_a_sheet_takes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook, "LARGEST_SHEET", 1_000)
    (error,) = api.json(f"{RATE}&format=xlsx", 413)["errors"]
    assert error["code"] == "too_large"
    assert "format=csv" in error["detail"]


@pytest.mark.parametrize("name", TABLES)
def test_a_fault_of_the_database_is_an_error_and_no_file(api: Api, settings: Any, name: str) -> None:
    settings.QUERY_SECONDS = 0.1
    with endless():
        response = api.get(f"/observations?format={name}", 503)
    assert "Content-Disposition" not in response
    api.get(f"{RATE}&format={name}")


GROWTH = """
import json, resource, sys
import django
django.setup()
from indicators.formats import FORMATS
from indicators.query.columns import COLUMNS, DEFAULT_COLUMNS
from indicators.query.slice import Answer
assert not {"pyarrow", "pandas"} & set(sys.modules), "start-up does not pay for them"

def rows(many):
    for n in range(many):
        yield (f"indicator_{n % 200}", f"{n % 3000:06}", 2000 + n % 25, n / 7, "percent", "A", f"S{n}", "2024-12")

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

columns = tuple(COLUMNS[name] for name in DEFAULT_COLUMNS)
grown = {}
for f in FORMATS:
    if f.name in ("csv", "ndjson", "xlsx", "parquet"):
        for _ in f.write(Answer(columns, rows(2_000))):
            pass  # what a format loads is no growth
        before = peak()
        size = sum(len(chunk) for chunk in f.write(Answer(columns, rows(300_000))))
        grown[f.name] = [size, peak() - before]
print(json.dumps(grown))
"""


def test_memory_stays_flat() -> None:
    environment = environment_of("sqlite:///:memory:", "https://urbanapi.example")
    run = subprocess.run([sys.executable, "-c", GROWTH], env=environment, cwd=ROOT, capture_output=True, check=True)
    grown = json.loads(run.stdout)
    assert set(grown) == {"csv", *TABLES}
    for name, (size, megabytes) in grown.items():
        assert size > 1_000_000, name
        assert megabytes < 50, name
