"""The progress of targets as a question: which targets, regions and methods; rows are assessed as they are read."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any, ClassVar, Self

from ..query.columns import Column, by_name, looked_up
from ..query.conditions import intersect
from ..query.edition import Edition, Reference, ReleaseRow
from ..query.filters import TARGET_BUT_REGION, targets_meant
from ..query.grammar import Ranges
from ..query.limit import TooSlow, allowed
from ..query.listing import SortKey, behind, key_of, keys_behind, ordered, ordered_keys
from ..query.parameters import FILTERS, Asked
from ..query.slice import Answer, Slice
from .columns import FURTHER, METHOD_COLUMNS, PATH, PROGRESS_COLUMNS
from .methods import DEFAULT_METHOD, METHODS
from .rows import Key, Row, assessed, standings
from .terms import Terms, all_terms

#: Rows that are assessed at a time.
_AT_A_TIME = 500
_KEY = ("target", "region", "method")
#: What rows are filtered and sorted by, beside their key.
RESULTS = ("status", "deadline_status", "gap", "ratio")
SORTABLE = (*_KEY, *RESULTS)
#: Filters of observations that say which regions are assessed.
REGIONS = tuple(p for p in FILTERS if p.name in ("region", "region_within", "region_within_self", "region_level"))
_OF_TARGETS = frozenset(parameter.name for parameter, _ in TARGET_BUT_REGION)
_ADVICE = "Add a filter by plan, target, indicator or region_level."


@dataclass(frozen=True)
class Progress(Slice):
    """The assessments of targets in regions by methods, as of a release.

    `targets` are the codes that are meant (None: all), `selected` the filters of targets as they were asked, which are
    not looked up before rows are asked for; `filters` hold those of regions and of results.
    """

    known: ClassVar[Mapping[str, Column]] = PROGRESS_COLUMNS
    default: ClassVar[tuple[str, ...]] = tuple(name for name in PROGRESS_COLUMNS if name not in FURTHER)
    key: ClassVar[tuple[str, ...]] = _KEY
    guarded: ClassVar[frozenset[str]] = frozenset()

    targets: frozenset[str] | None = None
    selected: tuple[tuple[str, str], ...] = ()
    basis: str = "own"
    methods: tuple[str, ...] = (DEFAULT_METHOD,)
    tolerance: float | None = None

    @classmethod
    def asked(cls, asked: Asked, edition: Edition, pinned: ReleaseRow | None = None) -> Self:
        """The assessments that a request asks for."""
        found = super().asked(asked, edition, pinned)
        values = asked.values
        names = {*(parameter.name for parameter in REGIONS), *RESULTS}
        chosen = values.get("method", (DEFAULT_METHOD,))
        more = ("path",) if "include" in values and "path" not in found.columns else ()
        return replace(
            found,
            filters=tuple(sorted((name, value) for name, value in values.items() if name in names)),
            columns=(*found.columns, *more),
            selected=tuple((name, text) for name, text in asked.texts.items() if name in _OF_TARGETS),
            basis=values.get("basis", "own"),
            methods=tuple(sorted(METHODS)) if "all" in chosen else chosen,
            tolerance=values.get("tolerance"),
        )

    def changed_by(self, edition: Edition) -> ReleaseRow | None:
        """Every release moves the day on which deadlines are judged."""
        return self.release

    def count(self, edition: Edition) -> int:
        """The exact number of rows."""
        if self._computed:
            return len(self._ranked(edition))
        return len(self.methods) * sum(len(regions) for _, regions in self._candidates(edition))

    def why_empty(self, edition: Edition) -> tuple[str, dict[str, Any] | None]:
        """Why there is no row, first reason that applies."""
        if self.release is None or (self._meant(edition) and not self._stated(edition)):
            return "not_published_yet", None
        if any(regions for _, regions in self._candidates(edition)):
            return "filtered_out", None
        return "no_such_combination", None

    def whole(self, edition: Edition) -> Answer:
        """All rows, on their way; the first are assessed here."""
        keys = self._keys(edition)
        rows = self._all(self._rows_of(list(islice(keys, _AT_A_TIME)), edition), keys, edition)
        return Answer(self._columns, rows, lookups=edition.reference.lookups)

    def _all(self, rows: list[tuple[Any, ...]], keys: Iterator[SortKey], edition: Edition) -> Iterator[tuple[Any, ...]]:
        while rows:
            yield from rows
            rows = self._rows_of(list(islice(keys, _AT_A_TIME)), edition)

    def _fetch(
        self, edition: Edition, size: int, after: Sequence[Any] | None
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        keys = list(islice(self._keys(edition, after), size + 1))
        return self._rows_of(keys[:size], edition), keys[size - 1] if len(keys) > size else None

    def _rows_of(self, keys: Sequence[SortKey], edition: Edition) -> list[tuple[Any, ...]]:
        """The rows with those sort keys, in their order."""
        if not keys or self.release is None:
            return []
        sorted_by = [term.column for term in self.sort]
        wanted: list[Key] = list(map(itemgetter(*(sorted_by.index(name) for name in _KEY)), keys))
        in_turn = sorted(wanted)
        rows = assessed(in_turn, self.release, edition.reference, self.tolerance, "path" in self.columns)
        found = dict(zip(in_turn, rows, strict=True))
        return looked_up(self._columns, [found[key] for key in wanted], edition)

    @property
    def _computed(self) -> bool:
        """Whether it takes the assessments themselves to say which rows there are, and in which order."""
        return self.sort != self.complete(()) or any(name in RESULTS for name, _ in self.filters)

    def _keys(self, edition: Edition, after: Sequence[Any] | None = None) -> Iterator[SortKey]:
        """The sort keys of the rows, in order, from behind the key `after`."""
        if self._computed:
            keys = self._ranked(edition)
            return iter(keys if after is None else keys_behind(keys, self.sort, after))
        return self._in_order(edition, tuple(after or ()))

    def _ranked(self, edition: Edition) -> Sequence[SortKey]:
        return _ranked(replace(self, columns=()), edition)  # whatever the columns, the order is the same

    def _in_order(self, edition: Edition, after: tuple[Any, ...]) -> Iterator[Key]:
        """The keys of the rows in their own order, from behind `after`; nothing is assessed."""
        for terms, regions in self._candidates(edition):
            if terms.code < (after[0] if after else ""):
                continue
            first = bisect_left(regions, after[1]) if after and terms.code == after[0] else 0
            for region in islice(regions, first, None):
                for method in self.methods:
                    if (terms.code, region, method) > after:
                        yield terms.code, region, method

    def by_region(self, edition: Edition) -> Iterator[Key]:
        """The same keys before any filter of results, those of a region together: then each series is read once."""
        targets: dict[str, list[str]] = {}
        for terms, regions in self._candidates(edition):
            for region in regions:
                targets.setdefault(region, []).append(terms.code)
        for region, codes in targets.items():
            for code in codes:
                yield from ((code, region, method) for method in self.methods)

    def _candidates(self, edition: Edition) -> Iterator[tuple[Terms, Sequence[str]]]:
        """Each target with the regions that it is held against, in order."""
        if self.release is None:
            return
        for terms in self._stated(edition):
            yield terms, _assessed_in(terms.region, self.basis, self.filters, edition.reference)

    def _meant(self, edition: Edition) -> list[Terms]:
        every = all_terms(edition.reference)
        codes = _codes(self.selected, edition) if self.selected else self.targets
        return [terms for code, terms in every.items() if codes is None or code in codes]

    def _stated(self, edition: Edition) -> list[Terms]:
        """Those that were known when the release was published."""
        assert self.release is not None
        day = self.release.published_on
        return [terms for terms in self._meant(edition) if terms.known_on is None or terms.known_on <= day]


class ProgressOfTarget(Progress):
    """The same of one target; the path of each year can be among its columns."""

    known: ClassVar[Mapping[str, Column]] = by_name(*PROGRESS_COLUMNS.values(), PATH)


@lru_cache(maxsize=64)
def _codes(selected: tuple[tuple[str, str], ...], edition: Edition) -> frozenset[str]:
    """The codes of the targets that filters select; the next page asks for the same."""
    return targets_meant(dict(selected), edition)


@lru_cache(maxsize=64)
def _assessed_in(region: str, basis: str, filters: tuple[tuple[str, Any], ...], reference: Reference) -> Sequence[str]:
    """The regions, in order, that a target of a region is held against, of those that filters select."""
    below = reference.descendants([region]) if basis != "own" else set()
    regions = below | ({region} if basis != "benchmark" else set())
    values = dict(filters)
    selected = intersect([p.condition(values, reference) for p in REGIONS if p.condition and p.name in values])
    return tuple(sorted(regions.intersection(*(condition.points for condition in selected))))


@lru_cache(maxsize=4)
def _ranked(question: Progress, edition: Edition) -> Sequence[SortKey]:
    """The sort keys of all rows that match, in order.

    Kept in memory: a release never changes, and a walk through pages asks for the same order again.
    """
    assert question.release is not None
    keys = question.by_region(edition)
    seconds = allowed()
    ends = time.monotonic() + seconds
    found: list[SortKey] = []
    while batch := list(islice(keys, _AT_A_TIME)):
        if time.monotonic() > ends:
            raise TooSlow(seconds, _ADVICE)
        rows = standings(batch, question.release, edition.reference, question.tolerance)
        found += [key_of(row, question.sort) for row in rows if _matches(row, question.filters)]
    return ordered_keys(found, question.sort)


def _matches(row: Row, filters: Sequence[tuple[str, Any]]) -> bool:
    return all(
        _within(row[name], wanted) if name in ("gap", "ratio") else row[name] in wanted
        for name, wanted in filters
        if name in RESULTS
    )


def _within(value: float | None, ranges: Ranges) -> bool:
    """Whether a number lies in one of the ranges; null never does."""
    return value is not None and any(
        (low is None or low <= value) and (high is None or value <= high) for low, high in ranges
    )


class MethodList(Slice):
    """The methods, as they are served."""

    known: ClassVar[Mapping[str, Column]] = METHOD_COLUMNS
    default: ClassVar[tuple[str, ...]] = tuple(METHOD_COLUMNS)
    key: ClassVar[tuple[str, ...]] = ("code",)
    guarded: ClassVar[frozenset[str]] = frozenset()

    def changed_by(self, edition: Edition) -> ReleaseRow | None:
        """No release changes them."""
        return self.release

    def count(self, edition: Edition) -> int:
        """The number of methods."""
        return len(METHODS)

    def _fetch(
        self, edition: Edition, size: int, after: Sequence[Any] | None
    ) -> tuple[list[tuple[Any, ...]], tuple[Any, ...] | None]:
        listed = [{**vars(method), "thresholds": [vars(t) for t in method.thresholds]} for method in METHODS.values()]
        rows = ordered(listed, self.sort)
        rows = list(rows if after is None else behind(rows, self.sort, after))
        next_key = key_of(rows[size - 1], self.sort) if len(rows) > size else None
        return looked_up(self._columns, rows[:size], edition), next_key
