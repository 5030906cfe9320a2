"""Changes: what releases did to cells, one row for each release and cell, never netted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, Self

from .columns import COLUMNS, KEY, NAMES, Column, by_name, release_name
from .compile import Relation, select_rows
from .edition import Edition, ReleaseRow
from .parameters import Asked
from .slice import Slice


def _state(age: str, description: str, example: dict[str, object]) -> Column:
    members = (
        Column("value", "number", f"{age}_value", "The figure; null if missing.", 65.53, nullable=True),
        Column("status", "string", f"{age}_status", "Observation status: SDMX CL_OBS_STATUS.", "A"),
        Column("source", "string", f"{age}_source", "Code of the source.", "S46", nullable=True),
    )
    return Column(age, "object", age, description, example, nullable=True, members=members)


CHANGE_COLUMNS = by_name(
    Column("release", "string", "release", "Release that made the change.", "2026-05-post-ec5", lookup=release_name),
    Column("op", "string", "op", "insert, update or delete.", "insert"),
    *(COLUMNS[name] for name in KEY),
    _state("old", "The figure before; null if there was none.", {"value": 65.4, "status": "P", "source": "S45"}),
    _state("new", "The figure since; null if it was withdrawn.", {"value": 65.53, "status": "A", "source": "S46"}),
    *(COLUMNS[name] for name in NAMES),
)


class Changes(Slice):
    """What the releases behind `since` up to `release` did; filters on values look at the new figure, or the last."""

    known: ClassVar[Mapping[str, Column]] = CHANGE_COLUMNS
    default: ClassVar[tuple[str, ...]] = tuple(name for name in CHANGE_COLUMNS if name not in NAMES)
    key: ClassVar[tuple[str, ...]] = (*KEY, "release")
    kind: ClassVar[str] = "changes"
    guarded: ClassVar[frozenset[str]] = frozenset()  # a feed is read release by release

    @classmethod
    def asked(cls, asked: Asked, edition: Edition, pinned: ReleaseRow | None = None) -> Self:
        """The changes that a request asks for: those of the release in force, unless it names others."""
        found = super().asked(asked, edition, pinned)
        until, since = asked.values.get("until"), asked.values.get("since")
        release = pinned or (until.release if until else edition.release)
        begin = since.order if since else 0
        if since is None and until is None and release is not None:
            begin = max((row.order for row in edition.releases if row.order < release.order), default=0)
        return replace(found, release=release, since=begin)

    def relation(self, edition: Edition) -> Relation:
        """The rows that are meant, and how much the releases did that are asked for."""
        found = super().relation(edition)
        meant = [row for row in edition.releases if found.since < row.order <= found.release]
        return replace(
            found,
            written=sum(row.written for row in meant),
            held=sum(row.written for row in edition.releases),
            withdrew=any(row.withdrawn for row in meant),
        )

    def _read(self, edition: Edition, limit: int, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        """Release by release where that is the order: then each of them is read in an order that an index has."""
        first, *rest = self.sort
        if first.column != "release":
            return super()._read(edition, limit, after)
        rows: list[tuple[Any, ...]] = []
        for release, key in self._one_by_one(edition, first.descending, after):
            relation = replace(self, release=release, since=release.order - 1).relation(edition)
            rows += self._rows(select_rows(relation, self._wanted, rest, key, limit - len(rows)))
            if len(rows) == limit:
                break
        return rows

    def _one_by_one(
        self, edition: Edition, descending: bool, after: Sequence[Any] | None
    ) -> Iterator[tuple[ReleaseRow, Sequence[Any] | None]]:
        """The releases that are meant and changed anything, each with the key from behind which it is read."""
        assert self.release is not None
        last = self.release.order
        meant = [row for row in edition.releases if self.since < row.order <= last and (row.written or row.withdrawn)]
        for release in reversed(meant) if descending else meant:
            if after is None or (release.order < after[0] if descending else release.order > after[0]):
                yield release, None
            elif release.order == after[0]:
                yield release, after[1:]

    def changed_by(self, edition: Edition) -> ReleaseRow | None:
        """As of any slice; but that the newest releases changed nothing is another answer after each of them."""
        found = super().changed_by(edition)
        return found if found is None or found.order > self.since else self.release
