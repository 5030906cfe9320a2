"""SDMX-JSON 2.0: time series with the names of everything in Chinese and English."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson

from ..query.slice import Answer
from . import sdmx
from .base import Format, numbers
from .sdmx import Component

_SCHEMA = "https://raw.githubusercontent.com/sdmx-twg/sdmx-json/master/data-message/tools/schemas/2.0.0/sdmx-json-data-schema.json"
_URN = "urn:sdmx:org.sdmx.infomodel.datastructure"

#: The values of a component in their order, each with its place.
Places = Mapping[Any, int]
Lookups = Mapping[str, Mapping[str, Any]]


class SdmxJson(Format):
    """The whole slice as an SDMX-JSON data message."""

    name = "sdmx-json"
    media_type = "application/vnd.sdmx.data+json"
    version = "2.0.0"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    description = (
        "The whole slice as an SDMX-JSON 2.0 data message of time series; a missing value is null with an observation "
        "status. A slice without observations has neither structures nor data sets."
    )
    columns = sdmx.COLUMNS
    bound = 100_000
    extension = "json"
    json_type = "object"

    def write(self, answer: Answer) -> Iterator[bytes]:
        rows = list(answer.rows)
        yield b'{"meta":' + orjson.dumps(_meta(answer))
        if not rows:
            yield b',"data":{"structures":[],"dataSets":[]}}'
            return
        columns = dict(zip(self.columns, zip(*rows, strict=True), strict=True))
        values = numbers(columns["value"], "null")
        places = {name: _places(column) for name, column in columns.items() if name not in ("value", "note")}
        yield b',"data":{"structures":[' + orjson.dumps(_structure(answer, places)) + b'],"dataSets":['
        yield orjson.dumps(_data_set(answer))[:-1] + b',"series":{'
        separator = ""
        for _, found in groupby(zip(rows, values, strict=True), key=lambda pair: pair[0][:2]):
            yield f"{separator}{_series(list(found), places)}".encode()
            separator = ","
        yield b"}}]}}"


def _places(codes: Sequence[Any]) -> Places:
    return {code: place for place, code in enumerate(sorted(set(codes) - {None}))}


def _series(found: Sequence[tuple[tuple[Any, ...], str]], places: Mapping[str, Places]) -> str:
    """The rows of one indicator and region: whatever is coded stands as its place among the values of its component."""
    indicator, region, _, _, unit, *_ = found[0][0]
    observations = []
    for (_, _, year, _, _, status, source, note), value in found:
        cell = f"{value},{places['status'][status]}"
        if source or note:
            cell += f",{places['source'][source] if source else 'null'}"
        if note:
            cell += f",{orjson.dumps(note).decode()}"
        observations.append(f'"{places["year"][year]}":[{cell}]')
    key = f"{places['indicator'][indicator]}:{places['region'][region]}"
    return f'"{key}":{{"attributes":[{places["unit"][unit]}],"observations":{{{",".join(observations)}}}}}'


def _meta(answer: Answer) -> dict[str, Any]:
    """Nothing here is read from a clock: the same data are the same message, to the byte."""
    digest = hashlib.sha256(f"{answer.meta['permalink']} {answer.meta['release']}".encode()).hexdigest()
    return {
        "schema": _SCHEMA,
        "id": digest[:32],
        "prepared": answer.updated.isoformat(),
        "test": False,
        "contentLanguages": ["en", "zh"],
        "sender": {"id": answer.issuer["agency"], "name": answer.issuer["name"]},
        "links": [{"href": answer.issuer["contact"], "rel": "related", "title": "Contact"}],
    }


def _data_set(answer: Answer) -> dict[str, Any]:
    return {
        "structure": 0,
        "action": "Information",
        "validFrom": answer.updated.isoformat(),
        "links": [
            {"href": answer.meta["permalink"], "rel": "self"},
            {"href": answer.meta["license"], "rel": "license"},
        ],
    }


def _structure(answer: Answer, places: Mapping[str, Places]) -> dict[str, Any]:
    """The components that the data set is made of, and at which level each stands."""

    def coded(component: Component, **more: Any) -> dict[str, Any]:
        return _component(component, **more, values=_codes(component, places[component.column], answer.lookups))

    freq = {"id": sdmx.ANNUAL, "name": "Annual", "names": {"en": "Annual", "zh": "年度"}}
    observation: dict[str, Any] = {"relationship": {"observation": {}}}
    return {
        "links": [
            {"urn": f"{_URN}.Dataflow={sdmx.dataflow(answer)}", "rel": "dataflow"},
            {"urn": f"{_URN}.DataStructure={sdmx.data_structure(answer)}", "rel": "datastructure"},
        ],
        "dimensions": {
            "dataSet": [_component(sdmx.FREQ, keyPosition=0, roles=["FREQ"], values=[freq])],
            "series": [coded(sdmx.INDICATOR, keyPosition=1), coded(sdmx.REF_AREA, keyPosition=2, roles=["REF_AREA"])],
            "observation": [
                _component(
                    sdmx.TIME_PERIOD, keyPosition=3, roles=["TIME_PERIOD"], values=list(map(_year, places["year"]))
                )
            ],
        },
        "measures": {"observation": [_component(sdmx.OBS_VALUE, format={"dataType": "Double"})]},
        "attributes": {
            "series": [coded(sdmx.UNIT_MEASURE, isMandatory=True, relationship={"dimensions": [sdmx.INDICATOR.id]})],
            "observation": [
                coded(sdmx.OBS_STATUS, isMandatory=True, **observation),
                coded(sdmx.DATA_SOURCE, **observation),
                _component(sdmx.COMMENT_OBS, **observation, format={"dataType": "String"}),
            ],
        },
        "dataSets": [0],
    }


def _component(component: Component, **more: Any) -> dict[str, Any]:
    described = {"id": component.id, "name": component.name_en, "names": component.names, **more}
    if not described.get("values", True):
        del described["values"]  # no figure of the slice names one: a list would have to have an item
    return described


def _codes(component: Component, codes: Iterable[str], lookups: Lookups) -> list[dict[str, Any]]:
    """The codes that the slice uses; titles of sources are in one language, their own."""
    if component is sdmx.DATA_SOURCE:
        return [{"id": sdmx.identifier(code), "name": lookups["source.title"][code]} for code in codes]
    english, chinese = (lookups[f"{component.column}.name_{language}"] for language in ("en", "zh"))
    return [
        {"id": sdmx.identifier(code), "name": english[code], "names": {"en": english[code], "zh": chinese[code]}}
        for code in codes
    ]


def _year(year: int) -> dict[str, Any]:
    return {
        "id": str(year),
        "name": str(year),
        "start": f"{year}-01-01T00:00:00Z",
        "end": f"{year}-12-31T23:59:59Z",
    }
