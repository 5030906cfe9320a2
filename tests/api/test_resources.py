"""Every resource answers the pack: the same rows, columns and values as its CSV files, in JSON and in CSV."""

import csv
import hashlib
import io
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.conftest import Api
from tests.oracle import Oracle, shortest, table
from tests.readers import ROWS

RENAMED = {"licence": "license", "date": "published_on"}
RESOURCES = {
    "units": "units",
    "datasets": "datasets",
    "indicators": "indicators",
    "regions": "regions",
    "region-events": "region_events",
    "plans": "plans",
    "actions": "actions",
    "measures": "measures",
    "targets": "targets",
    "sources": "sources",
    "releases": "releases",
}


def pack(name: str) -> list[dict[str, Any]]:
    """A table of the pack with the column names of the contract; an empty cell is None."""
    renamed = RENAMED if name in ("releases", "sources") else {}
    return [{renamed.get(column, column): cell or None for column, cell in row.items()} for row in table(name)]


def as_text(value: Any) -> str | None:
    """A JSON value as the pack spells it, numbers in shortest form."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, str) else shortest(repr(value))


def spelled(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the pack with numbers in shortest form."""
    return {name: cell and (shortest(cell) if cell.replace(".", "").isdigit() else cell) for name, cell in row.items()}


@pytest.mark.parametrize(("path", "name"), RESOURCES.items())
def test_rows_and_values_equal_the_pack(api: Api, path: str, name: str) -> None:
    expected = [spelled(row) for row in pack(name)]
    columns = list(expected[0])
    rows = api.walk(f"/{path}?page_size=37")
    answered = [{column: as_text(row[column]) for column in columns} for row in rows]
    assert sorted(map(repr, map(spelled, answered))) == sorted(map(repr, expected))
    assert api.json(f"/{path}")["meta"]["count"] == len(expected)

    lines = list(csv.DictReader(io.StringIO(api.text(f"/{path}?format=csv"), newline="")))
    assert [line[columns[0]] for line in lines] == [as_text(row[columns[0]]) for row in rows]
    for line, row in zip(lines, rows, strict=True):
        for column in columns:
            assert line[column].removeprefix("'") == (as_text(row[column]) or "")


@pytest.mark.parametrize("path", [path for path in RESOURCES if path != "region-events"])
def test_each_row_is_found_by_its_code(api: Api, path: str) -> None:
    key = "name" if path == "releases" else "code"
    for row in api.walk(f"/{path}?page_size=1000")[:60]:
        detail = api.json(f"/{path}/{row[key]}")
        assert {name: detail[name] for name in row} == row
    assert api.json(f"/{path}/nowhere", 404)["code"] == "not_found"


def test_default_orders(api: Api) -> None:
    assert [row["order"] for row in api.json("/releases")["results"]] == [6, 5, 4, 3, 2, 1]
    assert [row["code"] for row in api.json("/actions")["results"]] == ["smart", "green", "balanced", "two_way"]
    codes = [row["code"] for row in api.walk("/regions?page_size=1000")]
    assert codes == sorted(codes)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("/regions?level=prefecture&valid_in=2021", 16),
        ("/regions?type=district,county_level_city,county&valid_in=2021", 136),
        ("/regions?type=district&valid_in=2021", 58),
        ("/regions?type=county_level_city&valid_in=2021", 26),
        ("/regions?type=county&valid_in=2021", 52),
        ("/regions?type=functional_zone", 17),
        ("/indicators?has_observations=true", 57),
        ("/indicators?has_observations=false", 10),
        ("/targets?plan=SD-NUP-3Y-2021-2023", 8),
        ("/measures?plan=SD-NUP-3Y-2021-2023&kind=measure", 26),
        ("/measures?plan=SD-NUP-3Y-2021-2023&kind=outcome", 13),
        ("/region-events?kind=transfer", 8),
        ("/region-events?year=2018..2020", sum(2018 <= int(row["year"]) <= 2020 for row in table("region_events"))),
        ("/sources?reliability=C", sum(row["reliability"] == "C" for row in table("sources"))),
        ("/datasets?data_theme=POP", 3),
    ],
)
def test_counts_of_filtered_lists(api: Api, query: str, expected: int) -> None:
    assert api.json(query)["meta"]["count"] == expected


