"""Files that wait to be published: each steward's own, in a private folder, for a day at most."""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from ..http.uploads import Received

#: How long files wait.
SECONDS = 24 * 60 * 60
_ABOUT = "submission.json"


@dataclass(frozen=True)
class Waiting:
    """Files with what was typed beside them; `release` is the one that came of them, then the files are gone."""

    folder: Path
    typed: Mapping[str, str]
    files: tuple[Received, ...]
    release: str | None = None

    @property
    def token(self) -> str:
        """What the addresses of its pages end with."""
        return self.folder.name

    @property
    def paths(self) -> list[Path]:
        """Where the files are."""
        return [self.folder / file.place for file in self.files]

    @property
    def since(self) -> datetime.datetime:
        """When it was handed in, or changed."""
        return datetime.datetime.fromtimestamp(self.folder.stat().st_mtime, datetime.UTC)

    @property
    def intact(self) -> bool:
        """Whether the files are what was handed in, byte by byte."""
        try:
            return all(_sha256(path) == file.sha256 for path, file in zip(self.paths, self.files, strict=True))
        except FileNotFoundError:
            return False

    def keep(self) -> Waiting:
        """Write down what it is; all of it, or nothing."""
        about = {"typed": dict(self.typed), "files": list(map(asdict, self.files)), "release": self.release}
        written = self.folder / f"{_ABOUT}.new"
        written.write_text(json.dumps(about), encoding="utf-8")
        written.replace(self.folder / _ABOUT)
        return self

    def retyped(self, typed: Mapping[str, str]) -> Waiting:
        """The same files, with something else typed beside them."""
        return replace(self, typed=typed).keep()

    def became(self, release: str) -> None:
        """Remember the release, so that a form that is sent twice is told of it, and remove the files."""
        replace(self, release=release).keep()
        for path in self.paths:
            path.unlink(missing_ok=True)

    def give_up(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Incoming:
    """What one steward has handed in. Paths are made of the steward's number, so nobody comes to another's."""

    def __init__(self, steward: int) -> None:
        self.folder = Path(settings.INCOMING_DIR) / str(steward)

    def begin(self) -> Path:
        """A new empty folder."""
        folder = self.folder / secrets.token_hex(16)
        folder.mkdir(mode=0o700, parents=True)
        self.folder.chmod(0o700)
        return folder

    def receive(self, folder: Path, typed: Mapping[str, str], files: Sequence[Received]) -> Waiting:
        """Keep what came into a folder; what waited before is given up."""
        for waiting in self._all():
            if waiting.release is None:
                waiting.give_up()
        return Waiting(folder, typed, tuple(files)).keep()

    def find(self, token: str) -> Waiting | None:
        """What has that token."""
        return _read(self.folder / token) if re.fullmatch(r"[0-9a-f]{32}", token) else None

    def waiting(self) -> Waiting | None:
        """What waits to be published."""
        return next((waiting for waiting in self._all() if waiting.release is None), None)

    def _all(self) -> Iterator[Waiting]:
        for folder in sorted(self.folder.glob("*")):
            if (found := _read(folder)) is not None:
                yield found


def sweep() -> None:
    """Remove what has waited too long, whoever handed it in."""
    for folder in Path(settings.INCOMING_DIR).glob("*/*"):
        if not _lasts(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _read(folder: Path) -> Waiting | None:
    try:
        about: dict[str, Any] = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if not _lasts(folder):
        return None
    return Waiting(folder, about["typed"], tuple(Received(**file) for file in about["files"]), about["release"])


def _lasts(folder: Path) -> bool:
    try:
        return time.time() - folder.stat().st_mtime < SECONDS
    except FileNotFoundError:
        return False


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
