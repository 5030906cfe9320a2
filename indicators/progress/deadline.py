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
        if case.current.year >= case.terms.year:
            return "met_on_time"
        return "met_early" if _counts(case, case.current) else "pending"
    return "met_then_lost" if _met(case, before=case.current.year) else "pending"


def _after(case: Case) -> str:
    current = case.current
    if current is None:
        return "due_no_data"
    if case.due is None:
        early = current.year < case.terms.year and _of_the_period(case, current) and case.meets(current.value)
        return "met_early" if early else "due_no_data"
    if not case.meets(current.value):
        return "met_then_lost" if _met(case, before=current.year) else "missed"
    if not case.meets(case.due.value):
        return "met_late"
    return "met_early" if _met(case, before=case.terms.year) else "met_on_time"


def _met(case: Case, before: int) -> bool:
    """Whether a value of the period met the goal before that year."""
    return any(case.meets(step.value) for step in case.held if step.year < before and _of_the_period(case, step))


def _counts(case: Case, newest: Step) -> bool:
    """Whether the newest value is not older than the period; that of the baseline year is where it began."""
    return newest.year == case.terms.baseline_year or _of_the_period(case, newest)


def _of_the_period(case: Case, step: Step) -> bool:
    """Whether the period of the target had begun: what met the goal before was no outcome of it."""
    return (case.terms.first_year or step.year) <= step.year
