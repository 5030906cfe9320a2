"""Hostile values in every parameter: a wrong one is refused by name, a right one is answered, none is our fault."""

import json
import time
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

import pytest

from indicators.api.urls import urlpatterns
from tests.conftest import Api

SLOWEST = 1.0  # seconds
PROBLEM = {"type", "title", "status", "detail", "instance", "code", "errors"}
ERROR = {"code", "parameter", "value", "detail", "did_you_mean", "allowed"}


@dataclass(frozen=True)
class Reply:
    """What came back; an exception that would have left the application is a 500."""

    address: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def problem(self) -> dict[str, Any]:
        """The problem document, its form checked."""
        assert self.headers.get("Content-Type") == "application/problem+json", (self.status, self.body[:200])
        body: dict[str, Any] = json.loads(self.body)
        assert set(body) == PROBLEM
        assert all(set(error) == ERROR for error in body["errors"])
        assert body["status"] == self.status
        assert body["code"] == body["errors"][0]["code"]
        assert body["type"] == f"https://urbanapi.example/api/v1/problems/{body['code']}"
        assert body["title"]
        assert body["detail"]
        assert body["instance"].startswith("/api")
        return body

    def refused(self, parameter: str | None, codes: Iterable[str]) -> None:
        """400 that names the parameter; 406 where the format alone is wrong."""
        assert self.status in (400, 406), (self.status, self.body[:200])
        errors = self.problem()["errors"]
        assert {error["parameter"] for error in errors} == {parameter}
        found = {error["code"] for error in errors}
        assert found <= set(codes), found
        assert self.status == (406 if found == {"not_acceptable"} else 400)

    def missing(self) -> None:
        """404."""
        assert self.status == 404, (self.status, self.body[:200])
        assert self.problem()["code"] == "not_found"

    def answered(self) -> None:
        """200, with JSON or a table."""
        assert self.status == 200, (self.status, self.body[:200])
        if self.headers["Content-Type"].startswith("application/json"):
            json.loads(self.body)


def send(api: Api, address: str, method: str = "GET", data: bytes = b"", **headers: str) -> Reply:
    """The reply to a raw, percent-encoded address below /api/v1; a slow one has other chances on a busy machine."""
    for _ in range(3):
        reply = _send(api, address, method, data, headers)
        if reply.seconds <= SLOWEST:
            break
    assert reply.seconds <= SLOWEST, f"{address[:200]} took {reply.seconds:.1f} s"
    return reply


def _send(api: Api, address: str, method: str, data: bytes, headers: Mapping[str, str]) -> Reply:
    start = time.thread_time()  # of this thread: what else the machine does is not the service's fault
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    try:
        response = api.client.generic(method, f"/api/v1{address}", data, headers=named)
        status, found, body = response.status_code, dict(response.items()), response.getvalue()
    except Exception as error:
        status, found, body = 500, {}, repr(error).encode()
    return Reply(address, status, found, body, time.thread_time() - start)


