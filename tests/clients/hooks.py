"""Hooks of schemathesis: requests that are meant to be right keep to the documented relations between parameters."""

import json
import os
import re
from collections.abc import Callable
from typing import Any

import requests
import schemathesis
from schemathesis import Case, CheckContext, GenerationMode, HookContext, Response
from schemathesis.generation.meta import TestPhase

_RANGE = re.compile(r"(-?[0-9.]+?)\.\.(-?[0-9.]+)")
#: Parameters that links carry codes into.
LINKED = ("indicator", "region", "dataset", "source", "as_of")
#: Both are limits of the API; a few bytes more than `uri_bytes_max` of /meta are answered before Django sees them.
MOST_WORDS = 10
#: Name of each format -> the parameters that it reads, and whether it has columns and an order of its own.
_FORMATS: dict[str, dict[str, Any]] = json.loads(os.environ["FORMATS"])
#: Parameters that only some formats read.
READ_BY = {
    name: [f for f, told in _FORMATS.items() if name in told["options"]]
    for name in sorted({name for told in _FORMATS.values() for name in told["options"]})
}
LAID_OUT = [f for f, told in _FORMATS.items() if told["laid_out"]]
LONGEST_ON_THE_WIRE = 65_000

#: Requests that are meant to be right.
_right: set[str] = set()
#: The question that each cursor was given out for.
_walks: dict[str, tuple[str, dict[str, Any]]] = {}


@schemathesis.hook
def filter_case(context: HookContext, case: Case) -> bool:
    """No address is longer than what the HTTP library of the server hands on to an application."""
    address = requests.Request(**case.as_transport_kwargs("http://127.0.0.1")).prepare().url
    return len(address or "") < LONGEST_ON_THE_WIRE


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Mend what no JSON Schema of a single parameter can say; requests that are meant to be wrong stay as they are."""
    if case.meta is None or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    _right.add(case.id)
    query = dict(case.query or {})
    walk = _walks.get(query.pop("cursor", ""))
    if walk and walk[0] == case.formatted_path:
        case.query = walk[1]
        return
    names = {parameter.name for parameter in case.operation.iter_parameters()}
    if case.meta.phase.name is TestPhase.STATEFUL:
        _lead_on(query, names)
    _mend_filters(query)
    _mend_shape(query, names)
    _mend_layout(query)
    if query != case.query:
        case.query = query


@schemathesis.check
def right_requests_are_answered(context: CheckContext, response: Response, case: Case) -> None:
    """Schemathesis no longer judges by itself a request that a hook has changed."""
    assert case.id not in _right or response.status_code == 200, "A request that is right was not answered"


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Remember what the next page is asked with: every parameter as it was, and the cursor."""
    if response.status_code != 200 or b'"next":"' not in response.content:  # bytes: workbooks are no text
        return
    cursor = json.loads(response.content)["next"].rpartition("cursor=")[2].partition("&")[0]
    _walks[cursor] = (case.formatted_path, {**case.query, "cursor": cursor})


def _mend_filters(query: dict[str, Any]) -> None:
    """Ranges ascend, ten words are enough, and `region_within_self` goes with `region_within`."""
    for name in ("year", "valid_in", "value", "gap", "ratio"):
        _mend_list(query, name, lambda items: [_ascending(item) for item in items])
    if len(query.get("q", "").split()) > MOST_WORDS:
        query["q"] = " ".join(query["q"].split()[:MOST_WORDS])
    if "region_within" not in query:
        query.pop("region_within_self", None)


def _mend_shape(query: dict[str, Any], names: set[str]) -> None:
    """A column is sorted one way; values and releases are sorted within an indicator; tables have no pages."""
    _mend_list(query, "sort", lambda terms: list({term.removeprefix("-"): term for term in terms}.values()))
    sorted_by = {term.removeprefix("-") for term in _items(query.get("sort", []))}
    if sorted_by & {"value", "release"} and "indicator" in names and not {"indicator", "region"} & set(query):
        query["indicator"] = ["urbanization_rate"]
    if query.get("format", "json") != "json":
        for name in ("page_size", "cursor", "count"):
            query.pop(name, None)
    for name, formats in READ_BY.items():
        if query.get("format", "json") not in formats:
            query.pop(name, None)
    if {"since", "until"} <= set(query):  # releases are named after their month
        query["since"], query["until"] = sorted((query["since"], query["until"]))


def _mend_layout(query: dict[str, Any]) -> None:
    """Cubes have columns and an order of their own."""
    if query.get("format") in LAID_OUT:
        for name in ("fields", "sort"):
            query.pop(name, None)


def _lead_on(query: dict[str, Any], names: set[str]) -> None:
    """Links are followed from rows with all their columns in JSON, chosen by one linked filter, and to a next page."""
    filters = [name for name in query if name in LINKED]
    for name in set(query) - {"sort", "count", *filters[-1:]}:
        del query[name]
    if "page_size" in names:
        query["page_size"] = 2


def _mend_list(query: dict[str, Any], name: str, mend: Callable[[list[str]], list[str]]) -> None:
    """A list as it was generated or, in the coverage phase, as it is written in an address."""
    if name in query:
        mended = mend(_items(query[name]))
        query[name] = ",".join(mended) if isinstance(query[name], str) else mended


def _items(value: str | list[str]) -> list[str]:
    return value.split(",") if isinstance(value, str) else value


def _ascending(item: str) -> str:
    ends = _RANGE.fullmatch(item)
    return f"{ends[2]}..{ends[1]}" if ends and float(ends[1]) > float(ends[2]) else item
