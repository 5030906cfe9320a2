"""Why a target stands where it does: what is held against what, and the way that it took beside the way it needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..models import Target, decimal_text
from ..progress.case import Case, Step
from ..progress.methods import DEFAULT_METHOD, METHODS
from ..query.edition import Edition
from . import charts
from .figures import Series, difference, quantity, rounded, short, status_in_words
from .languages import local
from .standing import Row, amount, gap, when
from .targets import Cited, cited, goal_in_words

#: The method whose path needs no base.
_FROM_NOW_ON = "dns_trend5"
_YEARS_BEFORE = 5


@dataclass(frozen=True)
class Fact:
    """One line of what is held against what."""

    term: str
    text: str
    note: str = ""
    source: Cited | None = None
    locator: str | None = None


@dataclass(frozen=True)
class PathRow:
    """A year of the way: what it would need, what was observed, and what is to be expected."""

    year: int
    required: str
    observed: str
    status: str
    projected: str


@dataclass(frozen=True)
class Picture:
    """The way to the target as a chart, and the table behind it."""

    summary: str
    method: str
    unit: str
    goal: str
    drawings: tuple[charts.LineChart, ...]
    kinds: frozenset[str]
    rows: tuple[PathRow, ...]


def facts(target: Target, case: Case, row: Row | None, figures: Series, edition: Edition) -> list[Fact]:
    """What is held against what, in the order of time."""
    return [fact for fact in _facts(target, case, row, figures, edition) if fact.text]


def _facts(target: Target, case: Case, row: Row | None, figures: Series, edition: Edition) -> Iterator[Fact]:
    if case.base:
        text = _dated(quantity(float(case.base.number), target.indicator.unit), case.base.year)
        named = _("the value that the plan names") if case.stated else ""
        yield _sourced(_("Starting value"), text, case.base.year, figures, edition, named)
    yield Fact(_("Promised"), goal_in_words(target))
    if case.due:
        yield _held(_("In the target year"), case.due, target, case, figures, edition)
    elif case.current and edition.release and edition.release.published_on.year > target.year:
        yield Fact(_("In the target year"), _("no figure of %(year)s is held") % {"year": target.year})
    if case.current and case.current != case.due:
        yield _held(_("Newest figure"), case.current, target, case, figures, edition)
    if row:
        yield Fact(_("Change a year so far"), _signed(row["observed_annual_change"], target))
        yield Fact(_("Needed in each year left"), _signed(row["required_annual_change"], target))
        yield Fact(_("To be expected if it goes on so"), _expected(row, target, case))


def _held(term: str, step: Step, target: Target, case: Case, figures: Series, edition: Edition) -> Fact:
    text = _("%(value)s %(when)s") % {"value": amount(step, target, case), "when": when(step, case)}
    away = gap(step, target, case)
    return _sourced(term, _(", ").join(filter(None, (text, away))), step.year, figures, edition)


def _sourced(term: str, text: str, year: int, figures: Series, edition: Edition, note: str = "") -> Fact:
    """A fact with the source of the figure of the year."""
    figure = next((figure for figure in figures if figure.usable and figure.year == year), None)
    if figure is None:
        return Fact(term, text, note)
    return Fact(term, text, note or status_in_words(figure.status), cited(figure.source, edition), figure.locator)


def _dated(value: str, year: int) -> str:
    return _("%(value)s in %(year)s") % {"value": value, "year": year}


def _signed(change: float | None, target: Target) -> str:
    """A change of the indicator a year."""
    if change is None:
        return ""
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return _("%(change)s a year") % {"change": sign + difference(abs(change), target.indicator.unit)}


def _expected(row: Row, target: Target, case: Case) -> str:
    if row["projected"] is None:
        return ""
    unit = target.unit if case.is_mean else target.indicator.unit
    return _dated(rounded(row["projected"]["value"], unit), row["projected"]["year"])


def picture(target: Target, case: Case, rows: Mapping[tuple[str, str], Row], figures: Series) -> Picture | None:
    """The way to the target; None without any figure. By the default method, or one that needs no base."""
    found = {method: rows[target.code, method]["path"] for method in METHODS if (target.code, method) in rows}
    if not found or not case.levels:
        return None
    leads = [y for y in found[DEFAULT_METHOD] if y["required"] is not None and y["year"] < target.year]
    method = DEFAULT_METHOD if leads or case.base else _FROM_NOW_ON
    path = [*([] if case.base else _before(found[method], figures)), *found[method]]
    return Picture(
        summary=_summary(target, case, path),
        method=local(METHODS[method], "title"),
        unit=target.indicator.unit.symbol or local(target.indicator.unit, "name"),
        goal=_goal_mark(target, case) if case.level_goal is not None else "",
        drawings=_drawings(target, case, path),
        kinds=frozenset(kind for kind in ("required", "projected") if len(_points(path, kind)) > 1),
        rows=tuple(_row(year, target) for year in path),
    )


def _before(path: Sequence[Mapping[str, Any]], figures: Series) -> Iterator[Mapping[str, Any]]:
    """The years before a path that has no base: they show where it comes from."""
    first = path[0]["year"]
    for figure in figures:
        if figure.usable and first - _YEARS_BEFORE <= figure.year < first:
            unknown = {"required": None, "projected": None}
            yield {"year": figure.year, "observed": figure.value, "status": figure.status, **unknown}


def _drawings(target: Target, case: Case, path: Sequence[Mapping[str, Any]]) -> tuple[charts.LineChart, ...]:
    observed = _points(path, "observed")
    if not observed:
        return ()
    words = {"required": _("needed"), "projected": _("to be expected")}
    beside = [charts.Path(k, w, points) for k, w in words.items() if len(points := _points(path, k)) > 1]
    goal = case.level_goal
    marks = [charts.Mark(target.year, float(goal), _goal_mark(target, case), main=True)] if goal is not None else []
    return tuple(charts.line_chart(observed, marks, frame, beside) for frame in (charts.WIDE, charts.NARROW))


def _points(path: Sequence[Mapping[str, Any]], kind: str) -> tuple[tuple[int, float], ...]:
    return tuple((year["year"], year[kind]) for year in path if year[kind] is not None)


def _goal_mark(target: Target, case: Case) -> str:
    """The goal as a value of the indicator."""
    if not case.is_mean or case.level_goal is None:
        return goal_in_words(target)
    level = rounded(float(case.level_goal), target.indicator.unit)
    return _("about %(value)s by %(year)s") % {"value": level, "year": target.year}


def _summary(target: Target, case: Case, path: Sequence[Mapping[str, Any]]) -> str:
    """The drawing in words."""
    observed = [point for run in charts.runs(_points(path, "observed")) for point in run]
    ends = [observed[0], observed[-1]] if len(observed) > 1 else observed
    values = [_dated(quantity(value, target.indicator.unit), year) for year, value in ends]
    return _("%(indicator)s of %(region)s: %(values)s. Target of the plan: %(goal)s.") % {
        "indicator": local(target.indicator, "name"),
        "region": local(target.region, "name"),
        "values": _(", ").join(values),
        "goal": _goal_mark(target, case),
    }


def _row(year: Mapping[str, Any], target: Target) -> PathRow:
    decimals = max(2, target.indicator.decimals)
    computed = {
        kind: "" if year[kind] is None else decimal_text(short(year[kind], decimals))
        for kind in ("required", "projected")
    }
    return PathRow(
        year=year["year"],
        observed="" if year["observed"] is None else decimal_text(year["observed"]),
        status=status_in_words(year["status"]) if year["status"] else "",
        **computed,
    )
