"""Every fact of the seed is found by a request: the plan, its actions and measures, its eight targets, the rate."""

import pytest

from tests.conftest import Api

PLAN = "SD-NUP-3Y-2021-2023"
TARGETS = {
    "SD-3Y-01": ("urbanization_rate", "level", "ge", 66, "percent", None),
    "SD-3Y-02": ("urbanization_rate", "mean_annual_change", "approx", 1, "percentage_points_per_year", None),
    "SD-3Y-03": ("smart_city_star_share_cities", "share_of_units", "eq", 100, "percent", 16),
    "SD-3Y-04": ("smart_city_star_share_counties", "share_of_units", "ge", 90, "percent", 78),
    "SD-3Y-05": ("combined_sewer_cleared_share", "share_of_units", "ge", 50, "percent", 136),
    "SD-3Y-06": ("income_ratio_urban_rural", "ratio", "le", 2.25, "ratio", None),
    "SD-3Y-07": ("new_small_cities", "count_of_new_units", "ge", 3, "towns", None),
    "SD-3Y-08": ("village_collective_income_share", "share_of_units", "ge", 65, "percent", None),
}


def test_the_whole_plan_in_one_answer(api: Api) -> None:
    plan = api.json(f"/plans/{PLAN}")
    assert (plan["kind"], plan["parent"], plan["period_start"], plan["period_end"]) == (
        "action_plan",
        "SD-NUP-2021-2035",
        2021,
        2023,
    )
    assert [action["code"] for action in plan["actions"]] == ["smart", "green", "balanced", "two_way"]
    lines = [line for action in plan["actions"] for line in action["measures"]]
    assert [sum(line["kind"] == kind for line in lines) for kind in ("measure", "outcome")] == [26, 13]
    for action in plan["actions"]:
        orders = [(line["kind"], line["order"]) for line in action["measures"]]
        assert orders == sorted(orders)
    assert [target["code"] for target in plan["targets"]] == sorted(TARGETS)


@pytest.mark.parametrize("code", sorted(TARGETS))
def test_each_target_has_number_scope_wording_and_source(api: Api, code: str) -> None:
    target = api.json(f"/targets/{code}")
    stated = tuple(target[name] for name in ("indicator", "statistic", "comparator", "value", "unit", "denominator"))
    assert stated == TARGETS[code]
    assert (target["plan"], target["region"], target["year"], target["source"]) == (PLAN, "370000", 2023, "S01")
    assert target["wording_zh"]
    assert target["locator"].startswith("P")
    assert bool(target["scope_zh"]) == (target["statistic"] in ("share_of_units", "count_of_new_units"))
    assert api.json(f"/sources/{target['source']}")["published_on"] == "2022-01-26"


def test_titles_are_composed_in_both_languages(api: Api) -> None:
    first = api.json("/targets/SD-3Y-01")
    assert first["title_zh"] == "常住人口城镇化率：到2023年不低于66%"
    assert first["title_en"].endswith(": at least 66% by 2023")
    assert "年均变化" in api.json("/targets/SD-3Y-02")["title_zh"]
    assert api.json("/targets/SD-3Y-06")["title_en"].endswith("at most 2.25:1 by 2023")


def test_the_urbanization_rate_now_and_as_it_was_known(api: Api) -> None:
    now = {row["year"]: row for row in api.json("/observations?indicator=urbanization_rate&region=370000")["results"]}
    assert sorted(now) == [1953, *range(2005, 2025)]
    assert (now[2020]["value"], now[2023]["value"], now[2024]["value"]) == (63.05, 65.53, 66.48)
    assert all(row["status"] and row["source"] and row["release"] for row in now.values())
    then = api.json("/observations?indicator=urbanization_rate&region=370000&as_of=2022-01-26&year=2019..")["results"]
    assert [(row["year"], row["value"]) for row in then] == [(2019, now[2019]["value"]), (2020, 63.05)]
    before = api.json("/observations?indicator=urbanization_rate&region=370000&as_of=2021-06-30&year=2019")["results"]
    assert before[0]["value"] != now[2019]["value"]


def test_targets_without_observations_have_none(api: Api) -> None:
    codes = [target[0] for target in TARGETS.values()][2:]
    for code in {*codes} - {"income_ratio_urban_rural"}:
        answer = api.json(f"/observations?indicator={code}")
        assert answer["results"] == []
        assert answer["meta"]["empty_reason"] == "no_such_combination"
    ratio = api.json("/observations?indicator=income_ratio_urban_rural&region=370000&year=2023")
    assert [row["value"] for row in ratio["results"]] in ([], [None])
