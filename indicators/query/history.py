"""Which release last changed the series of a slice: what `Last-Modified` is made from, without a query for data.

What a release did never changes, so it is asked once in a process, and held as one number for each indicator, in which
every bit stands for a region: half a kilobyte for 4,000 regions. Years and values are left out: a series is an
indicator in a region.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import lru_cache

from django.db import connection, transaction

from .compile import changed_regions
from .conditions import Condition
from .edition import Edition, ReleaseRow
from .limit import TooSlow

logger = logging.getLogger(__name__)

_EVERY_REGION = -1  # has all bits
_lock = threading.Lock()
#: Region -> its bit; a number once given stays, so that what was held before still fits.
_bits: dict[str, int] = {}


def last_change(edition: Edition, release: ReleaseRow, conditions: Sequence[Condition]) -> ReleaseRow:
    """The last release up to `release` that set or superseded a row of the series that the conditions select.

    Where none but the first did, it is the first: before it there was nothing that could have been different.
    """
    listed = {condition.column: condition.points for condition in conditions}
    regions = _selected(listed["region"]) if "region" in listed else _EVERY_REGION
    first, *later = (row for row in edition.releases if row.order <= release.order)
    for row in reversed(later):
        if _touches(row, listed.get("indicator"), regions):
            return row
    return first


def _touches(release: ReleaseRow, indicators: Iterable[str] | None, regions: int) -> bool:
    held = _changed(release)
    if held is None:
        return True
    masks = held.values() if indicators is None else (held.get(code, 0) for code in indicators)
    return any(mask & regions for mask in masks)


@lru_cache(maxsize=1024)
def _changed(release: ReleaseRow) -> Mapping[str, int] | None:
    """The regions of each indicator in which a release set or superseded a row; None if that takes too long to find."""
    # What is ended inside of a transaction spoils it for what comes after, unless it has a savepoint of its own.
    apart = transaction.atomic() if connection.in_atomic_block else nullcontext()
    try:
        with apart:
            rows = changed_regions(release.order).rows()
    except TooSlow as error:
        logger.warning("Release %s counts as a change of every series: %s", release.name, error)
        return None
    return {indicator: _mask(regions.split(",")) for indicator, regions in rows}  # no code has a comma


@lru_cache(maxsize=64)
def _selected(regions: tuple[str, ...]) -> int:
    """The regions that conditions select; those of a level are thousands, and asked for again and again."""
    return _mask(regions)


def _mask(regions: Sequence[str]) -> int:
    """The regions as one number; written as binary digits first, which is five times faster than adding bits."""
    with _lock:
        numbers = [_bits.setdefault(region, len(_bits)) for region in regions]
        digits = bytearray(b"0" * (len(_bits) + 1))
    for number in numbers:
        digits[-1 - number] = ord("1")
    return int(digits, 2)


def forget() -> None:
    """Drop what is held in memory; for tests that roll the database back to an earlier release."""
    _changed.cache_clear()
