"""Whether a target was met by its deadline: what `deadline_status` says."""

import datetime

from .case import Case, Step

DEADLINE_STATUSES = ("pending", "met_early", "met_on_time", "met_late", "missed", "due_no_data", "met_then_lost")


def deadline_status(case: Case, now: datetime.date) -> str | None:
    """How the deadline stands on the day `now`; None where nobody promised it, or it cannot be said what meets it."""
    if not case.own or not case.decidable:
        return None
    passed = now > datetime.date(case.terms.year, 12, 31)
    if case.is_mean:
        return _of_period(case, passed)
    return _after(case) if passed else _before(case)


def _of_period(case: Case, passed: bool) -> str:
    """A mean over the whole period can be met neither early nor late."""
    if not passed:
        return "pending"
    if case.due is None:
        return "due_no_data"
    return "met_on_time" if case.meets(case.due.value) else "missed"


def _before(case: Case) -> str:
    if case.current is None:
        return "pending"
    if case.meets(case.current.value):
        return "met_early" if case.current.year < case.terms.year else "met_on_time"
    return "met_then_lost" if _met(case, before=case.current.year) else "pending"


def _after(case: Case) -> str:
    current = case.current
    if case.due is None or current is None:
        older = current is not None and current.year < case.terms.year
        return "met_early" if current and older and case.meets(current.value) else "due_no_data"
    if not case.meets(current.value):
        return "met_then_lost" if _met(case, before=current.year) else "missed"
    if not case.meets(case.due.value):
        return "met_late"
    return "met_early" if _met(case, before=case.terms.year) else "met_on_time"


def _met(case: Case, before: int) -> bool:
    """Whether a value of the period met the goal before that year."""

    def counts(step: Step) -> bool:
        return (case.terms.first_year or step.year) <= step.year < before

    return any(case.meets(step.value) for step in case.held if counts(step))
