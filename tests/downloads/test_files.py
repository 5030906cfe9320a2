"""Files over HTTP: whole and in parts, with validators, for good under a release and fresh under a dataset."""

import hashlib
import http.client
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils.http import parse_http_date

from indicators.models import Release, ReleaseFile, Store
from indicators.publishing import layout
from tests.questions import NAMES

pytestmark = pytest.mark.django_db
LAST = NAMES[-1]
CSV = f"/releases/{LAST}/datasets/urbanization/data.csv"
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "csv.zst": "application/zstd",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


def get(address: str, status: int = 200, **headers: str) -> Any:
    response: Any = Client().get(address, headers=headers)
    response.body = response.getvalue()
    assert response.status_code == status, (address, response.status_code)
    assert response["Access-Control-Allow-Origin"] == "*"
    return response


def stored(kind: str = "csv", dataset: str | None = "urbanization", release: str = LAST) -> bytes:
    return (layout.release_folder(release) / layout.place(dataset, kind)).read_bytes()


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("dataset", [None, "urbanization"])
def test_a_file_of_a_release(kind: str, dataset: str | None) -> None:
    address = f"/releases/{LAST}/{layout.path(dataset, kind)}"
    response = get(address, **{"Accept-Encoding": "br, gzip"})
    body = response.body
    assert body == stored(kind, dataset)
    assert response["Content-Type"] == TYPES[kind]
    assert response["Content-Length"] == str(len(body))
    assert response["ETag"] == f'"{hashlib.sha256(body).hexdigest()}"'
    assert "Content-Encoding" not in response, "a strong validator is of these bytes"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["Accept-Ranges"] == "bytes"
    assert response["Content-Disposition"] == f'attachment; filename="{dataset or "urbanapi"}-{LAST}.{kind}"'
    assert f'</releases/{LAST}/manifest.json>; rel="describedby"' in response["Link"].replace(
        "https://urbanapi.example", ""
    )
    assert 'rel="license"' in response["Link"]
    assert parse_http_date(response["Last-Modified"])
    head = Client().head(address)
    assert head.status_code == 200
    assert head.getvalue() == b""
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified", "Content-Disposition"):
        assert head[name] == response[name]


def test_the_manifest_names_every_file() -> None:
    response = get(f"/releases/{LAST}/manifest.json")
    manifest = json.loads(response.body)
    assert response["Content-Type"] == "application/json"
    assert len(manifest["files"]) == ReleaseFile.objects.filter(release__name=LAST).count()
    for file in manifest["files"]:
        answer = get(f"/releases/{LAST}/{file['path']}")
        body = answer.body
        assert (len(body), hashlib.sha256(body).hexdigest()) == (file["bytes"], file["sha256"])
        assert answer["Content-Type"].partition(";")[0] == file["media_type"]


@pytest.mark.parametrize("kind", TYPES)
def test_the_file_of_a_dataset_is_that_of_the_release_in_force(kind: str) -> None:
    response = get(f"/datasets/urbanization/data.{kind}")
    assert response.body == stored(kind)
    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    latest = get(f"/releases/latest/datasets/urbanization/data.{kind}")
    assert latest.body == stored(kind)
    assert latest["Cache-Control"] == response["Cache-Control"]
    assert latest["ETag"] == response["ETag"]


def test_an_older_release_in_force_shows_its_files() -> None:
    Store.objects.update(release=2)
    assert get("/datasets/urbanization/data.csv").body == stored(release=NAMES[1])
    get(CSV, 404)
    get(f"/releases/{LAST}/manifest.json", 404)


def test_last_modified_is_when_the_content_came_into_force() -> None:
    files = ReleaseFile.objects.order_by("-release_id")
    linked = next(f for f in files if files.filter(sha256=f.sha256).exclude(release=f.release).exists())
    first = ReleaseFile.objects.filter(sha256=linked.sha256).order_by("release_id").first()
    assert first is not None
    response = get(f"/releases/{linked.release.name}/{layout.path(linked.dataset_id, linked.format)}")
    assert parse_http_date(response["Last-Modified"]) == int(first.release.in_force_since.timestamp())


