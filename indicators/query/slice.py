"""A slice: a valid, frozen question about observations; and the answer it brings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, ClassVar, Self

from ..models import Level
from .columns import COLUMNS, DEFAULT_COLUMNS, KEY, NAMES, Column, decode, selected
from .compile import Relation, Statement, count_rows, select_rows, years_by_region
from .conditions import Condition, intersect
from .edition import EPOCH, Edition, Reference, ReleaseRow
from .grammar import Term
from .history import last_change
from .limit import TooSlow
from .parameters import FILTERS, Asked
from .problems import Problem

#: Rows fetched at a time when a whole slice is streamed: memory stays flat, and no transaction is held open.
CHUNK = 5_000

#: Filters that narrow which cells of an existing combination are meant, by the reason they give when nothing is left.
_PERIOD = frozenset({"year"})
_OUTCOME = frozenset({"value", "status", "source"})

#: Filters that make an answer cheaper, the one that the store is best prepared for first.
_NARROWING = ("indicator", "region", "year")


@dataclass(frozen=True)
class Answer:
    """Columns and rows on their way, and what a format may tell of them.

    `next_key` is where the next page begins; None on the last page. `lookups` holds what codes stand for, such as
    `indicator.name_en`. `options` are parameters that the format itself reads, such as `bom`. `issuer` says who
    answers: name, contact, and agency in the sense of SDMX. The figures have stood so since `updated`.
    """

    columns: tuple[Column, ...]
    rows: Iterator[tuple[Any, ...]] | Sequence[tuple[Any, ...]]
    meta: Mapping[str, Any] = field(default_factory=dict)
    next: str | None = None
    next_key: tuple[Any, ...] | None = None
    lookups: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    issuer: Mapping[str, str] = field(default_factory=dict)
    updated: datetime.datetime = EPOCH


@dataclass(frozen=True)
class Slice:
    """A valid question: filters, the release to answer from (None: nothing was published yet), columns and order.

    `newest` leaves only so many newest rows with a value of each series; `since` is the order of the release behind
    which changes begin. Subclasses ask the same of other rows than the observations in force.
    """

    known: ClassVar[Mapping[str, Column]] = COLUMNS
    default: ClassVar[tuple[str, ...]] = DEFAULT_COLUMNS
    key: ClassVar[tuple[str, ...]] = KEY
    kind: ClassVar[str] = "in_force"
    chunk: ClassVar[int] = CHUNK
    #: Columns to sort by only within an indicator or a region: no index serves them over the whole table.
    guarded: ClassVar[frozenset[str]] = frozenset({"value", "release"})

    filters: tuple[tuple[str, Any], ...] = ()
    release: ReleaseRow | None = None
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    sort: tuple[Term, ...] = ()
    newest: int = 0
    since: int = 0

    @classmethod
    def asked(cls, asked: Asked, edition: Edition, pinned: ReleaseRow | None = None) -> Self:
        """The slice that a request without problems asks for; `pinned` is the release of the walk it continues."""
        moment = asked.values.get("as_of")
        release = pinned or (moment.release if moment else edition.release)
        names = {parameter.name for parameter in FILTERS}
        filters = tuple(sorted((name, value) for name, value in asked.values.items() if name in names))
        sort = cls.complete(asked.values.get("sort", ()))
        columns = labelled(asked.values.get("fields", cls.default), asked.values.get("labels", "codes"))
        return cls(filters, release, columns, sort, asked.values.get("latest", 0))

    @classmethod
    def complete(cls, terms: Sequence[Term]) -> tuple[Term, ...]:
        """An order completed to a total one by the key of a row."""
        named = {term.column for term in terms}
        return (*terms, *(Term(column) for column in cls.key if column not in named))

    @classmethod
    def conflicts(cls, asked: Asked) -> list[Problem]:
        """What is wrong between parameters that are each right by themselves."""
        problems = []
        if "region_within_self" in asked.values and "region_within" not in asked.values:
            detail = "region_within_self goes with region_within: name the regions whose descendants are meant."
            problems.append(Problem("conflicting_parameters", detail, "region_within_self"))
        since, until = (asked.values.get(name) for name in ("since", "until"))
        if since and until and since.order > until.order:
            detail = f"since={since.text} is after until={until.text}: exchange them."
            problems.append(Problem("conflicting_parameters", detail, "since"))
        sort = asked.values.get("sort", ())
        if any(term.column in cls.guarded for term in sort) and not {"indicator", "region"} & set(asked.values):
            detail = "Sorting by value or release needs a filter by indicator or region: add one."
            problems.append(Problem("conflicting_parameters", detail, "sort"))
        return problems

    def conditions(self, edition: Edition, without: frozenset[str] = frozenset()) -> list[Condition]:
        """The conditions that the filters set, those named in `without` left out."""
        kept = tuple((name, value) for name, value in self.filters if name not in without)
        return list(_conditions(kept, edition.reference))

    def relation(self, edition: Edition) -> Relation:
        """The rows that are meant."""
        assert self.release is not None
        kind = "latest" if self.newest else self.kind
        return Relation(kind, self.conditions(edition), self.release.order, self.newest, self.since)

    def changed_by(self, edition: Edition) -> ReleaseRow | None:
        """The last release that changed any series that is meant; no query for data after the first time."""
        if self.release is None:
            return None
        return last_change(edition, self.release, self.conditions(edition, _PERIOD | _OUTCOME))

    def page(self, edition: Edition, size: int, after: Sequence[Any] | None = None) -> Answer:
        """One page of rows from behind the key `after`."""
        rows, next_key = self._fetch(edition, size, after)
        return Answer(self._columns, rows, next_key=next_key)

    def whole(self, edition: Edition) -> Answer:
        """All rows, on their way in chunks; the first is fetched here."""
        rows = self._stream(edition, *self._fetch(edition, self.chunk, None))
        updated = self.release.in_force_since if self.release else edition.reference.changed_at
        return Answer(self._columns, rows, lookups=edition.reference.lookups, updated=updated)

    @property
    def _columns(self) -> tuple[Column, ...]:
        return tuple(self.known[name] for name in self.columns)

    def _stream(
        self, edition: Edition, rows: list[tuple[Any, ...]], next_key: tuple[Any, ...] | None
    ) -> Iterator[tuple[Any, ...]]:
        yield from rows
        while next_key is not None:
            rows, next_key = self._fetch(edition, self.chunk, next_key)
            yield from rows

    def count(self, edition: Edition) -> int:
        """The exact number of rows."""
        if self.release is None:
            return 0
        return int(self._rows(count_rows(self.relation(edition)))[0][0])

    def why_empty(self, edition: Edition) -> tuple[str, dict[str, Any] | None]:
        """Why there is no row, first reason that applies; and the years and levels that do exist."""
        if self.release is None:
            return "not_published_yet", None
        given = {name for name, _ in self.filters}
        existing = self._available(edition, _PERIOD | _OUTCOME)
        if existing is None:
            regions = frozenset(name for name in given if name.startswith("region"))
            return "no_such_combination", self._available(edition, _PERIOD | _OUTCOME | regions)
        if not (given & _OUTCOME or self.newest):
            return "outside_period", existing
        if given & _PERIOD and self._available(edition, _OUTCOME) is None:
            return "outside_period", existing
        return "filtered_out", existing

    def _available(self, edition: Edition, without: frozenset[str]) -> dict[str, Any] | None:
        assert self.release is not None
        kind = "in_force" if self.kind == "in_force" else "vintages"
        rows = self._rows(years_by_region(Relation(kind, self.conditions(edition, without), self.release.order)))
        if not rows:
            return None
        levels = edition.reference.lookups["region.level"]
        found = {levels[region] for region, _, _ in rows}
        return {
            "years": [min(first for _, first, _ in rows), max(last for _, _, last in rows)],
            "levels": [level for level in Level.values if level in found],
        }

    def _fetch(
        self, edition: Edition, size: int, after: Sequence[Any] | None
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        """At most `size` rows from behind the key `after`, and the key of the last one if more follow."""
        if self.release is None:
            return [], None
        width = len(selected(self._columns))
        rows = self._read(edition, size + 1, after)
        next_key = tuple(rows[size - 1][width:]) if len(rows) > size else None
        return decode(self._columns, [row[:width] for row in rows[:size]], edition), next_key

    @property
    def _wanted(self) -> list[str]:
        """What is read of each row: what the columns show, and the keys of the order."""
        return [*selected(self._columns), *(term.column for term in self.sort)]

    def _read(self, edition: Edition, limit: int, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        """At most `limit` rows as the store has them, from behind the key `after`."""
        return self._rows(select_rows(self.relation(edition), self._wanted, self.sort, after, limit))

    def _rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement; one that is too slow says which filter to add."""
        try:
            return statement.rows()
        except TooSlow as error:
            raise TooSlow(error.seconds, *narrower({name for name, _ in self.filters})) from error


