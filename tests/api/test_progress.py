"""/progress as a resource: filters, order, pages and the number of queries; figures are checked in tests/progress."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Observation, Region, Target
from tests.conftest import Api

KEY = ("target", "region", "method")
ALL = "/progress?basis=all&method=all&indicator=urbanization_rate&region_within=370000&region_within_self=true"


def keys(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in KEY) for row in rows]


@pytest.fixture
def every(api: Api) -> list[dict[str, Any]]:
    """All assessments of the urbanization rate, by one page after the other, in their own order."""
    return api.walk(f"{ALL}&page_size=1000")


def test_rows_come_by_target_region_and_method(api: Api, every: list[dict[str, Any]]) -> None:
    assert keys(every) == sorted(set(keys(every)))
    below = {row["code"] for row in api.walk("/regions?within=370000&page_size=1000")}
    targets = {row["code"] for row in api.walk("/targets?indicator=urbanization_rate")}
    methods = {row["code"] for row in api.walk("/progress-methods")}
    assert set(keys(every)) == {(t, r, m) for t in targets for r in below | {"370000"} for m in methods}
    assert api.json(f"{ALL}&page_size=1")["meta"]["count"] == len(every)


@pytest.mark.parametrize(
    "sort", ["-gap", "gap,-region", "ratio", "-status,method", "deadline_status,-ratio", "-region"]
)
def test_any_order_is_walked_without_gap_or_repetition(api: Api, every: list[dict[str, Any]], sort: str) -> None:
    walked = api.walk(f"{ALL}&sort={sort}&page_size=997")
    assert len(walked) == len(every)
    assert set(keys(walked)) == set(keys(every))
    expected = list(every)
    for term in reversed(sort.split(",")):
        name = term.removeprefix("-")
        valued = sorted((r for r in expected if r[name] is not None), key=lambda r: r[name], reverse=term[0] == "-")
        expected = valued + [row for row in expected if row[name] is None]
    assert keys(walked) == keys(expected)


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("status=achieved,no_data", lambda row: row["status"] in ("achieved", "no_data")),
        ("deadline_status=met_late", lambda row: row["deadline_status"] == "met_late"),
        ("gap=..-5,0..0.5", lambda row: row["gap"] is not None and (row["gap"] <= -5 or 0 <= row["gap"] <= 0.5)),
        ("ratio=0.5..", lambda row: row["ratio"] is not None and row["ratio"] >= 0.5),
        (
            "status=wrong_direction&ratio=..0",
            lambda row: row["status"] == "wrong_direction" and (row["ratio"] or 1) <= 0,
        ),
    ],
)
def test_results_are_filtered(api: Api, every: list[dict[str, Any]], query: str, matches: Any) -> None:
    expected = [row for row in every if matches(row)]
    assert api.walk(f"{ALL}&{query}&page_size=400") == expected
    assert api.json(f"{ALL}&{query}")["meta"]["count"] == len(expected)


def test_csv_has_the_rows_of_all_pages_with_members_as_columns(api: Api, every: list[dict[str, Any]]) -> None:
    for order in ("", "&sort=gap"):
        table = list(csv.DictReader(io.StringIO(api.text(f"{ALL}{order}&format=csv"), newline="")))
        rows = api.walk(f"{ALL}{order}&page_size=1000")
        assert keys(table) == keys(rows)
        for cells, row in zip(table, rows, strict=True):
            current = row["current"] or {}
            assert (cells["current_year"], cells["current_status"]) == (
                str(current.get("year", "")),
                current.get("status", ""),
            )
            assert float(cells["gap"] or "nan") == pytest.approx(
                row["gap"] if row["gap"] is not None else float("nan"), nan_ok=True
            )


def test_what_is_about_a_target_and_its_region_can_be_asked_for(api: Api) -> None:
    row = api.json("/progress?target=SD-3Y-01&fields=plan,indicator,title_zh,title_en,region_name_zh,region_name_en")
    target = api.json("/targets/SD-3Y-01")
    assert row["results"] == [
        {name: target[name] for name in ("plan", "indicator", "title_zh", "title_en")}
        | {"region_name_zh": "山东省", "region_name_en": "Shandong Province"}
    ]


def test_regions_are_narrowed_as_those_of_observations(api: Api) -> None:
    cities = {row["code"] for row in api.walk("/regions?within=370000&level=prefecture")}
    rows = api.walk("/progress?target=SD-3Y-01&basis=all&region_level=prefecture")
    assert {row["region"] for row in rows} == cities
    assert {(row["basis"], row["deadline_status"]) for row in rows} == {("benchmark", None)}
    assert keys(api.walk("/progress?target=SD-3Y-01&basis=benchmark&region=370100,370000")) == [
        ("SD-3Y-01", "370100", "linear_path")
    ]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("as_of=2010-01-01", "not_published_yet"),
        ("target=SD-3Y-01&as_of=2021-06-post-ec4", "not_published_yet"),
        ("target=SD-3Y-01&region=370100", "no_such_combination"),
        ("target=SD-3Y-01&status=no_data", "filtered_out"),
        ("indicator=urbanization_rate&year=1999", "no_such_combination"),
    ],
)
def test_an_empty_answer_says_why(api: Api, query: str, reason: str) -> None:
    answer = api.json(f"/progress?{query}")
    assert (answer["results"], answer["meta"]["count"], answer["meta"]["empty_reason"]) == ([], 0, reason)


def test_a_target_has_no_row_before_it_was_known(api: Api) -> None:
    rows = {name: keys(api.walk(f"/progress?as_of={name}")) for name in ("2013-12-yearbooks", "2022-01-plan")}
    assert {key[0] for key in rows["2013-12-yearbooks"]} == {"SD-URP-01", "SD-URP-02"}
    known = {key[0] for key in rows["2022-01-plan"]}
    assert "SD-3Y-01" in known
    assert "SD-NUP-01" not in known, "its source has a bare year, which counts as its 31 December"


def test_an_unknown_target_is_not_found_with_what_may_be_meant(api: Api) -> None:
    problem = api.json("/targets/SD-3Y-1/progress", status=404)
    assert "/api/v1/targets/SD-3Y-01/progress" in problem["errors"][0]["did_you_mean"]


def test_the_path_is_for_one_target(api: Api) -> None:
    assert api.json("/progress?include=path", status=400)["code"] == "unknown_parameter"
    assert "path" not in api.json("/targets/SD-3Y-01/progress")["results"][0]
    path = api.json("/targets/SD-3Y-01/progress?include=path")["results"][0]["path"]
    assert [(step["year"], step["required"], step["observed"]) for step in path][-2:] == [
        (2023, 66, 65.53),
        (2024, 66, 66.48),
    ]
    assert api.json("/targets/SD-3Y-01/progress?fields=path")["results"] == [{"path": path}]


def test_a_walk_stays_on_its_release_and_target(api: Api) -> None:
    page = api.json("/progress?basis=all&page_size=7&sort=-gap")
    cursor = page["next"].partition("cursor=")[2].partition("&")[0]
    wrong = api.json(f"/progress?basis=all&page_size=7&sort=gap&cursor={cursor}", status=400)
    assert wrong["code"] == "invalid_cursor"


def test_the_number_of_queries_does_not_grow(api: Api) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            api.json(path)
        return len(captured)

    api.json("/progress")  # reference tables come into memory
    few = queries("/progress?target=SD-3Y-01")
    assert queries("/progress?q=SD&basis=all&method=all&page_size=1000") == few
    assert queries("/progress?q=SD&basis=all&page_size=1") < few, "which targets are meant is remembered"
    target = Target.objects.get(code="SD-3Y-01")
    for number in range(200):
        target.code = f"X-{number:03}"
        target.save(force_insert=True)
    Region.objects.bulk_create(
        Region(
            code=f"X{n}",
            name_zh="新",
            name_en="New",
            level="county",
            type="district",
            parent_id="370100",
            valid_from=2000,
        )
        for n in range(50)
    )
    api.json("/progress")
    assert api.json("/progress?basis=all&q=X-&page_size=1")["meta"]["count"] > 200 * 50
    assert queries("/progress?q=X-&basis=all&page_size=1000") <= few


def test_an_order_by_results_reads_each_series_once(api: Api) -> None:
    address = "/progress?basis=all&method=all&indicator=urbanization_rate&page_size=1&sort="
    with CaptureQueriesContext(connection) as captured:
        api.json(f"{address}-ratio,-target")
    read = [query["sql"] for query in captured if Observation._meta.db_table in query["sql"]]
    ranking = read[:-1]  # the last reads the page
    regions = [region for sql in ranking for region in re.findall(r"\b\d{6}\b", sql)]
    below = {row["code"] for row in api.walk("/regions?within=370000&page_size=1000")}
    assert set(regions) >= below
    # A region is asked for again only where a batch ends within it.
    assert len(regions) <= len(below) + 1 + len(ranking)


@pytest.mark.parametrize("format_", ["json", "csv"])
def test_a_copy_is_good_until_a_target_is_edited(api: Api, format_: str) -> None:
    address = f"/progress?plan=SD-NUP-3Y-2021-2023&format={format_}"
    first = api.get(address)
    assert api.get(address, 304, **{"If-None-Match": first["ETag"]}).content == b""
    Target.objects.filter(code="SD-3Y-01").update(value=67)
    assert api.get(address, 200, **{"If-None-Match": first["ETag"]})["ETag"] != first["ETag"]
