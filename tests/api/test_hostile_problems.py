"""Problem documents: all faults at once and in the order of the URL, and addresses that were nearly right."""

import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_hostile import ROUTES, Route, send
from tests.conftest import Api

#: Wrong parameters of observations, each with the code of its error.
WRONG = {
    "bogus=1": "unknown_parameter",
    "limit=5": "unknown_parameter",
    "year=abc": "invalid_value",
    "value=1e400": "invalid_value",
    "region=37": "unknown_code",
    "indicator=%FF": "invalid_value",
    "status=a": "unknown_code",
    "source=": "empty_value",
    "fields=nope": "unknown_field",
    "sort=-nope": "unknown_sort_field",
    "page_size=0": "out_of_range",
    "count=yes": "invalid_value",
    "as_of=2999-01-01": "out_of_range",
    "region_within_self=true": "conflicting_parameters",
    "format=xml": "not_acceptable",
    "cursor=junk": "invalid_cursor",
}


def told(api: Api, query: str, resource: str = "/observations", **headers: str) -> list[tuple[str | None, str]]:
    """Parameter and code of each error, in order."""
    return [
        (error["parameter"], error["code"]) for error in send(api, f"{resource}?{query}", **headers).problem()["errors"]
    ]


@given(st.permutations([pair for pair in WRONG if not pair.startswith("cursor")]).map(lambda pairs: pairs[:8]))
@settings(max_examples=60)
def test_all_faults_are_told_in_the_order_of_the_url(api: Api, pairs: list[str]) -> None:
    reply = send(api, "/observations?" + "&".join(pairs))
    assert reply.status == 400
    found = [(error["parameter"], error["code"]) for error in reply.problem()["errors"]]
    assert found == [(pair.partition("=")[0], WRONG[pair]) for pair in pairs]


def test_the_fault_of_a_cursor_is_told_with_all_others(api: Api) -> None:
    pairs = list(WRONG)
    assert told(api, "&".join(pairs)) == [(pair.partition("=")[0], WRONG[pair]) for pair in pairs]


def test_names_that_are_percent_encoded_keep_their_place(api: Api) -> None:
    assert [name for name, _ in told(api, "%79ear=abc&region=37&va%6Cue=x&status=a")] == [
        "year",
        "region",
        "value",
        "status",
    ]
    assert [name for name, _ in told(api, "a+b=1&year=abc&%E5%B9%B4=1&region=37")] == ["a b", "year", "年", "region"]


def test_a_repetition_is_told_where_it_stands(api: Api) -> None:
    expected = [("year", "invalid_value"), ("region", "unknown_code"), ("year", "repeated_parameter")]
    assert told(api, "year=abc&region=37&year=2020") == expected


def test_a_repetition_is_told_once_for_each_time(api: Api) -> None:
    assert told(api, "year=2020&year=2020&year=2021") == [("year", "repeated_parameter")] * 2


def test_accept_is_told_after_the_parameters(api: Api) -> None:
    assert told(api, "year=abc", accept="text/html") == [("year", "invalid_value"), ("Accept", "not_acceptable")]
    repeated = told(api, "year=2020&year=2020&year=2020&region=37", accept="text/html")
    assert [name for name, _ in repeated] == ["year", "year", "region", "Accept"]
    assert send(api, "/observations?year=abc", accept="text/html").status == 400
    assert send(api, "/observations?region=370000", accept="text/html").status == 406
    assert send(api, "/observations?region=370000&format=xml").status == 406
    assert send(api, "/observations?region=370000&format=xml&count=yes").status == 400


def test_conflicts_are_told_in_their_place(api: Api) -> None:
    found = told(api, "page_size=5&format=csv&bogus=1&count=true&sort=value&year=abc")
    assert found == [
        ("page_size", "conflicting_parameters"),
        ("bogus", "unknown_parameter"),
        ("count", "conflicting_parameters"),
        ("sort", "conflicting_parameters"),
        ("year", "invalid_value"),
    ]


