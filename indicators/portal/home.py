"""The front page: what this is, the plan as its actions and targets, a chart, and the ways to the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch
from django.utils.translation import gettext as _

from ..models import Action, Dataset, Measure, MeasureKind, Plan, Target
from ..progress.methods import DEFAULT_METHOD
from ..query.edition import Coverage, Edition, coverage
from .comparison import comparison
from .figures import all_series
from .languages import local
from .pages import Page
from .standing import progress_of
from .targets import TargetRow, told
from .verdicts import tally

#: Targets of other plans that the page lists before it leads to the whole list.
MOST_OTHER_TARGETS = 50


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
        progress = progress_of(edition, [target.code for target in targets])
        rows = {
            target.code: told(
                target,
                series.get((target.indicator_id, target.region_id), ()),
                progress.get((target.code, DEFAULT_METHOD)),
                edition,
            )
            for target in targets
        }
        chart = comparison(own, targets, series, edition.reference.lookups["source.title"])
        return {
            "edition": edition,
            "plan": plan,
            "plan_title": local(plan, "title") if plan else "",
            "plan_issuer": local(plan, "issuer") if plan else "",
            "chart": chart,
            "general": [rows[t.code] for t in own if t.action_id is None],
            "actions": [_card(action, own, rows) for action in plan.actions.all()] if plan else [],
            "others": [rows[t.code] for t in others[:MOST_OTHER_TARGETS]],
            "more_targets": len(others) > MOST_OTHER_TARGETS,
            "tally": tally([rows[target.code].standing.verdict for target in own]),
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


def _card(action: Action, targets: Sequence[Target], rows: Mapping[str, TargetRow]) -> ActionCard:
    def titles(kind: str) -> tuple[str, ...]:
        return tuple(local(measure, "title") for measure in action.measures.all() if measure.kind == kind)

    return ActionCard(
        number=action.order,
        code=action.code,
        title=local(action, "title"),
        theme=local(action, "theme"),
        measures=titles(MeasureKind.MEASURE),
        outcomes=titles(MeasureKind.OUTCOME),
        targets=tuple(rows[target.code] for target in targets if target.action_id == action.code),
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
        ("progress", _("Progress"), _("where each target stands, by region and method, as of any release")),
        ("progress-methods", _("Methods of progress"), _("how progress is measured: formulas, thresholds, citations")),
        ("indicators", _("Indicators"), _("what is measured, in which unit, and which way is better")),
        ("regions", _("Regions"), _("administrative divisions, abolished ones included")),
        ("region-events", _("Changes of regions"), _("renames, mergers, splits and transfers of divisions")),
        ("observations", _("Observations"), _("one value for an indicator, a region and a year, with its source")),
        ("series", _("Series"), _("which years there are for an indicator and a region, and the last value")),
        ("vintages", _("Vintages"), _("each state in which a value was ever published")),
        ("changes", _("Changes"), _("what each release inserted, updated and deleted")),
        ("releases", _("Releases"), _("publications of figures; any of them can be asked for with as_of")),
        ("exports", _("Files"), _("what each release is kept as, with size and SHA-256")),
        ("datasets", _("Datasets"), _("coherent sets of indicators, for portals that harvest")),
        ("sources", _("Sources"), _("where figures were published, and how reliable they are")),
        ("units", _("Units"), _("units of measurement")),
    ]
