"""What JSON-stat, SDMX-CSV and SDMX-JSON say beside the figures, what they refuse, and how they are asked for."""

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.formats import FORMATS
from indicators.formats.sdmx import identifier
from indicators.publishing.package import load
from tests.conftest import Api
from tests.formats import reading
from tests.packages import Package, empty_the_store
from tests.query.test_slices import ORACLE

# pyjstat 2.4 reads by the function that it advises against.
pytestmark = pytest.mark.filterwarnings("ignore:Shouldn't use this function anymore:DeprecationWarning")

CUBES = {f.name: f for f in FORMATS if f.columns}
ONE = "indicator=urbanization_rate&region=370000&year=2020"
SDMX_CSV = "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8"
SDMX_JSON = "application/vnd.sdmx.data+json; version=2.0.0"


def test_cubes_are_bounded() -> None:
    bounds = {"jsonstat": 100_000, "sdmx-csv": 1_000_000, "sdmx-json": 100_000}
    assert bounds.items() <= {name: f.bound for name, f in CUBES.items()}.items()


def test_jsonstat_of_one_observation(api: Api) -> None:
    document = api.json(f"/observations?{ONE}&format=jsonstat")
    source = ORACLE.as_of(None)["urbanization_rate", "370000", 2020]["source"]
    indicator = ORACLE.indicators["urbanization_rate"]
    assert document == {
        "version": "2.0",
        "class": "dataset",
        "label": indicator["name_en"],
        "source": "UrbanAPI",
        "updated": "2026-05-31T00:00:00+00:00",
        "href": f"https://urbanapi.example/api/v1/observations?as_of=2026-05-post-ec5&format=jsonstat&{ONE}",
        "extension": {
            "label_zh": indicator["name_zh"],
            "release": "2026-05-post-ec5",
            "license": "https://creativecommons.org/licenses/by/4.0/",
            "contact": "https://urbanapi.example",
            "status": {
                "en": {"A": "normal value", "U": "low reliability"},
                "zh": {"A": "正常值", "U": "可靠性低"},
            },
            "sources": {source: ORACLE.sources[source]["title"]},
        },
        "id": ["indicator", "region", "year"],
        "size": [1, 1, 1],
        "role": {"metric": ["indicator"], "geo": ["region"], "time": ["year"]},
        "dimension": {
            "indicator": {
                "label": "Indicator",
                "category": {
                    "index": ["urbanization_rate"],
                    "label": {"urbanization_rate": indicator["name_en"]},
                    "unit": {"urbanization_rate": {"label": "percent", "decimals": int(indicator["decimals"])}},
                    "note": {"urbanization_rate": [indicator["comparability_note_en"]]},
                },
                "extension": {
                    "label_zh": "指标",
                    "category_label_zh": {"urbanization_rate": indicator["name_zh"]},
                },
            },
            "region": {
                "label": "Region",
                "category": {"index": ["370000"], "label": {"370000": "Shandong Province"}},
                "extension": {"label_zh": "地区", "category_label_zh": {"370000": "山东省"}},
            },
            "year": {"label": "Year", "category": {"index": ["2020"]}},
        },
        "value": [63.05],
        "status": {"0": "U"},
    }


def test_a_cube_is_an_array_when_full_and_an_object_when_sparse(api: Api) -> None:
    full = api.json("/observations?indicator=urbanization_rate&region=370000,110000&year=2015..2020&format=jsonstat")
    assert len(full["value"]) == 12
    sparse = api.json("/observations?dataset=census,population&format=jsonstat")
    assert isinstance(sparse["value"], dict)
    assert sparse["label"] == "Population, Population censuses"


def test_sdmx_json_names_everything_in_both_languages(api: Api) -> None:
    document = api.json(f"/observations?{ONE}&format=sdmx-json")
    (structure,) = document["data"]["structures"]
    components = [c for part in ("dimensions", "attributes") for level in structure[part].values() for c in level]
    coded = {component["id"]: component["values"][0] for component in components if "values" in component}
    assert {name: value.get("names") for name, value in coded.items()} == {
        "FREQ": {"en": "Annual", "zh": "年度"},
        "INDICATOR": {
            language: ORACLE.indicators["urbanization_rate"][f"name_{language}"] for language in ("en", "zh")
        },
        "REF_AREA": {"en": "Shandong Province", "zh": "山东省"},
        "TIME_PERIOD": None,
        "UNIT_MEASURE": {"en": "percent", "zh": "百分比"},
        "OBS_STATUS": {"en": "low reliability", "zh": "可靠性低"},
        "DATA_SOURCE": None,
    }
    assert all(component["names"].keys() == {"en", "zh"} for component in components)
    assert [component["keyPosition"] for component in components[:4]] == [0, 1, 2, 3]
    assert document["meta"]["prepared"] == "2026-05-31T00:00:00+00:00"
    assert document["meta"]["sender"] == {"id": "URBANAPI", "name": "UrbanAPI"}


