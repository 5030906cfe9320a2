"""Whether the vintages of each cell follow each other, and the releases too."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from django.db import connection

from ...models import Observation, Release, Store
from .finding import RESTORE, Finding, listed

_TABLE = Observation._meta.db_table
_CELL = "PARTITION BY indicator_id, region_id, year ORDER BY release_id"


def vintages_follow_each_other() -> Iterator[Finding]:
    """Each cell has at most one row in force, now and as of every release.

    A row is closed by the release that set the next one, or before it by one that withdrew it.
    """
    names = _names()
    sql = (
        "SELECT indicator_id, region_id, year, release_id, superseded_by_id, following FROM ("  # noqa: S608 (our own names)
        "SELECT indicator_id, region_id, year, release_id, superseded_by_id, "
        f"LEAD(release_id) OVER ({_CELL}) AS following FROM {_TABLE}) AS vintage "
        "WHERE following IS NOT NULL AND (superseded_by_id IS NULL OR superseded_by_id > following "
        "OR following = release_id) ORDER BY 1, 2, 3, 4"
    )

    def tell(indicator: str, region: str, year: int, release: int, closed: int | None, following: int) -> Finding:
        first, second = names.get(release, f"{release}"), names.get(following, f"{following}")
        if release == following:
            what = f"release {first} has two rows of it"
        elif closed is None:
            what = f"the row of release {first} is in force beside that of release {second}"
        else:
            end = names.get(closed, f"{closed}")
            what = f"the row of release {first} stays in force until {end}, beside that of release {second}"
        return Finding(f"{_TABLE} {indicator} {region} {year}", what, RESTORE)

    yield from listed(sql, _TABLE, tell)


def releases_follow_each_other() -> Iterator[Finding]:
    """Releases are numbered without gaps from 1; each is dated after the one before, and came into force no earlier."""
    rows = Release.objects.order_by("order").values_list("order", "name", "published_on", "in_force_since")
    found = list(rows)
    if found and found[0][0] != 1:
        yield Finding(f"release {found[0][1]}", f"is the first, but number {found[0][0]}", RESTORE)
    for before, after in pairwise(found):
        where = f"release {after[1]}"
        if after[0] != before[0] + 1:
            yield Finding(where, f"is number {after[0]}, behind number {before[0]}: others are lost", RESTORE)
        if after[2] <= before[2]:
            yield Finding(where, f"is dated {after[2]}, not after {before[2]}, the date of {before[1]}", RESTORE)
        if after[3] < before[3]:
            what = f"came into force at {after[3].isoformat()}, before {before[3].isoformat()}, when {before[1]} did"
            yield Finding(where, what, RESTORE)


def the_newest_release_is_in_force() -> Iterator[Finding]:
    """The one row of the store names the newest release."""
    newest = Release.objects.order_by("-order").values_list("order", flat=True).first()
    stores = list(Store.objects.values_list("id", "release_id"))
    if not stores:
        yield Finding("store", "its one row is missing", "Run manage.py check_store --repair.")
    for _, order in stores:
        if order != newest:
            names = _names()
            held, last = (f"release {names.get(o, o)}" if o else "no release" for o in (order, newest))
            yield Finding("store", f"{held} is in force, but the newest is {last}", RESTORE)


def counts_agree_with_rows() -> Iterator[Finding]:
    """What each release says that it did is what its rows say, and none did nothing."""
    counted = _counted()
    columns = ("added", "revised", "confirmed", "withdrawn")
    for order, name, *said in Release.objects.order_by("order").values_list("order", "name", *columns):
        found = counted.get(order, [0, 0, 0, 0])
        for column, told, number in zip(columns, said, found, strict=True):
            if told != number:
                yield Finding(f"release {name}", f"says {told:,} {column}, but its rows are {number:,}", RESTORE)
        if not any(found):
            yield Finding(f"release {name}", "has no rows", RESTORE)


def _counted() -> dict[int, list[int]]:
    """Rows that each release added, revised, confirmed and withdrew, by what stands before and behind each row."""
    around = (
        f"SELECT release_id, superseded_by_id, value, LAG(superseded_by_id) OVER cell AS ended, LAG(value) OVER cell "  # noqa: S608
        f"AS before, LEAD(release_id) OVER cell AS following FROM {_TABLE} WINDOW cell AS ({_CELL})"
    )
    differs = "(value <> before OR (value IS NULL) <> (before IS NULL))"
    written = (
        "SELECT release_id, COUNT(*), SUM(CASE WHEN ended = release_id THEN 1 ELSE 0 END), "  # noqa: S608
        f"SUM(CASE WHEN ended = release_id AND {differs} THEN 1 ELSE 0 END) FROM ({around}) AS vintage GROUP BY 1"
    )
    withdrawn = (
        f"SELECT superseded_by_id, COUNT(*) FROM ({around}) AS vintage WHERE superseded_by_id IS NOT NULL "  # noqa: S608
        "AND (following IS NULL OR following <> superseded_by_id) GROUP BY 1"
    )
    found: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(written)
        for release, rows, replaced, revised in cursor.fetchall():
            found[release] = [rows - replaced, revised, replaced - revised, 0]
        cursor.execute(withdrawn)
        for release, rows in cursor.fetchall():
            found.setdefault(release, [0, 0, 0, 0])[3] = rows
    return found


def _names() -> dict[int, str]:
    return dict(Release.objects.values_list("order", "name"))
