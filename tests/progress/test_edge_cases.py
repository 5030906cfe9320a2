"""Each method at its edges, with values worked by hand; the oracle and the project have to say the same.

Unless a test says otherwise, the target is at least 20 by 2020, from 10 in 2010: one a year.
"""

from functools import partial
from typing import Any

import pytest

from tests.progress.engines import ENGINES, Row, said

CAGR: Row = {"value": "121", "year": "2012"}


@pytest.fixture(params=ENGINES)
def says(request: pytest.FixtureRequest) -> Any:
    return partial(said, request.param)


def test_linear_path_halfway(says: Any) -> None:
    row = says({2010: "10", 2015: "14"})
    assert row["base"] == {"year": 2010, "value": 10}
    assert row["current"] == {"year": 2015, "value": 14, "status": "A"}
    assert row["goal"] == {"year": 2020, "value": 20, "comparator": "ge"}
    assert (row["gap"], row["gap_unit"]) == (-6, "percentage_points")
    assert (row["observed_annual_change"], row["required_annual_change"]) == (0.8, 1.2)
    assert (row["ratio"], row["status"]) == (0.8, "moderate")  # 4 of the 5 that the path asks by 2015
    assert row["projected"] == {"year": 2020, "value": 18}
    assert (row["at_deadline"], row["deadline_status"], row["notes"]) == (None, "pending", [])


@pytest.mark.parametrize(
    ("value", "ratio", "status"),
    [
        ("14.1", 1.025, "on_track"),
        ("13.8", 0.95, "on_track"),
        ("13.79", 0.9475, "moderate"),
        ("12.4", 0.6, "moderate"),
        ("12.39", 0.5975, "insufficient"),
        ("10", 0, "insufficient"),
        ("9.99", -0.0025, "wrong_direction"),
    ],
)
def test_linear_path_bands_are_closed_below(says: Any, value: str, ratio: float, status: str) -> None:
    row = says({2010: "10", 2014: value})
    assert (row["ratio"], row["status"]) == (ratio, status)


def test_linear_path_stays_at_the_goal_after_the_target_year(says: Any) -> None:
    row = says({2010: "10", 2020: "17", 2023: "18"}, now="2024-06-01")
    assert (row["ratio"], row["status"], row["deadline_status"]) == (0.8, "moderate", "missed")
    assert row["at_deadline"] == {"year": 2020, "value": 17, "gap": -3}
    assert (row["required_annual_change"], row["projected"]) == (None, None)
    assert row["observed_annual_change"] == 0.615384615385  # 8 / 13


def test_linear_path_where_a_decrease_is_wanted(says: Any) -> None:
    row = says({2010: "30", 2015: "26"}, comparator="le", direction="decrease", unit="ratio")
    assert (row["gap"], row["gap_unit"], row["ratio"], row["status"]) == (-6, "ratio", 0.8, "moderate")
    assert (row["observed_annual_change"], row["required_annual_change"]) == (-0.8, -1.2)
    assert row["projected"] == {"year": 2020, "value": 22}


def test_linear_path_passes_zero(says: Any) -> None:
    row = says({2010: "-10", 2015: "-4"}, value="0")
    assert (row["ratio"], row["status"], row["gap"]) == (1.2, "on_track", -4)
    row = says({2010: "0", 2015: "8"})
    assert (row["ratio"], row["status"]) == (0.8, "moderate")


@pytest.mark.parametrize("method", ["linear_path", "cagr_ratio", "un_2023"])
def test_what_the_base_had_was_lost(says: Any, method: str) -> None:
    row = says({2010: "21", 2015: "19"}, method)
    assert (row["ratio"], row["status"]) == (None, "wrong_direction")
    assert row["notes"] == ["baseline_met_goal"]


def test_what_the_base_had_is_still_there(says: Any) -> None:
    row = says({2010: "21", 2015: "22"})
    assert (row["ratio"], row["status"], row["gap"]) == (None, "achieved", 2)
    assert row["notes"] == ["baseline_met_goal"]


