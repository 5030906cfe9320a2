"""Vintages: one row for each release that set a cell, and the release that replaced or withdrew it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from .columns import COLUMNS, DEFAULT_COLUMNS, KEY, Column, by_name, release_name
from .edition import Edition
from .slice import Slice

VINTAGE_COLUMNS = by_name(
    *COLUMNS.values(),
    Column(
        "superseded_by",
        "string",
        "superseded_by",
        "Name of the release that replaced or withdrew the row; null while it was in force.",
        "2026-05-post-ec5",
        nullable=True,
        lookup=release_name,
    ),
)


class Vintages(Slice):
    """All rows that releases up to the one in question set, as known then."""

    known: ClassVar[Mapping[str, Column]] = VINTAGE_COLUMNS
    default: ClassVar[tuple[str, ...]] = (*DEFAULT_COLUMNS, "superseded_by")
    key: ClassVar[tuple[str, ...]] = (*KEY, "release")
    kind: ClassVar[str] = "vintages"

    def _fetch(
        self, edition: Edition, size: int, after: Sequence[Any] | None
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        # What a later release did to a row was not known yet: its name is not in the edition of that time.
        return super()._fetch(edition.until(self.release), size, after)
