"""Targets as the pages tell them: what is promised, where it stands, and the figure that decides it."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from ..models import Comparator, Source, Target
from ..progress.case import Case
from ..query.edition import Edition
from .figures import Figure, Series, quantity, status_in_words
from .languages import foreign, local
from .standing import Row, Standing, case_of, standing


@dataclass(frozen=True)
class Cited:
    """A source as it is named beside a figure."""

    code: str
    title: str


@dataclass(frozen=True)
class Reading:
    """The figures behind the one that decides how a target stands: what they are of, where from, what to know."""

    note: str
    of: str
    source: Cited | None
    locator: str | None
    address: str


@dataclass(frozen=True)
class TargetRow:
    """A target as the page tells it: what is promised, where it is written, and where things stand."""

    code: str
    page: str
    title: str
    wording: str
    region: str
    indicator: str
    plan: str
    source: Source
    locator: str | None
    standing: Standing
    reading: Reading | None


def told(
    target: Target, figures: Series, row: Row | None, edition: Edition, tolerance: float | None = None
) -> TargetRow:
    """The row of a target, of the series that it is set on and its row of /progress."""
    case = case_of(target, figures, edition, tolerance)
    stands = standing(target, row, case)
    return TargetRow(
        code=target.code,
        page=page_of(target.code),
        title=local(target, "title"),
        wording=foreign(target.wording_zh or ""),
        region=local(target.region, "name"),
        indicator=local(target.indicator, "name"),
        plan=local(target.plan, "title"),
        source=target.source,
        locator=target.locator,
        standing=stands,
        reading=_reading(target, figures, case, stands, edition),
    )


def _reading(target: Target, figures: Series, case: Case, stands: Standing, edition: Edition) -> Reading | None:
    figure = next((figure for figure in figures if figure.usable and figure.year == stands.year), None)
    if figure is None:
        return None
    return Reading(
        note=status_in_words(figure.status),
        of=_subject(target, case, figure),
        source=cited(figure.source, edition),
        locator=figure.locator,
        address=address(target),
    )


def cited(source: str | None, edition: Edition) -> Cited | None:
    """A source with its title."""
    return Cited(source, edition.reference.lookups["source.title"][source]) if source else None


def _subject(target: Target, case: Case, figure: Figure) -> str:
    """What the figure beside a target is of: the indicator itself, or two of its values."""
    name = local(target.indicator, "name")
    if not (case.is_mean and case.base and figure.value is not None):
        return name
    values = {
        "indicator": name,
        "base": quantity(float(case.base.number), target.indicator.unit),
        "first": case.base.year,
        "value": quantity(figure.value, target.indicator.unit),
        "last": figure.year,
    }
    return _("%(indicator)s: from %(base)s in %(first)s to %(value)s in %(last)s") % values


def address(target: Target) -> str:
    """Where the API answers the whole series that a target is set on."""
    query = urlencode({"indicator": target.indicator_id, "region": target.region_id})
    return f"/api/v1/observations?{query}"


def goal_in_words(target: Target) -> str:
    """What is promised: comparator, value and year."""
    words = {
        Comparator.GE: _("at least %(value)s by %(year)s"),
        Comparator.LE: _("at most %(value)s by %(year)s"),
        Comparator.EQ: _("%(value)s by %(year)s"),
        Comparator.APPROX: _("about %(value)s by %(year)s"),
    }[Comparator(target.comparator)]
    return words % {"value": quantity(target.value, target.unit), "year": target.year}


def page_of(code: str) -> str:
    """The address of the page of a target."""
    return f"/targets/{quote(code, safe='')}"
