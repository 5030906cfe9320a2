"""What stands on the disk beside what the store says of it, and how both are brought together again.

For those who check a store: `differences()` lists what is wrong and writes nothing, `mend()` makes anew what is wrong.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from django.db.models import F
from django.utils import timezone

from ..models import Release, ReleaseFile, Store
from . import layout
from .draft import intact
from .files import build, manifest
from .proposal import Progress, silent
from .turn import turn


class Fault(Enum):
    """What is wrong with a file, in words to follow its path."""

    UNKNOWN = "has no files yet"
    MISSING = "is missing"
    SIZE = "has another size than the store says"
    DIGEST = "has another SHA-256 than the store says"
    MANIFEST = "does not say what the store says"
    SUPERFLUOUS = "belongs to no release"


@dataclass(frozen=True)
class Difference:
    """A file, or a folder, that is not as the store says; `release` is None where there is no such release."""

    release: str | None
    path: Path
    fault: Fault

    def __str__(self) -> str:
        return f"{self.path} {self.fault.value}"


def differences(progress: Progress = silent, *, thorough: bool = True) -> Iterator[Difference]:
    """What is wrong with the files of the releases in force, release by release, and what is there besides.

    A `thorough` look reads every byte; another one compares sizes. Files being published meanwhile may be told as
    superfluous: call it within `turn()` where that matters.
    """
    releases = _in_force()  # first: of one that is published meanwhile, nothing is told
    recorded = defaultdict(list)
    for file in ReleaseFile.objects.order_by("id"):
        recorded[file.release_id].append(file)
    known = {layout.releases() / layout.folder(release.name) for release in releases}
    for done, release in enumerate(releases, start=1):
        yield from _of_release(release, recorded[release.order], thorough)
        progress("files", done, len(releases))
    folder = layout.releases()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path not in known:
            yield Difference(None, path, Fault.SUPERFLUOUS)


def mend(progress: Progress = silent, *, thorough: bool = False) -> list[str]:
    """Make the files of every release in force that has something wrong, one transaction each; the names of these.

    That makes the files of a store that is older than files, too. What is superfluous goes with it. Raises
    `NotPublished` where the disk or the database fails; what was mended before stays.
    """
    mended = []
    for release in _in_force():
        with turn():
            files = list(release.files.order_by("id"))
            if any(_of_release(release, files, thorough)):
                build(release, progress, trusted=not thorough)
                _tell()
                mended.append(release.name)
    return mended


def _tell() -> None:
    """What lists files has changed without a release: copies of it are good no longer."""
    Store.objects.update(reference_revision=F("reference_revision") + 1, reference_changed_at=timezone.now())


def _in_force() -> list[Release]:
    last = Store.objects.values_list("release_id", flat=True).first() or 0
    return list(Release.objects.filter(order__lte=last).order_by("order"))


def _of_release(release: Release, files: Sequence[ReleaseFile], thorough: bool) -> Iterator[Difference]:
    folder = layout.release_folder(release.name)
    if not files:
        yield Difference(release.name, folder, Fault.UNKNOWN)
        return
    expected = {folder / layout.place(file.dataset_id, file.format): file for file in files}
    for path, file in expected.items():
        if fault := _fault(path, file, thorough):
            yield Difference(release.name, path, fault)
    described = folder / layout.MANIFEST
    if not described.is_file():
        yield Difference(release.name, described, Fault.MISSING)
    elif not _agree(described.read_bytes(), manifest(release, files)):
        yield Difference(release.name, described, Fault.MANIFEST)
    for path in sorted(folder.rglob("*")):
        if path not in expected and path != described and not path.is_dir():
            yield Difference(release.name, path, Fault.SUPERFLUOUS)


def _fault(path: Path, file: ReleaseFile, thorough: bool) -> Fault | None:
    if not path.is_file():
        return Fault.MISSING
    if not intact(path, file, trusted=True):
        return Fault.SIZE
    return Fault.DIGEST if thorough and not intact(path, file, trusted=False) else None


def _agree(found: bytes, expected: bytes) -> bool:
    """Whether two manifests list the same; the licence may have been another one then."""
    try:
        listed = json.loads(found)["files"]
    except (ValueError, KeyError, TypeError):
        return False
    return bool(listed == json.loads(expected)["files"])
