"""A publication that is killed among its files, or cannot write them, leaves those of the old release, and no others
after the next one."""

import hashlib
import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.test_crashes import new, old, own, publish, seeded, served
from tests.publishing.test_load import OwnDatabase, migrated
from tests.serving import files_of

__all__ = ["migrated", "new", "old", "own", "seeded"]

POINTS = (
    "files 0",
    "before SELECT indicators_releasefile",
    "files 1",
    "before DELETE indicators_releasefile",
    "before INSERT indicators_releasefile",
    "after INSERT indicators_releasefile",
    "files 2",
    "after UPDATE indicators_store",
)


def folders(own: OwnDatabase) -> set[str]:
    return {path.name for path in Path(files_of(own.url), "releases").iterdir()}


def files(own: OwnDatabase) -> dict[str, list[tuple[Any, ...]]]:
    """The files that the store tells of, by release; each stands on the disk with its size and digest."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    rows = own.query(
        "SELECT r.name, f.dataset_id, f.format, f.bytes, f.sha256, f.rows FROM indicators_releasefile f "
        'JOIN indicators_release r ON r."order" = f.release_id ORDER BY f.id'
    )
    for release, dataset, kind, size, sha256, count in rows:
        folder = Path(files_of(own.url), "releases", release)
        body = (folder / f"datasets/{dataset}/data.{kind}" if dataset else folder / f"data.{kind}").read_bytes()
        assert (len(body), hashlib.sha256(body).hexdigest()) == (size, sha256)
        found.setdefault(release, []).append((dataset, kind, size, sha256, count))
    for release, listed in found.items():
        manifest = json.loads(Path(files_of(own.url), "releases", release, "manifest.json").read_bytes())
        told = [
            tuple(file[name] for name in ("dataset", "format", "bytes", "sha256", "rows")) for file in manifest["files"]
        ]
        assert told == listed
    return found


@pytest.mark.parametrize("point", POINTS)
def test_killed_at(point: str, old: list[Any], new: list[Any], own: OwnDatabase) -> None:
    before = files(own)
    assert set(before) == {"one"}
    assert publish(own, "two", point, "kill") == (-signal.SIGKILL, "")
    assert served(own) == old
    assert files(own) == before
    assert publish(own, "two") == (0, "PUBLISHED")
    assert served(own) == new
    after = files(own)
    assert set(after) == {"one", "two"} == folders(own), "nothing is left over"
    assert after["one"] == before["one"]


def test_a_crash_leaves_something_to_sweep(own: OwnDatabase) -> None:
    publish(own, "two", "files 1", "kill")
    assert len(folders(own)) == 2
    publish(own, "two", "before INSERT indicators_releasefile", "kill")
    assert folders(own) == {"one", "two"}, "renamed, and of no release"


def test_a_file_that_may_not_grow_is_told(old: list[Any], new: list[Any], own: OwnDatabase) -> None:
    before = files(own)
    code, told = publish(own, "two", "files 0", "limit")
    assert code == 0
    assert told.startswith("Nothing was published: the files of the release cannot be written below")
    assert "raise the limit (ulimit -f)" in told
    assert served(own) == old
    assert files(own) == before
    assert folders(own) == {"one"}
    assert publish(own, "two") == (0, "PUBLISHED")
    assert served(own) == new


def test_a_folder_that_cannot_be_written_is_told(
    old: list[Any], own: OwnDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    (Path(files_of(own.url)).parent / "file").touch()
    for root in (f"{Path(files_of(own.url)).parent}/file/below", "/proc/urbanapi"):
        monkeypatch.setattr("tests.publishing.test_load.files_of", lambda url, root=root: root)
        code, told = publish(own, "two")
        assert code == 0
        assert told.startswith(
            f"Nothing was published: the files of the release cannot be written below {root}: see that"
        )
        assert "FILES_ROOT" in told
        assert served(own) == old
