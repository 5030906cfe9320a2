"""DOUBTS: what is possible but implausible, told as warnings to whoever hands figures in."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import NamedTuple

from ..models import Observation, decimal_text
from ..query.edition import Edition
from .bounds import BOUNDS
from .checks import Check, Checked
from .faults import Fault
from .figures import Figure

#: A share moves by fewer points from year to year, and a revision changes it by fewer; the pack has no exception.
_POINTS, _POINTS_REVISED = 15.0, 10.0
#: Other values are multiplied or divided by less; the pack has nine exceptions in 13,000, all registered unemployed.
_TIMES, _TIMES_REVISED = 3.0, 1.5


class _Known(NamedTuple):
    """A value of a series: from the file, or in force."""

    region: str
    year: int
    value: float
    figure: Figure | None


def revision_is_plausible(checked: Checked) -> Iterator[Fault]:
    """A revised value is not far from the one in force."""
    for indicator, figures in _by_indicator(checked):
        share = _is_share(checked.edition, indicator)
        before = _in_force(indicator)
        for figure in figures:
            old = before.get((figure.region, figure.year))
            if figure.value is None or old is None:
                continue
            if far := _far(old, figure.value, share, _POINTS_REVISED, _TIMES_REVISED):
                message = f"{decimal_text(figure.value)} replaces {decimal_text(old)}, {far}"
                yield checked.fault(figure, "value", message, warning=True)


def series_is_plausible(checked: Checked) -> Iterator[Fault]:
    """A value is not far from those of the years beside it, in the file or else in force."""
    for indicator, figures in _by_indicator(checked):
        share = _is_share(checked.edition, indicator)
        given = {(figure.region, figure.year): figure for figure in figures}
        known = [_Known(f.region, f.year, f.value, f) for f in figures if f.value is not None]
        known += [_Known(*cell, value, None) for cell, value in _in_force(indicator).items() if cell not in given]
        known.sort(key=lambda entry: entry[:2])
        for before, after in pairwise(known):
            figure = after.figure or before.figure
            if figure is None or before.region != after.region or before.year + 1 != after.year:
                continue
            if far := _far(before.value, after.value, share, _POINTS, _TIMES):
                values = (decimal_text(before.value), before.year, decimal_text(after.value), after.year)
                message = "{} in {}, {} in {}, {}".format(*values, far)
                yield checked.fault(figure, "value", message, warning=True)


def _by_indicator(checked: Checked) -> Iterator[tuple[str, list[Figure]]]:
    """The figures of each indicator: the values in force are held for one at a time."""
    for indicator, figures in groupby(sorted(checked.figures, key=_indicator), key=_indicator):
        if indicator in checked.edition.vocabulary("indicator"):
            yield indicator, list(figures)


def _indicator(figure: Figure) -> str:
    return figure.indicator


def _in_force(indicator: str) -> dict[tuple[str, int], float]:
    rows = Observation.objects.current().filter(indicator=indicator).values_list("region_id", "year", "value")
    return {(region, year): value for region, year, value in rows.iterator() if value is not None}


def _is_share(edition: Edition, indicator: str) -> bool:
    return BOUNDS.get(edition.reference.lookups["indicator.unit"][indicator]) == BOUNDS["percent"]


def _far(before: float, after: float, share: bool, points: float, times: float) -> str | None:
    """How far two values are from each other, if it is too far."""
    if share:
        moved = abs(after - before)
        return f"{decimal_text(round(moved, 2))} points apart: please make sure" if moved > points else None
    if before <= 0 or after <= 0:
        return None  # a change of sign has no measure
    factor = max(before, after) / min(before, after)
    return f"{decimal_text(float(f'{factor:.3g}'))} times apart: please make sure" if factor > times else None


DOUBTS: tuple[Check, ...] = (revision_is_plausible, series_is_plausible)
