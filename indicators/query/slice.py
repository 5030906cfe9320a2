"""A slice: a valid, frozen question about observations; and the answer it brings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from ..models import Level
from .columns import COLUMNS, DEFAULT_COLUMNS, KEY, Column, decode
from .compile import Statement, count_rows, select_rows, years_by_region
from .conditions import Condition, intersect
from .edition import Edition, ReleaseRow
from .grammar import Term
from .limit import TooSlow
from .parameters import FILTERS, Asked
from .problems import Problem

#: Rows fetched at a time when a whole slice is streamed: memory stays flat, and no transaction is held open.
CHUNK = 10_000

#: Filters that narrow which cells of an existing combination are meant, by the reason they give when nothing is left.
_PERIOD = frozenset({"year"})
_OUTCOME = frozenset({"value", "status", "source"})

#: Filters that make an answer cheaper, the one that the store is best prepared for first.
_NARROWING = ("indicator", "region", "year")


@dataclass(frozen=True)
class Answer:
    """Columns and rows on their way. `next_key` is where the next page begins; None on the last page."""

    columns: tuple[Column, ...]
    rows: Iterator[tuple[Any, ...]] | Sequence[tuple[Any, ...]]
    meta: Mapping[str, Any] = field(default_factory=dict)
    next: str | None = None
    next_key: tuple[Any, ...] | None = None


@dataclass(frozen=True)
class Slice:
    """A valid question: filters, the release to answer from (None: nothing was published yet), columns and order."""

    filters: tuple[tuple[str, Any], ...] = ()
    release: ReleaseRow | None = None
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    sort: tuple[Term, ...] = ()

    @classmethod
    def asked(cls, asked: Asked, edition: Edition, pinned: ReleaseRow | None = None) -> Slice:
        """The slice that a request without problems asks for; `pinned` is the release of the walk it continues."""
        moment = asked.values.get("as_of")
        release = pinned or (moment.release if moment else edition.release)
        names = {parameter.name for parameter in FILTERS}
        filters = tuple(sorted((name, value) for name, value in asked.values.items() if name in names))
        sort = complete(asked.values.get("sort", ()))
        return cls(filters, release, asked.values.get("fields", DEFAULT_COLUMNS), sort)

    def conditions(self, edition: Edition, without: frozenset[str] = frozenset()) -> list[Condition]:
        """The conditions that the filters set, those named in `without` left out."""
        values = dict(self.filters)
        return intersect(
            [
                parameter.condition(values, edition.reference)
                for parameter in FILTERS
                if parameter.name in values and parameter.condition and parameter.name not in without
            ]
        )

    def page(self, edition: Edition, size: int, after: Sequence[Any] | None = None) -> Answer:
        """One page of rows from behind the key `after`; one statement."""
        columns = tuple(COLUMNS[name] for name in self.columns)
        rows = self._fetch(edition, size + 1, after)
        next_key = tuple(rows[size - 1][len(columns) :]) if len(rows) > size else None
        visible = [row[: len(columns)] for row in rows[:size]]
        return Answer(columns, decode(columns, visible, edition), next_key=next_key)

    def whole(self, edition: Edition) -> Answer:
        """All rows, on their way in chunks; the first is fetched here."""
        columns = tuple(COLUMNS[name] for name in self.columns)
        return Answer(columns, self._stream(edition, columns, self._fetch(edition, CHUNK, None)))

    def _stream(
        self, edition: Edition, columns: tuple[Column, ...], chunk: list[tuple[Any, ...]]
    ) -> Iterator[tuple[Any, ...]]:
        while chunk:
            yield from decode(columns, [row[: len(columns)] for row in chunk], edition)
            full = len(chunk) == CHUNK
            chunk = self._fetch(edition, CHUNK, chunk[-1][len(columns) :]) if full else []

    def count(self, edition: Edition) -> int:
        """The exact number of rows."""
        if self.release is None:
            return 0
        return int(self._rows(count_rows(self.conditions(edition), self.release.order))[0][0])

    def why_empty(self, edition: Edition) -> tuple[str, dict[str, Any] | None]:
        """Why there is no row, first reason that applies; and the years and levels that do exist."""
        if self.release is None:
            return "not_published_yet", None
        given = {name for name, _ in self.filters}
        existing = self._available(edition, _PERIOD | _OUTCOME)
        if existing is None:
            regions = frozenset(name for name in given if name.startswith("region"))
            return "no_such_combination", self._available(edition, _PERIOD | _OUTCOME | regions)
        if not (given & _OUTCOME) or self._available(edition, _OUTCOME) is None:
            return "outside_period", existing
        return "filtered_out", existing

    def _available(self, edition: Edition, without: frozenset[str]) -> dict[str, Any] | None:
        assert self.release is not None
        rows = self._rows(years_by_region(self.conditions(edition, without), self.release.order))
        if not rows:
            return None
        levels = edition.reference.lookups["region.level"]
        found = {levels[region] for region, _, _ in rows}
        return {
            "years": [min(first for _, first, _ in rows), max(last for _, _, last in rows)],
            "levels": [level for level in Level.values if level in found],
        }

    def _fetch(self, edition: Edition, limit: int, after: Sequence[Any] | None) -> list[tuple[Any, ...]]:
        """Rows as tuples: the base columns that were asked for, then the sort key."""
        if self.release is None:
            return []
        selected = [COLUMNS[name].base for name in self.columns] + [term.column for term in self.sort]
        conditions = self.conditions(edition)
        return self._rows(select_rows(selected, conditions, self.release.order, self.sort, after, limit))

    def _rows(self, statement: Statement) -> list[tuple[Any, ...]]:
        """Run a statement; one that is too slow says which filter to add."""
        try:
            return statement.rows()
        except TooSlow as error:
            raise TooSlow(error.seconds, *narrower({name for name, _ in self.filters})) from error


def narrower(given: Set[str]) -> tuple[str, str | None]:
    """What would make a question cheaper that has the filters `given`: advice, and the parameter to add."""
    missing = next((name for name in _NARROWING if name not in given), None)
    if missing is None:
        return "Ask for fewer indicators, regions or years at a time.", None
    example = next(parameter.example for parameter in FILTERS if parameter.name == missing)
    other = " or dataset" if missing == "indicator" and "dataset" not in given else ""
    return f"Add a filter by {missing}{other}, such as {missing}={example}.", missing


def complete(terms: Sequence[Term]) -> tuple[Term, ...]:
    """An order completed to a total one by the key of an observation."""
    named = {term.column for term in terms}
    return (*terms, *(Term(column) for column in KEY if column not in named))


def conflicts(asked: Asked) -> list[Problem]:
    """What is wrong between parameters that are each right by themselves."""
    problems = []
    if "region_within_self" in asked.values and "region_within" not in asked.values:
        detail = "region_within_self goes with region_within: name the regions whose descendants are meant."
        problems.append(Problem("conflicting_parameters", detail, "region_within_self"))
    sort = asked.values.get("sort", ())
    if any(term.column in ("value", "release") for term in sort) and not {"indicator", "region"} & set(asked.values):
        detail = "Sorting by value or release needs a filter by indicator or region: add one."
        problems.append(Problem("conflicting_parameters", detail, "sort"))
    return problems
