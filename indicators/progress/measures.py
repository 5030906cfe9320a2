"""How progress towards a goal is measured: pure functions from the course of an indicator to a ratio and a projection.

docs/progress.md defines each with its letters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from ..models import LARGEST_VALUE
from .case import Step

Number = Decimal | float
T = TypeVar("T", bound=Number)
#: A value for a year; None where it has no meaning.
Curve = Callable[[int], Number | None]


@dataclass(frozen=True)
class Course:
    """What a method gets: where the indicator began (None: nothing says so), its usable values, and where it is to go.

    `goal` is in the unit of the indicator, `sign` +1 where an increase is wanted, else -1. `settled` says that the base
    met the goal or lay beyond it: there is no way to measure then.
    """

    base: Step | None
    levels: tuple[Step, ...]
    goal: Decimal
    goal_year: int
    sign: int
    settled: bool = False

    @property
    def current(self) -> Step:
        """The newest value."""
        return self.levels[-1]


@dataclass(frozen=True)
class Outcome:
    """What a method finds: ratio and yearly change (None where they have no meaning), and the value to expect."""

    ratio: Number | None = None
    change: Number | None = None
    projection: Curve = lambda year: None
    notes: tuple[str, ...] = ()


def linear_path(course: Course) -> Outcome:
    """Observed change as a share of the change that the straight path from base to goal asks for by now."""
    base, current = course.base, course.current
    assert base is not None
    change = _yearly(base, current)
    due = straight(course, current.year)
    ratio = None if course.settled or due is None else (current.value - base.value) / (due - base.value)
    return Outcome(ratio, change, lambda year: current.value + change * (year - current.year))


def cagr_ratio(course: Course) -> Outcome:
    """Observed rate of growth as a share of the rate that leads from base to goal."""
    base, current = course.base, course.current
    assert base is not None
    change = _yearly(base, current)
    observed, needed = _growth(base, current), _growth(base, Step(course.goal_year, course.goal))
    if observed is None or needed is None:
        return Outcome(None, change, notes=("no_growth_rate",))
    sign = course.sign if base.value > 0 else -course.sign
    ratio = None if course.settled else sign * math.expm1(observed) / abs(math.expm1(needed))
    beyond = course.goal_year > current.year and _grown(current, observed, course.goal_year) is None
    notes = ("no_growth_rate",) if beyond else ()
    return Outcome(ratio, change, lambda year: _grown(current, observed, year), notes)


def un_2023(course: Course) -> Outcome:
    """Change expected by the target year at the observed rate of growth, as a share of the change that is needed."""
    base, current = course.base, course.current
    assert base is not None
    change = _yearly(base, current)
    observed = _growth(base, current)
    expected = None if observed is None else _grown(current, observed, max(course.goal_year, current.year))
    if observed is None or expected is None:
        return Outcome(None, change, notes=("no_growth_rate",))
    ratio = None if course.settled else (expected - float(base.value)) / float(course.goal - base.value)
    return Outcome(ratio, change, lambda year: _grown(current, observed, year))


def dns_trend5(course: Course) -> Outcome:
    """What the mean annual change of the last five years still adds, as a share of what is missing."""
    current = course.current
    window = [step for step in course.levels if step.year >= current.year - 5]
    left = course.goal_year - current.year
    over = ("target_year_reached",) if left <= 0 else ()
    if len(window) < 4:
        return Outcome(notes=("too_few_values", *over))
    change = _yearly(window[0], current)
    missing = course.goal - current.value
    ratio = change * left / missing if left > 0 and course.sign * missing > 0 else None
    return Outcome(ratio, change, lambda year: current.value + change * (year - current.year), over)


def straight(course: Course, year: int) -> Decimal | None:
    """The straight path from base to goal, and the goal from the target year on."""
    return _from_base(course, year, lambda base: _between(base, course, year))


def geometric(course: Course, year: int) -> Number | None:
    """The path of constant growth from base to goal, and the goal from the target year on."""

    def grown(base: Step) -> float | None:
        rate = _growth(base, Step(course.goal_year, course.goal))
        return None if rate is None else _grown(base, rate, year)

    return _from_base(course, year, grown)


def from_current(course: Course, year: int) -> Decimal | None:
    """The straight path from the newest value to the goal, and the goal from the target year on."""
    if year >= course.goal_year:
        return course.goal
    if not course.levels or year < course.current.year or course.sign * (course.goal - course.current.value) <= 0:
        return None
    return _between(course.current, course, year)


def _from_base(course: Course, year: int, on_the_way: Callable[[Step], T | None]) -> T | Decimal | None:
    """A path from the base: the goal from the target year on or where the base had it, None before the base."""
    if course.settled or year >= course.goal_year:
        return course.goal
    if course.base is None or year < course.base.year:
        return None
    return on_the_way(course.base)


def _between(start: Step, course: Course, year: int) -> Decimal:
    """The value of a year on the straight line from a start to the goal."""
    return start.value + (course.goal - start.value) * (year - start.year) / (course.goal_year - start.year)


def _yearly(start: Step, end: Step) -> Decimal:
    """The mean change a year."""
    return (end.value - start.value) / (end.year - start.year)


def _growth(start: Step, end: Step) -> float | None:
    """The yearly rate of growth, as a logarithm; None between values that are zero or not of one sign."""
    if start.value * end.value <= 0 or end.year <= start.year:
        return None
    return math.log1p((end.value - start.value) / start.value) / (end.year - start.year)


def _grown(start: Step, rate: float, year: int) -> float | None:
    """The value that growth leads to; None beyond what can be published."""
    exponent = rate * (year - start.year)
    if exponent + math.log(abs(start.value)) > math.log(LARGEST_VALUE):
        return None
    return float(start.value) * math.exp(exponent)
