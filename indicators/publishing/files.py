"""build(): the files of a release, for each dataset and for the whole, with a manifest; all of them or none.

The files of a dataset are those made for the last release that touched it: where an earlier release has them they are
linked, else made, and what is made again from the same rows has the same bytes.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from ..formats.kinds import KINDS
from ..models import Observation, Release, ReleaseFile
from ..query.edition import Edition, ReleaseRow, current_edition
from . import layout
from .bodies import FILE_COLUMNS, Content
from .changes import Changes
from .draft import Draft
from .folders import aside, sweep
from .proposal import Progress, silent
from .turn import NotPublished
from .words import Said as _

_ADVICE = {
    errno.ENOSPC: _("its disk is full: make room, and run this again"),
    errno.EDQUOT: _("the quota is used up: make room, and run this again"),
    errno.EFBIG: _("a file may not become so large: raise the limit (ulimit -f), and run this again"),
}
_PERMISSION = _(
    "see that the folder that FILES_ROOT names is there and that this user may write to it, and run this again"
)


def build(
    release: Release, progress: Progress = silent, *, changes: Changes | None = None, trusted: bool = True
) -> list[ReleaseFile]:
    """Make and put in place what the folder of a release holds, and record it; raises `NotPublished`.

    To be called within `turn()`: in the transaction that publishes the release, with its `changes`, or later, to make
    anew what is missing. Files that are there are kept if they have their size or, when they are not `trusted`, their
    digest.
    """
    edition = _edition(release)
    parts = list(_parts(edition))
    final = layout.release_folder(release.name)
    step, total = f"files of release {release.name}", len(parts) + 1
    with _told():
        remove_left_over()
        with aside(final) as folder:
            with Draft(release, edition, folder, changes, trusted) as draft:
                for done, content in enumerate(parts):
                    progress(step, done, total)
                    draft.dataset(content)
                progress(step, len(parts), total)
                draft.whole(_whole(parts))
            (folder / layout.MANIFEST).write_bytes(manifest(release, draft.files))
    ReleaseFile.objects.filter(release=release).delete()
    ReleaseFile.objects.bulk_create(draft.files)
    progress(step, total, total)
    return draft.files


def remove_left_over() -> None:
    """Remove the folders of no release, which publications that were killed have left. To be called within `turn()`."""
    sweep(layout.releases(), map(layout.folder, Release.objects.values_list("name", flat=True)))


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
        .annotate(
            written=Max("release"),
            closed=Max("superseded_by", filter=Q(superseded_by__lte=order)),
            written_before=Max("release", filter=Q(release__lt=order)),
            closed_before=Max("superseded_by", filter=Q(superseded_by__lt=order)),
        )
        .order_by("indicator")
    )
    now, before = defaultdict(list), defaultdict(list)
    for indicator, written, closed, written_before, closed_before in touched:
        dataset, held = lookups["indicator.dataset"][indicator], (indicator, lookups["indicator.unit"][indicator])
        now[dataset].append((*held, max(written, closed or 0)))
        if written_before:
            before[dataset].append((*held, max(written_before, closed_before or 0)))
    releases = {row.order: row for row in edition.releases}
    for dataset, rows in sorted(now.items()):
        release = releases[max(last for _, _, last in rows)]
        made_before = _digest(before[dataset]) if dataset in before else None
        yield Content(dataset, release, tuple(indicator for indicator, _, _ in rows), _digest(rows), made_before)


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
