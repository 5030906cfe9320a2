"""A line chart as geometry: pure functions from points to places, which a template draws as SVG.

Text stays text, colours come from the style sheet (light, dark, print), and a table with the same figures stands
behind every chart, so that nothing is told by colour or shape alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..models import decimal_text

#: Years without a figure that a line may bridge neither by ink nor by a common axis: older figures stay in the table.
LONGEST_GAP = 10


@dataclass(frozen=True)
class Mark:
    """A single value to show beside the line, such as a target; the main one gets a line of its own and a label."""

    year: int
    value: float
    label: str
    main: bool = False


@dataclass(frozen=True)
class Place:
    """A point of the drawing, in user units, with the text that belongs to it."""

    x: float
    y: float
    text: str = ""


@dataclass(frozen=True)
class Path:
    """Another line beside the observed one, such as what each year would need; `kind` says how it is drawn."""

    kind: str
    label: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True)
class Trace:
    """A path as it is drawn."""

    kind: str
    line: str
    dots: tuple[Place, ...]


@dataclass(frozen=True)
class LineChart:
    """Everything that a template needs to draw; lengths in user units of the view box."""

    name: str
    width: int
    height: int
    left: int
    right: float
    top: int
    bottom: float
    years: tuple[Place, ...]
    levels: tuple[Place, ...]
    lines: tuple[str, ...]
    dots: tuple[Place, ...]
    last: Place
    marks: tuple[Place, ...]
    goal: Place | None
    goal_from: float | None
    traces: tuple[Trace, ...]


@dataclass(frozen=True)
class Frame:
    """The size of a drawing and its margins; charts for narrow screens are drawn anew, not scaled down."""

    name: str
    width: int
    height: int
    left: int = 40
    right: int = 24
    top: int = 28
    bottom: int = 30


WIDE = Frame("wide", 760, 360)
NARROW = Frame("narrow", 340, 300, left=34, right=16)


def line_chart(
    points: Sequence[tuple[int, float]], marks: Sequence[Mark], frame: Frame, paths: Sequence[Path] = ()
) -> LineChart:
    """Draw yearly values, at least one, as a line that breaks where a year is missing, with marks and paths beside it.

    The main mark has a level line of its own, with its label, unless a required path leads to it.
    """
    led = any(path.kind == "required" for path in paths)
    recent = runs(points)
    shown = [point for run in recent for point in run]
    beside = [point for path in paths for point in path.points]
    low_year = min(year for year, _ in [*shown, *beside])
    high_year = max(*(year for year, _ in [*shown, *beside]), *(mark.year for mark in marks), low_year + 1)
    visible = [mark for mark in marks if mark.year >= low_year]
    steps = ticks([value for _, value in [*shown, *beside]] + [mark.value for mark in visible])
    right, bottom = frame.width - frame.right, frame.height - frame.bottom

    def x(year: int) -> float:
        return round(frame.left + (year - low_year) / (high_year - low_year) * (right - frame.left), 1)

    def y(value: float) -> float:
        return round(bottom - (value - steps[0]) / (steps[-1] - steps[0]) * (bottom - frame.top), 1)

    goal = next((mark for mark in visible if mark.main), None)
    last_year, last_value = shown[-1]
    return LineChart(
        name=frame.name,
        width=frame.width,
        height=frame.height,
        left=frame.left,
        right=right,
        top=frame.top,
        bottom=bottom,
        years=tuple(Place(x(year), bottom, str(year)) for year in year_ticks(low_year, high_year, frame.width)),
        levels=tuple(Place(frame.left, y(step), decimal_text(step)) for step in steps),
        lines=tuple(" ".join(f"{x(year)},{y(value)}" for year, value in run) for run in recent),
        dots=tuple(Place(x(year), y(value), f"{year}: {decimal_text(value)}") for year, value in shown),
        last=Place(x(last_year), y(last_value), decimal_text(last_value)),
        marks=tuple(Place(x(mark.year), y(mark.value), mark.label) for mark in visible if not mark.main),
        goal=Place(x(goal.year), y(goal.value), goal.label) if goal else None,
        goal_from=None if led else x(low_year),
        traces=tuple(_trace(path, x, y) for path in paths),
    )


def _trace(path: Path, x: Callable[[int], float], y: Callable[[float], float]) -> Trace:
    places = [Place(x(year), y(value), f"{path.label}, {year}: {decimal_text(value)}") for year, value in path.points]
    return Trace(path.kind, " ".join(f"{place.x},{place.y}" for place in places), tuple(places))


def runs(points: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Unbroken runs of years, oldest first; what lies before a gap longer than `LONGEST_GAP` is left out."""
    found: list[list[tuple[int, float]]] = []
    for year, value in sorted(points):
        gap = year - found[-1][-1][0] if found else 0
        if gap > LONGEST_GAP:
            found = []
        if found and gap == 1:
            found[-1].append((year, value))
        else:
            found.append([(year, value)])
    return found


def ticks(values: Iterable[float], most: int = 6) -> list[float]:
    """Round levels that enclose all values: steps of 1, 2 or 5 times a power of ten, at most `most` intervals."""
    low, high = min(values := list(values)), max(values)
    spread = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(spread / most))
    step = next(factor * power for factor in (1, 2, 5, 10) if spread / (factor * power) <= most)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [_tidy(n * step, step) for n in range(first, max(last, first + 1) + 1)]


def _tidy(value: float, step: float) -> float:
    return round(value, max(0, -math.floor(math.log10(step))))


def year_ticks(first: int, last: int, width: int) -> list[int]:
    """Years to name below a drawing of that width: every first, second, fifth or tenth … one."""
    room = max(2, width // 56)
    step = next(step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000) if (last - first) / step <= room)
    return [year for year in range(first, last + 1) if year % step == 0]
