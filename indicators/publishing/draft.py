"""Draft: the files of a release on their way, linked where an earlier release has such, else written by two threads."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import TracebackType

import pyarrow

from ..formats import FORMATS, Format
from ..formats.kinds import FILE_KINDS
from ..models import Release, ReleaseFile
from ..query.edition import Edition
from . import layout
from .bodies import Content, Made, blocks, of_dataset, of_whole, shown, source_of_whole
from .carrying import carried
from .changes import Changes
from .folders import link
from .snapshot import in_force

_FILED = [f for f in FORMATS if f.filed]
#: Rows of datasets that are held in memory while they are written; one dataset may have more.
_HELD = 2_000_000


@dataclass
class _Part:
    """The files of a dataset, or of the whole: known when they are linked, and when they are written."""

    content: Content
    rows: int
    files: list[ReleaseFile]
    writing: dict[str, Future[list[Made]]]


class Draft:
    """What the folder of a release will hold; `files` are complete when it is left.

    The threads take what is to be written in the order in which it is started, so what is made of files that were
    started before may wait for these.
    """

    def __init__(
        self, release: Release, edition: Edition, folder: Path, changes: Changes | None, trusted: bool
    ) -> None:
        self._release, self._edition, self._folder = release, edition, folder
        self._changes, self._trusted = changes, trusted
        self._pool = ThreadPoolExecutor(2)  # half of their time, threads are outside of Python
        self._parts: list[_Part] = []

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if error is None:
                self._wait(self._parts)
        finally:
            self._pool.shutdown(cancel_futures=True)

    @property
    def files(self) -> list[ReleaseFile]:
        """What was made or linked so far, dataset by dataset."""
        return [file for part in self._parts for file in part.files]

    def dataset(self, content: Content) -> None:
        """The files of one dataset."""
        assert content.dataset is not None
        (self._folder / layout.place(content.dataset, "")).parent.mkdir(parents=True)
        if files := self._linked(content):
            self._parts.append(_Part(content, files[0].rows, files, {}))
            return
        table = self._table(content)
        self._make_room(table.num_rows)
        # That of which others are made comes first, and the slowest last: the whole begins with it meanwhile.
        formats = sorted(_FILED, key=lambda f: (f.name != "parquet", f.binary))
        self._start(content, table.num_rows, formats, lambda f: of_dataset(f, content, table, self._folder))

    def whole(self, content: Content) -> None:
        """The files of all datasets together, made of those of each."""
        rows = sum(part.rows for part in self._parts)
        if files := self._linked(content):
            self._parts.append(_Part(content, rows, files, {}))
            return
        parts = tuple(self._parts)

        def make(f: Format) -> list[Made]:
            source = source_of_whole(f, content)
            wait([part.writing[source] for part in parts if part.writing])
            return of_whole(f, content, [part.content for part in parts], rows, self._folder)

        self._start(content, rows, sorted(_FILED, key=lambda f: not f.binary), make)

    def _start(
        self, content: Content, rows: int, order: Sequence[Format], make: Callable[[Format], list[Made]]
    ) -> None:
        self._parts.append(_Part(content, rows, [], {f.name: self._pool.submit(make, f) for f in order}))

    def _make_room(self, rows: int) -> None:
        """Wait for datasets that are being written until so many rows more may be held."""
        held = [part for part in self._parts if not part.files]
        while held and sum(part.rows for part in held) + rows > _HELD:
            self._wait([held.pop(0)])

    def _wait(self, parts: Sequence[_Part]) -> None:
        """Until files are written; what the first failure was is raised."""
        for part in parts:
            if part.files:
                continue
            wait(part.writing.values(), return_when=FIRST_EXCEPTION)
            made = {file.kind: file for future in part.writing.values() for file in future.result()}
            part.files = [
                self._file(part.content, kind.name, made[kind].bytes, made[kind].sha256, part.rows)
                for kind in FILE_KINDS
                if kind in made
            ]

    def _table(self, content: Content) -> pyarrow.Table:
        """The rows of a dataset as its files show them: those it had before with what changes, else from the store."""
        if self._changes is not None:
            before = self._before(content)
            if before is not None or content.made_before is None:
                table = carried(before, self._changes, content, self._release.order, self._edition)
                if table is not None:
                    return table
        return shown(in_force(content.indicators, self._release.order), self._edition)

    def _before(self, content: Content) -> Path | None:
        """A Parquet file with the rows that the dataset had before this release, if there is one and it is whole."""
        same = ReleaseFile.objects.filter(dataset=content.dataset, made_of=content.made_before, format="parquet")
        for file in same.select_related("release").order_by("-release"):
            path = layout.file_of(file.release.name, file.dataset_id, file.format)
            if intact(path, file, trusted=False):
                return path
        return None

    def _linked(self, content: Content) -> list[ReleaseFile]:
        """Files of a release that are made of the same, if all are whole, linked; the nearest release is taken."""
        same = (
            ReleaseFile.objects.filter(dataset=content.dataset, made_of=content.made_of)
            .select_related("release")
            .order_by("id")
        )
        found = defaultdict(list)
        for file in same:
            found[file.release].append(file)
        for release in sorted(found, key=lambda release: abs(release.order - self._release.order)):
            sources = [layout.file_of(release.name, f.dataset_id, f.format) for f in found[release]]
            if all(map(partial(intact, trusted=self._trusted), sources, found[release])):
                for source, file in zip(sources, found[release], strict=True):
                    link(source, self._folder / layout.place(file.dataset_id, file.format))
                return [self._file(content, f.format, f.bytes, f.sha256, f.rows) for f in found[release]]
        return []

    def _file(self, content: Content, kind: str, size: int, sha256: str, rows: int) -> ReleaseFile:
        return ReleaseFile(
            release=self._release,
            dataset_id=content.dataset,
            format=kind,
            bytes=size,
            sha256=sha256,
            rows=rows,
            made_of=content.made_of,
        )


def intact(path: Path, file: ReleaseFile, *, trusted: bool) -> bool:
    """Whether a file stands at its place with its size and, when it is not `trusted`, with its digest."""
    if not path.is_file() or path.stat().st_size != file.bytes:
        return False
    if trusted:
        return True
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    return bool(digest.hexdigest() == file.sha256)