@pytest.mark.parametrize("name", CUBES)
def test_the_same_data_are_the_same_bytes(api: Api, name: str) -> None:
    assert api.text(f"/observations?{ONE}&format={name}") == api.text(f"/observations?{ONE}&format={name}")


def test_the_agency_is_a_setting(api: Api, settings: Any) -> None:
    settings.SDMX_AGENCY = "LM.STAT"
    lines = api.text(f"/observations?{ONE}&format=sdmx-csv").splitlines()
    assert lines[1].startswith("dataflow,LM.STAT:DF_OBSERVATIONS(1.0.0),I,A,urbanization_rate,370000,2020,63.05,")
    document = api.json(f"/observations?{ONE}&format=sdmx-json")
    assert document["meta"]["sender"]["id"] == "LM.STAT"
    assert [link["urn"] for link in document["data"]["structures"][0]["links"]] == [
        "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=LM.STAT:DF_OBSERVATIONS(1.0.0)",
        "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=LM.STAT:DSD_OBSERVATIONS(1.0.0)",
    ]


@pytest.mark.parametrize("query", ["as_of=1999-12-31", "indicator=grp&region=000000&year=1950", "value=..-999999"])
def test_an_empty_slice_is_a_valid_message(api: Api, query: str) -> None:
    assert reading.jsonstat(api.text(f"/observations?{query}&format=jsonstat")) == {}
    assert reading.sdmx_csv(api.text(f"/observations?{query}&format=sdmx-csv")) == {}
    text = api.text(f"/observations?{query}&format=sdmx-json")
    assert reading.sdmx_json(text) == {}
    assert reading.digits(text)["data"] == {"structures": [], "dataSets": []}
    assert not reading.digits(text)["meta"]["prepared"].startswith("1970"), "a time at which something changed"


@pytest.fixture
def lemuria(db: None, tmp_path: Path) -> None:
    """The small package, with a code and a note that spreadsheets would run, and a code that SDMX does not know."""
    empty_the_store()
    package = Package(tmp_path / "package")
    package.append("regions.csv", "-1@b.$c,负号,Minus,county,island,S,1950,,,")
    package.append("observations/autumn.csv", "share,-1@b.$c,2001,1000000,A,alm,,=1+1")
    load(package.folder)


def test_codes_and_notes_of_any_characters(api: Api, lemuria: None) -> None:
    figures = api.json("/observations?page_size=1000&fields=indicator,region,year,value,unit,status,source,note")
    rows = [tuple(row.values()) for row in figures["results"]]
    assert {"岛", "-1@b.$c"} < {region for _, region, *_ in rows}

    stat = reading.jsonstat(api.text("/observations?format=jsonstat"))
    assert {key: (value and float(value), status) for key, (value, status) in stat.items()} == {
        row[:3]: (row[3], row[5]) for row in rows
    }
    codes = {"岛": "$5C9B$", "-1@b.$c": "$2D$1$40$b$2E$$24$c"}
    expected = {(row[0], codes.get(row[1], row[1]), row[2]): row[3:] for row in rows}
    json_cells = reading.sdmx_json(api.text("/observations?format=sdmx-json"))
    assert {key: (value and float(value), *rest) for key, (value, *rest) in json_cells.items()} == expected

    text = api.text("/observations?format=sdmx-csv")
    cells = [row[4:7] + row[7:] for row in csv.reader(io.StringIO(text, newline=""))][1:]
    assert ["share", "$2D$1$40$b$2E$$24$c", "2001", "1000000", "permille", "A", "alm", "'=1+1"] in cells
    assert len(cells) == len(rows)
    names = {value["id"]: value["name"] for value in _areas(api)}
    assert (names["$5C9B$"], names["$2D$1$40$b$2E$$24$c"]) == ("Islet", "Minus")


def _areas(api: Api) -> Any:
    document = api.json("/observations?format=sdmx-json")
    return document["data"]["structures"][0]["dimensions"]["series"][1]["values"]


@given(st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters=",/"), min_size=1, max_size=80))
def test_an_id_of_sdmx_is_made_of_any_code_and_leads_back(code: str) -> None:
    made = identifier(code)
    assert re.fullmatch(r"[A-Za-z0-9_@$-]+", made), "IDType of SDMX"
    assert not made.startswith(("=", "+", "-", "@"))
    assert re.sub(r"\$([0-9A-F]+)\$", lambda found: chr(int(found[1], 16)), made) == code


