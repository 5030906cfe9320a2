"""The path of a target, year by year: what each year would need, what was observed, and what is to be expected."""

from __future__ import annotations

from typing import Any

from .assess import course, measured
from .case import Case
from .decimals import rounded
from .measures import Number
from .methods import Method


def path(case: Case, method: Method) -> list[dict[str, Any]]:
    """One row for each year from the base to the target year or the newest value, in the unit of the indicator."""
    found, outcome = course(case), measured(case, method)
    observed = {step.year: step for step in case.levels}
    level = case.level

    def projected(year: int) -> Number | None:
        awaited = level is not None and level.year <= year <= case.terms.year and level.year < case.terms.year
        return outcome.projection(year) if awaited else None

    return [
        {
            "year": year,
            "required": _number(method.required(found, year) if found else None),
            "observed": float(observed[year].number) if year in observed else None,
            "status": observed[year].status if year in observed else None,
            "projected": _number(projected(year)),
        }
        for year in _years(case)
    ]


def _years(case: Case) -> range:
    terms, levels = case.terms, case.levels
    last = max([terms.year, *(step.year for step in levels[-1:])])
    if case.base:
        return range(min(case.base.year, last), last + 1)
    of_period = [step.year for step in levels if step.year >= (terms.first_year or 0)]
    newest = [step.year for step in levels[-1:]]
    return range(min([*(of_period[:1] or newest), last]), last + 1)


def _number(value: Number | None) -> float | None:
    return None if value is None else rounded(value)