@pytest.mark.parametrize("kind", ["jsonstat", "sdmx-csv", "sdmx-json"])
def test_formats_without_files_are_made_as_the_api_makes_them(kind: str) -> None:
    response = get(f"/datasets/urbanization/data.{kind}")
    api = get(f"/api/v1/observations?dataset=urbanization&format={kind}")
    assert response.body == api.body
    assert response["Content-Type"] == api["Content-Type"]
    assert response["Last-Modified"] == api["Last-Modified"]
    get(f"/datasets/urbanization/data.{kind}", 304, **{"If-None-Match": response["ETag"]})


SIZE = "size"
RANGES = {
    "bytes=0-0": (0, 1),
    "bytes=0-99": (0, 100),
    "bytes=100-199": (100, 200),
    "bytes=100-": (100, None),
    "bytes=-100": (-100, None),
    "bytes=-99999999": (0, None),
    "bytes=5-99999999": (5, None),
    "BYTES=7-7": (7, 8),
}


@pytest.mark.parametrize("asked", RANGES)
def test_a_part(asked: str) -> None:
    whole = stored()
    response = get(CSV, 206, Range=asked)
    expected = whole[slice(*RANGES[asked])]
    assert response.body == expected
    assert response["Content-Length"] == str(len(expected))
    first = whole.index(expected) if len(expected) > 1 else RANGES[asked][0]
    assert response["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(whole)}"
    assert response["ETag"] == get(CSV)["ETag"]


NO_PART = (
    "bytes=0-1,5-6", "bytes=", "bytes=-", "bytes=9-3", "lines=0-5", "bytes=a-b", "0-5", "bytes=1-2-3", "bytes=-1-",
)  # fmt: skip


@pytest.mark.parametrize("asked", NO_PART)
def test_what_is_no_single_part_is_answered_by_the_whole(asked: str) -> None:
    response = get(CSV, 200, Range=asked)
    assert response.body == stored()
    assert "Content-Range" not in response


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=99999999-999999999", "bytes=-0"])
def test_a_part_behind_the_end(asked: str) -> None:
    response = get(CSV, 416, Range=asked)
    assert response["Content-Range"] == f"bytes */{len(stored())}"
    assert response.body == b""


def test_a_part_of_a_copy_that_changed() -> None:
    whole = get(CSV)
    tag, date = whole["ETag"], whole["Last-Modified"]
    for good in (tag, date):
        assert get(CSV, 206, **{"Range": "bytes=0-9", "If-Range": good}).body == stored()[:10]
    for bad in ('"other"', f"W/{tag}", "Thu, 01 Jan 1970 00:00:00 GMT", "nonsense"):
        assert get(CSV, 200, **{"Range": "bytes=0-9", "If-Range": bad}).body == stored()


def test_conditions() -> None:
    whole = get(CSV)
    tag, date = whole["ETag"], whole["Last-Modified"]
    for headers in (
        {"If-None-Match": tag},
        {"If-None-Match": f'"x", W/{tag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": date},
    ):
        response = get(CSV, 304, Range="bytes=0-9", **headers)
        assert response.body == b""
        assert (response["ETag"], response["Last-Modified"]) == (tag, date)
        assert "Content-Length" not in response
        assert "Content-Type" not in response
    get(CSV, 200, **{"If-None-Match": '"x"', "If-Modified-Since": date})
    get(CSV, 412, **{"If-Match": '"x"'})
    get(CSV, 412, **{"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"})
    for headers in ({"If-Match": tag}, {"If-Match": "*"}, {"If-Unmodified-Since": date}):
        get(CSV, 200, **headers)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_other_methods(method: str) -> None:
    response = getattr(Client(), method)(CSV)
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/releases/2026-05-post-ec/data.csv", f"/releases/{LAST}/data.csv"),
        (f"/releases/{LAST}/data.tsv", f"/releases/{LAST}/data.csv"),
        (f"/releases/{LAST}/datasets/urbanization/data.json", CSV),
        (f"/releases/{LAST}/datasets/urbanisation/data.csv", f"/releases/{LAST}/manifest.json"),
        ("/datasets/urbanisation/data.csv", "/datasets/urbanization/data.csv"),
        ("/datasets/urbanization/data.json", "/datasets/urbanization/data.jsonstat"),
    ],
)
def test_a_wrong_address_is_told_what_there_is(address: str, meant: str) -> None:
    response = get(address, 404)
    assert f'href="{meant}' in response.content.decode()
    assert response["Cache-Control"] == "no-store"


