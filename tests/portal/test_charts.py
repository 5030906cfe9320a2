"""Charts: the geometry of a line chart, against what any chart must keep."""

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from indicators.portal.charts import (
    LONGEST_GAP,
    NARROW,
    WIDE,
    Frame,
    Mark,
    Path,
    Place,
    line_chart,
    runs,
    ticks,
    year_ticks,
)

YEARS = st.integers(1000, 9999)
VALUES = st.floats(-1e12, 1e12, allow_nan=False).map(lambda value: round(value, 2))
POINTS = st.dictionaries(st.integers(1900, 2100), VALUES, min_size=1, max_size=40).map(lambda found: [*found.items()])
MARKS = st.lists(st.builds(Mark, st.integers(1900, 2100), VALUES, st.just("goal"), st.booleans()), max_size=4)


@given(st.lists(VALUES, min_size=1, max_size=20))
def test_levels_are_round_and_enclose_all_values(values: list[float]) -> None:
    levels = ticks(values)
    step = levels[1] - levels[0]
    assert levels[0] <= min(values) or math.isclose(levels[0], min(values))
    assert levels[-1] >= max(values) or math.isclose(levels[-1], max(values))
    assert 2 <= len(levels) <= 8
    assert all(math.isclose(b - a, step, rel_tol=1e-6, abs_tol=1e-9) for a, b in pairwise(levels))
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)


@given(YEARS, st.integers(1, 500), st.sampled_from([340, 760]))
def test_years_below_the_drawing_have_room(first: int, span: int, width: int) -> None:
    named = year_ticks(first, first + span, width)
    assert len(named) <= width // 56 + 1
    assert all(first <= year <= first + span for year in named)


def test_a_line_breaks_where_a_year_is_missing_and_forgets_what_lies_long_before() -> None:
    old, gap, run = [(1953, 7.3)], [(2005, 45.0)], [(2007, 46.75), (2008, 47.6)]
    assert runs([*run, *old, *gap]) == [gap, run]
    assert runs([(2000, 1.0), (2000 + LONGEST_GAP, 2.0)]) == [[(2000, 1.0)], [(2000 + LONGEST_GAP, 2.0)]]
    assert runs([(2000, 1.0), (2001 + LONGEST_GAP, 2.0)]) == [[(2001 + LONGEST_GAP, 2.0)]]


@given(POINTS, MARKS, st.sampled_from([WIDE, NARROW]), st.lists(POINTS, max_size=2))
def test_everything_lies_inside_the_frame(
    points: list[tuple[int, float]], marks: list[Mark], frame: Frame, beside: list[list[tuple[int, float]]]
) -> None:
    paths = [Path(kind, kind, tuple(sorted(p))) for kind, p in zip(("required", "projected"), beside, strict=False)]
    drawn = line_chart(points, marks, frame, paths)
    traced = [place for trace in drawn.traces for place in trace.dots]
    places = [*drawn.dots, *drawn.marks, *traced, drawn.last, *([drawn.goal] if drawn.goal else [])]
    assert [len(trace.line.split()) for trace in drawn.traces] == [len(path.points) for path in paths]
    assert all(drawn.left <= place.x <= drawn.right and drawn.top <= place.y <= drawn.bottom for place in places)
    kept = [year for run in runs(points) for year, _ in run]
    assert [int(dot.text.partition(":")[0]) for dot in drawn.dots] == sorted(kept)
    assert sum(len(line.split()) for line in drawn.lines) == len(kept)


def test_the_drawing_has_the_proportions_of_the_figures() -> None:
    drawn = line_chart([(2020, 10.0), (2021, 20.0), (2023, 30.0)], [Mark(2024, 40.0, "about 40")], WIDE)
    assert [level.text for level in drawn.levels] == ["10", "15", "20", "25", "30", "35", "40"]
    assert [year.text for year in drawn.years] == ["2020", "2021", "2022", "2023", "2024"]
    first, second, last = drawn.dots
    assert (first.x, first.y) == (WIDE.left, WIDE.height - WIDE.bottom)
    assert math.isclose(last.x - first.x, 3 * (second.x - first.x), abs_tol=0.2)
    assert math.isclose(first.y - last.y, 2 * (first.y - second.y), abs_tol=0.2)
    assert drawn.marks[0].y == WIDE.top
    assert drawn.goal is None


def test_a_required_path_takes_the_place_of_the_level_line_of_the_goal() -> None:
    points, goal = [(2020, 10.0), (2022, 12.0)], Mark(2024, 20.0, "at least 20", main=True)
    level = line_chart(points, [goal], WIDE)
    assert level.goal_from == WIDE.left
    led = line_chart(points, [goal], WIDE, [Path("required", "needed", ((2020, 10.0), (2024, 20.0)))])
    assert led.goal
    assert led.goal_from is None
    (trace,) = led.traces
    assert trace.dots[0] == Place(led.dots[0].x, led.dots[0].y, "needed, 2020: 10")
    assert (trace.dots[-1].x, trace.dots[-1].y) == (led.goal.x, led.goal.y)
