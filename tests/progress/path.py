"""The path of a target, year by year, as docs/progress.md tells it: what each year needs, had, and would have."""

from typing import Any

from tests.progress.case import Case, Cell, Number, Row, shown


def path(target: Row, points: list[Cell], basis: str, method: str) -> list[Row]:
    """One row for each year, in the unit of the indicator."""
    case = Case(target, points, basis, method, None)
    observed = {year: (value, status) for year, value, status in points if year in case.usable}
    last = max([case.end, *case.usable])
    found = []
    for year in range(min(beginning(case), last), last + 1):
        value, status = observed.get(year, (None, None))
        found.append(
            {
                "year": year,
                "required": shown(required(case, year)),
                "observed": None if value is None else float(value),
                "status": status,
                "projected": shown(projected(case, year)),
            }
        )
    return found


def beginning(case: Case) -> int:
    """The year of the base; without one the first usable value of the period, else the newest, else the target year."""
    if case.base is not None and case.start is not None:
        return case.start
    period = [year for year in case.usable if case.in_period(year)]
    return min(period, default=max(case.usable, default=case.end))


def required(case: Case, year: int) -> Any:
    """What a year needs: the goal from the target year on, and where the base met it already."""
    if case.mean and case.base is None:
        return None
    if year >= case.end:
        return case.g
    if case.method == "dns_trend5":
        start, value = case.t, case.y
        if start is None or year < start or case.sign * (case.g - value) <= 0:  # type: ignore[operator]
            return None
    else:
        start, value = case.start, case.base
        if value is None:
            return None
        if case.base_met:
            return case.g
    share = (year - start) / (case.end - start)  # type: ignore[operator]
    if case.method in ("cagr_ratio", "un_2023"):
        return float(value) * float(case.g / value) ** share if case.same_sign(value, case.g) else None  # type: ignore
    return value + (case.g - value) * (year - start) / (case.end - start)  # type: ignore[operator]


def projected(case: Case, year: int) -> Number | None:
    """From current to the target year, where there is a projection at all."""
    if case.t is None or not case.t <= year <= case.end or case.extended() is None:
        return None
    return case.projection(year)