NOTHING = (
    "../data.csv", "..%2Fdata.csv", "%2e%2e/%2e%2e/pack", "datasets/../data.csv", "/etc/passwd", "", "data.csv/",
    "datasets/urbanization/..", "data.csv%00", "datasets%2Furbanization", ".",
)  # fmt: skip


@pytest.mark.parametrize("below", NOTHING)
def test_nothing_else_is_served(below: str) -> None:
    assert Client().get(f"/releases/{LAST}/{below}").status_code == 404


def test_a_file_that_is_gone_is_not_a_broken_answer(
    settings: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings.FILES_ROOT = tmp_path
    response = get(CSV, 503)
    assert response["Retry-After"]
    assert "check_store" in caplog.text
    folder = layout.release_folder(LAST) / "datasets" / "urbanization"
    folder.mkdir(parents=True)
    (folder / "data.csv").write_bytes(b"short")
    get(CSV, 503)


def test_the_proxy_may_send_the_bytes(settings: Any) -> None:
    settings.FILES_ACCEL = "/files-of-releases/"
    response = get(CSV)
    assert response.body == b""
    assert response["X-Accel-Redirect"] == f"/files-of-releases/releases/{LAST}/datasets/urbanization/data.csv"
    assert response["Content-Type"] == TYPES["csv"]
    assert response["ETag"]
    assert "Accept-Ranges" not in response, "the proxy says it, and keeps what the service says of it"
    get(CSV, 304, **{"If-None-Match": response["ETag"]})
    get("/releases/other/data.csv", 404)


def test_a_release_with_an_odd_name_is_served(settings: Any, tmp_path: Path) -> None:
    release = Release.objects.get(order=1)
    before, odd = layout.release_folder(release.name), "Ödd ~name'%2F"
    Release.objects.filter(order=1).update(name=odd)
    settings.FILES_ROOT = tmp_path
    shutil.copytree(before, layout.release_folder(odd))
    body = get(layout.local(odd, "data.csv")).body
    assert body == (before / "data.csv").read_bytes()


def test_curl_resumes_and_python_reads_parts(served: str, tmp_path: Path) -> None:
    whole = tmp_path / "whole.parquet"
    address = f"{served}/releases/{LAST}/data.parquet"
    subprocess.run(["curl", "-sS", "--fail", "-o", whole, address], check=True)
    part = tmp_path / "part.parquet"
    part.write_bytes(whole.read_bytes()[:1000])
    subprocess.run(["curl", "-sS", "--fail", "-C", "-", "-o", part, address], check=True)
    assert part.read_bytes() == whole.read_bytes()
    host = urlsplit(served)
    for method, headers, status, body in (
        ("HEAD", {}, 200, b""),
        ("GET", {"Range": "bytes=-8"}, 206, whole.read_bytes()[-8:]),
        ("GET", {"Range": "bytes=4-11"}, 206, whole.read_bytes()[4:12]),
        ("HEAD", {"Range": "bytes=4-11"}, 200, b""),
        ("GET", {"Range": "bytes=999999999-"}, 416, b""),
    ):
        connection = http.client.HTTPConnection(host.hostname or "", host.port or 80, timeout=20)
        connection.request(method, f"/releases/{LAST}/data.parquet", headers=headers)
        response = connection.getresponse()
        assert response.status == status
        assert response.read() == body
        if method == "HEAD":
            assert response.headers["Content-Length"] == str(whole.stat().st_size)
        connection.close()