@pytest.mark.parametrize("method", ["linear_path", "cagr_ratio", "un_2023"])
def test_no_base_is_not_assessable(says: Any, method: str) -> None:
    row = says({2012: "11", 2015: "14"}, method)
    assert (row["base"], row["ratio"], row["status"]) == (None, None, "not_assessable")
    assert (row["observed_annual_change"], row["required_annual_change"]) == (None, 1.2)
    assert row["notes"] == ["no_baseline"]


@pytest.mark.parametrize("method", ["linear_path", "cagr_ratio", "un_2023"])
def test_the_base_alone_is_not_assessable(says: Any, method: str) -> None:
    row = says({2005: "9", 2010: "10"}, method)
    assert (row["ratio"], row["status"], row["notes"]) == (None, "not_assessable", ["no_value_since_baseline"])
    assert row["current"] == {"year": 2010, "value": 10, "status": "A"}
    assert row["projected"] is None


def test_the_official_baseline_counts_where_none_was_observed(says: Any) -> None:
    row = says({2015: "14"}, baseline_value="10")
    assert (row["base"], row["ratio"]) == ({"year": 2010, "value": 10}, 0.8)
    assert row["notes"] == ["official_baseline"]
    row = says({2010: ("30", "F"), 2015: "14"}, baseline_value="10")
    assert (row["base"], row["notes"]) == ({"year": 2010, "value": 10}, ["official_baseline"])


def test_nobody_promised_a_benchmark_its_baseline(says: Any) -> None:
    row = says({2015: "14"}, baseline_value="10", basis="benchmark")
    assert (row["base"], row["status"], row["deadline_status"]) == (None, "not_assessable", None)
    assert row["notes"] == ["no_baseline"]
    row = says({2010: "10", 2015: "14"}, baseline_value="11", basis="benchmark")
    assert (row["ratio"], row["notes"], row["basis"]) == (0.8, [], "benchmark")


def test_a_revised_baseline_is_noted(says: Any) -> None:
    row = says({2010: "10", 2015: "14"}, baseline_value="11")
    assert (row["base"]["value"], row["ratio"], row["notes"]) == (10, 0.8, ["baseline_revised"])
    assert says({2010: "10.0", 2015: "14"}, baseline_value="10")["notes"] == []


def test_plan_figures_and_missing_values_are_not_used(says: Any) -> None:
    row = says({2010: "10", 2015: "14", 2016: (None, "L"), 2017: ("25", "F")})
    assert (row["current"]["year"], row["status"]) == (2015, "moderate")
    row = says({2010: (None, "L"), 2017: ("25", "F")}, now="2021-01-01")
    assert (row["status"], row["deadline_status"], row["notes"]) == ("no_data", "due_no_data", ["no_baseline"])
    assert [row[name] for name in ("base", "current", "at_deadline", "gap", "ratio", "projected")] == [None] * 6


def test_differences_are_exact(says: Any) -> None:
    """In binary 65.53 - 66 is -0.4699999999999989, and 68 - 67.8 is more than 0.2."""
    assert says({2010: "10", 2015: "65.53"}, value="66")["gap"] == -0.47
    row = says({2010: "10", 2015: "67.8"}, value="68", comparator="approx", tolerance="0.2")
    assert (row["gap"], row["status"]) == (-0.2, "achieved")


def test_cagr_ratio_on_its_path(says: Any) -> None:
    row = says({2010: "100", 2011: "110"}, "cagr_ratio", now="2012-06-01", **CAGR)
    assert row["ratio"] == pytest.approx(1)
    assert row["status"] == "on_track"
    assert row["projected"]["value"] == pytest.approx(121)


