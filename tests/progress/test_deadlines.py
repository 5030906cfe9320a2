"""What the deadline says of a target, and the notes of its figures: one named case for each line of the tables.

Unless a test says otherwise, the target is at least 20 by 2020, from 10 in 2010.
"""

from functools import partial
from typing import Any

import pytest

from indicators.progress import terms
from tests.progress import oracle
from tests.progress.engines import ENGINES, said

BEFORE = {
    "nothing known": ({}, "pending"),
    "not yet": ({2015: "14"}, "pending"),
    "met two years early": ({2018: "20"}, "met_early"),
    "met in the year": ({2020: "20"}, "met_on_time"),
    "met and lost": ({2017: "20", 2018: "19.9"}, "met_then_lost"),
    "the base does not count": ({2010: "21", 2018: "19"}, "pending"),
    "what was before the base does not count": ({2005: "25", 2018: "19"}, "pending"),
    "the base has it, nothing newer is known": ({2010: "21"}, "met_early"),
    "what was before the base has it": ({2005: "25"}, "pending"),
    "a plan figure does not count": ({2017: ("20", "F"), 2018: "19"}, "pending"),
}
AFTER = {
    "nothing known": ({}, "due_no_data"),
    "met early, the year unknown": ({2018: "20"}, "met_early"),
    "the year unknown": ({2018: "19"}, "due_no_data"),
    "the base has it, the year unknown": ({2010: "21"}, "due_no_data"),
    "the year unknown, met later": ({2018: "19", 2021: "21"}, "due_no_data"),
    "missed": ({2020: "19"}, "missed"),
    "missed again": ({2020: "19", 2022: "19.9"}, "missed"),
    "lost before the year": ({2018: "20", 2020: "19"}, "met_then_lost"),
    "lost after the year": ({2020: "20", 2021: "19"}, "met_then_lost"),
    "met after the year and lost": ({2020: "19", 2021: "20", 2022: "19"}, "met_then_lost"),
    "met late": ({2020: "19", 2021: "20"}, "met_late"),
    "met late though it had been met": ({2018: "20", 2020: "19", 2021: "20"}, "met_late"),
    "met early and again": ({2018: "20", 2019: "19", 2020: "20"}, "met_early"),
    "met in the year": ({2020: "20"}, "met_on_time"),
    "met in the year by a base that had it": ({2010: "21", 2015: "19", 2020: "20"}, "met_on_time"),
}


@pytest.fixture(params=ENGINES)
def says(request: pytest.FixtureRequest) -> Any:
    return partial(said, request.param)


@pytest.mark.parametrize("case", BEFORE)
def test_before_the_deadline_has_passed(says: Any, case: str) -> None:
    points, status = BEFORE[case]
    assert says(points, now="2020-12-31")["deadline_status"] == status


@pytest.mark.parametrize("case", AFTER)
def test_after_the_deadline_has_passed(says: Any, case: str) -> None:
    points, status = AFTER[case]
    assert says(points, now="2021-01-01")["deadline_status"] == status


def test_without_a_baseline_the_period_begins_with_its_first_year(says: Any) -> None:
    for early, status in {2015: "met_on_time", 2016: "met_early"}.items():
        row = says({early: "20", 2020: "20"}, now="2021-06-01", baseline_year="", first_year=2016)
        assert row["deadline_status"] == status


def test_a_benchmark_has_no_deadline(says: Any) -> None:
    for points in ({}, {2010: "10", 2020: "20"}):
        assert says(points, now="2021-06-01", basis="benchmark")["deadline_status"] is None


def test_a_decrease_is_met_from_above(says: Any) -> None:
    for value, status in {"2.25": "met_on_time", "2.251": "missed"}.items():
        row = says({2020: value}, now="2021-06-01", value="2.25", comparator="le", direction="decrease")
        assert row["deadline_status"] == status


@pytest.mark.parametrize(
    ("points", "notes"),
    [
        ({2010: "10", 2012: ("12", "B"), 2015: "14"}, ["break_in_series"]),
        ({2010: "10", 2015: ("14", "B")}, ["break_in_series"]),
        ({2010: ("10", "B"), 2015: "14"}, []),
        ({2010: "10", 2015: ("14", "E")}, ["computed"]),
        ({2010: "10", 2015: ("14", "P")}, ["first_release"]),
        ({2010: "10", 2015: ("14", "U")}, ["low_reliability"]),
        (
            {2010: ("10", "U"), 2012: ("12", "B"), 2015: ("14", "P")},
            ["break_in_series", "first_release", "low_reliability"],
        ),
        ({2010: ("10", "E"), 2012: ("12", "P"), 2013: ("12", "U"), 2015: "14"}, []),
    ],
)
def test_notes_on_the_figures(says: Any, points: dict[int, Any], notes: list[str]) -> None:
    assert says(points)["notes"] == notes


def test_a_break_without_a_base_is_that_of_current(says: Any) -> None:
    assert says({2012: ("12", "B"), 2015: "14"}, baseline_year="")["notes"] == ["no_baseline"]
    assert says({2012: "12", 2015: ("14", "B")}, baseline_year="")["notes"] == ["no_baseline", "break_in_series"]


@pytest.mark.parametrize(
    ("published", "day"), [("2022", "2022-12-31"), ("2024-02", "2024-02-29"), ("2022-01-26", "2022-01-26")]
)
def test_a_source_counts_from_the_last_day_of_its_date(published: str, day: str) -> None:
    assert [found(published).isoformat() for found in (terms.last_day, oracle.last_day)] == [day, day]
