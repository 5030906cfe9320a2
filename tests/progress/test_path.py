"""The path of a target: worked by hand for the 66 percent, then of every target of the pack against the oracle."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FIXTURES, Api
from tests.progress.engines import Row, path_by_project
from tests.progress.oracle import METHODS, known_cells, known_targets
from tests.progress.path import path
from tests.progress.test_against_oracle import GROWTH, close, points, targets
from tests.questions import NAMES


def column(api: Api, name: str, more: str = "") -> dict[int, Any]:
    (row,) = api.json(f"/targets/SD-3Y-01/progress?include=path{more}")["results"]
    assert all(list(step) == ["year", "required", "observed", "status", "projected"] for step in row["path"])
    return {step["year"]: step[name] for step in row["path"]}


def test_what_66_percent_needed_in_each_year(api: Api) -> None:
    """2.95 points in three years, from 63.05."""
    assert column(api, "required") == {2020: 63.05, 2021: 64.0333333333, 2022: 65.0166666667, 2023: 66, 2024: 66}
    assert column(api, "observed") == {2020: 63.05, 2021: 63.94, 2022: 64.54, 2023: 65.53, 2024: 66.48}
    assert column(api, "status") == {2020: "U", 2021: "A", 2022: "A", 2023: "A", 2024: "E"}
    assert set(column(api, "projected").values()) == {None}


def test_what_was_to_be_expected_when_it_was_announced(api: Api) -> None:
    """(63.05 - 56.97) / 5 = 1.216 a year."""
    announced = "&as_of=2022-01-26&method=dns_trend5"
    assert column(api, "projected", announced) == {2020: 63.05, 2021: 64.266, 2022: 65.482, 2023: 66.698}
    assert column(api, "required", announced) == {2020: 63.05, 2021: 64.0333333333, 2022: 65.0166666667, 2023: 66}
    assert set(column(api, "projected", "&as_of=2022-01-26").values()) == {None}


@pytest.mark.parametrize("release", NAMES)
def test_the_paths_of_the_pack(api: Api, release: str) -> None:
    now, cells = known_cells(FIXTURES, release)
    for target in known_targets(FIXTURES, now):
        for row in api.walk(f"/targets/{target['code']}/progress?include=path&basis=all&method=all&as_of={release}"):
            points = list(cells.get((target["indicator"], row["region"]), {}).values())
            expected = path(target, points, row["basis"], row["method"])
            place = (target["code"], row["region"], row["method"])
            assert [step["year"] for step in row["path"]] == [step["year"] for step in expected], place
            assert unlike(row["path"], expected, row["method"]) == [], place


def unlike(found: list[Row], expected: list[Row], method: str) -> list[tuple[Row, Row]]:
    """The years whose rows differ; rates of growth by more than rounding."""
    pairs = zip(found, expected, strict=True)
    return [(step, other) for step, other in pairs if step != other and not (method in GROWTH and close(step, other))]


@settings(max_examples=300)
@given(aim=targets, points=points, basis=st.sampled_from(["own", "benchmark"]))
def test_random_paths_equal_the_oracle(aim: Row, points: dict[int, Any], basis: str) -> None:
    cells = [(year, value, status) for year, (value, status) in sorted(points.items())]
    for method in METHODS:
        expected = path(aim, cells, basis, method)
        found = path_by_project(aim, "R", cells, basis, method)
        assert [step["year"] for step in found] == [step["year"] for step in expected], method
        assert unlike(found, expected, method) == [], method
