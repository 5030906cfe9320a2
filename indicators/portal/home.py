"""The front page: what this is, the plan as its actions and targets, a chart, and the ways to the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import F, Prefetch
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
    """The newest usable figure of a target's indicator, in words, with its source."""

    quantity: str
    year: int
    note: str
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
        targets = list(
            Target.objects.select_related("indicator__unit", "unit", "region", "source", "plan").order_by(
                "year", "code"
            )
        )
        series = all_series(edition, {(t.indicator_id, t.region_id) for t in targets})
        sources = {source.code: source for source in Source.objects.all()}
        told = {target.code: _told(target, series, sources) for target in targets}
        own = sorted((t for t in targets if plan and t.plan_id == plan.code), key=lambda t: t.code)
        others = [told[t.code] for t in targets if t not in own]
        chart = _chart(own, targets, series, sources)
        return {
            "edition": edition,
            "plan": plan,
            "plan_title": local(plan, "title") if plan else "",
            "plan_issuer": local(plan, "issuer") if plan else "",
            "chart": chart,
            "general": [told[t.code] for t in own if t.action_id is None],
            "actions": [_card(action, own, told) for action in plan.actions.all()] if plan else [],
            "others": others[:MOST_OTHER_TARGETS],
            "more_targets": len(others) > MOST_OTHER_TARGETS,
            "without_data": sum(row.reading is None for row in told.values()),
            "target_count": len(targets),
            "datasets": _datasets(edition),
            "resources": resources(),
            "base": settings.PUBLIC_BASE_URL,
            "question": chart.address if chart else "/api/v1/observations",
        }


def featured_plan() -> Plan | None:
    """The plan that the page tells: of those made of actions the one that began last."""
    measures = Prefetch("measures", Measure.objects.order_by("kind", "order", "code"))
    actions = Prefetch("actions", Action.objects.order_by("order", "code").prefetch_related(measures))
    plans = Plan.objects.filter(actions__isnull=False).select_related("source").prefetch_related(actions)
    return plans.order_by(F("period_start").desc(nulls_last=True), "code").first()


def _told(target: Target, series: Mapping[tuple[str, str], Series], sources: Mapping[str, Source]) -> TargetRow:
    figure = newest(series.get((target.indicator_id, target.region_id), ()))
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
        reading=_reading(figure, target, sources) if figure else None,
    )


def _reading(figure: Figure, target: Target, sources: Mapping[str, Source]) -> Reading:
    assert figure.value is not None
    return Reading(
        quantity=quantity(figure.value, target.indicator.unit),
        year=figure.year,
        note=status_in_words(figure.status),
        of=_subject(target),
        source=sources.get(figure.source or ""),
        locator=figure.locator,
        address=_address(target),
    )


def _subject(target: Target) -> str:
    """What the figure beside a target is: the indicator itself, also where the target is set on its change."""
    name = local(target.indicator, "name")
    if target.statistic == Statistic.MEAN_ANNUAL_CHANGE:
        return _("%(indicator)s (the level; the target is set on its yearly change)") % {"indicator": name}
    return name


def _address(target: Target) -> str:
    return f"/api/v1/observations?indicator={target.indicator_id}&region={target.region_id}"


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
    last_year, last_value = points[-1]
    summary = _("%(indicator)s of %(region)s: %(value)s in %(year)s. Target of the plan: %(goal)s.") % {
        "indicator": local(target.indicator, "name"),
        "region": local(target.region, "name"),
        "value": quantity(last_value, target.indicator.unit),
        "year": last_year,
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
        goals=tuple(f"{_goal(t)} — {local(t.plan, 'title')}" for t in related),
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
            "coverage": held.get(dataset.code, Coverage()),
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
