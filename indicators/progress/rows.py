"""Rows of /progress: targets, regions and methods become assessments, with one query for all their series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from ..query.compile import Relation, select_rows
from ..query.conditions import Condition, one_of
from ..query.edition import Reference, ReleaseRow
from ..query.grammar import Term
from .assess import assessment, standing
from .case import Case, Step, usable
from .methods import METHODS, Method
from .path import path
from .terms import all_terms

#: A row, by the names of its columns.
Row = Mapping[str, Any]
Key = tuple[str, str, str]
_SERIES = ("indicator", "region", "year", "value", "status")
_BY_YEAR = tuple(Term(name) for name in _SERIES[:3])


def assessed(
    keys: Sequence[Key], release: ReleaseRow, reference: Reference, tolerance: float | None, with_path: bool = False
) -> Iterator[Row]:
    """The assessment of each target in a region by a method, as of a release; in the order of the keys.

    Rows of the same target and region are cheapest when they follow each other.
    """
    for case, region, methods in _cases(keys, release, reference, tolerance):
        in_force = _in_force(reference, region, case.terms.year)
        for method in methods:
            row = _row(case, region, method, release, in_force)
            yield {**row, "path": path(case, method)} if with_path else row


def standings(keys: Sequence[Key], release: ReleaseRow, reference: Reference, tolerance: float | None) -> Iterator[Row]:
    """Of the same rows no more than what they are filtered and sorted by."""
    for case, region, methods in _cases(keys, release, reference, tolerance):
        for method in methods:
            key = {"target": case.terms.code, "region": region, "method": method.code}
            yield {**key, **vars(standing(case, method, release.published_on))}


def _cases(
    keys: Sequence[Key], release: ReleaseRow, reference: Reference, tolerance: float | None
) -> Iterator[tuple[Case, str, list[Method]]]:
    """Each case, its region, and the methods that look at it."""
    every = all_terms(reference)
    series = _series({(every[target].indicator, region) for target, region, _ in keys}, release)
    for (target, region), group in groupby(keys, key=lambda key: key[:2]):
        terms = every[target]
        case = Case.made(terms, series.get((terms.indicator, region), ()), region == terms.region, tolerance)
        yield case, region, [METHODS[name] for *_, name in group]


def _row(case: Case, region: str, method: Method, release: ReleaseRow, in_force: bool) -> dict[str, Any]:
    return {
        "target": case.terms.code,
        "region": region,
        "basis": "own" if case.own else "benchmark",
        "method": method.code,
        "method_version": method.version,
        **vars(assessment(case, method, release.published_on, in_force)),
        "release": release.name,
    }


def _series(pairs: set[tuple[str, str]], release: ReleaseRow) -> dict[tuple[str, str], list[Step]]:
    """The usable values in force of pairs of indicator and region, by year."""
    rows = select_rows(Relation("in_force", _of(pairs), release.order), _SERIES, _BY_YEAR, None, None).rows()
    found: dict[tuple[str, str], list[Step]] = {pair: [] for pair in pairs}
    for indicator, region, year, value, status in rows:
        if (indicator, region) in found:
            found[indicator, region] += usable(year, value, status)
    return found


def _of(pairs: set[tuple[str, str]]) -> list[Condition]:
    """Conditions that select the series: every combination, where those are not many more than the pairs."""
    indicators, regions = ({pair[place] for pair in pairs} for place in (0, 1))
    if len(indicators) * len(regions) <= 2 * len(pairs):
        return [one_of("indicator", indicators), one_of("region", regions)]
    return [Condition("pair", tuple(sorted(pairs)))]


def _in_force(reference: Reference, region: str, year: int) -> bool:
    """Whether the code of the region was in force in the year."""
    first, last = reference.lookups["region.valid_from"][region], reference.lookups["region.valid_to"][region]
    return bool(first <= year and (last is None or year <= last))