@lru_cache(maxsize=64)
def _conditions(filters: tuple[tuple[str, Any], ...], reference: Reference) -> tuple[Condition, ...]:
    """What filters select by these reference tables: all regions of a level are sorted once, not for every page."""
    values = dict(filters)
    named = (parameter for parameter in FILTERS if parameter.name in values and parameter.condition)
    return tuple(intersect([parameter.condition(values, reference) for parameter in named if parameter.condition]))


def labelled(columns: Sequence[str], labels: str) -> tuple[str, ...]:
    """The columns with names beside codes (`both`), or instead of them (`names`)."""
    if labels == "codes":
        return tuple(columns)
    shown: list[str] = []
    for name in columns:
        names = [found for found in NAMES if found.startswith(f"{name}_name_")]
        shown += names if labels == "names" and names else [name, *names]
    return tuple(dict.fromkeys(shown))


def narrower(given: Set[str]) -> tuple[str, str | None]:
    """What would make a question cheaper that has the filters `given`: advice, and the parameter to add."""
    missing = next((name for name in _NARROWING if name not in given), None)
    if missing is None:
        return "Ask for fewer indicators, regions or years at a time.", None
    example = next(parameter.example for parameter in FILTERS if parameter.name == missing)
    other = " or dataset" if missing == "indicator" and "dataset" not in given else ""
    return f"Add a filter by {missing}{other}, such as {missing}={example}.", missing
