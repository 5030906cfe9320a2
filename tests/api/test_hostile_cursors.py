"""Cursors that were not given out for the query: each is refused, and none is a server fault."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.core import signing
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.api.test_hostile import Faults, Reply, send
from tests.conftest import Api

INVALID = {"invalid_cursor"}
#: Addresses that have a second page.
PAGED = [
    "/observations?page_size=2",
    "/observations?page_size=2&region=370000&sort=-value",
    "/regions?page_size=2",
    "/region-events?page_size=2",
    "/regions/371523/events?page_size=1",
    "/releases?page_size=2",
]


def cursor_of(api: Api, address: str) -> str:
    """The cursor of the second page."""
    following = api.json(address)["next"]
    assert following, address
    return parse_qs(urlsplit(following).query)["cursor"][0]


def with_cursor(address: str, cursor: str | bytes) -> str:
    """The address with a cursor."""
    return f"{address}&cursor={quote(cursor, safe='')}"


@pytest.mark.parametrize("address", PAGED)
def test_every_flipped_bit_is_refused(api: Api, address: str) -> None:
    faults = Faults()
    cursor = cursor_of(api, address).encode()
    faults.check(send(api, with_cursor(address, cursor)), Reply.answered)
    for place, byte in enumerate(cursor):
        flipped = cursor[:place] + bytes([byte ^ 1 << place % 7]) + cursor[place + 1 :]
        reply = send(api, with_cursor(address, flipped))
        faults.check(reply, Reply.refused, "cursor", INVALID | {"invalid_value"})
    for part in (cursor[:-1], cursor[1:], cursor + b"=", cursor * 2, cursor.swapcase(), b":" + cursor, cursor[::-1]):
        faults.check(send(api, with_cursor(address, part)), Reply.refused, "cursor", INVALID)
    faults.none()


@given(st.one_of(st.binary(min_size=1, max_size=200), st.text("abcXYZ019-_.:{}[]", min_size=1).map(str.encode)))
@settings(max_examples=150)
def test_random_bytes_are_refused(api: Api, cursor: bytes) -> None:
    for address in ("/observations?page_size=2", "/units?page_size=2"):
        send(api, with_cursor(address, cursor)).refused("cursor", INVALID | {"invalid_value"})


@pytest.mark.parametrize(
    "changed",
    [
        "page_size=3", "page_size=2&region=370000", "page_size=2&fields=year", "page_size=2&sort=year", "count=true",
        "page_size=2&count=false", "page_size=2&as_of=2024-12-pre-ec5", "page_size=2&value=0..", "indicator=grp",
        "page_size=2&year=2020", "page_size=2&format=json",
    ],
)  # fmt: skip
def test_the_cursor_of_another_query_is_refused(api: Api, changed: str) -> None:
    cursor = cursor_of(api, "/observations?page_size=2")
    send(api, with_cursor(f"/observations?{changed}", cursor)).refused("cursor", INVALID)


def test_the_cursor_of_another_resource_is_refused(api: Api) -> None:
    faults = Faults()
    resources = ["observations", "regions", "region-events", "regions/371523/events", "releases", "units", "sources"]
    cursors = {name: cursor_of(api, f"/{name}?page_size=1") for name in resources}
    for name in resources:
        for other in resources:
            reply = send(api, with_cursor(f"/{name}?page_size=1", cursors[other]))
            if name == other:
                faults.check(reply, Reply.answered)
            else:
                faults.check(reply, Reply.refused, "cursor", INVALID)
    faults.none()


@pytest.mark.parametrize(
    "content", [[], {}, 1, None, "x", [1, 2, 3], ["", 1, "x", 1], ["", -1, "", [10**30]], [[]] * 4]
)
def test_forged_cursors_are_refused(api: Api, content: object) -> None:
    faults = Faults()
    for signer in (
        signing.Signer(salt="indicators.cursor"),  # our key, another form: from an older version, say
        signing.Signer(salt="another purpose"),
        signing.Signer(key="another key", salt="indicators.cursor"),
    ):
        for address in ("/observations?page_size=2", "/regions?page_size=2"):
            forged = signer.sign_object(content, compress=True)
            faults.check(send(api, with_cursor(address, forged)), Reply.refused, "cursor", INVALID)
    faults.none()


def test_a_cursor_is_refused_together_with_all_other_faults(api: Api) -> None:
    for address in ("/observations?cursor=junk&year=abc", "/regions?cursor=junk&level=abc"):
        errors = send(api, address).problem()["errors"]
        assert [error["parameter"] for error in errors] == ["cursor", address.rpartition("&")[2].partition("=")[0]]


def test_a_cursor_does_not_go_with_an_unpaged_format(api: Api) -> None:
    cursor = cursor_of(api, "/observations?page_size=2")
    reply = send(api, f"/observations?cursor={quote(cursor)}&format=csv")
    reply.refused("cursor", {"conflicting_parameters"})
