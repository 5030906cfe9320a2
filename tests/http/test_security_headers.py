"""Every answer of every route carries the security headers: answers, errors, health, files."""

from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from indicators.http.rates import Rate
from tests.api.test_hostile import ROUTES
from tests.conftest import Api

EXPECTED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
}


def checked(response: Any, **other: str) -> None:
    for name, value in (EXPECTED | other).items():
        assert response[name] == value, name
    assert response["X-Request-ID"]
    assert response["API-Version"]
    for name in ("Server", "X-Powered-By", "Set-Cookie"):
        assert name not in response


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


urlpatterns = [path("fault", fault), path("api/v1/fault", fault), path("", include("urbanapi.urls"))]

#: Each with the method, the status and the headers of the request.
OTHERS: list[tuple[str, str, int, dict[str, str]]] = [
    ("GET", "/livez", 200, {}),
    ("GET", "/readyz", 200, {}),
    ("POST", "/livez", 405, {}),
    ("GET", "/nothing", 404, {}),
    ("GET", "/static/nothing.js", 404, {}),
    ("GET", "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css", 200, {}),
    ("GET", "/fault", 500, {}),
    ("GET", "/api", 404, {}),
    ("GET", "/api/v1/nothing", 404, {}),
    ("GET", "/api/v1/fault", 500, {}),
    ("GET", "/api/v1/units", 304, {"If-None-Match": "*"}),
    ("GET", "/api/v1/units?x=1", 400, {}),
    ("GET", "/api/v1/units", 400, {"Host": "elsewhere.example"}),
    ("GET", "/livez", 400, {"Host": "elsewhere.example"}),
    ("GET", "/nothing", 400, {"Host": "elsewhere.example"}),
    ("GET", "/api/v1/units?format=xml", 406, {}),
    ("POST", "/api/v1/units", 405, {}),
    ("OPTIONS", "/api/v1/units", 204, {}),
    ("HEAD", "/api/v1/observations?format=csv", 200, {}),
    ("GET", "/api/v1/observations?indicator=grp&format=csv", 200, {}),
    ("GET", "/api/v1/units?q=" + "a" * 70_000, 414, {}),
]


@pytest.mark.urls(__name__)
@pytest.mark.django_db
@pytest.mark.parametrize(("method", "address", "status", "headers"), OTHERS)
def test_answers_errors_and_files(method: str, address: str, status: int, headers: dict[str, str]) -> None:
    response = Client(raise_request_exception=False).generic(method, address, headers=headers)
    assert response.status_code == status
    checked(response)
    response.close()


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.example.startswith("/docs")], ids=str)
def test_every_route_of_the_api(api: Api, route: Any) -> None:
    checked(api.get(route.example))


def test_a_page_keeps_the_policy_that_it_sets(api: Api) -> None:
    page = api.get("/docs")
    checked(page, **{"Content-Security-Policy": page["Content-Security-Policy"]})
    assert page["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")


def test_a_refusal_for_too_many_requests(api: Api, settings: Any) -> None:
    settings.THROTTLE = Rate.parse("1/day")
    client = Client()
    assert [client.get("/api/v1/units").status_code for _ in range(2)] == [200, 429]
    checked(client.get("/api/v1/units"))


def test_transport_security_is_told_over_tls_in_production_only(api: Api, settings: Any) -> None:
    assert "Strict-Transport-Security" not in Client().get("/api/v1/units", secure=True)
    settings.SECURE_HSTS_SECONDS = 31_536_000
    for address in ("/api/v1/units", "/api/v1/nothing", "/livez", "/nothing"):
        assert Client().get(address, secure=True)["Strict-Transport-Security"].startswith("max-age=31536000")
        assert "Strict-Transport-Security" not in Client().get(address)


def test_the_style_sheet_of_the_console_is_where_the_table_says() -> None:
    assert finders.find("drf_spectacular_sidecar/swagger-ui-dist/swagger-ui.css")
