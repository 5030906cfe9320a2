"""A case: one target held against the series of one region, before any method looks at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from ..models import Statistic, Status
from .decimals import exact, rounded
from .terms import Point, Terms

MEAN = Statistic.MEAN_ANNUAL_CHANGE.value
#: Status of a plan figure, which is no outcome.
PLANNED = Status.F.value


@dataclass(frozen=True, slots=True)
class Step:
    """A usable value of a year; `status` is None for the official value of a plan."""

    year: int
    number: Decimal | float
    status: str | None = None

    @property
    def value(self) -> Decimal:
        """The value to the digit; most steps of a series are never looked at, so it is made when it is asked for."""
        return self.number if isinstance(self.number, Decimal) else exact(self.number)


def usable(year: int, value: float | None, status: str) -> tuple[Step, ...]:
    """The step of an observation; none if the value is missing or planned."""
    return () if value is None or status == PLANNED else (Step(year, value, status),)


@dataclass(frozen=True)
class Case:
    """One target, one region and its series by year; `own` says whether the target is set for this region.

    `levels` are the usable values of the indicator. `held` is what is held against the goal: those, or the mean annual
    changes since the baseline year, up to the target year; `current` is the newest of it, `due` that of the target
    year. `base` is the observation of the baseline year, else the official value, which was `stated` for the own region
    alone. `level_goal` is the goal as a value of the indicator; None for a mean annual change without a base.
    """

    terms: Terms
    own: bool
    tolerance: float | None
    levels: tuple[Step, ...]
    base: Step | None
    stated: bool
    held: tuple[Step, ...]
    goal: Decimal
    level_goal: Decimal | None

    @classmethod
    def of(cls, terms: Terms, points: Iterable[Point], own: bool = True, tolerance: float | None = None) -> Self:
        """The case of a target and a series by year."""
        return cls.made(terms, [step for p in points for step in usable(p.year, p.value, p.status)], own, tolerance)

    @classmethod
    def made(cls, terms: Terms, steps: Iterable[Step], own: bool, tolerance: float | None) -> Self:
        """The case of a target and the usable values of a series by year."""
        levels = tuple(steps)
        base = next((step for step in levels if step.year == terms.baseline_year), None)
        stated = base is None and own and terms.baseline_year is not None and terms.baseline_value is not None
        if stated:
            assert terms.baseline_year is not None
            assert terms.baseline_value is not None
            base = Step(terms.baseline_year, terms.baseline_value)
        goal = exact(terms.value)
        if terms.statistic != MEAN:
            return cls(terms, own, tolerance, levels, base, stated, levels, goal, goal)
        held = tuple(_means(levels, base, terms.year)) if base else ()
        level_goal = base.value + goal * (terms.year - base.year) if base else None
        return cls(terms, own, tolerance, levels, base, stated, held, goal, level_goal)

    @property
    def is_mean(self) -> bool:
        """Whether the goal is a mean annual change, not a value of the indicator."""
        return self.terms.statistic == MEAN

    @property
    def current(self) -> Step | None:
        return self.held[-1] if self.held else None

    @property
    def level(self) -> Step | None:
        """The value of the indicator in the year of `current`."""
        return next((step for step in reversed(self.levels) if self.held and step.year == self.held[-1].year), None)

    @property
    def due(self) -> Step | None:
        return next((step for step in self.held if step.year == self.terms.year), None)

    @property
    def sign(self) -> int:
        """+1 where an increase is wanted, -1 for a decrease."""
        return 1 if self.terms.direction == "increase" else -1

    @property
    def decidable(self) -> bool:
        """Whether it can be said what meets the goal: not of an approximate one without a tolerance."""
        return self.terms.comparator != "approx" or self.tolerance is not None

    def gap(self, value: Decimal, goal: Decimal | None = None) -> Decimal:
        """How far a value lies beyond the goal in the wanted direction; negative: so much is missing."""
        return self.sign * (value - (self.goal if goal is None else goal))

    def meets(self, value: Decimal) -> bool:
        """Whether a value meets the goal; never, where that cannot be said."""
        goal, comparator = self.goal, self.terms.comparator
        if comparator == "ge":
            return value >= goal
        if comparator == "le":
            return value <= goal
        if comparator == "eq":
            return value == goal
        return self.tolerance is not None and rounded(abs(value - goal)) <= self.tolerance

    @property
    def settled(self) -> bool:
        """Whether the base met the goal or lay beyond it, so that there is no way to go from there."""
        goal = self.level_goal
        if self.base is None or goal is None:
            return False
        return self.gap(self.base.value, goal) >= 0 or self.meets(Decimal() if self.is_mean else self.base.value)


def _means(levels: Iterable[Step], base: Step, until: int) -> Iterator[Step]:
    """Mean annual changes from the base to each later year, up to the target year."""
    for step in levels:
        if base.year < step.year <= until:
            yield Step(step.year, (step.value - base.value) / (step.year - base.year), step.status)