class Faults:
    """Collects what is wrong, so that one run shows all of it."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def check(self, reply: Reply, check: Any, *args: Any) -> None:
        """Run one check on a reply."""
        try:
            check(reply, *args)
        except AssertionError as error:
            self.found.append(f"{reply.address[:120]}: {str(error)[:300]}")

    def none(self) -> None:
        """Fail if anything was wrong."""
        assert not self.found, f"{len(self.found)} faults:\n" + "\n".join(self.found[:40])


@dataclass(frozen=True)
class Route:
    """An address of the API: with its variable part, with an example of it, and what may be asked of it."""

    template: str
    example: str
    parameters: tuple[str, ...] | None  # None: it has no contract

    def __str__(self) -> str:
        return self.template or "/"


def _route(pattern: Any) -> Route:
    view = pattern.callback.cls()
    view.action = (getattr(pattern.callback, "actions", None) or {}).get("get")
    template = str(pattern.pattern)
    if view.schema is None:
        return Route(template, template, None)
    contract = view.contract()
    variable = template[template.index("<") : template.index(">") + 1] if "<" in template else "<>"
    names = tuple(parameter.name for parameter in contract.parameters)
    return Route(template, template.replace(variable, contract.example), (*names, "format"))


ROUTES = [_route(pattern) for pattern in urlpatterns]
ASKED = [route for route in ROUTES if route.parameters is not None]
VARIABLE = [route for route in ROUTES if "<" in route.template]

#: The table of hostile values, as the bytes that are percent-encoded.
VALUES: tuple[str | bytes, ...] = (
    "", " ", "\0", "\r\n", b"\xed\xa0\x80", b"\xff", "'", '"', "\\", ";", "--", "' OR 1=1--", "%", "_", "*",
    "../../etc/passwd", "${7*7}", "{{7*7}}", "<script>", "=1+1", "0", "-1", "1.5", "1e400", "1e-999999", "NaN",
    "Infinity", "2147483648", "9223372036854775808", "18446744073709551616", "1" + "0" * 30, "２０００", "٣", "true",
    "null", "[]", "{}", "a" * 5_000, "汉" * 2_000, "𠮷", "\u202eabc", "2000,,2001", "2000,abc", "," * 40_000,
    "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "2021-02-30", "CN/11",
)  # fmt: skip
UNICODE: tuple[str | bytes, ...] = (
    b"\xc0\xaf", b"\xe0\x80\xaf", b"\xf8\x88\x80\x80\x80", b"\xf4\x90\x80\x80", b"\xed\xb0\x80", b"\xe6\xb1", b"\x80",
    "abc\0", "a\x1bb", "a\x7fb", "\x85", "\u00a0", "\u3000", "\u200b", "\u200d", "\u202e\u202d", "\u2028",
    "\ufeff2020", "\ufffe", "\uffff", "\U0010ffff", "\ue000", "e" + "\u0301" * 5_000, "é", "e\u0301", "ﷺ" * 200,
    "ı", "ß", "İ", "🏙️", "👩\u200d👧", "３７００００", "true ", "ｔｒｕｅ", "２０２０", "२०२०", "²", "Ⅻ", "五", "京",
    "\u22121", "1٫5", "2015‥2020", "2015…2020", "2015，2020",
)  # fmt: skip
NUMBERS: tuple[str | bytes, ...] = (
    "00", "-0", "+1", "0x10", "1_000", "1,000", "1 000", "1e3", "1E3", "1e309", ".5", "5.", "0.1.2", "1/2", "nan",
    "inf", "-inf", "-Infinity", "999", "1000", "1001", "9999", "10000", "10001", "2020.0", "2020-", "2015-2020",
    "2147483647", "-2147483649", "9" * 5_000, "0." + "1" * 60, "..", "...",
    "2020....2021", "2020..2015", "2020..2021..2022", "..abc", "abc..", "2015..2020,", ",2015", "9999..", "..1000",
    "1..2", "2015 ..2020", "0000-00-00", "0000-01-01", "0001-01-01", "9999-12-31", "2999-01-01", "20220126",
    "2022-1-26", "2022-01-26T00:00:00Z", "2022-01", "2022-W04-3", "2016-12-31T23:59:60", "2022-02-29", "2020-02-29",
    "2022-13-01", "today", "now", "latest", "True", "TRUE", "yes", "1", "on", "false", "None", "undefined",
)  # fmt: skip

#: Parameters that are not lists of codes, by the kind of their value.
KINDS = {
    "q": "search", "value": "number", "year": "year", "valid_in": "year", "as_of": "moment", "fields": "fields",
    "sort": "sort", "page_size": "size", "cursor": "cursor", "format": "format", "count": "flag",
    "has_observations": "flag", "region_within_self": "flag", "latest": "size", "since": "moment", "until": "moment",
    "include": "choice", "labels": "choice", "bom": "flag", "basis": "choice", "gap": "number", "ratio": "number",
    "tolerance": "amount",
}  # fmt: skip
LISTS = {"code", "fields", "sort", "year", "number"}
#: What an error says of a value of the wrong form; all have 400 but not_acceptable, which has 406.
TOLD = {
    "code": {"unknown_code"},
    "choice": {"unknown_code"},
    "fields": {"unknown_field"},
    "sort": {"unknown_sort_field"},
    "search": {"out_of_range"},
    "flag": {"invalid_value"},
    "cursor": {"invalid_cursor"},
    "format": {"not_acceptable"},
    "number": {"invalid_value", "out_of_range"},
    "amount": {"invalid_value", "out_of_range"},
    "year": {"invalid_value", "out_of_range"},
    "size": {"invalid_value", "out_of_range"},
    "moment": {"invalid_value", "out_of_range"},
}
#: Which of the values above the contract allows; `q` takes any text of bounded length.
LEGAL = {
    "number": {
        "0", "-1", "1.5", "2147483648", "00", "-0", "1,000", "999", "1000", "1001", "9999", "10000", "10001", "2020.0",
        "2147483647", "-2147483649", "9999..", "..1000", "1..2", "20220126", "1",
    },
    "amount": {"0", "1.5", "2147483648", "00", "999", "1000", "1001", "9999", "10000", "10001", "2147483647", "1"},
    "year": {"1000", "1001", "9999", "9999..", "..1000"},
    "size": {"1", "999", "1000"},
    "moment": {"0001-01-01", "2020-02-29"},
    "flag": {"true", "false"},
}  # fmt: skip
#: What a parameter needs beside it.
COMPANY = {"region_within_self": "region_within=370000&", "labels": "format=csv&", "bom": "format=csv&"}
#: Resources whose pages may be larger.
DATA = {"/observations", "/series", "/vintages", "/changes"}


def encoded(value: str | bytes) -> str:
    """The value percent-encoded, so that its bytes arrive as they are."""
    return quote(value, safe=",")


def told(route: Route, parameter: str, value: str | bytes) -> set[str]:
    """By the contract: the codes of the errors that a value must be refused with; none if it is legal."""
    kind = KINDS.get(parameter, "code")
    text = (value if isinstance(value, bytes) else value.encode()).decode("utf-8", "replace")
    if text == "":
        return {"empty_value"}
    if any(unicodedata.category(character) == "Cc" or character == "\ufffd" for character in text):
        return {"invalid_value"}
    if kind in LISTS and "" in text.split(","):
        return {"empty_value"}
    if kind == "search":
        return {"empty_value"} if not text.strip() else TOLD[kind] if len(text) > 200 else set()
    if parameter == "page_size" and text in {"1001", "9999", "10000"} and route.template in DATA:
        return set()
    return set() if text in LEGAL.get(kind, ()) else TOLD[kind]


def ask_all(api: Api, route: Route, values: Iterable[str | bytes]) -> None:
    """Every parameter of a resource with every value."""
    faults = Faults()
    for parameter in route.parameters or ():
        for value in values:
            reply = send(api, f"{route.example}?{COMPANY.get(parameter, '')}{parameter}={encoded(value)}")
            if codes := told(route, parameter, value):
                faults.check(reply, Reply.refused, parameter, codes)
            else:
                faults.check(reply, Reply.answered)
    faults.none()


@pytest.mark.parametrize("route", ASKED, ids=str)
def test_every_query_parameter_with_every_value(api: Api, route: Route) -> None:
    ask_all(api, route, VALUES)


@pytest.mark.parametrize(
    ("resource", "names"),
    [
        ("/observations", "region status region_type year value as_of fields sort page_size cursor count format"),
        ("/regions", "q valid_in page_size within"),
    ],
)
def test_unicode_dates_and_numbers(api: Api, resource: str, names: str) -> None:
    route = next(route for route in ASKED if route.template == resource)
    ask_all(api, replace(route, parameters=tuple(names.split())), UNICODE + NUMBERS)


def test_the_bounds_of_numbers_are_those_that_meta_tells(api: Api) -> None:
    limits = api.json("/meta")["limits"]
    bounds = {
        "value": (-limits["value_max"], limits["value_max"]),
        "year": (limits["year_min"], limits["year_max"]),
        "page_size": (1, limits["page_size_max_observations"]),
    }
    for name, (low, high) in bounds.items():
        for legal in (low, high):
            send(api, f"/observations?{name}={legal}").answered()
        for beyond in (low - 1, high + 1):
            send(api, f"/observations?{name}={beyond}").refused(name, {"out_of_range"})
    for resource, high in {"series": limits["page_size_max"], "vintages": 10_000, "changes": 10_000}.items():
        send(api, f"/{resource}?indicator=grp&page_size={high}").answered()
        send(api, f"/{resource}?page_size={high + 1}").refused("page_size", {"out_of_range"})


@pytest.mark.parametrize("route", VARIABLE, ids=str)
def test_every_path_parameter_with_every_value(api: Api, route: Route) -> None:
    faults = Faults()
    before, _, rest = route.template.partition("<")
    for value in VALUES + UNICODE:
        faults.check(send(api, before + quote(value, safe="") + rest.partition(">")[2]), Reply.missing)
    faults.none()


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_unknown_names_of_parameters(api: Api, route: Route) -> None:
    faults = Faults()
    names = [
        "bogus", "YEAR", "year ", "year[]", "year__gte", "region__code", "__class__", "pk", "id", "order", "limit",
        "callback", "_method", "Format", "\0", "year\0", "\r\nSet-Cookie: a", "年", "'", "a" * 5_000, "",
    ]  # fmt: skip
    for name in names:
        reply = send(api, f"{route.example}?{quote(name, safe='')}=2020")
        faults.check(reply, Reply.refused, name, {"unknown_parameter"})
    for raw, shown in (("%FF", "\ufffd"), ("%ED%A0%80", "\ufffd" * 3)):
        faults.check(send(api, f"{route.example}?{raw}=2020"), Reply.refused, shown, {"unknown_parameter"})
    faults.none()


@pytest.mark.parametrize("route", ASKED, ids=str)
def test_repeated_and_valueless_parameters(api: Api, route: Route) -> None:
    faults = Faults()
    for name in route.parameters or ():
        reply = send(api, f"{route.example}?{name}=&{name}=")
        faults.check(reply, Reply.refused, name, {"empty_value", "repeated_parameter"})
        faults.check(send(api, f"{route.example}?{name}"), Reply.refused, name, {"empty_value"})
    reply = send(api, f"{route.example}?format=json&format=json")
    faults.check(reply, Reply.refused, "format", {"repeated_parameter"})
    faults.none()


@pytest.mark.parametrize("text", ["%", "*", "\\", "$", "^", ".*", "[a-z]", "(", "' OR", "__", "%_%"])
def test_searches_have_no_wildcards(api: Api, text: str) -> None:
    for indicator in api.json(f"/indicators?q={quote(text)}&fields=code,name_zh,name_en")["results"]:
        assert all(word.casefold() in " ".join(indicator.values()).casefold() for word in text.split())


def test_only_the_wrong_items_of_a_list_are_told(api: Api) -> None:
    errors = send(api, "/observations?year=2000,abc,2001,99999&region=370000,37&status=A,a").problem()["errors"]
    assert [(error["parameter"], error["value"]) for error in errors] == [
        ("year", "abc"),
        ("year", "99999"),
        ("region", "37"),
        ("status", "a"),
    ]


@pytest.mark.parametrize("answers", ["format=csv", "format=json"])
def test_a_refusal_is_a_problem_document_whatever_format_was_asked_for(api: Api, answers: str) -> None:
    faults = Faults()
    for resource, parameter in (("/observations", "year"), ("/regions", "level"), ("/regions/370000", "fields")):
        reply = send(api, f"{resource}?{parameter}=nope&{answers}", accept="text/csv")
        faults.check(reply, Reply.refused, parameter, TOLD[KINDS.get(parameter, "code")])
    faults.none()
