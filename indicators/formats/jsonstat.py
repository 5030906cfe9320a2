"""JSON-stat 2.0: the cube of indicators, regions and years that a slice spans, with the labels of its categories."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any

import orjson

from ..models import Status
from ..query.slice import Answer
from .base import Format, numbers

Lookups = Mapping[str, Mapping[str, Any]]

#: Categories are named in English; the Chinese names stand in the extension of each dimension.
_LABELS = {"indicator": ("Indicator", "指标"), "region": ("Region", "地区"), "year": ("Year", "年份")}
_ROLES = {"metric": ["indicator"], "geo": ["region"], "time": ["year"]}
#: The status that is left out.
_NORMAL = Status.A.value
#: More indicators than these are told by the titles of their datasets.
_NAMED_ONE_BY_ONE = 3


class JsonStat(Format):
    """The whole slice as a JSON-stat dataset."""

    name = "jsonstat"
    media_type = "application/json-stat+json"
    charset = None  # JSON is UTF-8 by definition (RFC 8259)
    description = (
        "The whole slice as a JSON-stat 2.0 dataset with the dimensions indicator, region and year. `status` holds the "
        "observation statuses other than A (normal): a cell with neither value nor status has no observation."
    )
    columns = ("indicator", "region", "year", "value", "status", "source")
    bound = 100_000
    extension = "json"
    json_type = "object"

    def write(self, answer: Answer) -> Iterator[bytes]:
        columns: list[Sequence[Any]] = list(zip(*answer.rows, strict=True)) or [()] * len(self.columns)
        indicators, regions, years, values, statuses, sources = columns
        axes = [sorted(set(codes)) for codes in (indicators, regions, years)]
        places = _places(axes, zip(indicators, regions, years, strict=True))
        yield orjson.dumps(_about(answer, axes, set(statuses), {s for s in sources if s}))[:-1]
        yield b',"value":' + _values(places, numbers(values, "null"), [len(axis) for axis in axes])
        flags = {str(n): status for n, status in zip(places, statuses, strict=True) if status != _NORMAL}
        yield b',"status":' + orjson.dumps(flags) + b"}"


def _places(axes: Sequence[Sequence[Any]], keys: Iterable[tuple[str, str, int]]) -> list[int]:
    """Where the cells stand in the cube, row by row: the last dimension runs fastest."""
    indicator_at, region_at, year_at = ({code: n for n, code in enumerate(axis)} for axis in axes)
    regions, years = len(axes[1]), len(axes[2])
    return [
        (indicator_at[indicator] * regions + region_at[region]) * years + year_at[year]
        for indicator, region, year in keys
    ]


def _values(places: Sequence[int], texts: Sequence[str], size: Sequence[int]) -> bytes:
    """An array of all cells, or an object of those with a value where more than half of the cube is empty."""
    if len(places) * 2 < prod(size):
        filled = (f'"{place}":{text}' for place, text in zip(places, texts, strict=True) if text != "null")
        return ("{" + ",".join(filled) + "}").encode()
    cells = ["null"] * prod(size)
    for place, text in zip(places, texts, strict=True):
        cells[place] = text
    return ("[" + ",".join(cells) + "]").encode()


def _about(answer: Answer, axes: Sequence[Sequence[Any]], statuses: set[str], sources: set[str]) -> dict[str, Any]:
    indicators, regions, years = axes
    meta, lookups = answer.meta, answer.lookups
    return {
        "version": "2.0",
        "class": "dataset",
        "label": _title(lookups, indicators, "en"),
        "source": answer.issuer["name"],
        "updated": answer.updated.isoformat(),
        "href": meta["permalink"],
        "extension": {
            "label_zh": _title(lookups, indicators, "zh"),
            "release": meta["release"],
            "license": meta["license"],
            "contact": answer.issuer["contact"],
            "status": {
                language: {code: lookups[f"status.name_{language}"][code] for code in sorted(statuses | {_NORMAL})}
                for language in ("en", "zh")
            },
            "sources": {code: lookups["source.title"][code] for code in sorted(sources)},
        },
        "id": list(_LABELS),
        "size": [len(axis) for axis in axes],
        "role": _ROLES,
        "dimension": {
            "indicator": _dimension("indicator", indicators, lookups, **_units(indicators, lookups)),
            "region": _dimension("region", regions, lookups),
            "year": {"label": _LABELS["year"][0], "category": {"index": [str(year) for year in years]}},
        },
    }


def _dimension(name: str, codes: Sequence[str], lookups: Lookups, **more: Any) -> dict[str, Any]:
    """A dimension of codes; `more` are properties of its categories."""
    return {
        "label": _LABELS[name][0],
        "category": {"index": codes, "label": _named(codes, lookups[f"{name}.name_en"]), **more},
        "extension": {"label_zh": _LABELS[name][1], "category_label_zh": _named(codes, lookups[f"{name}.name_zh"])},
    }


def _units(indicators: Sequence[str], lookups: Lookups) -> dict[str, Any]:
    """Units and decimals of indicators, and what to mind when their figures are compared."""
    unit, decimals, note = (lookups[f"indicator.{name}"] for name in ("unit", "decimals", "comparability_note_en"))
    return {
        "unit": {
            code: {"label": lookups["unit.name_en"][unit[code]], "decimals": decimals[code]} for code in indicators
        },
        "note": {code: [note[code]] for code in indicators if note[code]},
    }


def _named(codes: Iterable[str], names: Mapping[str, Any]) -> dict[str, str]:
    return {code: names[code] for code in codes}


def _title(lookups: Lookups, indicators: Sequence[str], language: str) -> str:
    """What the cube is about: its indicators, or the datasets that many are of."""
    if len(indicators) <= _NAMED_ONE_BY_ONE:
        names = [lookups[f"indicator.name_{language}"][code] for code in indicators]
    else:
        datasets = dict.fromkeys(lookups["indicator.dataset"][code] for code in indicators)
        names = [lookups[f"dataset.title_{language}"][code] for code in datasets]
    if language == "zh":
        return "、".join(names) or "无观测值"
    return ", ".join(names) or "No observations"
