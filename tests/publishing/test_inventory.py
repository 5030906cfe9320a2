"""What is wrong on the disk is told, and mended to the very same bytes."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from indicators.models import Release, ReleaseFile
from indicators.publishing import layout
from indicators.publishing.inventory import Fault, differences, mend
from tests.conftest import Api
from tests.questions import NAMES

pytestmark = pytest.mark.django_db
WHOLE, PART = Path("data.csv"), Path("datasets/urbanization/data.parquet")


@pytest.fixture(autouse=True)
def copy(db: None, settings: Any, tmp_path: Path) -> Path:
    """The files of the pack, to be spoilt."""
    shutil.copytree(settings.FILES_ROOT, tmp_path / "copy")
    settings.FILES_ROOT = tmp_path / "copy"
    return layout.release_folder(NAMES[-1])


def found(**options: Any) -> list[tuple[str | None, str, Fault]]:
    root = layout.releases()
    return [(d.release, str(d.path.relative_to(root)), d.fault) for d in differences(**options)]


def bodies() -> dict[Path, bytes]:
    return {
        path.relative_to(layout.releases()): path.read_bytes()
        for path in layout.releases().rglob("*.*")
        if path.is_file()
    }


def test_nothing_is_wrong(copy: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    assert list(differences(lambda *step: steps.append(step))) == []
    assert steps[-1] == ("files", len(NAMES), len(NAMES))
    before = bodies()
    assert mend(thorough=True) == []
    assert bodies() == before


def test_each_fault_is_told_and_mended(copy: Path) -> None:
    before = bodies()
    (copy / WHOLE).unlink()
    (copy / PART).write_bytes(b"short")
    other = copy / "datasets" / "census" / "data.ndjson"
    other.write_bytes(bytes(other.stat().st_size))
    (copy / "manifest.json").write_text("{}")
    (copy / "datasets" / "stray.txt").touch()
    (layout.releases() / ".gone-1234").mkdir()
    name = NAMES[-1]
    quick = [
        (name, f"{name}/{PART}", Fault.SIZE),
        (name, f"{name}/{WHOLE}", Fault.MISSING),
        (name, f"{name}/manifest.json", Fault.MANIFEST),
        (name, f"{name}/datasets/stray.txt", Fault.SUPERFLUOUS),
        (None, ".gone-1234", Fault.SUPERFLUOUS),
    ]
    assert sorted(found(thorough=False), key=str) == sorted(quick, key=str)
    digest = (name, f"{name}/datasets/census/data.ndjson", Fault.DIGEST)
    assert sorted(found(), key=str) == sorted([*quick, digest], key=str)
    assert mend(thorough=True) == [name]
    assert found() == []
    assert bodies() == before


def test_a_store_older_than_files_is_given_them(copy: Path, api: Api) -> None:
    before = bodies()
    listed = list(
        ReleaseFile.objects.order_by("release_id", "id").values_list("release_id", "dataset", "format", "sha256")
    )
    ReleaseFile.objects.all().delete()
    shutil.rmtree(layout.releases())
    assert {fault for _, _, fault in found()} == {Fault.UNKNOWN}
    etag = api.get("/exports")["ETag"]
    assert api.json("/exports")["results"] == []
    assert mend() == NAMES
    assert found() == []
    assert bodies() == before
    assert (
        list(ReleaseFile.objects.order_by("release_id", "id").values_list("release_id", "dataset", "format", "sha256"))
        == listed
    )
    assert api.get("/exports", **{"If-None-Match": etag})["ETag"] != etag, "copies of the list are good no longer"


def test_a_manifest_that_is_gone(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    assert [fault for _, _, fault in found()] == [Fault.MISSING]
    (copy / "manifest.json").write_text("[")
    assert [fault for _, _, fault in found()] == [Fault.MANIFEST]
    assert mend() == [NAMES[-1]]
    assert found() == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2024-12-pre-ec5", "2024-12-pre-ec5"),
        ("a", "a"),
        (".", "~"),
        ("..", "~"),
        (".hidden", "hidden~"),
        ("trailing.", "trailing~"),
        ("UPPER", "upper~"),
        ("upper", "upper"),
        ("年鉴", "~"),
        ("年" * 80, "~"),
        ("a" * 80, "a" * 80),
        ("a b/c\\d:e", "a-b-c-d-e~"),
        ("x~0123456789abcdef", "x-0123456789abcdef~"),
    ],
)
def test_names_of_folders(name: str, expected: str) -> None:
    made = layout.folder(name)
    assert made.rstrip("0123456789abcdef") == expected if expected.endswith("~") else made == expected
    assert len(made.encode()) <= 100
    assert made not in (".", "..")
    assert "/" not in made


def test_names_that_differ_by_case_alone_have_two_folders() -> None:
    folders = {layout.folder(name).lower() for name in ("ec5", "EC5", "Ec5", "eC5")}
    assert len(folders) == 4


def test_releases_are_mended_in_their_order(copy: Path) -> None:
    for name in (NAMES[0], NAMES[3]):
        (layout.release_folder(name) / WHOLE).unlink()
    assert mend() == [NAMES[0], NAMES[3]]
    assert Release.objects.get(order=1).files.count()