def test_cagr_ratio_where_a_decrease_is_wanted(says: Any) -> None:
    down = {"comparator": "le", "direction": "decrease", "value": "81", "year": "2012"}
    assert says({2010: "100", 2011: "90"}, "cagr_ratio", **down)["ratio"] == pytest.approx(1)
    row = says({2010: "100", 2011: "105"}, "cagr_ratio", **down)
    assert (row["ratio"], row["status"]) == (pytest.approx(-0.5), "wrong_direction")


def test_cagr_ratio_below_zero(says: Any) -> None:
    """From -100 by way of -90 towards -81: a tenth less each year, as wanted."""
    row = says({2010: "-100", 2011: "-90"}, "cagr_ratio", value="-81", year="2012")
    assert (row["ratio"], row["status"]) == (pytest.approx(1), "on_track")
    row = says({2010: "-100", 2011: "-105"}, "cagr_ratio", value="-81", year="2012")
    assert (row["ratio"], row["status"]) == (pytest.approx(-0.5), "wrong_direction")


@pytest.mark.parametrize("method", ["cagr_ratio", "un_2023"])
@pytest.mark.parametrize("points", [{2010: "0", 2015: "8"}, {2010: "-1", 2015: "8"}, {2010: "1", 2015: "0"}])
def test_growth_has_no_meaning_across_zero(says: Any, method: str, points: dict[int, str]) -> None:
    row = says(points, method)
    assert (row["ratio"], row["projected"], row["status"]) == (None, None, "not_assessable")
    assert row["notes"] == ["no_growth_rate"]


def test_only_cagr_ratio_needs_a_goal_of_the_same_sign(says: Any) -> None:
    """-100, -50, and so -25: three quarters of the way to 0."""
    row = says({2010: "-100", 2011: "-50"}, "un_2023", value="0", year="2012")
    assert (row["ratio"], row["status"], row["projected"]["value"]) == (0.75, "moderate", -25)
    row = says({2010: "-100", 2011: "-50"}, "cagr_ratio", value="0", year="2012")
    assert (row["ratio"], row["status"], row["notes"]) == (None, "not_assessable", ["no_growth_rate"])


@pytest.mark.parametrize(
    ("value", "projected", "status"),
    [("110", 121, "moderate"), ("102", 104.04, "insufficient"), ("99", 98.01, "wrong_direction")],
)
def test_un_2023_holds_the_projection_against_the_goal(says: Any, value: str, projected: float, status: str) -> None:
    row = says({2010: "100", 2011: value}, "un_2023", value="144", year="2012")
    assert row["ratio"] == pytest.approx((projected - 100) / 44)
    assert row["projected"] == {"year": 2012, "value": pytest.approx(projected)}
    assert row["status"] == status


def test_un_2023_takes_the_value_itself_from_the_target_year_on(says: Any) -> None:
    row = says({2010: "100", 2013: "122"}, "un_2023", now="2014-06-01", value="144", year="2012")
    assert (row["ratio"], row["projected"], row["status"]) == (0.5, None, "moderate")


def test_growth_beyond_all_bounds_is_no_growth_rate(says: Any) -> None:
    """A thousandfold in a year; nine years on that is more than can be stored."""
    row = says({2010: "0.001", 2011: "1"}, "un_2023", value="1000000")
    assert (row["ratio"], row["projected"], row["status"]) == (None, None, "not_assessable")
    assert row["notes"] == ["no_growth_rate"]
    row = says({2010: "0.001", 2011: "1"}, "un_2023", value="1000000", year="2900")
    assert (row["ratio"], row["projected"]) == (None, None)


def test_nothing_was_lost_by_a_value_older_than_the_base(says: Any) -> None:
    row = says({2015: "19"}, baseline_year="2016", baseline_value="21")
    assert (row["ratio"], row["status"], row["observed_annual_change"]) == (None, "not_assessable", None)
    assert row["notes"] == ["official_baseline", "no_value_since_baseline", "baseline_met_goal"]
