"""Where the files of releases stand, on the disk and in addresses."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from django.conf import settings

MANIFEST = "manifest.json"
#: Names that are folders as they stand on every file system: no dot in front, no letter that differs by case alone.
_SIMPLE = re.compile(r"[a-z0-9]([a-z0-9._-]{0,78}[a-z0-9])?")
_KEPT = 40  # characters of other names, in front of what makes them differ


def folder(name: str) -> str:
    """The folder of a release or dataset: two names never share one, also where case does not matter."""
    if _SIMPLE.fullmatch(name):
        return name
    readable = re.sub(r"[^a-z0-9]+", "-", name.lower())[:_KEPT].strip("-")
    return f"{readable}~{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def releases() -> Path:
    """The folder of all releases."""
    return Path(settings.FILES_ROOT) / "releases"


def release_folder(release: str) -> Path:
    """The folder of a release."""
    return releases() / folder(release)


def place(dataset: str | None, kind: str) -> PurePosixPath:
    """Where a file stands in the folder of its release."""
    file = f"data.{kind}"
    return PurePosixPath("datasets", folder(dataset), file) if dataset else PurePosixPath(file)


def file_of(release: str, dataset: str | None, kind: str) -> Path:
    """A file of a release."""
    return release_folder(release) / place(dataset, kind)


def path(dataset: str | None, kind: str) -> str:
    """The address of a file below that of its release."""
    return f"datasets/{quote(dataset, safe='')}/data.{kind}" if dataset else f"data.{kind}"


def local(release: str, below: str) -> str:
    """The address of what stands at a path below that of a release, within this service."""
    return f"/releases/{quote(release, safe='')}/{below}"


def address(release: str, below: str) -> str:
    """The same as an absolute address, for good."""
    return f"{settings.PUBLIC_BASE_URL}{local(release, below)}"


def of_dataset(dataset: str, kind: str) -> str:
    """The absolute address of a dataset in a format, as of the release in force."""
    return f"{settings.PUBLIC_BASE_URL}/datasets/{quote(dataset, safe='')}/data.{kind}"
