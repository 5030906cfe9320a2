"""publish(): bring checked figures into force as a release. The one way by which observations are written."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from django.utils import timezone

from ..models import Release
from .changes import Changes
from .figures import Figure, Figures, digest
from .files import build
from .proposal import Announcement, Outcome, Progress, Proposal, State, name_fault, prepare, silent
from .standing import Standing
from .turn import turn
from .writing import write

__all__ = [
    "Announcement", "Outcome", "Overtaken", "Progress", "Seen", "State", "name_fault", "publish", "replayed", "silent",
]  # fmt: skip


class Seen(NamedTuple):
    """What a dry run was held against: the release in force, by its order, and the reference revision."""

    release: int | None
    reference_revision: int


class Overtaken(Exception):
    """Since the dry run another release came into force, or a reference table was edited: look at it anew."""


def publish(
    announcement: Announcement,
    figures: Iterable[Figure],
    file: str,
    progress: Progress = silent,
    *,
    withdraw_missing: bool = False,
    dry_run: bool = False,
    standing: Standing | None = None,
    seen: Seen | None = None,
    with_files: bool = True,
) -> Outcome:
    """Bring figures into force as one release, in one transaction: readers see all of it or nothing.

    Raises `BadData` with every fault, and `NotPublished` when the database fails; then nothing was written. Figures
    that are all in force make no release, whatever its name. Other content under a name that is in force is refused,
    because a release never changes. With `withdraw_missing` what is in force of the indicators in the file, and is not
    in it, is withdrawn. A dry run tells the same and writes nothing; it waits for nobody. Whoever decided by a dry run
    hands over what was in force then (`seen`): if it no longer is, `Overtaken` is raised and nothing written. Rows in
    force that were read already are handed over as `standing`. Files are left out where the caller rolls all back.
    """
    proposal = Proposal(announcement, Figures.of(figures), file, withdraw_missing, standing)
    if dry_run:
        return prepare(proposal, progress)
    with turn() as store:
        if seen is not None and seen != Seen(store.release_id, store.reference_revision):
            raise Overtaken
        planned = prepare(proposal, progress)
        if planned.state is not State.PLANNED:
            return planned
        release = _create(announcement, planned.changes, digest(proposal.figures))
        written = planned.changes.counts
        total = sum(written[:3]) + sum(written[1:4])
        write(release, planned.changes, lambda done: progress(f"release {release.name}", done, total))
        if with_files:
            build(release, progress, changes=planned.changes)
        if announcement.in_force_since is None:
            release.in_force_since = timezone.now()  # as near to the commit as may be: a copy made before is older
            release.save(update_fields=["in_force_since"])
        store.release = release
        store.save(update_fields=["release"])
    return replace(planned, release=release, state=State.PUBLISHED)


def _create(announcement: Announcement, changes: Changes, content: str) -> Release:
    last = Release.objects.order_by("-order").values_list("order", flat=True).first() or 0
    added, revised, confirmed, withdrawn, _ = changes.counts
    return Release.objects.create(
        order=last + 1,
        name=announcement.name,
        published_on=announcement.published_on,
        title_zh=announcement.title_zh,
        title_en=announcement.title_en,
        basis_en=announcement.basis_en,
        notes_zh=announcement.notes_zh,
        notes_en=announcement.notes_en,
        in_force_since=announcement.in_force_since or timezone.now(),
        added=added,
        revised=revised,
        confirmed=confirmed,
        withdrawn=withdrawn,
        content_sha256=content,
    )


def replayed(announcement: Announcement) -> Announcement:
    """The announcement of a release of the past: it came into force at midnight UTC of its date."""
    midnight = datetime.datetime.combine(announcement.published_on, datetime.time(), datetime.UTC)
    return replace(announcement, in_force_since=min(midnight, timezone.now()))
