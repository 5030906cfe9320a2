"""build(): the files of a release, for each dataset and for the whole, with a manifest; all of them or none.

The files of a dataset are those made for the last release that touched it: where an earlier release has them they are
linked, else made, and what is made again from the same rows has the same bytes.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from ..formats import FORMATS, Format
from ..formats.kinds import FILE_KINDS, KINDS
from ..models import Observation, Release, ReleaseFile
from ..query.edition import Edition, ReleaseRow, current_edition
from . import layout
from .bodies import FILE_COLUMNS, Content, Made, blocks, of_dataset, of_whole, shown
from .folders import aside, link, sweep
from .proposal import Progress, silent
from .snapshot import in_force
from .turn import NotPublished
from .words import Said as _

_FILED = [f for f in FORMATS if f.filed]
_ADVICE = {
    errno.ENOSPC: _("its disk is full: make room, and run this again"),
    errno.EDQUOT: _("the quota is used up: make room, and run this again"),
    errno.EFBIG: _("a file may not become so large: raise the limit (ulimit -f), and run this again"),
}
_PERMISSION = _(
    "see that the folder that FILES_ROOT names is there and that this user may write to it, and run this again"
)


def build(release: Release, progress: Progress = silent, *, trusted: bool = True) -> list[ReleaseFile]:
    """Make and put in place what the folder of a release holds, and record it; raises `NotPublished`.

    To be called within `turn()`: in the transaction that publishes the release, or later, to make anew what is missing.
    Files that are there are kept if they have their size or, when they are not `trusted`, their digest.
    """
    edition = _edition(release)
    parts = list(_parts(edition))
    final = layout.release_folder(release.name)
    step, total = f"files of release {release.name}", len(parts) + 1
    with _told():
        sweep(final.parent, map(layout.folder, Release.objects.values_list("name", flat=True)))
        with aside(final) as folder:
            draft = _Draft(release, edition, folder, trusted)
            for done, content in enumerate(parts):
                progress(step, done, total)
                draft.dataset(content)
            progress(step, len(parts), total)
            draft.whole(_whole(parts), parts)
            (folder / layout.MANIFEST).write_bytes(manifest(release, draft.files))
    ReleaseFile.objects.filter(release=release).delete()
    ReleaseFile.objects.bulk_create(draft.files)
    progress(step, total, total)
    return draft.files


class _Draft:
    """The files of a release on their way: linked where there are such, else written by two threads."""

    def __init__(self, release: Release, edition: Edition, folder: Path, trusted: bool) -> None:
        self.release, self.edition, self.folder, self.trusted = release, edition, folder, trusted
        self.files: list[ReleaseFile] = []

    def dataset(self, content: Content) -> None:
        """The files of one dataset."""
        assert content.dataset is not None
        (self.folder / layout.place(content.dataset, "")).parent.mkdir(parents=True)
        if not self._linked(content):
            table = shown(in_force(content.indicators, self.release.order), self.edition)
            self._made(content, table.num_rows, lambda f: of_dataset(f, content, table, self.folder))

    def whole(self, content: Content, parts: Sequence[Content]) -> None:
        """The files of all datasets together."""
        if not self._linked(content):
            rows = sum({file.dataset_id: file.rows for file in self.files}.values())
            self._made(content, rows, lambda f: of_whole(f, content, parts, rows, self.folder))

    def _made(self, content: Content, rows: int, make: Callable[[Format], list[Made]]) -> None:
        # Half of the time the threads are outside of Python. The slowest format comes first.
        with ThreadPoolExecutor(2) as pool:
            found = [pool.submit(make, f) for f in sorted(_FILED, key=lambda f: not f.binary)]
            _done, waiting = wait(found, return_when=FIRST_EXCEPTION)
            for future in waiting:
                future.cancel()
        made = {file.kind: file for future in found for file in future.result()}
        for kind in FILE_KINDS:
            if kind in made:
                self._record(content, kind.name, made[kind].bytes, made[kind].sha256, rows)

    def _linked(self, content: Content) -> bool:
        """Whether a release has files made of the same, all of them whole; the nearest one is taken."""
        same = (
            ReleaseFile.objects.filter(dataset=content.dataset, made_of=content.made_of)
            .select_related("release")
            .order_by("id")
        )
        found = defaultdict(list)
        for file in same:
            found[file.release].append(file)
        for release in sorted(found, key=lambda release: abs(release.order - self.release.order)):
            sources = [
                layout.release_folder(release.name) / layout.place(f.dataset_id, f.format) for f in found[release]
            ]
            if all(map(partial(intact, trusted=self.trusted), sources, found[release])):
                for source, file in zip(sources, found[release], strict=True):
                    link(source, self.folder / layout.place(file.dataset_id, file.format))
                    self._record(content, file.format, file.bytes, file.sha256, file.rows)
                return True
        return False

    def _record(self, content: Content, kind: str, size: int, sha256: str, rows: int) -> None:
        self.files.append(
            ReleaseFile(
                release=self.release,
                dataset_id=content.dataset,
                format=kind,
                bytes=size,
                sha256=sha256,
                rows=rows,
                made_of=content.made_of,
            )
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


def manifest(release: Release, files: Iterable[ReleaseFile]) -> bytes:
    """What a release consists of, with the digest of each file."""
    described = {
        "release": release.name,
        "published_on": release.published_on.isoformat(),
        "license": settings.DATA_LICENSE,
        "files": [
            {
                "path": layout.path(file.dataset_id, file.format),
                "dataset": file.dataset_id,
                "format": file.format,
                "media_type": KINDS[file.format].media_type,
                "bytes": file.bytes,
                "sha256": file.sha256,
                "rows": file.rows,
            }
            for file in files
        ],
    }
    return json.dumps(described, ensure_ascii=False, indent=1).encode() + b"\n"


def _edition(release: Release) -> Edition:
    """What was known when the release was the newest, which it may become only in this transaction."""
    now = current_edition()
    written = release.added + release.revised + release.confirmed
    row = ReleaseRow(
        release.order, release.name, release.published_on, release.in_force_since, written, release.withdrawn
    )
    earlier = tuple(known for known in now.releases if known.order < release.order)
    return replace(now, release=row, releases=(*earlier, row))


def _parts(edition: Edition) -> Iterator[Content]:
    """What the files of each dataset hold that ever had a row, in the order of codes."""
    assert edition.release is not None
    order, lookups = edition.release.order, edition.reference.lookups
    touched = (
        Observation.objects.filter(release__lte=order)
        .values_list("indicator")
        .annotate(written=Max("release"), closed=Max("superseded_by", filter=Q(superseded_by__lte=order)))
        .order_by("indicator")
    )
    datasets = defaultdict(list)
    for indicator, written, closed in touched:
        last = max(written, closed or 0)
        datasets[lookups["indicator.dataset"][indicator]].append(
            (indicator, lookups["indicator.unit"][indicator], last)
        )
    releases = {row.order: row for row in edition.releases}
    for dataset, held in sorted(datasets.items()):
        release = releases[max(last for _, _, last in held)]
        yield Content(dataset, release, tuple(indicator for indicator, _, _ in held), _digest(held))


def _whole(parts: Sequence[Content]) -> Content:
    release = max((part.release for part in parts), key=attrgetter("order"))
    indicators = tuple(indicator for part in parts for indicator in part.indicators)
    return Content(None, release, indicators, _digest([part.made_of for part in parts]))


def _digest(held: Sequence[Any]) -> str:
    return hashlib.sha256(json.dumps([FILE_COLUMNS, list(KINDS), held]).encode()).hexdigest()


@contextmanager
def _told() -> Iterator[None]:
    """What the file system refuses, as a publication that did not take place."""
    try:
        yield
    except OSError as error:
        message = _(
            "Nothing was published: the files of the release cannot be written below %(folder)s: %(advice)s.",
            folder=str(settings.FILES_ROOT),
            advice=_ADVICE.get(error.errno or 0, _PERMISSION),
        )
        raise NotPublished(message, error) from error
