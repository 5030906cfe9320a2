"""assess(): one target, one series and one method become one assessment."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .case import Case, Step
from .deadline import deadline_status
from .decimals import decimal, rounded
from .measures import Course, Number, Outcome
from .methods import Method
from .terms import Point, Terms

STATUSES = ("achieved", "on_track", "moderate", "insufficient", "wrong_direction", "no_data", "not_assessable")

#: Unit of the difference between two values, where it is not that of the values.
_DIFFERENCES = {"percent": "percentage_points"}
#: Status of an observation -> what is noted of it.
_OF_STATUS = {"E": "computed", "P": "first_release"}

#: What can be noted, in the order in which it is.
NOTES = (
    "approximate", "official_baseline", "baseline_revised", "no_baseline", "no_value_since_baseline",
    "baseline_met_goal", "beyond_goal", "no_growth_rate", "too_few_values", "target_year_reached", "break_in_series",
    "computed", "first_release", "low_reliability", "region_not_in_force",
)  # fmt: skip

Nested = Mapping[str, Any] | None


@dataclass(frozen=True)
class Assessment:
    """Where a region stands towards a target; numbers as they are answered. docs/progress.md defines each field."""

    base: Nested
    current: Nested
    at_deadline: Nested
    goal: Mapping[str, Any]
    gap: float | None
    gap_unit: str
    observed_annual_change: float | None
    required_annual_change: float | None
    ratio: float | None
    projected: Nested
    status: str
    deadline_status: str | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """What of an assessment rows are filtered and sorted by."""

    gap: float | None
    ratio: float | None
    status: str
    deadline_status: str | None


def assess(
    terms: Terms,
    points: Sequence[Point],
    method: Method,
    now: datetime.date,
    basis: str = "own",
    tolerance: float | None = None,
    in_force: bool = True,
) -> Assessment:
    """Hold a series, by year, against a target as of the day `now`; `in_force` tells of the region's code."""
    return assessment(Case.of(terms, points, basis == "own", tolerance), method, now, in_force)


def assessment(case: Case, method: Method, now: datetime.date, in_force: bool = True) -> Assessment:
    """The same of a case, which several methods may look at."""
    terms, current, due = case.terms, case.current, case.due
    outcome = measured(case, method)
    return Assessment(
        base={"year": case.base.year, "value": float(case.base.number)} if case.base else None,
        current={**_held(case, current), "status": current.status} if current else None,
        at_deadline={**_held(case, due), "gap": rounded(case.gap(due.value))} if due else None,
        goal={"year": terms.year, "value": terms.value, "comparator": terms.comparator},
        gap_unit=_DIFFERENCES.get(terms.unit, terms.unit),
        observed_annual_change=_or_none(outcome.change),
        required_annual_change=_required(case),
        projected=_projected(case, outcome),
        notes=tuple(_notes(case, outcome, in_force)),
        **vars(standing(case, method, now, outcome)),
    )


def standing(case: Case, method: Method, now: datetime.date, outcome: Outcome | None = None) -> Standing:
    """Where a case stands, without the figures that show it; `outcome` is what the method found, if it was asked."""
    found, current = outcome or measured(case, method), case.current
    met = not method.from_base and current is not None and case.meets(current.value)
    ratio = None if found.ratio is None or met else rounded(found.ratio)
    gap = rounded(case.gap(current.value)) if current else None
    return Standing(gap, ratio, _status(case, method, ratio), deadline_status(case, now))


def measured(case: Case, method: Method) -> Outcome:
    """What the method finds; nothing where it has nothing to look at."""
    found = course(case) if case.level else None
    if found is None:
        return Outcome()
    if method.from_base and (found.base is None or found.current.year <= found.base.year):
        return Outcome()
    return method.measure(found)


def course(case: Case) -> Course | None:
    """The course of the indicator itself, up to the year of `current`; None if its goal is not known."""
    goal, level = case.level_goal, case.level
    if goal is None:
        return None
    levels = tuple(step for step in case.levels if level and step.year <= level.year)
    return Course(case.base, levels, goal, case.terms.year, case.sign, case.settled)


def _status(case: Case, method: Method, ratio: float | None) -> str:
    if not case.levels:
        return "no_data"
    if not case.decidable or case.current is None:
        return "not_assessable"
    if case.meets(case.current.value):
        return "achieved"
    later = case.base is not None and case.current.year > case.base.year
    if method.from_base and later and case.settled and case.gap(case.current.value) < 0:
        return "wrong_direction"
    return "not_assessable" if ratio is None else method.status(ratio)


def _required(case: Case) -> float | None:
    goal, level = case.level_goal, case.level
    if goal is None or level is None or level.year >= case.terms.year:
        return None
    return rounded((goal - level.value) / (case.terms.year - level.year))


def _projected(case: Case, outcome: Outcome) -> Nested:
    """The value expected of the target year, as the goal is stated: a level, or a mean annual change."""
    year, level = case.terms.year, case.level
    if level is None or level.year >= year or (value := outcome.projection(year)) is None:
        return None
    if case.is_mean:
        assert case.base is not None
        value = (decimal(value) - case.base.value) / (year - case.base.year)
    return {"year": year, "value": rounded(value)}


def _notes(case: Case, outcome: Outcome, in_force: bool) -> list[str]:
    terms, base, current = case.terms, case.base, case.current
    beyond = current is not None and case.gap(current.value) > 0 and not case.meets(current.value)
    since = base.year if base else (current.year - 1 if current else 0)
    later = [step for step in case.levels if current and since < step.year <= current.year]
    found = {
        "approximate": not case.decidable,
        "official_baseline": case.stated,
        "baseline_revised": case.own and _revised(case),
        "no_baseline": base is None,
        "no_value_since_baseline": base is not None and not any(step.year > base.year for step in case.levels),
        "baseline_met_goal": case.settled,
        "beyond_goal": terms.comparator in ("eq", "approx") and beyond,
        **dict.fromkeys(outcome.notes, True),
        "break_in_series": any(step.status == "B" for step in later),
        **{note: current is not None and current.status == status for status, note in _OF_STATUS.items()},
        "low_reliability": "U" in {step.status for step in (base, current) if step},
        "region_not_in_force": not in_force,
    }
    return [note for note in NOTES if found.get(note)]


def _revised(case: Case) -> bool:
    official, base = case.terms.baseline_value, case.base
    return base is not None and official is not None and base.number != official


def _held(case: Case, step: Step) -> dict[str, Any]:
    """A published value to the digit, or a computed mean."""
    return {"year": step.year, "value": rounded(step.number) if case.is_mean else float(step.number)}


def _or_none(value: Number | None) -> float | None:
    return None if value is None else rounded(value)
