"""A series against the targets set on it: the chart of the front page, and the table behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.translation import gettext as _

from ..models import Statistic, Target, decimal_text
from . import charts
from .figures import AllSeries, Figure, Series, quantity, status_in_words
from .languages import foreign, local
from .targets import address, goal_in_words


@dataclass(frozen=True)
class ChartRow:
    """A line of the table behind the chart."""

    year: int
    value: str
    status: str
    source: str
    release: str


@dataclass(frozen=True)
class Chart:
    """An indicator of a region against its target: drawings for wide and narrow screens, and the table behind them."""

    title: str
    summary: str
    unit: str
    drawings: tuple[charts.LineChart, ...]
    has_marks: bool
    rows: tuple[ChartRow, ...]
    goals: tuple[str, ...]
    address: str


def comparison(
    own: Sequence[Target], targets: Sequence[Target], series: AllSeries, titles: Mapping[str, str]
) -> Chart | None:
    """The first target of the plan that is a level with figures, drawn; None if no target is."""
    for target in own:
        figures = series.get((target.indicator_id, target.region_id), ())
        points = [(f.year, f.value) for f in figures if f.usable and f.value is not None]
        if target.statistic == Statistic.LEVEL and len(points) > 1:
            related = [t for t in targets if _same_series(t, target)]
            return _drawn(target, related, figures, points, titles)
    return None


def _same_series(one: Target, other: Target) -> bool:
    return (one.indicator_id, one.region_id, one.statistic) == (other.indicator_id, other.region_id, other.statistic)


def _drawn(
    target: Target,
    related: Sequence[Target],
    figures: Series,
    points: Sequence[tuple[int, float]],
    titles: Mapping[str, str],
) -> Chart:
    marks = [
        charts.Mark(t.year, t.value, goal_in_words(t), main=t == target)
        for t in sorted(related, key=lambda t: (t.year, t.value))
    ]
    told = [point for point in points[:-1] if point[0] == target.year] + [points[-1]]
    amounts = [
        _("%(value)s in %(year)s") % {"value": quantity(value, target.indicator.unit), "year": year}
        for year, value in told
    ]
    summary = _("%(indicator)s of %(region)s: %(values)s. Target of the plan: %(goal)s.") % {
        "indicator": local(target.indicator, "name"),
        "region": local(target.region, "name"),
        "values": _(", ").join(amounts),
        "goal": goal_in_words(target),
    }
    return Chart(
        title=_("%(indicator)s, %(region)s")
        % {"indicator": local(target.indicator, "name"), "region": local(target.region, "name")},
        summary=summary,
        unit=target.indicator.unit.symbol or local(target.indicator.unit, "name"),
        drawings=tuple(charts.line_chart(points, marks, frame) for frame in (charts.WIDE, charts.NARROW)),
        has_marks=len(related) > 1,
        rows=tuple(_row(figure, titles) for figure in reversed(figures)),
        goals=tuple(format_html("{} — {}", goal_in_words(t), local(t.plan, "title")) for t in related),
        address=address(target),
    )


def _row(figure: Figure, titles: Mapping[str, str]) -> ChartRow:
    return ChartRow(
        year=figure.year,
        value="" if figure.value is None else decimal_text(figure.value),
        status=status_in_words(figure.status),
        source=foreign(titles[figure.source]) if figure.source else "",
        release=figure.release,
    )
