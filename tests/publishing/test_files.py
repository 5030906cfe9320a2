"""The files of releases hold what the API answers, and agree with what the store says of them."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pandas
import pyarrow
import pyarrow.csv
import pyarrow.parquet
import pytest

from indicators.formats.kinds import FILE_KINDS
from indicators.models import Release, ReleaseFile
from indicators.publishing import layout
from indicators.publishing.bodies import FILE_COLUMNS
from indicators.publishing.files import build
from indicators.publishing.inventory import differences
from tests.conftest import Api
from tests.questions import NAMES, ORACLE
from tests.readers import DUCKDB, cell, guarded, read_csv, read_ndjson, read_parquet, read_parquet_by_duckdb, read_xlsx

pytestmark = pytest.mark.django_db
FIELDS = ",".join(FILE_COLUMNS)
DATASETS = sorted({row["dataset"] for row in ORACLE.indicators.values()})


def path(release: str, dataset: str | None, kind: str) -> Path:
    return layout.release_folder(release) / layout.place(dataset, kind)


def held(release: str, dataset: str | None) -> list[dict[str, Any]]:
    """The rows as plain Python replays them: dataset by dataset in the order of codes."""
    rows = ORACLE.slice({"as_of": release, **({"dataset": [dataset]} if dataset else {})})
    rows.sort(key=lambda row: ORACLE.indicators[row["indicator"]]["dataset"])  # stable
    return [ORACLE.shown(row, FILE_COLUMNS) for row in rows]


def touched(release: str, dataset: str) -> str | None:
    """The last release up to this one that set a row of the dataset."""
    found = [
        row["release"]
        for state in ORACLE.states[: NAMES.index(release) + 1]
        for key, row in state.items()
        if ORACLE.indicators[key[0]]["dataset"] == dataset
    ]
    return max(found, key=NAMES.index, default=None)


def test_the_kinds_of_files() -> None:
    assert [kind.name for kind in FILE_KINDS] == ["csv", "csv.zst", "ndjson", "xlsx", "parquet"]
    assert {kind.name: kind.content_type for kind in FILE_KINDS} == {
        "csv": "text/csv; charset=utf-8",
        "csv.zst": "application/zstd",
        "ndjson": "application/x-ndjson",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "parquet": "application/vnd.apache.parquet",
    }


def test_every_release_of_the_pack_has_files_of_every_dataset_with_rows() -> None:
    for release in NAMES:
        files = ReleaseFile.objects.filter(release__name=release)
        expected = {dataset for dataset in DATASETS if touched(release, dataset)}
        assert {file.dataset_id for file in files} == {None, *expected}
        assert len(files) == (len(expected) + 1) * len(FILE_KINDS)
        assert {file.dataset_id: file.rows for file in files} == {
            dataset: len(held(release, dataset)) for dataset in (None, *expected)
        }
    assert list(differences()) == []


@pytest.mark.parametrize("dataset", [None, *DATASETS])
@pytest.mark.parametrize("release", [NAMES[0], NAMES[3], NAMES[-1]])
def test_files_read_back_as_the_oracle_replays(release: str, dataset: str | None) -> None:
    if dataset and not touched(release, dataset):
        assert not path(release, dataset, "csv").exists()
        return
    expected = held(release, dataset)
    rows = [list(row.values()) for row in expected]
    columns = list(FILE_COLUMNS)
    body = {kind.name: path(release, dataset, kind.name).read_bytes() for kind in FILE_KINDS}
    assert read_csv(body["csv"]) == (columns, [[cell(value) for value in row] for row in rows])
    assert read_ndjson(body["ndjson"]) == expected
    assert read_xlsx(body["xlsx"]) == (columns, [[guarded(value) for value in row] for row in rows])
    for reader in (read_parquet, read_parquet_by_duckdb):
        assert reader(body["parquet"]) == (columns, rows)
    assert pyarrow.decompress(body["csv.zst"], len(body["csv"]), "zstd", asbytes=True) == body["csv"], "one frame"


@pytest.mark.parametrize("dataset", DATASETS)
@pytest.mark.parametrize("release", NAMES)
def test_files_are_what_the_api_answers(release: str, dataset: str, api: Api) -> None:
    made_for = touched(release, dataset)
    if made_for is None:
        return
    address = f"/observations?dataset={dataset}&as_of={{}}&fields={FIELDS}&format={{}}"
    for name in ("csv", "ndjson"):
        written = path(release, dataset, name).read_bytes()
        assert written == api.get(address.format(release, name)).getvalue()
    answered = api.get(address.format(made_for, "parquet")).getvalue()
    table, same = (pyarrow.parquet.read_table(pyarrow.BufferReader(body)) for body in
                   (path(release, dataset, "parquet").read_bytes(), answered))  # fmt: skip
    assert table.equals(same)
    assert table.schema.equals(same.schema, check_metadata=True), "title, licence, release, permalink"
    workbook = api.get(address.format(made_for, "xlsx")).getvalue()
    for sheet in ("data", "about"):
        assert read_xlsx(path(release, dataset, "xlsx").read_bytes(), sheet) == read_xlsx(workbook, sheet)


def test_an_untouched_dataset_has_the_very_same_files() -> None:
    same = 0
    for before, after in pairwise(NAMES):
        for dataset in DATASETS:
            if touched(before, dataset) is None:
                continue
            pairs = [[path(release, dataset, kind.name) for release in (before, after)] for kind in FILE_KINDS]
            untouched = touched(before, dataset) == touched(after, dataset)
            assert [one.samefile(two) for one, two in pairs] == [untouched] * len(pairs)
            same += untouched
    assert same > 3, "the pack has such"


def test_the_manifest_says_what_stands_in_the_folder() -> None:
    for release in NAMES:
        folder = layout.release_folder(release)
        manifest = json.loads((folder / "manifest.json").read_bytes())
        assert manifest["release"] == release
        assert manifest["published_on"] == ORACLE.dates[release]
        found = {str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()}
        assert {file["path"] for file in manifest["files"]} == found - {"manifest.json"}
        for file in manifest["files"]:
            assert (folder / file["path"]).stat().st_size == file["bytes"]
            assert file["path"].endswith(f"data.{file['format']}")


def test_files_made_again_are_the_same_to_the_byte(tmp_path: Path, settings: Any) -> None:
    before = list(ReleaseFile.objects.order_by("release", "id").values_list("release", "dataset", "format", "sha256"))
    settings.FILES_ROOT = tmp_path
    for release in Release.objects.order_by("order"):
        build(release)
    after = list(ReleaseFile.objects.order_by("release", "id").values_list("release", "dataset", "format", "sha256"))
    assert after == before
    assert list(differences()) == []


def test_the_files_of_an_older_release_alone_can_be_made_again(tmp_path: Path, settings: Any) -> None:
    settings.FILES_ROOT = tmp_path
    release = Release.objects.get(order=3)
    before = {(file.dataset_id, file.format): file.sha256 for file in release.files.all()}
    assert {(file.dataset_id, file.format): file.sha256 for file in build(release)} == before


def test_other_programs_read_the_whole() -> None:
    expected = held(NAMES[-1], None)
    values = [row["value"] for row in expected]
    frame = pandas.read_csv(path(NAMES[-1], None, "csv"), dtype={"region": str})
    assert list(frame["region"]) == [row["region"] for row in expected]
    assert [None if value != value else value for value in frame["value"]] == values
    packed = str(path(NAMES[-1], None, "csv.zst"))
    assert DUCKDB.read_csv(packed, compression="zstd", all_varchar=True).fetchall() == [
        tuple(cell(value) or None for value in row.values()) for row in expected
    ]
    book = openpyxl.load_workbook(path(NAMES[-1], None, "xlsx"), read_only=True)
    assert len(list(book["data"].iter_rows())) == len(expected) + 1
    book.close()
