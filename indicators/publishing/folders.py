"""Folders of files put in place at once: written aside, brought to the disk, renamed."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

#: What a file system says that has no links, or no more of them.
_NO_LINKS = {errno.EPERM, errno.EXDEV, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EACCES}


@contextmanager
def aside(final: Path) -> Iterator[Path]:
    """A new folder beside `final`, which is put in its place at the end; nothing is left of it if that fails."""
    final.parent.mkdir(parents=True, exist_ok=True)
    folder = final.with_name(f".{final.name}-{secrets.token_hex(6)}")
    folder.mkdir()
    try:
        yield folder
        _sync(folder)
        _put(folder, final)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _put(folder: Path, final: Path) -> None:
    """The folder under its final name; one that stands there is removed: it is left over, or to be mended."""
    if final.exists():
        old = folder.with_name(f"{folder.name}-old")
        final.rename(old)
        folder.rename(final)
        shutil.rmtree(old)
    else:
        folder.rename(final)
    sync(final.parent)


def link(source: Path, target: Path) -> None:
    """The same file under another name, or a copy where the file system has no links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        shutil.copyfile(source, target)


def sweep(parent: Path, kept: Iterable[str]) -> None:
    """Remove what publications that were killed have left: all folders but those that are named."""
    names = set(kept)
    for folder in parent.iterdir() if parent.is_dir() else ():
        if folder.name not in names and folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)


def _sync(folder: Path) -> None:
    """Everything below a folder, and itself, is on the disk."""
    for place, _, files in os.walk(folder, topdown=False):
        for file in files:
            sync(Path(place, file))
        sync(Path(place))


def sync(path: Path) -> None:
    """A file, or the names in a folder, are on the disk: a power cut does not take them away."""
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
