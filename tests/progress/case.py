"""One target held against one series by one method, worked out slowly and obviously from docs/progress.md.

Nothing of the project is imported here, so that a mistake in it cannot hide. Fractions are exact; only rates of growth
are floating point.
"""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Cell = tuple[int, str | None, str]
Number = Fraction | float


def rounded(number: Number) -> Fraction:
    """The number as it is answered, with 12 significant digits."""
    twelve = Context(prec=12, rounding=ROUND_HALF_EVEN)
    if isinstance(number, float):
        return Fraction(twelve.create_decimal(Decimal(number)))
    return Fraction(twelve.divide(Decimal(number.numerator), Decimal(number.denominator)))


def shown(number: Number | None) -> float | None:
    """A computed number in JSON."""
    return None if number is None else float(rounded(number))


class Case:
    """One target held against one region by one method."""

    def __init__(self, target: Row, points: list[Cell], basis: str, method: str, tolerance: Any) -> None:
        self.method, self.own = method, basis == "own"
        self.comparator, self.sign = target["comparator"], 1 if target["direction"] == "increase" else -1
        self.aim, self.end = Fraction(str(target["value"])), int(target["year"])
        self.tolerance = None if tolerance is None else Fraction(str(tolerance))
        self.mean = target["statistic"] == "mean_annual_change"
        self.usable = {year: (Fraction(v), s) for year, v, s in points if v is not None and s != "F"}
        self.start = int(target["baseline_year"]) if target["baseline_year"] not in ("", None) else None
        official = target["baseline_value"] if self.start is not None else None
        self.official = None if official in ("", None) else Fraction(str(official))
        self.first = None if self.start is not None else target["first_year"]
        self.base = self._base()
        self.t = self._newest()
        #: Value of current, as the methods see it: the level.
        self.y = None if self.t is None else self.usable[self.t][0]
        self.g = self.aim
        if self.mean and self.base is not None:
            self.g = self.base + self.aim * (self.end - (self.start or 0))
        #: Whether there is a way to go from the base to current.
        self.later = self.base is not None and self.t is not None and self.t > (self.start or 0)

    def _base(self) -> Fraction | None:
        if self.start in self.usable:
            return self.usable[self.start][0]
        return self.official if self.own else None

    def _newest(self) -> int | None:
        years = [year for year in self.usable if not self.mean or self.counts(year)]
        return max(years, default=None)

    def counts(self, year: int) -> bool:
        """Whether a mean annual change can be taken to this year."""
        return self.base is not None and self.start is not None and self.start < year <= self.end

    def in_period(self, year: int) -> bool:
        """Whether the period of the target had begun."""
        if self.start is not None:
            return year > self.start
        return self.first is None or year >= self.first

    def still_counts(self) -> bool:
        """Whether the newest value is of the period, or of the baseline year in which it began."""
        return self.t is not None and (self.t == self.start or self.in_period(self.t))

    def held(self, year: int) -> Fraction | None:
        """What is held against the goal in a year: the value, or the mean since the baseline year."""
        if year not in self.usable:
            return None
        return self.measure(self.usable[year][0], year)

    def measure(self, level: Number, year: int) -> Any:
        if not self.mean:
            return level
        if not self.counts(year):
            return None
        return (level - self.base) / (year - self.start)  # type: ignore[operator]

    def meets(self, value: Fraction | None) -> bool:
        if value is None:
            return False
        answered = rounded(value) if self.mean else value
        if self.comparator == "approx":
            return self.tolerance is not None and abs(answered - self.aim) <= self.tolerance
        return {"ge": answered >= self.aim, "le": answered <= self.aim, "eq": answered == self.aim}[self.comparator]

    def gap(self, value: Fraction | None) -> Fraction | None:
        return None if value is None else self.sign * (value - self.aim)

    @property
    def current(self) -> Fraction | None:
        return None if self.t is None else self.held(self.t)

    @property
    def unknown(self) -> bool:
        """About, and nobody said how much that is."""
        return self.comparator == "approx" and self.tolerance is None

    @property
    def base_met(self) -> bool:
        """Whether the base met the goal already or lay beyond it; of a mean: whether no change at all would meet it."""
        if self.base is None:
            return False
        return self.sign * (self.base - self.g) >= 0 or self.meets(Fraction(0) if self.mean else self.base)

    # What happened, and what would

    def observed(self) -> Fraction | None:
        if self.method != "dns_trend5":
            return (self.y - self.base) / (self.t - self.start) if self.later else None  # type: ignore[operator]
        if self.t is None:
            return None
        years = [year for year in self.usable if self.t - 5 <= year <= self.t]
        if len(years) < 4:
            return None
        first, last = min(years), max(years)
        return (self.usable[last][0] - self.usable[first][0]) / (last - first)

    def required(self) -> Fraction | None:
        return (self.g - self.y) / (self.end - self.t) if self.t is not None and self.t < self.end else None  # type: ignore[operator]

    def same_sign(self, *values: Fraction | None) -> bool:
        return all(v is not None and v > 0 for v in values) or all(v is not None and v < 0 for v in values)

    @property
    def apart(self) -> bool:
        """Whether growth does not lead from value to value; `cagr_ratio` needs the rate that leads to the goal, too."""
        if self.method == "cagr_ratio" and (not self.same_sign(self.base, self.g) or self.start >= self.end):  # type: ignore[operator]
            return True
        return not self.same_sign(self.base, self.y)

    def growth(self, value: Fraction, year: int) -> float:
        """The yearly rate of growth from the base."""
        return float(value / self.base) ** (1 / (year - self.start)) - 1  # type: ignore[operator]

    def extended(self) -> Number | None:
        """The level of the target year as the method extends it; null when no year is left."""
        return self.projection(self.end) if self.t is not None and self.t < self.end else None

    def projection(self, year: int) -> Number | None:
        """The level of a year from that of current to the target year, as the method extends it."""
        if self.t is None or (self.method != "dns_trend5" and not self.later):
            return None
        if self.method in ("linear_path", "dns_trend5"):
            change = self.observed()
            return None if change is None else self.y + change * (year - self.t)  # type: ignore[operator]
        if self.apart:
            return None
        return self.grown(float(self.y), self.growth(self.y, self.t), year - self.t)  # type: ignore[arg-type]

    def grown(self, value: float, rate: float, years: int) -> float | None:
        """A value that grew for some years; null beyond what can be stored."""
        try:
            found = value * (1 + rate) ** years
        except OverflowError:
            return None
        return found if abs(found) <= 1e15 else None

    # The ratio

    def ratio(self) -> Number | None:
        if self.method == "dns_trend5":
            return self.dns_trend5()
        if not self.later or self.base_met:
            return None
        return getattr(self, self.method)()  # type: ignore[no-any-return]

    def linear_path(self) -> Fraction:
        path = self.g
        if self.t < self.end:  # type: ignore[operator]
            path = self.base + (self.g - self.base) * Fraction(self.t - self.start, self.end - self.start)  # type: ignore
        return (self.y - self.base) / (path - self.base)  # type: ignore[operator]

    def cagr_ratio(self) -> float | None:
        if self.apart:
            return None
        turned = -1 if self.g < 0 else 1
        return self.sign * turned * self.growth(self.y, self.t) / abs(self.growth(self.g, self.end))  # type: ignore

    def un_2023(self) -> Number | None:
        if self.apart:
            return None
        if self.t >= self.end:  # type: ignore[operator]
            return (self.y - self.base) / (self.g - self.base)  # type: ignore[operator]
        extended = self.extended()
        return None if extended is None else (extended - float(self.base)) / float(self.g - self.base)  # type: ignore

    def dns_trend5(self) -> Fraction | None:
        change = self.observed()
        if change is None or self.t >= self.end or self.meets(self.current):  # type: ignore[operator]
            return None
        if self.sign * (self.g - self.y) <= 0:  # type: ignore[operator]
            return None
        return change * (self.end - self.t) / (self.g - self.y)  # type: ignore[operator]
