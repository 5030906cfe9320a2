"""Every field of every assessment equals the oracle: of the pack as of every release, and of random targets."""

import datetime
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FIXTURES, Api
from tests.progress.engines import Row, by_project, target
from tests.progress.oracle import METHODS, assessed, rows
from tests.questions import NAMES

#: Two ways to compute a rate of growth may differ in the last of the 12 digits, and in more where they cancel out.
GROWTH = ("cagr_ratio", "un_2023")


def differing(row: Row, expected: Row) -> dict[str, Any]:
    """The fields that differ, each as answered and as expected."""
    return {
        name: (row.get(name), value)
        for name, value in expected.items()
        if row.get(name) != value and not (expected["method"] in GROWTH and close(row.get(name), value))
    }


def close(one: Any, other: Any) -> bool:
    """Whether two numbers, or the numbers of two points, are the same but for rounding."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(one[key] == other[key] or close(one[key], other[key]) for key in one)
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@pytest.mark.parametrize("basis", ["own", "all"])
@pytest.mark.parametrize("release", NAMES)
def test_the_pack_as_of_every_release(api: Api, release: str, basis: str) -> None:
    for tolerance in (None, "0.2", "1.52"):
        expected = rows(FIXTURES, release, basis, METHODS, tolerance)
        asked = f"/progress?as_of={release}&basis={basis}&method=all&page_size=1000"
        answered = api.walk(asked + (f"&tolerance={tolerance}" if tolerance else ""))
        keys = [[(row["target"], row["region"], row["method"]) for row in found] for found in (answered, expected)]
        assert keys[0] == keys[1]
        assert all(list(row) == list(other) for row, other in zip(answered, expected, strict=True))
        faults = [
            (row, found) for row, other in zip(answered, expected, strict=True) if (found := differing(row, other))
        ]
        assert faults == []


def test_each_filter_selects_among_the_same_rows(api: Api) -> None:
    expected = rows(FIXTURES, NAMES[-1], "all", METHODS, "0.2")
    asked = "/progress?basis=all&method=all&tolerance=0.2&page_size=1000"
    for name in ("status", "deadline_status", "target", "region", "method"):
        for value in sorted({row[name] for row in expected if row[name] and row["status"] != "no_data"}):
            again = asked.replace("method=all&", "") if name == "method" else asked
            name_of = "target" if name == "target" else name
            found = api.walk(f"{again}&{name_of}={value}")
            wanted = [row for row in expected if row[name] == value]
            assert [(r["target"], r["region"], r["method"]) for r in found] == [
                (r["target"], r["region"], r["method"]) for r in wanted
            ], (name, value)


def test_every_version_is_that_of_its_method(api: Api) -> None:
    versions = {row["code"]: row["version"] for row in api.walk("/progress-methods")}
    assert set(versions) == set(METHODS)
    assert {row["method_version"] for row in rows(FIXTURES, NAMES[-1])} == set(versions.values())


few = st.sampled_from(["-20", "-10.5", "-1", "0", "0.0", "1", "1.25", "9.9", "10", "10.50", "19", "20", "21"])
values = st.one_of(few, st.decimals(-300, 300, places=2).map(str))
years = st.integers(2005, 2026)
statuses = st.sampled_from("AAAABEPUFL")
points = st.dictionaries(years, st.tuples(st.one_of(values, values, values, st.none()), statuses), max_size=14)
days = st.dates(datetime.date(2006, 1, 1), datetime.date(2028, 12, 31))
targets = st.builds(
    target,
    statistic=st.sampled_from(
        ["level", "mean_annual_change", "mean_annual_change", "ratio", "count", "share_of_units", "count_of_new_units"]
    ),
    comparator=st.sampled_from(["ge", "le", "eq", "approx"]),
    direction=st.sampled_from(["increase", "decrease"]),
    value=values,
    unit=st.sampled_from(["percent", "ratio", "percentage_points_per_year"]),
    year=years,
    baseline_year=st.one_of(st.just(""), years, years, years),
    baseline_value=st.one_of(st.just(""), values),
    first_year=years,
)


@settings(max_examples=300)
@given(
    aim=targets,
    points=points,
    now=days,
    basis=st.sampled_from(["own", "own", "benchmark"]),
    tolerance=st.sampled_from([None, "0", "0.2", "5"]),
)
def test_random_targets_equal_the_oracle(
    aim: Row, points: dict[int, Any], now: datetime.date, basis: str, tolerance: str | None
) -> None:
    if aim["baseline_year"] == "":
        aim["baseline_value"] = ""
    cells = [(year, value, status) for year, (value, status) in sorted(points.items())]
    for method in METHODS:
        expected = assessed(aim, "R", cells, now, basis, method, tolerance)
        found = by_project(aim, "R", cells, now, basis, method, tolerance)
        assert differing(found, expected) == {}, (aim, cells, now, basis, method, tolerance)