def test_conflicts_tell_the_value_that_was_given(api: Api) -> None:
    problem = send(api, "/observations?sort=-value,year&labels=both&cursor=junk&count=true&format=csv").problem()
    told = [(error["parameter"], error["value"]) for error in problem["errors"]]
    assert told == [("sort", "-value,year"), ("cursor", "junk"), ("cursor", "junk"), ("count", "true")]


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/observations?startPeriod=2010", "year"),  # SDMX
        ("/observations?lastNObservations=1", "latest"),
        ("/series?mrv=1", "latest"),  # World Bank
        ("/vintages?per_page=5", "page_size"),
        ("/observations?entities=370000", "region"),  # Our World in Data
        ("/observations?_size=max", "page_size"),  # Datasette
        ("/changes?updatedAfter=2022-01-01", "since"),
        ("/observations?fmt=csv", "format"),
        ("/regions?name=Jinan", "q"),
        ("/observations?as_of=latest", "2026-05-post-ec5"),
        ("/changes?until=Today", "2026-05-post-ec5"),
    ],
)
def test_what_other_services_call_it_is_understood(api: Api, address: str, meant: str) -> None:
    assert meant in send(api, address).problem()["errors"][0]["did_you_mean"]


def test_a_repetition_is_advised_by_its_kind(api: Api) -> None:
    details = [error["detail"] for error in send(api, "/units?q=a&q=b&fields=code&fields=symbol").problem()["errors"]]
    assert details == [
        "q is given more than once: give it once.",
        "fields is given more than once: put all values into one comma-separated list.",
    ]


@pytest.mark.parametrize("path", ["/indicators/grp/observations", "/regions/370000/children", "/units/percent/x"])
def test_no_address_is_meant_that_is_not_there(api: Api, path: str) -> None:
    reply = send(api, path)
    reply.missing()
    for meant in reply.problem()["errors"][0]["did_you_mean"]:
        send(api, meant.removeprefix("/api/v1")).answered()


@pytest.mark.parametrize("pair", WRONG)
def test_the_type_of_a_problem_resolves_to_its_description(api: Api, pair: str) -> None:
    problem = send(api, f"/observations?{pair}").problem()
    described = api.json(problem["type"])
    assert described["code"] == problem["code"] == WRONG[pair]
    assert described["title_en"] == problem["title"]


def test_the_instance_is_the_address_that_was_asked(api: Api) -> None:
    assert (
        send(api, "/observations?year=abc&q=%E6%B5%8E").problem()["instance"]
        == "/api/v1/observations?year=abc&q=%E6%B5%8E"
    )


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_a_trailing_slash_is_not_found_and_never_redirected(api: Api, route: Route) -> None:
    for slashes in ("/", "//"):
        for query in ("", "?format=json"):
            reply = send(api, f"{route.example}{slashes}{query}")
            reply.missing()
            assert "Location" not in reply.headers
            assert reply.problem()["errors"][0]["did_you_mean"][0] == f"/api/v1{route.example}"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/observation", "/api/v1/observations"),
        ("/region", "/api/v1/regions"),
        ("/Regions", "/api/v1/regions"),
        ("/regions/37000", "/api/v1/regions/370000"),
        ("/indicators/urbanisation_rate", "/api/v1/indicators/urbanization_rate"),
        ("/regions/Shandong", "/api/v1/regions/370000"),
        ("/regions/" + quote("山东省"), "/api/v1/regions/370000"),
    ],
)
def test_addresses_that_were_nearly_right(api: Api, path: str, meant: str) -> None:
    reply = send(api, path)
    reply.missing()
    assert meant in reply.problem()["errors"][0]["did_you_mean"]


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/v2", "/api/v1x", "/api//v1", "/api/v1//units", "/api/%00", "/api/v1/%FF"]
)
def test_unknown_addresses_below_api_are_problem_documents(api: Api, path: str) -> None:
    response = api.client.get(path)
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(response.content)["code"] == "not_found"


@pytest.mark.parametrize("script", ["x", "0", "<script>", "%00", "%FF"])
def test_the_console_refuses_values_too(api: Api, script: str) -> None:
    assert send(api, f"/docs?script={script}").status == 400
