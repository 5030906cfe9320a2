"""`dns_trend5` and the mean annual change at their edges, and what is said of approximate targets; worked by hand."""

from functools import partial
from typing import Any

import pytest

from tests.progress.engines import ENGINES, Row, said

MEAN: Row = {
    "statistic": "mean_annual_change",
    "comparator": "approx",
    "value": "1",
    "unit": "percentage_points_per_year",
    "year": "2023",
    "baseline_year": "2020",
    "baseline_value": "63.05",
}
YEARS = {2020: "63.05", 2021: "63.94", 2022: "64.54", 2023: "65.53", 2024: "66.48"}


@pytest.fixture(params=ENGINES)
def says(request: pytest.FixtureRequest) -> Any:
    return partial(said, request.param)


def test_the_trend_spans_six_points_and_needs_no_base(says: Any) -> None:
    """(15.5 - 10) / 5 = 1.1 a year; 5.5 in the five years left, where 4.5 are missing."""
    row = says({2010: "10", 2011: "11", 2013: "13", 2015: "15.5"}, "dns_trend5", baseline_year="")
    assert (row["observed_annual_change"], row["ratio"], row["status"]) == (1.1, 1.22222222222, "on_track")
    assert row["projected"] == {"year": 2020, "value": 21}


@pytest.mark.parametrize(
    ("first", "ratio", "status"),
    [
        ("10.24", 0.952, "on_track"),
        ("10.25", 0.95, "moderate"),
        ("11", 0.8, "moderate"),
        ("11.01", 0.798, "insufficient"),
        ("14.99", 0.002, "insufficient"),
        ("15", 0, "wrong_direction"),
        ("15.01", -0.002, "wrong_direction"),
    ],
)
def test_the_bands_of_the_trend(says: Any, first: str, ratio: float, status: str) -> None:
    row = says({2010: first, 2013: "13", 2014: "14", 2015: "15"}, "dns_trend5")
    assert (row["ratio"], row["status"]) == (ratio, status)


@pytest.mark.parametrize("fourth", [{2009: "9"}, {2010: ("9", "F")}, {2010: (None, "L")}, {}])
def test_the_trend_needs_four_values_in_its_years(says: Any, fourth: dict[int, Any]) -> None:
    row = says({**fourth, 2013: "13", 2014: "14", 2015: "15"}, "dns_trend5", baseline_year="2013")
    assert (row["ratio"], row["observed_annual_change"], row["projected"]) == (None, None, None)
    assert (row["status"], row["notes"]) == ("not_assessable", ["too_few_values"])


def test_the_trend_may_span_fewer_years_than_five(says: Any) -> None:
    row = says({2012: "12", 2013: "13", 2014: "14", 2015: "15"}, "dns_trend5", baseline_year="")
    assert (row["observed_annual_change"], row["ratio"]) == (1, 1)


def test_no_trend_leads_on_from_the_target_year(says: Any) -> None:
    points = {2010: "10", 2016: "15", 2017: "16", 2018: "17", 2019: "18", 2020: "19"}
    row = says(points, "dns_trend5", now="2021-06-01")
    assert (row["ratio"], row["projected"], row["observed_annual_change"]) == (None, None, 1)
    assert (row["status"], row["notes"]) == ("not_assessable", ["target_year_reached"])


def test_the_trend_of_a_goal_that_is_met(says: Any) -> None:
    points = {2010: "10", 2012: "15", 2013: "18", 2014: "20", 2015: "22"}
    row = says(points, "dns_trend5")
    assert (row["ratio"], row["status"], row["observed_annual_change"]) == (None, "achieved", 2.4)
    assert row["projected"] == {"year": 2020, "value": 34}


def test_the_trend_of_a_goal_that_was_passed(says: Any) -> None:
    points = {2010: "10", 2012: "15", 2013: "18", 2014: "20", 2015: "22"}
    row = says(points, "dns_trend5", comparator="eq")
    assert (row["ratio"], row["status"], row["notes"]) == (None, "not_assessable", ["beyond_goal"])


def test_about_is_not_assessed_until_it_is_said_what_it_means(says: Any) -> None:
    row = says({2010: "10", 2015: "14"}, comparator="approx")
    assert (row["status"], row["deadline_status"], row["notes"]) == ("not_assessable", None, ["approximate"])
    assert (row["gap"], row["ratio"]) == (-6, 0.8)
    row = says({2010: "10", 2015: "14"}, comparator="approx", tolerance="6")
    assert (row["status"], row["deadline_status"], row["notes"]) == ("achieved", "met_early", [])
    row = says({2010: "10", 2015: "14"}, comparator="approx", tolerance="5.99")
    assert (row["status"], row["deadline_status"]) == ("moderate", "pending")


@pytest.mark.parametrize("comparator", ["ge", "eq"])
def test_other_comparators_do_not_read_the_tolerance(says: Any, comparator: str) -> None:
    row = says({2010: "10", 2015: "14"}, comparator=comparator, tolerance="6")
    assert (row["status"], row["deadline_status"]) == ("moderate", "pending")


