"""The front page: what this is, the plan as its actions and targets, a chart, and the ways to the data."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Prefetch
from django.utils.html import format_html
from django.utils.translation import gettext as _

from ..models import (
    Action,
    Comparator,
    Dataset,
    Measure,
    MeasureKind,
    Plan,
    Source,
    Statistic,
    Target,
    decimal_text,
)
from ..query.edition import Coverage, Edition, coverage
from . import charts
from .figures import Figure, Series, all_series, newest, quantity, status_in_words
from .languages import foreign, local
from .pages import Page

#: Targets of other plans that the page lists before it leads to the whole list.
MOST_OTHER_TARGETS = 50


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
    source: Source | None
    locator: str | None
    address: str


@dataclass(frozen=True)
class TargetRow:
    """A target as the page tells it: what is promised, where it is written, and where things stand."""

    code: str
    title: str
    wording: str
    region: str
    year: int
    indicator: str
    plan: str
    source: Source
    locator: str | None
    reading: Reading | None


@dataclass(frozen=True)
class ActionCard:
    """An action of the plan with its measures, expected outcomes and targets."""

    number: int
    code: str
    title: str
    theme: str
    measures: tuple[str, ...]
    outcomes: tuple[str, ...]
    targets: tuple[TargetRow, ...]


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


class Home(Page):
    """The front page."""

    template = "indicators/home.html"

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        plan = featured_plan()
        listed = Target.objects.select_related("indicator__unit", "unit", "region", "source", "plan")
        own = list(listed.filter(plan=plan).order_by("code")) if plan else []
        rest = listed.exclude(plan=plan) if plan else listed
        others = list(rest.order_by("year", "code")[: MOST_OTHER_TARGETS + 1])
        targets = [*own, *others[:MOST_OTHER_TARGETS]]
        series = all_series(edition, {(t.indicator_id, t.region_id) for t in targets})
        sources = {source.code: source for source in Source.objects.all()}
        known = edition.release.published_on if edition.release else datetime.date.min
        told = {target.code: _told(target, series, sources, known) for target in targets}
        chart = _chart(own, targets, series, sources)
        return {
            "edition": edition,
            "plan": plan,
            "plan_title": local(plan, "title") if plan else "",
            "plan_issuer": local(plan, "issuer") if plan else "",
            "chart": chart,
            "general": [told[t.code] for t in own if t.action_id is None],
            "actions": [_card(action, own, told) for action in plan.actions.all()] if plan else [],
            "others": [told[t.code] for t in others[:MOST_OTHER_TARGETS]],
            "more_targets": len(others) > MOST_OTHER_TARGETS,
            "without_data": sum(told[target.code].reading is None for target in own),
            "target_count": len(own),
            "datasets": _datasets(edition),
            "resources": resources(),
            "question": chart.address if chart else "/api/v1/observations",
        }


def featured_plan() -> Plan | None:
    """The plan that the page tells: of those made of actions the one that began last."""
    measures = Prefetch("measures", Measure.objects.order_by("kind", "order", "code"))
    actions = Prefetch("actions", Action.objects.order_by("order", "code").prefetch_related(measures))
    plans = Plan.objects.filter(actions__isnull=False).select_related("source").prefetch_related(actions)
    return plans.order_by(F("period_start").desc(nulls_last=True), "code").first()


def _told(
    target: Target, series: Mapping[tuple[str, str], Series], sources: Mapping[str, Source], known: datetime.date
) -> TargetRow:
    figures = series.get((target.indicator_id, target.region_id), ())
    return TargetRow(
        code=target.code,
        title=local(target, "title"),
        wording=foreign(target.wording_zh or ""),
        region=local(target.region, "name"),
        year=target.year,
        indicator=local(target.indicator, "name"),
        plan=local(target.plan, "title"),
        source=target.source,
        locator=target.locator,
        reading=_reading(figures, target, sources, known),
    )


def _reading(figures: Series, target: Target, sources: Mapping[str, Source], known: datetime.date) -> Reading | None:
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
        source=sources.get(figure.source or ""),
        locator=figure.locator,
        address=_address(target),
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


def _address(target: Target) -> str:
    query = urlencode({"indicator": target.indicator_id, "region": target.region_id})
    return f"/api/v1/observations?{query}"


def _card(action: Action, targets: Sequence[Target], told: Mapping[str, TargetRow]) -> ActionCard:
    def titles(kind: str) -> tuple[str, ...]:
        return tuple(local(measure, "title") for measure in action.measures.all() if measure.kind == kind)

    return ActionCard(
        number=action.order,
        code=action.code,
        title=local(action, "title"),
        theme=local(action, "theme"),
        measures=titles(MeasureKind.MEASURE),
        outcomes=titles(MeasureKind.OUTCOME),
        targets=tuple(told[target.code] for target in targets if target.action_id == action.code),
    )


def _chart(
    own: Sequence[Target],
    targets: Sequence[Target],
    series: Mapping[tuple[str, str], Series],
    sources: Mapping[str, Source],
) -> Chart | None:
    """The first target of the plan that is a level with figures, drawn; None if no target is."""
    for target in own:
        figures = series.get((target.indicator_id, target.region_id), ())
        points = [(f.year, f.value) for f in figures if f.usable and f.value is not None]
        if target.statistic == Statistic.LEVEL and len(points) > 1:
            related = [t for t in targets if _same_series(t, target)]
            return _drawn(target, related, figures, points, sources)
    return None


def _same_series(one: Target, other: Target) -> bool:
    return (one.indicator_id, one.region_id, one.statistic) == (other.indicator_id, other.region_id, other.statistic)


def _drawn(
    target: Target,
    related: Sequence[Target],
    figures: Series,
    points: Sequence[tuple[int, float]],
    sources: Mapping[str, Source],
) -> Chart:
    marks = [
        charts.Mark(t.year, t.value, _goal(t), main=t == target)
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
        "goal": _goal(target),
    }
    return Chart(
        title=_("%(indicator)s, %(region)s")
        % {"indicator": local(target.indicator, "name"), "region": local(target.region, "name")},
        summary=summary,
        unit=target.indicator.unit.symbol or local(target.indicator.unit, "name"),
        drawings=tuple(charts.line_chart(points, marks, frame) for frame in (charts.WIDE, charts.NARROW)),
        has_marks=len(related) > 1,
        rows=tuple(_row(figure, sources) for figure in reversed(figures)),
        goals=tuple(format_html("{} — {}", _goal(t), local(t.plan, "title")) for t in related),
        address=_address(target),
    )


def _goal(target: Target) -> str:
    words = {
        Comparator.GE: _("at least %(value)s by %(year)s"),
        Comparator.LE: _("at most %(value)s by %(year)s"),
        Comparator.EQ: _("%(value)s by %(year)s"),
        Comparator.APPROX: _("about %(value)s by %(year)s"),
    }[Comparator(target.comparator)]
    return words % {"value": quantity(target.value, target.unit), "year": target.year}


def _row(figure: Figure, sources: Mapping[str, Source]) -> ChartRow:
    source = sources.get(figure.source or "")
    return ChartRow(
        year=figure.year,
        value="" if figure.value is None else decimal_text(figure.value),
        status=status_in_words(figure.status),
        source=foreign(source.title) if source else "",
        release=figure.release,
    )


def _datasets(edition: Edition) -> list[dict[str, Any]]:
    """Each dataset with what it covers."""
    held = coverage(edition.release)[1] if edition.release else {}
    return [
        {
            "code": dataset.code,
            "title": local(dataset, "title"),
            "description": local(dataset, "description"),
            "coverage": (found := held.get(dataset.code, Coverage())),
            "observations": f"{found.observations:,}",
            "regions": f"{found.regions:,}",
        }
        for dataset in Dataset.objects.order_by("code")
    ]


def resources() -> list[tuple[str, str, str]]:
    """The resources of the API, in the order in which a newcomer meets them: path, name, what one row is."""
    return [
        ("plans", _("Plans"), _("plans with their actions, measures and targets")),
        ("actions", _("Actions"), _("the actions that a plan is made of")),
        ("measures", _("Measures"), _("what is to be done, and which outcomes are expected")),
        ("targets", _("Targets"), _("numbers promised for a region and a year, in their official wording")),
        ("indicators", _("Indicators"), _("what is measured, in which unit, and which way is better")),
        ("regions", _("Regions"), _("administrative divisions, abolished ones included")),
        ("region-events", _("Changes of regions"), _("renames, mergers, splits and transfers of divisions")),
        ("observations", _("Observations"), _("one value for an indicator, a region and a year, with its source")),
        ("series", _("Series"), _("which years there are for an indicator and a region, and the last value")),
        ("vintages", _("Vintages"), _("each state in which a value was ever published")),
        ("changes", _("Changes"), _("what each release inserted, updated and deleted")),
        ("releases", _("Releases"), _("publications of figures; any of them can be asked for with as_of")),
        ("datasets", _("Datasets"), _("coherent sets of indicators, for portals that harvest")),
        ("sources", _("Sources"), _("where figures were published, and how reliable they are")),
        ("units", _("Units"), _("units of measurement")),
    ]
