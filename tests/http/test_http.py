"""HTTP: validators, negotiation, methods, CORS, health."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.http import caching
from indicators.models import Store, Unit
from tests.conftest import Api
from tests.http import routes
from urbanapi import __version__

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", routes.API)
def test_a_known_answer_is_not_sent_again(api: Api, path: str) -> None:
    first = api.get(path)
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = api.get(path, 304, **{"If-None-Match": tag})
        assert again.content == b""
        assert again["ETag"] == first["ETag"]
        assert again["Cache-Control"] == first["Cache-Control"]
    api.get(path, 304, **{"If-Modified-Since": first["Last-Modified"]})
    api.get(path, 200, **{"If-None-Match": '"other"', "If-Modified-Since": first["Last-Modified"]})
    api.get(path, 200, **{"If-Modified-Since": "Mon, 01 Jan 1990 00:00:00 GMT"})


@pytest.mark.parametrize("path", [*routes.API, *routes.PAGES])
@pytest.mark.parametrize("header", ["ETag", "Last-Modified"])
def test_a_304_costs_one_query_and_none_for_data(client: Client, path: str, header: str) -> None:
    known = client.get(path)
    condition = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}[header]
    with CaptureQueriesContext(connection) as captured:
        again = client.get(path, headers={condition: known[header]})
    assert again.status_code == 304
    (query,) = captured.captured_queries
    assert f'FROM "{Store._meta.db_table}"' in query["sql"]


@pytest.mark.parametrize("path", [*routes.API, *routes.PAGES])
def test_a_304_spoils_nothing_of_what_caches_hold(client: Client, path: str) -> None:
    """Caches put the headers of a 304 in place of those that they hold (RFC 9111, 3.2)."""
    whole = client.get(path)
    again = client.get(path, headers={"If-None-Match": whole["ETag"]})
    assert again.status_code == 304
    for name, value in again.headers.items():
        if name != "X-Request-ID":
            assert whole[name] == value, name
    assert {"ETag", "Last-Modified", "Cache-Control", "Vary", "API-Version"} <= set(again.headers)
    assert "Content-Length" not in again


def test_the_validator_changes_with_representation_query_and_reference_tables(api: Api) -> None:
    query = "/observations?indicator=grp&region=370000"
    tags = {api.get(f"{query}{more}")["ETag"] for more in ("", "&format=csv", "&year=2020", "&as_of=2024-12-pre-ec5")}
    assert len(tags) == 4
    assert api.get("/observations?region=370000&indicator=grp")["ETag"] in tags
    Unit.objects.filter(code="percent").update(symbol="％")
    assert api.get(query)["ETag"] not in tags


@pytest.mark.parametrize("path", [*routes.API, *routes.PAGES])
def test_head_is_get_without_a_body(client: Client, path: str) -> None:
    whole, head = client.get(path), client.head(path)
    assert (head.status_code, head.getvalue()) == (200, b"")
    missing = {"Content-Length"} if path in UNKNOWN_LENGTH else set()
    assert set(whole.headers) - set(head.headers) == missing
    for name, value in head.headers.items():
        if name != "X-Request-ID":
            assert whole[name] == value, name
    assert whole["Content-Length"] == str(len(whole.getvalue()))


#: Whole slices, of which HEAD tells all but the length, which nobody knows before they are written (RFC 9110, 9.3.2).
UNKNOWN_LENGTH = [path for path in (*routes.DATA, *routes.METHODS) if "format=" in path]


@pytest.mark.parametrize("path", routes.API)
@pytest.mark.parametrize("method", ["get", "head"])
def test_links_freshness_and_what_the_answer_depends_on(client: Client, path: str, method: str) -> None:
    response = getattr(client, method)(path)
    for relation in ("describedby", "license", "service-desc"):
        assert f'rel="{relation}"' in response["Link"]
    assert response["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"
    assert response["Vary"] == "Accept, Accept-Encoding"
    assert response["API-Version"] == __version__
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("path", [path for path in routes.API if "format=" in path])
def test_a_table_is_a_file_of_its_own_name(client: Client, path: str) -> None:
    for response in (client.get(path), client.head(path)):
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.[a-z]+"', response["Content-Disposition"])


@pytest.mark.parametrize(
    ("query", "stem"),
    [
        ("observations?region=370000,000000&year=..2010,2015..2020", "observations-000000-370000-_2010-2015_2020"),
        ("observations?indicator=grp&region_within=370000&year=2020..", "grp-370000-2020_"),
        ("vintages?theme=economy&region_level=province", "vintages-economy-province"),
        ("series?plan=SD-NUP-3Y-2021-2023&region_type=province", "series-SD-NUP-3Y-2021-2023-province"),
        ("progress?target=SD-3Y-01&indicator=urbanization_rate&basis=all", "progress-SD-3Y-01"),
        ("progress?plan=SD-NUP-3Y-2021-2023&action=green", "progress-green"),
    ],
)
def test_a_table_is_named_after_its_slice(api: Api, query: str, stem: str) -> None:
    named = api.get(f"/{query}&format=csv")["Content-Disposition"]
    assert named == f'attachment; filename="{stem}-2026-05-post-ec5.csv"'


def test_a_table_of_methods_names_no_release(api: Api) -> None:
    named = api.get("/progress-methods?format=csv")["Content-Disposition"]
    assert named == 'attachment; filename="progress-methods.csv"'


@pytest.mark.parametrize("method", ["get", "head"])
def test_the_next_page_is_linked(client: Client, method: str) -> None:
    response = getattr(client, method)("/api/v1/observations?page_size=10")
    following = client.get("/api/v1/observations?page_size=10").json()["next"]
    assert response["Link"].startswith(f'<{following}>; rel="next", ')
    again = client.get("/api/v1/observations?page_size=10", headers={"If-None-Match": response["ETag"]})
    assert "Link" not in again, "whether there is a next page is not known without a query for data"


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("get", "/api/v1/units?x=1", 400, {}),
        ("get", "/api/v1/units", 400, {"Host": "elsewhere.example"}),
        ("get", "/api/v1/nothing", 404, {}),
        ("head", "/api/v1/units/parsec", 404, {}),
        ("post", "/api/v1/units", 405, {}),
        ("get", "/api/v1/units?format=xml", 406, {}),
        ("get", "/api/v1/units", 406, {"Accept": "image/png"}),
        ("get", f"/api/v1/units?q={'a' * 60_000}", 414, {}),
        ("options", "/api/v1/units", 204, {}),
    ],
)
def test_what_an_error_depends_on(client: Client, method: str, path: str, status: int, headers: Any) -> None:
    response = getattr(client, method)(path, headers=headers)
    assert response.status_code == status
    assert response["Vary"] == "Accept, Accept-Encoding"
    assert response.get("Cache-Control", "no-store") == "no-store"
    assert "ETag" not in response


def test_a_named_release_is_fresh_for_a_day(api: Api) -> None:
    query = "/observations?indicator=grp&as_of="
    assert api.get(f"{query}2024-12-pre-ec5")["Cache-Control"] == "public, max-age=86400"
    assert api.get(f"{query}2024-12-31")["Cache-Control"].startswith("public, max-age=60,")


@pytest.mark.parametrize("path", [path for path in routes.DATA if "changes" not in path])
def test_data_as_of_a_named_release_are_fresh_for_a_day(client: Client, path: str) -> None:
    named = client.get(f"{path}&as_of=2024-12-pre-ec5")
    again = client.get(f"{path}&as_of=2024-12-pre-ec5", headers={"If-None-Match": named["ETag"]})
    assert named["Cache-Control"] == again["Cache-Control"] == "public, max-age=86400"
    assert client.get(f"{path}&as_of=2024-12-31")["Cache-Control"].startswith("public, max-age=60,")


def test_changes_until_a_named_release_are_fresh_for_a_day(client: Client) -> None:
    for query, fresh in {"since=2022-01-plan": 60, "until=2024-12-31": 60, "until=2024-12-pre-ec5": 86_400}.items():
        for f in ("json", "csv"):
            response = client.get(f"/api/v1/changes?indicator=grp&{query}&format={f}")
            assert re.findall(r"max-age=(\d+)", response["Cache-Control"]) == [str(fresh)]


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("*/*", "application/json"),
        ("text/csv", "text/csv; charset=utf-8"),
        ("text/*;q=0.5, application/json;q=0.4", "text/csv; charset=utf-8"),
        ("text/csv;q=0.1, */*", "application/json"),
        ("application/json;q=0, */*", "text/csv; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/json"),
    ],
)
def test_the_accept_header_is_weighed(api: Api, accept: str, expected: str) -> None:
    assert api.get("/regions?level=country", Accept=accept)["Content-Type"] == expected


def test_format_wins_over_accept(api: Api) -> None:
    assert api.get("/units?format=csv", Accept="application/json")["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize("accept", ["application/xml", "application/json;q=0", "image/png, text/html"])
def test_no_acceptable_format_is_406(api: Api, accept: str) -> None:
    problem = api.json("/observations?indicator=grp", 406, Accept=accept)
    assert problem["errors"][0]["parameter"] == "Accept"
    assert "text/csv" in problem["errors"][0]["allowed"]


def test_a_wrong_format_alone_is_406_and_with_others_400(api: Api) -> None:
    assert api.json("/units?format=xml", 406)["errors"][0]["allowed"] == ["json", "csv"]
    both = api.json("/units?format=xml&colour=red", 400)
    assert [error["code"] for error in both["errors"]] == ["not_acceptable", "unknown_parameter"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_read_only(api: Api, method: str) -> None:
    response = getattr(api.client, method)("/api/v1/regions")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response["Content-Type"] == "application/problem+json"


def test_a_page_of_another_origin_may_read(api: Api) -> None:
    preflight = api.client.options(
        "/api/v1/observations",
        headers={"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"},
    )
    assert preflight.status_code == 204
    assert preflight["Allow"] == "GET, HEAD, OPTIONS"
    assert "Content-Type" not in preflight
    assert preflight["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert "ETag" in api.get("/units")["Access-Control-Expose-Headers"]
    assert api.get("/units?x=1", 400)["Access-Control-Allow-Origin"] == "*"


def test_a_host_that_is_not_ours_is_a_problem(api: Api) -> None:
    response = Client().get("/api/v1/units", headers={"Host": "elsewhere.example"})
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"][0]["parameter"] == "Host"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/api/v1/regions/", "/api/v1/regions"),
        ("/api/v1/regions/370000/", "/api/v1/regions/370000"),
        ("/api/v1/region", "/api/v1/regions"),
        ("/api/v1/observation", "/api/v1/observations"),
        ("/api/v1/indicators/urbanisation_rate", "/api/v1/indicators/urbanization_rate"),
        ("/api/v1/regions/济南市", "/api/v1/regions/370100"),
        ("/api/v1/", "/api/v1"),
    ],
)
def test_an_unknown_address_is_404_with_the_one_that_was_meant(api: Api, path: str, meant: str) -> None:
    problem = api.json(path, 404)
    assert problem["errors"][0]["did_you_mean"][0] == meant


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v2", "/api/v1/nothing/here", "/api/v1/regions/370000/x/y"])
def test_nothing_below_api_answers_html(api: Api, path: str) -> None:
    assert api.json(path, 404)["code"] == "not_found"


def test_the_type_of_a_problem_leads_to_its_description(api: Api) -> None:
    for kind in api.json("/problems")["results"]:
        assert api.json(f"/problems/{kind['code']}") == kind
        assert kind["title_zh"]
    problem = api.json("/units?x=1", 400)
    assert api.json(problem["type"])["code"] == "unknown_parameter"


def test_meta_tells_the_limits_that_hold(api: Api) -> None:
    limits = api.json("/meta")["limits"]
    largest = limits["page_size_max_observations"]
    api.get(f"/observations?page_size={largest}")
    assert api.json(f"/observations?page_size={largest + 1}", 400)["code"] == "out_of_range"
    api.get(f"/regions?page_size={limits['page_size_max']}")
    assert api.json(f"/regions?page_size={limits['page_size_max'] + 1}", 400)["code"] == "out_of_range"
    too_many = ",".join(["370000"] * (limits["list_items_max"] + 1))
    assert api.json(f"/regions?parent={too_many}", 400)["code"] == "out_of_range"
    assert api.json("/regions?q=" + "a" * limits["uri_bytes_max"], 414)["code"] == "uri_too_long"


def test_health(api: Api) -> None:
    assert api.client.get("/livez").json() == {"status": "ok"}
    ready = api.client.get("/readyz")
    assert ready.status_code == 200
    assert set(ready.json()["checks"]) == {"database", "migrations", "release"}


def test_index_links_all_resolve(api: Api) -> None:
    for address in api.json("/api/v1")["links"].values():
        path = address.removeprefix("https://urbanapi.example")
        assert api.client.get(path).status_code == 200, address


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("SDMX_AGENCY", "/observations?indicator=grp&region=370000&format=sdmx-json"),
        ("PUBLISHER_NAME", "/observations?indicator=grp&region=370000&format=jsonstat"),
        ("CONTACT_URL", "/meta"),
        ("QUERY_SECONDS", "/meta"),
    ],
)
def test_a_setting_that_an_answer_shows_changes_its_etag(api: Api, settings: Any, name: str, path: str) -> None:
    before = api.get(path)
    setattr(settings, name, 7.5 if name == "QUERY_SECONDS" else "https://other.example")
    caching.build.cache_clear()
    try:
        after = api.get(path, **{"If-None-Match": before["ETag"]})
        assert after["ETag"] != before["ETag"]
        assert after.getvalue() != before.getvalue()
    finally:
        caching.build.cache_clear()
