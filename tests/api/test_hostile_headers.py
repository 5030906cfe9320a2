"""Hostile headers and methods: headers change nothing that they should not, and whatever writes is 405."""

import pytest
from django.core.signals import request_started
from django.db import close_old_connections
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_hostile import ROUTES, Faults, Reply, Route, send
from tests.conftest import Api
from urbanapi.wsgi import application

RESOURCES = [
    "/units",
    "/units/percent",
    "/observations?indicator=grp&region=370000&page_size=5",
    "/meta",
    "/openapi.json",
]
METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "PROPFIND", "BREW"]

#: Pieces that Accept headers are made of, right and wrong.
PIECES = [
    "application/json", "text/csv", "text/html", "*/*", "application/*", "*", "/", "json", ",", ";", " ", "=", "q=",
    "q", "0", "1", "0.5", "-1", "nan", "inf", "1e400", "charset", "charset*=", "q*=", "q*0*=", "utf-8''", "bogus''",
    "idna''", "rot13''", "'", '"', "\\", "%", "%ff", "\xff", "\xe6\xb1\x89", "\t", "(", "a" * 1_000,
]  # fmt: skip


def negotiated(reply: Reply, about: str = "") -> None:
    """200, or 406 that names Accept."""
    assert reply.status in (200, 406), (about, reply.status, reply.body[:200])
    if reply.status == 406:
        reply.refused("Accept", {"not_acceptable"})
    else:
        reply.answered()


ACCEPTS = [
    "", " ", ",", ";", "/", "*", "*/json", "application/json;q=nan", "application/json;q=inf", "application/json;q=-1",
    "application/json;q=1e400", "application/json;q=", "application/json;q", "application/json;=;;", '";"',
    "application/json;q*=bogus''x", "application/json;q*=rot13''x", "application/json;q*=idna''%C3%A9",
    "application/json;q*0*=utf-8''1;q*1=2", "application/json;q*=''", "application/json;q*='", "a" * 8_000,
    "text/html," * 800, "application/json;" + "a=b;" * 1_500, "application/json" + ";q" * 2_000, "\xff\xfe", "\xe6/*",
]  # fmt: skip


@pytest.mark.parametrize("resource", RESOURCES)
def test_accept(api: Api, resource: str) -> None:
    faults = Faults()
    for accept in ACCEPTS:
        faults.check(send(api, resource, accept=accept), negotiated, f"Accept: {accept[:60]}")
    faults.none()


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@settings(max_examples=200)
def test_random_accept(api: Api, accept: str) -> None:
    negotiated(send(api, "/units/percent", accept=accept))


CONTENT_TYPES = [
    "text/plain; charset=utf-16", "text/plain; charset=utf-7", "text/plain; charset=cp037", "application/json", ";",
    "text/plain; charset=rot13", "text/plain; charset=base64", "text/plain; charset=idna", "multipart/form-data",
    "text/plain; charset=undefined", "text/plain; charset=\xff", "text/plain; charset*=bogus''x", "",
    "text/plain; charset*=idna''%C3%A9",
]  # fmt: skip


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_the_content_type_of_a_request_without_content_changes_nothing(api: Api, content_type: str) -> None:
    for resource in ("/regions?level=prefecture&q=%E6%B5%8E&page_size=2", "/observations?region=370000&page_size=2"):
        assert served(resource, CONTENT_TYPE=content_type) == (200, send(api, resource).body)
    assert served("/regions?level=bogus", CONTENT_TYPE=content_type)[0] == 400


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
def test_methods_that_write_are_not_allowed_whatever_they_say_of_their_content(api: Api, content_type: str) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        status, body = served("/units?q=x", REQUEST_METHOD=method, CONTENT_TYPE=content_type)
        assert (status, b"method_not_allowed" in body) == (405, True), body


@pytest.mark.parametrize("content_type", [*CONTENT_TYPES, "text/plain; x*=foo''bar"])
def test_nor_does_it_break_pages_or_the_desk(api: Api, content_type: str) -> None:
    for path, status in (("/", 405), ("/docs", 405), ("/livez", 405), ("/nothing", 404)):
        found, headers, body = answered(path, REQUEST_METHOD="POST", CONTENT_TYPE=content_type)
        assert (found, headers.get("Access-Control-Allow-Origin")) == (status, "*"), body
    for path in ("/admin", "/admin/", "/admin/login/", "/admin/nothing"):
        found, headers, body = answered(path, REQUEST_METHOD="POST", CONTENT_TYPE=content_type)
        assert found in (302, 400, 403), body
        assert (headers["Cache-Control"], headers["X-Frame-Options"]) == ("private, no-store", "DENY")
        if "*=" in content_type or "=utf-7" in content_type:
            assert (found, b"Content-Type cannot be read" in body) == (400, True)


def served(address: str, **environ: str) -> tuple[int, bytes]:
    """Status and body from the WSGI application that is deployed: Django reads this header before any middleware."""
    status, _headers, body = answered(f"/api/v1{address}", **environ)
    return status, body


def answered(address: str, **environ: str) -> tuple[int, dict[str, str], bytes]:
    statuses: list[tuple[int, dict[str, str]]] = []
    request = RequestFactory().generic(environ.get("REQUEST_METHOD", "GET"), address)
    request_started.disconnect(close_old_connections)  # it would end the transaction of the test
    try:
        answer = application(
            {**request.environ, **environ}, lambda *head: statuses.append((int(head[0][:3]), dict(head[1])))
        )
        return *statuses[0], b"".join(answer)
    except Exception as error:  # the server answers it with a bare 500
        return 500, {}, repr(error).encode()
    finally:
        request_started.connect(close_old_connections)


