"""/exports lists every file of every release in force, with the size and digest that it has."""

import csv
import hashlib
import io
from pathlib import Path

import pytest

from indicators.models import ReleaseFile, Store
from indicators.publishing import layout
from tests.conftest import Api
from tests.questions import NAMES


def on_disk() -> dict[str, bytes]:
    """Every file but the manifests, by its address."""
    found = {}
    for release in NAMES:
        folder: Path = layout.release_folder(release)
        for file in folder.rglob("data.*"):
            found[f"https://urbanapi.example/releases/{release}/{file.relative_to(folder)}"] = file.read_bytes()
    return found


def test_every_file_is_listed_once_with_what_it_is(api: Api) -> None:
    rows = api.walk("/exports?page_size=50")
    files = on_disk()
    assert {row["url"] for row in rows} == set(files)
    assert len(rows) == len(files) == api.json("/exports")["meta"]["count"]
    for row in rows:
        body = files[row["url"]]
        assert list(row) == ["dataset", "format", "url", "bytes", "sha256", "rows", "release"]
        assert (row["bytes"], row["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
        assert row["url"].endswith(f"/data.{row['format']}")
        assert (f"/datasets/{row['dataset']}/" in row["url"]) == (row["dataset"] is not None)
        assert f"/releases/{row['release']}/" in row["url"]
        if row["format"] == "csv":
            assert row["rows"] == len(list(csv.reader(io.StringIO(body.decode(), newline="")))) - 1


def test_the_newest_release_comes_first_and_the_whole_last(api: Api) -> None:
    rows = api.walk("/exports?page_size=1000")
    order = [
        (-NAMES.index(row["release"]), row["dataset"] is None, row["dataset"] or "", row["format"]) for row in rows
    ]
    assert order == sorted(order)


def test_filters(api: Api) -> None:
    rows = api.walk("/exports?page_size=1000")
    asked = f"/exports?release={NAMES[0]},{NAMES[-1]}&dataset=census,economy&file_format=csv,csv.zst&page_size=1000"
    expected = [
        row
        for row in rows
        if row["release"] in (NAMES[0], NAMES[-1])
        and row["dataset"] in ("census", "economy")
        and "csv" in row["format"]
    ]
    assert api.json(asked)["results"] == expected
    assert len(expected) == 6
    table = list(
        csv.DictReader(io.StringIO(api.text(f"{asked.removesuffix('&page_size=1000')}&format=csv"), newline=""))
    )
    assert [row["url"] for row in table] == [row["url"] for row in expected]


@pytest.mark.parametrize(
    ("query", "parameter", "meant"),
    [
        ("release=2026-05-post-ec", "release", "2026-05-post-ec5"),
        ("dataset=urbanisation", "dataset", "urbanization"),
        ("file_format=parket", "file_format", "parquet"),
        ("fileformat=csv", "fileformat", "file_format"),
    ],
)
def test_what_was_meant(api: Api, query: str, parameter: str, meant: str) -> None:
    (error,) = api.json(f"/exports?{query}", 400)["errors"]
    assert error["parameter"] == parameter
    assert meant in error["did_you_mean"]


def test_files_of_a_release_that_is_not_in_force_are_not_listed(api: Api) -> None:
    Store.objects.update(release=2)
    assert {row["release"] for row in api.walk("/exports?page_size=1000")} == set(NAMES[:2])


def test_what_is_too_large_for_a_format_names_the_file(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indicators.formats.xlsx.Xlsx.bound", 10)
    base = "https://urbanapi.example/releases"
    for query, address in (
        ("", f"{base}/{NAMES[-1]}/data.csv"),
        ("dataset=census&", f"{base}/{NAMES[-1]}/datasets/census/data.csv"),
        (f"dataset=census&as_of={NAMES[0]}&", f"{base}/{NAMES[0]}/datasets/census/data.csv"),
    ):
        (error,) = api.json(f"/observations?{query}format=xlsx", 413)["errors"]
        assert error["did_you_mean"] == [address]
        assert error["detail"].endswith(f"fetch the file: {address}")
        assert api.client.head(address.removeprefix("https://urbanapi.example")).status_code == 200
    for query in ("dataset=census,economy", "dataset=census&year=2010..", "latest=1", "indicator=grp"):
        (error,) = api.json(f"/observations?{query}&format=xlsx", 413)["errors"]
        assert "/api/v1/observations?" in error["did_you_mean"][0]
    (error,) = api.json("/vintages?dataset=census&format=xlsx", 413)["errors"]
    assert "/api/v1/vintages?" in error["did_you_mean"][0]
    ReleaseFile.objects.all().delete()
    (error,) = api.json("/observations?dataset=census&format=xlsx", 413)["errors"]
    assert "/api/v1/observations?" in error["did_you_mean"][0], "a store without files"