def test_exactly_and_beyond(says: Any) -> None:
    row = says({2010: "10", 2019: "21"}, now="2020-06-01", comparator="eq")
    assert (row["gap"], row["ratio"], row["status"]) == (1, 1.22222222222, "on_track")
    assert (row["deadline_status"], row["notes"]) == ("pending", ["beyond_goal"])


def test_within_the_tolerance_is_not_beyond(says: Any) -> None:
    for value, notes in {"20.2": [], "20.21": ["beyond_goal"]}.items():
        row = says({2010: "10", 2015: value}, comparator="approx", tolerance="0.2")
        assert row["notes"] == notes


def test_a_mean_annual_change_ends_with_the_target_year(says: Any) -> None:
    """(65.53 - 63.05) / 3; that of 2024 comes after it. Mean by mean: 0.89, 0.745, 0.82666…"""
    row = says(YEARS, now="2026-05-31", **MEAN)
    assert row["base"] == {"year": 2020, "value": 63.05}
    assert row["current"] == {"year": 2023, "value": 0.826666666667, "status": "A"}
    assert row["at_deadline"] == {"year": 2023, "value": 0.826666666667, "gap": -0.173333333333}
    assert (row["gap"], row["gap_unit"]) == (-0.173333333333, "percentage_points_per_year")
    assert (row["observed_annual_change"], row["required_annual_change"]) == (0.826666666667, None)
    assert (row["ratio"], row["status"], row["deadline_status"]) == (0.826666666667, "not_assessable", None)
    row = says(YEARS, now="2026-05-31", tolerance="0.2", **MEAN)
    assert (row["status"], row["deadline_status"]) == ("achieved", "met_on_time")
    row = says(YEARS, now="2026-05-31", tolerance="0.1", **MEAN)
    assert (row["status"], row["deadline_status"]) == ("moderate", "missed")


def test_a_mean_annual_change_under_way(says: Any) -> None:
    """1.49 in two years; 66.05 is the level that three years of one point make, so 1.51 is left for the third."""
    row = says({year: YEARS[year] for year in (2020, 2022)}, now="2023-06-01", tolerance="0.2", **MEAN)
    assert row["current"] == {"year": 2022, "value": 0.745, "status": "A"}
    assert (row["observed_annual_change"], row["required_annual_change"]) == (0.745, 1.51)
    assert (row["ratio"], row["status"], row["deadline_status"]) == (0.745, "moderate", "pending")
    assert row["projected"] == {"year": 2023, "value": 0.745}


def test_a_mean_annual_change_without_a_year_to_be_taken_to(says: Any) -> None:
    for points in ({2020: "63.05"}, {2020: "63.05", 2024: "66.48"}, {2019: "62"}):
        row = says(points, now="2023-06-01", tolerance="0.2", **MEAN)
        assert (row["current"], row["gap"], row["ratio"]) == (None, None, None)
        assert (row["status"], row["deadline_status"]) == ("not_assessable", "pending")
        assert says(points, now="2024-06-01", tolerance="0.2", **MEAN)["deadline_status"] == "due_no_data"


def test_a_mean_annual_change_is_met_neither_early_nor_late(says: Any) -> None:
    grown = {2020: "63.05", 2021: "65", 2022: "66", 2023: "67"}
    for day, status in {"2023-12-31": "pending", "2024-01-01": "met_on_time"}.items():
        row = says(grown, now=day, tolerance="0.4", **MEAN)
        assert (row["status"], row["deadline_status"]) == ("achieved", status)


def test_a_tolerance_lets_current_meet_the_goal_of_a_trend(says: Any) -> None:
    points = {2012: "12", 2013: "13", 2014: "14", 2015: "15"}
    row = says(points, "dns_trend5", comparator="approx", tolerance="5")
    assert (row["status"], row["ratio"], row["observed_annual_change"]) == ("achieved", None, 1)
    row = says(points, "dns_trend5", comparator="approx", tolerance="4.99")
    assert (row["status"], row["ratio"]) == ("on_track", 1)


@pytest.mark.parametrize("method", ["linear_path", "cagr_ratio", "un_2023"])
def test_a_tolerance_that_no_change_would_meet_leaves_no_way_to_go(says: Any, method: str) -> None:
    """About 0.1 a year, give or take 0.2: standing still meets that, losing half a point a year does not."""
    aim = {**MEAN, "value": "0.1", "year": "2030", "baseline_value": "", "tolerance": "0.2"}
    row = says({2020: "10", 2022: "9"}, method, now="2023-06-01", **aim)
    assert (row["ratio"], row["status"], row["notes"]) == (None, "wrong_direction", ["baseline_met_goal"])
    assert says({2020: "10", 2022: "10"}, method, now="2023-06-01", **aim)["status"] == "achieved"