@pytest.mark.parametrize("name", CUBES)
def test_more_rows_than_the_bound_are_refused_with_the_way_out(
    api: Api, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(type(CUBES[name]), "bound", 6)
    query = "indicator=urbanization_rate&region=370000&year=2015..202"
    assert api.get(f"/observations?{query}0&format={name}").getvalue()
    problem = api.json(f"/observations?{query}1&format={name}", 413)
    assert problem["detail"] == (
        f"The slice has 7 rows; {name} takes at most 6. Narrow the question, or fetch it as CSV: "
        f"https://urbanapi.example/api/v1/observations?format=csv&{query}1"
    )
    assert problem["code"] == "too_large"
    for condition in ({"If-None-Match": "*"}, {"If-Modified-Since": "Fri, 31 Dec 2100 23:59:59 GMT"}):
        api.get(f"/observations?{query}0&format={name}", 304, **condition)
        api.get(f"/observations?{query}1&format={name}", 413, **condition)  # RFC 9110, 13.2.1
    assert len(api.text(problem["errors"][0]["did_you_mean"][0]).splitlines()) == 8


@pytest.mark.parametrize("name", CUBES)
@pytest.mark.parametrize(
    "parameter", ["fields=value", "sort=-year", "labels=both", "bom=true", "page_size=10", "count=true"]
)
def test_what_a_layout_of_its_own_does_not_read_is_refused(api: Api, name: str, parameter: str) -> None:
    problem = api.json(f"/observations?{ONE}&{parameter}&format={name}", 400)
    assert [(error["code"], error["parameter"]) for error in problem["errors"]] == [
        ("conflicting_parameters", parameter.partition("=")[0])
    ]


@pytest.mark.parametrize("resource", ["series", "vintages", "changes", "regions"])
def test_only_observations_are_cubes(api: Api, resource: str) -> None:
    for name, f in CUBES.items():
        assert api.json(f"/{resource}?format={name}", 406)["errors"][0]["code"] == "not_acceptable"
        api.get(f"/{resource}", 406, Accept=f.media_type)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json-stat+json", "application/json-stat+json"),
        ("application/vnd.sdmx.data+csv", SDMX_CSV),
        ("application/vnd.sdmx.data+csv;version=2.0.0", SDMX_CSV),
        ('application/vnd.sdmx.data+csv; version="2.0.0"; labels=id', SDMX_CSV),
        ("application/vnd.sdmx.data+csv;version=1.0.0, application/vnd.sdmx.data+json;q=0.5", SDMX_JSON),
        ("application/vnd.sdmx.data+json; version=2.0.0; q=0.9, text/csv;q=0.1", SDMX_JSON),
        ("application/json;version=1.0.0", "application/json"),
    ],
)
def test_media_types_and_their_versions(api: Api, accept: str, expected: str) -> None:
    response = api.get(f"/observations?{ONE}", Accept=accept)
    assert response["Content-Type"] == expected


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_another_version_is_not_acceptable(api: Api, kind: str) -> None:
    problem = api.json(f"/observations?{ONE}", 406, Accept=f"application/vnd.sdmx.data+{kind};version=1.0.0")
    assert f"application/vnd.sdmx.data+{kind}" in problem["errors"][0]["allowed"]


def test_a_permanent_address_keeps_the_format_that_accept_chose(api: Api) -> None:
    asked = api.json(f"/observations?{ONE}", Accept="application/json-stat+json")
    assert api.json(asked["href"])["value"] == asked["value"]


@pytest.mark.parametrize(("name", "ending"), [("jsonstat", "json"), ("sdmx-csv", "csv"), ("sdmx-json", "json")])
def test_head_tells_what_get_would(api: Api, name: str, ending: str) -> None:
    path = f"/api/v1/observations?{ONE}&format={name}&as_of=2024-12-pre-ec5"
    got, asked = api.get(path), api.client.head(path)
    assert asked.status_code == 200
    assert asked.getvalue() == b""
    for header in ("Content-Type", "Content-Disposition", "ETag", "Last-Modified", "Vary", "Link", "Cache-Control"):
        assert asked[header] == got[header]
    name = "urbanization_rate-370000-2020-2024-12-pre-ec5"
    assert got["Content-Disposition"] == f'attachment; filename="{name}.{ending}"'
    assert api.client.get(path, headers={"If-None-Match": got["ETag"]}).status_code == 304
