"""publish(): check figures, compare them with the rows in force, and bring a release into force."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from django.db import connection, transaction
from django.utils import timezone

from ..models import Observation, Release, Store
from ..query.edition import current_edition
from .changes import Changes, compare
from .checks import check
from .faults import Fault, stop_on_errors
from .figures import Figure, digest

_BATCH = 5_000

#: Called with the name of a step, what is done of it, and its total.
Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Announcement:
    """What a release says of itself."""

    name: str
    published_on: datetime.date
    title_zh: str
    title_en: str
    basis_en: str | None = None
    in_force_since: datetime.datetime | None = None  # now, unless the release is replayed


@dataclass(frozen=True)
class Outcome:
    """What a publication did. `release` is None when the same content was in force under that name already."""

    name: str
    release: Release | None
    changes: Changes
    warnings: Sequence[Fault] = ()


def publish(announcement: Announcement, figures: Sequence[Figure], file: str, progress: Progress = silent) -> Outcome:
    """Bring figures into force as one release, in one transaction: readers see all of it or nothing.

    Raises `BadData` with every fault, and then nothing was written. The same content under the same name again
    changes nothing; other content under a name that is in force is refused, because a release never changes.
    """
    content = digest(figures)
    with transaction.atomic():
        store = Store.hold()
        existing = Release.objects.filter(name=announcement.name).first()
        if existing and existing.content_sha256 == content:
            return Outcome(announcement.name, None, Changes(unchanged=list(figures)))
        warnings = stop_on_errors(_admissible(announcement, existing, file) + check(file, figures, current_edition()))
        changes = compare(figures)
        release = _create(announcement, changes, content)
        _write(release, changes, progress)
        if announcement.in_force_since is None:
            release.in_force_since = timezone.now()  # as near to the commit as may be: a copy made before is older
            release.save(update_fields=["in_force_since"])
        store.release = release
        store.save(update_fields=["release"])
    return Outcome(announcement.name, release, changes, warnings)


def name_fault(name: str) -> str | None:
    """Why a release cannot bear that name, or None: it stands in addresses, and `as_of` takes it beside dates."""
    if name == "latest" or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        return f"{name!r} cannot be the name of a release: it means another thing in addresses"
    if not re.fullmatch(r"[^\s,/]{1,80}", name):
        return f"{name[:100]!r} is not a name of 1 to 80 characters without spaces, commas and slashes"
    return None


def _admissible(announcement: Announcement, existing: Release | None, file: str) -> list[Fault]:
    if reason := name_fault(announcement.name):
        return [Fault(file, None, None, reason)]
    if existing:
        message = (
            f"release {existing.name} is in force with other figures and never changes: give this one another name"
        )
        return [Fault(file, None, None, message)]
    last = Release.objects.order_by("-order").first()
    if last and announcement.published_on <= last.published_on:
        message = (
            f"release {announcement.name} is dated {announcement.published_on}, not after {last.published_on}, "
            f"the date of the last release {last.name}: releases are published in the order of their dates"
        )
        return [Fault(file, None, None, message)]
    return []


def _create(announcement: Announcement, changes: Changes, content: str) -> Release:
    last = Release.objects.order_by("-order").values_list("order", flat=True).first() or 0
    return Release.objects.create(
        order=last + 1,
        name=announcement.name,
        published_on=announcement.published_on,
        title_zh=announcement.title_zh,
        title_en=announcement.title_en,
        basis_en=announcement.basis_en,
        in_force_since=announcement.in_force_since or timezone.now(),
        added=len(changes.added),
        revised=len(changes.revised),
        confirmed=len(changes.confirmed),
        withdrawn=0,
        content_sha256=content,
    )


def _write(release: Release, changes: Changes, progress: Progress) -> None:
    columns = {field.attname: str(field.column) for field in Observation._meta.concrete_fields}
    names = ("indicator_id", "region_id", "year", "value", "status", "source_id", "locator", "note", "release_id")
    table = Observation._meta.db_table
    close = (
        f"UPDATE {table} SET {columns['superseded_by_id']} = %s "  # noqa: S608 (names of our own table)
        "WHERE indicator_id = %s AND region_id = %s AND year = %s AND superseded_by_id IS NULL"
    )
    insert = (
        f"INSERT INTO {table} ({', '.join(columns[name] for name in names)}) "  # noqa: S608
        f"VALUES ({', '.join(['%s'] * len(names))})"
    )
    total = len(changes.replaced) + len(changes.written)
    done = 0
    with connection.cursor() as cursor:
        for sql, rows in (
            (close, ((release.order, *figure.key) for figure in changes.replaced)),
            (insert, ((*figure.key, *figure.content, release.order) for figure in changes.written)),
        ):
            while batch := list(islice(rows, _BATCH)):
                cursor.executemany(sql, batch)
                done += len(batch)
                progress(f"release {release.name}", done, total)
        if connection.vendor == "postgresql":  # else the first questions are planned without statistics
            cursor.execute(f"ANALYZE {table}")


def replayed(announcement: Announcement) -> Announcement:
    """The announcement of a release of the past: it came into force at midnight UTC of its date."""
    midnight = datetime.datetime.combine(announcement.published_on, datetime.time(), datetime.UTC)
    return replace(announcement, in_force_since=min(midnight, timezone.now()))
