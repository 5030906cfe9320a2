"""The words for what a case came to: status, deadline status and notes, as the tables of docs/progress.md have them."""

import datetime
from collections.abc import Iterator
from fractions import Fraction

from tests.progress.case import Case, rounded

#: Where on_track, moderate and insufficient begin.
BANDS = {
    "linear_path": "0.95 0.60 0",
    "cagr_ratio": "0.95 0.60 0",
    "un_2023": "0.95 0.10 0",
    "dns_trend5": "0.95 0.80 0",
}
NOTES = (
    "approximate",
    "official_baseline",
    "baseline_revised",
    "no_baseline",
    "no_value_since_baseline",
    "baseline_met_goal",
    "beyond_goal",
    "no_growth_rate",
    "too_few_values",
    "target_year_reached",
    "break_in_series",
    "computed",
    "first_release",
    "low_reliability",
    "region_not_in_force",
)


class Assessed(Case):
    """A case with the words for it."""

    def status(self) -> str:
        if not self.usable:
            return "no_data"
        if self.unknown or self.t is None:
            return "not_assessable"
        if self.meets(self.current):
            return "achieved"
        if self.method != "dns_trend5" and self.later and self.base_met and self.gap(self.current) < 0:  # type: ignore
            return "wrong_direction"
        ratio = self.ratio()
        return "not_assessable" if ratio is None else self.band(rounded(ratio))

    def band(self, ratio: Fraction) -> str:
        high, middle, low = map(Fraction, BANDS[self.method].split())
        if self.method == "dns_trend5":
            best, worst = ratio > high, ratio <= low
        else:
            best, worst = ratio >= high, ratio < low
        return "on_track" if best else "wrong_direction" if worst else "moderate" if ratio >= middle else "insufficient"

    def deadline_status(self, now: datetime.date) -> str | None:
        if not self.own or self.unknown:
            return None
        passed = now > datetime.date(self.end, 12, 31)
        if self.mean:
            return self._mean_deadline(passed)
        return self._after() if passed else self._before()

    def _mean_deadline(self, passed: bool) -> str:
        value = self.held(self.end)
        if not passed:
            return "pending"
        return "due_no_data" if value is None else "met_on_time" if self.meets(value) else "missed"

    def met_before(self, year: int) -> bool:
        """Whether a value of the period met the goal before this year."""
        return any(self.meets(self.held(y)) for y in self.usable if y < year and self.in_period(y))

    def _before(self) -> str:
        if self.t is None:
            return "pending"
        if self.meets(self.current):
            return "met_on_time" if self.t >= self.end else "met_early" if self.still_counts() else "pending"
        return "met_then_lost" if self.met_before(self.t) else "pending"

    def _after(self) -> str:
        if self.t is None:
            return "due_no_data"
        met = self.meets(self.current)
        if self.end not in self.usable:
            return "met_early" if met and self.t < self.end and self.in_period(self.t) else "due_no_data"
        if not met:
            return "met_then_lost" if self.met_before(self.t) else "missed"
        if not self.meets(self.held(self.end)):
            return "met_late"
        return "met_early" if self.met_before(self.end) else "met_on_time"

    def no_growth_rate(self) -> bool:
        """Whether growth leads from value to value nowhere, or beyond what can be stored."""
        if self.method not in ("cagr_ratio", "un_2023") or not self.later:
            return False
        return self.apart or (self.t < self.end and self.extended() is None)  # type: ignore[operator]

    def broken(self, status: str) -> bool:
        """Whether the series breaks on the way from the base to current."""
        if self.base is None:
            return status == "B"
        way = [s for year, (_, s) in self.usable.items() if self.start < year <= (self.t or 0)]  # type: ignore[operator]
        return "B" in way

    def notes(self) -> Iterator[str]:
        seen = self.start in self.usable
        status = "" if self.t is None else self.usable[self.t][1]
        gap, met = self.gap(self.current), self.meets(self.current)
        yes = {
            "approximate": self.unknown,
            "official_baseline": self.base is not None and not seen,
            "baseline_revised": self.own and seen and self.official not in (None, self.base),
            "no_baseline": self.base is None,
            "no_value_since_baseline": self.base is not None and max(self.usable, default=0) <= (self.start or 0),
            "baseline_met_goal": self.base_met,
            "beyond_goal": self.comparator in ("eq", "approx") and gap is not None and gap > 0 and not met,
            "no_growth_rate": self.no_growth_rate(),
            "too_few_values": self.method == "dns_trend5" and self.t is not None and self.observed() is None,
            "target_year_reached": self.method == "dns_trend5" and self.t is not None and self.t >= self.end,
            "break_in_series": self.broken(status),
            "computed": status == "E",
            "first_release": status == "P",
            "low_reliability": status == "U" or (seen and self.usable[self.start][1] == "U"),  # type: ignore[index]
        }
        yield from (note for note in NOTES if yes.get(note))