def test_regions_through_time(api: Api) -> None:
    laiwu = api.json("/regions/371200")
    assert (laiwu["valid_to"], laiwu["successors"], laiwu["ancestors"]) == (2018, ["370100"], ["000000", "370000"])
    assert laiwu["children"] == ["371202", "371203"]
    assert laiwu["events"][0]["document_no"] == "国函〔2018〕163号"
    assert "371200" in api.json("/regions/370100")["predecessors"]
    events = api.json("/regions/371324/events")["results"]
    assert [(e["kind"], e["name_before"], e["name_after"]) for e in events] == [("rename", "苍山县", "兰陵县")]
    assert api.json("/regions/371324")["successors"] == []
    assert api.json("/regions/371324/events?kind=merge")["meta"]["count"] == 0
    assert api.json("/regions/999999/events", 404)["code"] == "not_found"


def test_within_is_every_descendant(api: Api) -> None:
    oracle = Oracle.of_pack()
    for code in ("000000", "370000", "370100", "371200", "370102"):
        rows = api.walk(f"/regions?within={code}&page_size=1000")
        assert {row["code"] for row in rows} == oracle.below([code])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("/regions?q=济南", {"370100", "370171"}),
        ("/regions?q=JINAN", {"370100", "370171"}),
        ("/regions?q=Ｊｉｎａｎ", {"370100", "370171"}),
        ("/targets?q=雨污合流 2025", {"SD-UDP-01"}),
        ("/regions?q=济南 zone", {"370171"}),
        ("/units?q=points PER", {"percentage_points_per_year"}),
        ("/units?q=parsec", set()),
    ],
)
def test_search_folds_case_and_width_and_wants_all_words(api: Api, query: str, expected: set[str]) -> None:
    assert {row["code"] for row in api.json(query)["results"]} == expected


@pytest.mark.parametrize("path", list(RESOURCES))
def test_sorted_walks_are_total_both_ways(api: Api, path: str) -> None:
    for column in list(api.json(f"/{path}?page_size=1")["results"][0]):
        if (
            column in ("coverage", "license", "publisher", "contact", "update_frequency", "files")
            and path == "datasets"
        ):
            continue
        if column in ("coverage", "title_zh", "title_en") and path in ("indicators", "targets"):
            continue
        for sign in ("", "-"):
            rows = api.walk(f"/{path}?sort={sign}{column}&page_size=7")
            values = [row[column] for row in rows]
            known = [value for value in values if value is not None]
            assert values == sorted(known, reverse=sign == "-") + [None] * (len(values) - len(known))
            assert len({repr(row) for row in rows}) == len(rows) == api.json(f"/{path}")["meta"]["count"]


def test_fields_choose_and_order_columns(api: Api) -> None:
    row = api.json("/regions?fields=name_en,code&page_size=1")["results"][0]
    assert list(row) == ["name_en", "code"]
    assert list(api.json("/regions/370000?fields=children,code")) == ["children", "code"]
    assert api.text("/units?fields=symbol,code&format=csv").startswith("symbol,code\r\n")


def test_coverage_equals_the_replay(api: Api) -> None:
    oracle = Oracle.of_pack()
    for row in api.walk("/indicators?fields=code,coverage"):
        cells = oracle.slice({"indicator": [row["code"]]})
        years = [cell["year"] for cell in cells]
        assert row["coverage"] == {
            "first_year": min(years, default=None),
            "last_year": max(years, default=None),
            "regions": len({cell["region"] for cell in cells}),
            "observations": len(cells),
        }


def test_every_file_of_a_dataset_can_be_fetched(api: Api) -> None:
    for dataset in api.json("/datasets")["results"]:
        for file in dataset["files"]:
            response = api.client.get(file["url"].removeprefix("https://urbanapi.example"))
            body = response.getvalue()
            assert response.status_code == 200
            assert file["bytes"] in (None, len(body))
            assert file["sha256"] in (None, hashlib.sha256(body).hexdigest())
            assert response["Content-Type"].startswith(file["media_type"])
            assert len(body) > 100
            if file["format"] in ROWS:
                assert len(ROWS[file["format"]](body)) == dataset["coverage"]["observations"]


def test_a_list_costs_a_fixed_number_of_queries(api: Api) -> None:
    query = "/regions?level=county&type=district&within=370000&valid_in=2021&page_size=1000"
    api.json(query)
    with CaptureQueriesContext(connection) as queries:
        assert len(api.json(query)["results"]) == 58
    assert len(queries) == 3, "the store, the rows and their count"
    with CaptureQueriesContext(connection) as queries:
        api.json("/plans/SD-NUP-3Y-2021-2023")
    assert len(queries) <= 5, "the store, the plan, its actions, their measures, its targets"
