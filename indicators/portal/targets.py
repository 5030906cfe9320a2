"""Targets as the front page tells them: what is promised, and the figure that it is held against."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from ..models import Source, Statistic, Target
from .figures import AllSeries, Figure, Series, newest, quantity, status_in_words
from .languages import foreign, local


@dataclass(frozen=True)
class Cited:
    """A source as it is named beside a figure."""

    code: str
    title: str


@dataclass(frozen=True)
class Reading:
    """The figure that a target is held against, in words, with its source, and what else a reader must know.

    It is that of the target year where it is held, else the newest usable one; `beside` tells of the other.
    """

    quantity: str
    year: int
    note: str
    beside: str
    of: str
    source: Cited | None
    locator: str | None
    address: str


@dataclass(frozen=True)
class TargetRow:
    """A target as the page tells it: what is promised, where it is written, and where things stand."""

    code: str
    title: str
    wording: str
    region: str
    indicator: str
    plan: str
    source: Source
    locator: str | None
    reading: Reading | None


def told(target: Target, series: AllSeries, titles: Mapping[str, str], known: datetime.date) -> TargetRow:
    """The row of a target; `titles` are those of the sources, `known` the day that the release in force speaks of."""
    figures = series.get((target.indicator_id, target.region_id), ())
    return TargetRow(
        code=target.code,
        title=local(target, "title"),
        wording=foreign(target.wording_zh or ""),
        region=local(target.region, "name"),
        indicator=local(target.indicator, "name"),
        plan=local(target.plan, "title"),
        source=target.source,
        locator=target.locator,
        reading=_reading(figures, target, titles, known),
    )


def _reading(figures: Series, target: Target, titles: Mapping[str, str], known: datetime.date) -> Reading | None:
    last = newest(figures)
    if last is None:
        return None
    due = next((figure for figure in figures if figure.usable and figure.year == target.year), None)
    figure = due or last
    return Reading(
        quantity=_amount(figure, target),
        year=figure.year,
        note=status_in_words(figure.status),
        beside=_beside(due, last, target, known),
        of=_subject(target),
        source=Cited(figure.source, titles[figure.source]) if figure.source else None,
        locator=figure.locator,
        address=address(target),
    )


def _amount(figure: Figure, target: Target) -> str:
    assert figure.value is not None
    return quantity(figure.value, target.indicator.unit)


def _beside(due: Figure | None, last: Figure, target: Target, known: datetime.date) -> str:
    """That the target year, once it is over, has no figure, or that there is a newer one than its own."""
    if due is None:
        over = target.year < known.year
        return _("no figure for %(year)s") % {"year": target.year} if over else ""
    if last.year > due.year:
        return _("newest: %(value)s in %(year)s") % {"value": _amount(last, target), "year": last.year}
    return ""


def _subject(target: Target) -> str:
    """What the figure beside a target is: the indicator itself, also where the target is set on its change."""
    name = local(target.indicator, "name")
    if target.statistic == Statistic.MEAN_ANNUAL_CHANGE:
        return _("%(indicator)s (the level; the target is set on its yearly change)") % {"indicator": name}
    return name


def address(target: Target) -> str:
    """Where the API answers the whole series that a target is set on."""
    query = urlencode({"indicator": target.indicator_id, "region": target.region_id})
    return f"/api/v1/observations?{query}"
