"""Where a target stands: its row of /progress and its series, told as a verdict and the figures that decide it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..models import Comparator, Target
from ..progress.case import Case, Step
from ..progress.methods import DEFAULT_METHOD
from ..progress.question import ProgressOfTarget
from ..progress.terms import Point, all_terms
from ..query.edition import Edition
from .figures import Series, difference, quantity, rounded
from .verdicts import STATUSES, Verdict, verdict

Row = Mapping[str, Any]


def progress_of(
    edition: Edition,
    codes: Iterable[str],
    methods: tuple[str, ...] = (DEFAULT_METHOD,),
    tolerance: float | None = None,
    with_path: bool = False,
) -> dict[tuple[str, str], Row]:
    """The rows of /progress in the targets' own regions, by target and method: one question, whatever their number."""
    asked = ProgressOfTarget(
        release=edition.release,
        columns=(*ProgressOfTarget.default, *(("path",) if with_path else ())),
        sort=ProgressOfTarget.complete(()),
        targets=frozenset(codes),
        methods=methods,
        tolerance=tolerance,
    )
    names = asked.columns
    rows = [dict(zip(names, row, strict=True)) for row in asked.whole(edition).rows]
    return {(row["target"], row["method"]): row for row in rows}


@dataclass(frozen=True)
class Standing:
    """What a reader sees of a target: the verdict, the figure that decides it, how far off it is, what else to know.

    `year` is that of the figure, `figure` its value with its unit. `gap` is empty where the figure meets the goal.
    """

    verdict: Verdict
    year: int | None
    figure: str
    when: str
    gap: str
    beside: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        if self.year is None:
            return self.verdict.headline
        figure = _("%(value)s %(when)s") % {"value": self.figure, "when": self.when}
        said = _("; ").join([_(", ").join(part for part in (figure, self.gap) if part), *self.beside])
        return _("%(verdict)s: %(figures)s") % {"verdict": self.verdict.headline, "figures": said}


def case_of(target: Target, figures: Series, edition: Edition, tolerance: float | None = None) -> Case:
    """The target against its series, as the methods see them."""
    points = [Point(figure.year, figure.value, figure.status) for figure in figures]
    return Case.of(all_terms(edition.reference)[target.code], points, True, tolerance)


def standing(target: Target, row: Row | None, case: Case) -> Standing:
    """Where a target stands, of its row of /progress; None if it has none."""
    deadline = row["deadline_status"] if row else None
    step = _deciding(case, deadline)
    late = step.year - target.year if step and deadline == "met_late" else 0
    if step is None:
        return Standing(verdict(row, bool(case.levels), late), None, "", "", "", ())
    return Standing(
        verdict=verdict(row, True, late),
        year=step.year,
        figure=amount(step, target, case),
        when=when(step, case),
        gap=gap(step, target, case),
        beside=tuple(_beside(step, target, case, row)),
    )


def _deciding(case: Case, deadline: str | None) -> Step | None:
    """The figure that decides: the first that met the goal early or late, that of the target year, or the newest."""
    if deadline in ("met_early", "met_late"):
        after = case.terms.year if deadline == "met_late" else 0
        return next((step for step in _met(case) if step.year > after), case.current)
    if deadline in ("missed", "met_on_time"):
        return case.due or case.current
    return case.current


def _met(case: Case) -> list[Step]:
    """What met the goal since the period of the target began."""
    return [step for step in case.held if case.meets(step.value) and step.year >= (case.terms.first_year or 0)]


def _beside(told: Step, target: Target, case: Case, row: Row | None) -> Iterator[str]:
    """What the figure that decides does not tell: the target year's, the newest, the best, and the way so far."""
    due, current = case.due, case.current
    if due and due.year != told.year:
        words = _("%(value)s in the target year %(year)s")
        yield _(", ").join(filter(None, (words % _named(due, target, case), gap(due, target, case))))
    if current and current.year not in (told.year, due.year if due else None):
        yield _("newest: %(value)s in %(year)s") % _named(current, target, case)
    if row and row["deadline_status"] == "met_then_lost":
        yield _("it was met with %(value)s in %(year)s") % _named(_met(case)[-1], target, case)
    if row and row["deadline_status"] == "due_no_data" and row["status"] not in ("no_data", "not_assessable"):
        yield _("by then %(status)s") % {"status": STATUSES[row["status"]]}


def _named(step: Step, target: Target, case: Case) -> dict[str, Any]:
    return {"value": amount(step, target, case), "year": step.year}


def amount(step: Step, target: Target, case: Case) -> str:
    """A published figure to the digit, or a mean annual change rounded, with its unit."""
    if case.is_mean:
        return rounded(float(step.number), target.unit)
    return quantity(float(step.number), target.indicator.unit)


def when(step: Step, case: Case) -> str:
    """The year of a figure, or the years of a mean."""
    if case.is_mean and case.base:
        return _("on average, %(first)s to %(last)s") % {"first": case.base.year, "last": step.year}
    return _("in %(year)s") % {"year": step.year}


def gap(step: Step, target: Target, case: Case) -> str:
    """How far a figure is from the goal; empty if it meets it."""
    if case.meets(step.value) or step.value == case.goal:
        return ""
    away = {"gap": difference(abs(float(step.value - case.goal)), target.unit)}
    if step.value > case.goal:
        return _("%(gap)s above the number") % away
    if case.sign > 0 and target.comparator != Comparator.APPROX:
        return _("%(gap)s short") % away
    return _("%(gap)s below the number") % away