def _same(reply: Reply, expected: bytes) -> None:
    assert reply.body == expected


@pytest.mark.parametrize("resource", RESOURCES[:3])
def test_headers_that_must_change_nothing(api: Api, resource: str) -> None:
    faults = Faults()
    expected = send(api, resource)
    junk = ["", "x", "\xff", "a" * 8_000, "' OR 1=1--", "../..", "-1", "{}", "evil.example"]
    names = [
        "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Port", "X-Forwarded-Prefix",
        "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method",
        "Script-Name", "Range", "If-Range", "If-Match", "If-Unmodified-Since", "Cookie", "Authorization",
        "Accept-Language", "Accept-Charset", "Origin", "Referer", "User-Agent", "Content-Length", "Transfer-Encoding",
    ]  # fmt: skip
    for name in names:
        for text in [*junk, *TYPICAL.get(name, [])]:
            reply = send(api, resource, **{name: text})
            faults.check(reply, Reply.answered)
            faults.check(reply, _same, expected.body)
    faults.none()


#: What attackers really send in some of them.
TYPICAL = {
    "X-HTTP-Method-Override": ["DELETE", "POST", "TRACE"],
    "Range": ["bytes=0-0", "bytes=-1", "bytes=99999999999999999999-", "bytes=" + ",".join(["0-"] * 1_000)],
    "Cookie": ["sessionid=x; csrftoken=y", "=;;=", "a=" + '"' * 3_000],
    "Authorization": ["Basic !!!", "Bearer x", "Token"],
    "If-Match": ['"x"', "*"],
    "X-Forwarded-Proto": ["https", "http"],
    "Accept-Language": ["zh-hans", "xx-" + "a-" * 300, "*;q=nan"],
}


@pytest.mark.parametrize(
    "encoding", ["gzip", "br", "identity;q=0, *;q=0", "gzip;q=nan", "\xff", "x" * 8_000, ";;", "*;q=2"]
)
def test_accept_encoding(api: Api, encoding: str) -> None:
    for resource in RESOURCES:
        reply = send(api, resource, accept_encoding=encoding)
        assert reply.status == 200
        assert reply.headers.get("Content-Encoding") in (None, "gzip", "br")


CONDITIONS = {
    "If-None-Match": [
        "", '"', '"x', 'W/"x"', "W/", "x", ",", '"a",' * 2_000, "\xff", '"\xff"', '""', "W/" * 3_000, '"' * 8_001,
    ],
    "If-Modified-Since": [
        "", "x", "0", "-1", "\xff", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Foo 2020 99:99:99 GMT", "9" * 5_000,
        "Thu, 01 Jan 0000 00:00:00 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Wed, 30 Feb 2022 00:00:00 GMT", "1e400",
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", CONDITIONS)
def test_conditions_that_do_not_hold(api: Api, name: str) -> None:
    faults = Faults()
    for resource in RESOURCES:
        for text in CONDITIONS[name]:
            faults.check(send(api, resource, **{name: text}), Reply.answered)
    faults.none()


@given(st.sampled_from(["If-None-Match", "If-Modified-Since"]), st.text(st.characters(max_codepoint=255), max_size=80))
@settings(max_examples=100)
def test_random_conditions(api: Api, name: str, text: str) -> None:
    assert send(api, "/units", **{name: text}).status in (200, 304)


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver:x", "[::1", "a b", "\xff", "testserver@evil", "a" * 8_000]
)
def test_hosts_that_the_service_does_not_answer_to(api: Api, host: str) -> None:
    send(api, "/units", host=host).refused("Host", {"invalid_value"})


def test_many_headers(api: Api) -> None:
    headers = {f"X-Junk-{number}": "x" * 100 for number in range(200)}
    send(api, "/units", **headers).answered()


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_methods_that_write_are_not_allowed(api: Api, route: Route) -> None:
    faults = Faults()
    for method in METHODS:
        for data in (b"", b'{"code": "x"', b"\xff\0" * 1_000):
            for query in ("", "?bogus=1"):
                faults.check(send(api, route.example + query, method, data), not_allowed)
        overridden = send(api, route.example, method, x_http_method_override="GET")
        faults.check(overridden, not_allowed)
    faults.check(send(api, f"{route.example}?_method=DELETE"), Reply.refused, "_method", {"unknown_parameter"})
    faults.none()


def not_allowed(reply: Reply) -> None:
    """405 with the methods that are allowed."""
    assert reply.status == 405, (reply.status, reply.body[:200])
    assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert reply.problem()["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_health_is_read_only(api: Api, path: str) -> None:
    for method in METHODS:
        response = api.client.generic(method, path)
        assert response.status_code == 405
        assert "GET" in response["Allow"]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_head_is_get_without_a_body(api: Api, route: Route) -> None:
    for query in ("", "?bogus=1"):
        read, head = (send(api, route.example + query, method) for method in ("GET", "HEAD"))
        assert (head.status, head.body) == (read.status, b"")
        assert head.headers["Content-Type"] == read.headers["Content-Type"]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_options_ask_nothing(api: Api, route: Route) -> None:
    reply = send(api, f"{route.example}?bogus=%00", "OPTIONS", accept="text/html")
    assert (reply.status, reply.body, reply.headers["Allow"]) == (204, b"", "GET, HEAD, OPTIONS")
