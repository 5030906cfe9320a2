"""Throttling: the ledger equals a plain token bucket, and no header that a client writes walks around it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from indicators.http.rates import Ledger, Rate
from indicators.http.throttling import client
from tests.conftest import Api
from tests.serving import empty_database, serving

SECOND = 1_000_000_000


class Clock:
    """A clock that stands until it is moved."""

    now = 5 * SECOND

    def __call__(self) -> int:
        return self.now


@pytest.mark.parametrize(
    "text", ["", "600", "0/minute", "-1/minute", "6e2/minute", "６/minute", "5/m", "5 / hour", "5/hour\n"]
)
def test_what_is_no_rate_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(ValueError, match="as in 600/minute"):
        Rate.parse(text)


@pytest.mark.parametrize("text", ["1/second", "600/minute", "7/hour", "9999999/day"])
def test_rates(text: str) -> None:
    assert str(Rate.parse(text)) == text


def test_all_at_once_then_evenly() -> None:
    clock = Clock()
    ledger = Ledger(Rate.parse("3/minute"), clock)
    verdicts = [ledger.spend("a") for _ in range(5)]
    assert [verdict.passes for verdict in verdicts] == [True] * 3 + [False] * 2
    assert [verdict.remaining for verdict in verdicts] == [2, 1, 0, 0, 0]
    assert [verdict.seconds_to_full for verdict in verdicts] == [20, 40, 60, 60, 60]
    assert [verdict.seconds_to_wait for verdict in verdicts] == [0, 0, 0, 20, 20]
    clock.now += 19 * SECOND + 1
    assert ledger.spend("a").seconds_to_wait == 1, "rounded up"
    clock.now += SECOND - 1
    assert [ledger.spend("a").passes for _ in range(2)] == [True, False]
    assert ledger.spend("b").passes
    clock.now += 3_600 * SECOND
    assert [ledger.spend("a").passes for _ in range(4)] == [True] * 3 + [False]


class Buckets:
    """The obvious way: each client has a bucket of tokens, which fills evenly; a request takes one."""

    def __init__(self, rate: Rate) -> None:
        self.size = rate.requests
        self.interval = rate.seconds * SECOND // rate.requests
        self.tokens: dict[str, tuple[Fraction, int]] = {}

    def spend(self, name: str, now: int) -> tuple[bool, int]:
        tokens, before = self.tokens.get(name, (Fraction(self.size), now))
        tokens = min(Fraction(self.size), tokens + Fraction(now - before, self.interval))
        passes = tokens >= 1
        self.tokens[name] = (tokens - passes, now)
        return passes, int(tokens - passes)


steps = st.lists(st.tuples(st.sampled_from("abc"), st.one_of(st.just(0), st.integers(0, 40 * SECOND))), max_size=80)


@given(st.builds(Rate, st.integers(1, 12), st.sampled_from(["second", "minute"])), steps)
def test_the_ledger_equals_token_buckets(rate: Rate, steps: list[tuple[str, int]]) -> None:
    clock, buckets = Clock(), Buckets(rate)
    ledger = Ledger(rate, clock)
    for name, pause in steps:
        clock.now += pause
        verdict = ledger.spend(name)
        assert (verdict.passes, verdict.remaining) == buckets.spend(name, clock.now)
        assert (verdict.seconds_to_wait > 0) is not verdict.passes


@given(st.integers(1, 50), st.integers(0, 30 * SECOND))
def test_who_waits_as_told_may_pass_and_a_second_earlier_may_not(requests: int, pause: int) -> None:
    clock = Clock()
    ledger = Ledger(Rate(requests, "minute"), clock)
    for _ in range(requests):
        ledger.spend("a")
    clock.now += min(pause, 60 * SECOND // requests - 1)
    wait = ledger.spend("a").seconds_to_wait
    clock.now += (wait - 1) * SECOND
    assert not ledger.spend("a").passes
    clock.now += SECOND
    assert ledger.spend("a").passes


def test_threads_do_not_count_past_each_other() -> None:
    ledger = Ledger(Rate.parse("1000/minute"), Clock())
    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(lambda _: ledger.spend("a").passes, range(8_000)))
    assert sum(verdicts) == 1_000


def test_memory_is_bounded_and_the_silent_are_forgotten_first() -> None:
    ledger = Ledger(Rate.parse("1/day"), Clock(), most_clients=3)
    for name in "abc":
        assert ledger.spend(name).passes
    assert not ledger.spend("a").passes, "heard of again just now, though refused"
    assert ledger.spend("d").passes
    assert [ledger.spend(name).passes for name in "acd"] == [False] * 3
    assert ledger.spend("b").passes, "forgotten"


V6 = "2001:db8:1:2::/64"


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        (0, "198.51.100.7", None, "198.51.100.7"),
        (0, "198.51.100.7", "203.0.113.9", "198.51.100.7"),
        (0, "2001:db8:1:2:3:4:5:6", None, V6),
        (0, "2001:DB8:1:2::", None, V6),
        (0, "::ffff:198.51.100.7", None, "198.51.100.7"),
        (0, "", None, ""),
        (0, "unix:", None, ""),
        (1, "10.0.0.1", "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", "1.1.1.1,2.2.2.2, 203.0.113.9 ", "203.0.113.9"),
        (1, "10.0.0.1", "2001:db8:1:2:ffff::1", V6),
        (1, "10.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1", None, "10.0.0.1"),
        (2, "10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "10.0.0.1", "203.0.113.9", "10.0.0.1"),
        (2, "10.0.0.1", "203.0.113.9,", "203.0.113.9"),
        *((1, "10.0.0.1", f"203.0.113.9,{bad}", "10.0.0.1") for bad in (
            "", " ", "unknown", "_hidden", "203.0.113.9:80", "[2001:db8::1]:80", "0x7f.1", "1.2.3", "1.2.3.4.5",
            "２.2.2.2", "2001:db8::1/64", "a" * 100_000, "\x00", "'", "203.0.113.09", "for=203.0.113.9",
        )),
    ],
)  # fmt: skip
def test_who_asks(proxies: int, peer: str, forwarded: str | None, expected: str) -> None:
    environ = {"REMOTE_ADDR": peer} | ({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})
    assert client(environ, proxies) == expected


@given(
    st.lists(st.text(st.characters(exclude_characters=",", max_codepoint=255), max_size=12), max_size=6),
    st.integers(1, 2),
)
def test_what_stands_left_of_the_proxies_changes_nothing(forged: list[str], proxies: int) -> None:
    trusted = ["203.0.113.9", "10.0.0.2"][:proxies]
    environ = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": ",".join([*forged, *trusted])}
    assert client(environ, proxies) == "203.0.113.9"


@pytest.fixture
def throttled(api: Api, settings: Any) -> Client:
    settings.THROTTLE = Rate.parse("3/hour")
    return Client()


FORGED = [
    {"X-Forwarded-For": f"203.0.113.{n}", "Forwarded": f"for=203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"}
    for n in range(8)
]


@pytest.mark.parametrize(("proxies", "behind"), [(0, ""), (1, ", 198.51.100.1"), (2, ", 198.51.100.1, 10.0.0.2")])
def test_forged_headers_do_not_walk_around_it(throttled: Client, settings: Any, proxies: int, behind: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    sent = [{**headers, "X-Forwarded-For": headers["X-Forwarded-For"] + behind} for headers in FORGED]
    statuses = [throttled.get("/api/v1/units", headers=headers).status_code for headers in sent]
    assert statuses == [200] * 3 + [429] * 5


def test_behind_a_proxy_each_client_has_its_own_allowance(throttled: Client, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for n in range(5):
        assert throttled.get("/api/v1/units", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code == 200


def test_a_refusal_is_a_problem_that_says_when_to_come_back(throttled: Client) -> None:
    for remaining in (2, 1, 0):
        passed = throttled.get("/api/v1/units?bogus=1")
        assert passed.status_code == 400
        assert passed["RateLimit-Policy"] == '"default";q=3;w=3600'
        assert passed["RateLimit"].startswith(f'"default";r={remaining};t=')
    refused = throttled.get("/api/v1/units")
    assert (refused.status_code, refused["Content-Type"]) == (429, "application/problem+json")
    assert 1190 <= int(refused["Retry-After"]) <= 1200
    assert refused["RateLimit"].startswith('"default";r=0;t=3')
    problem = refused.json()
    assert (problem["code"], problem["status"]) == ("throttled", 429)
    assert problem["detail"] == f"More than 3/hour requests came from your address: wait {refused['Retry-After']} s."
    assert refused["Access-Control-Allow-Origin"] == "*"
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(refused["Access-Control-Expose-Headers"].split(", "))


def test_health_and_static_files_are_free(throttled: Client) -> None:
    assert [throttled.get(path).status_code for path in ("/livez", "/readyz") * 5] == [200] * 10
    assert [throttled.get(f"/static/{n}").status_code for n in range(5)] == [404] * 5
    assert "RateLimit" not in throttled.get("/livez")


def test_every_address_of_the_api_is_counted(throttled: Client) -> None:
    paths = ["/api/v1", "/api/v1/nothing", "/api"]
    assert [throttled.get(path).status_code for path in paths] == [200, 404, 404]
    for path in (*paths, "/api/v1/openapi.json", "/api/v1/observations?format=csv"):
        assert throttled.get(path).status_code == 429
        assert throttled.options(path).status_code == 429


@pytest.mark.parametrize("path", ["/", "/docs", "/favicon.ico", "/nothing", "/admin", "/admin/login/"])
def test_pages_and_the_desk_are_counted_and_refused_in_both_languages(throttled: Client, path: str) -> None:
    assert 429 not in [throttled.get(path).status_code for _ in range(3)]
    refused = throttled.get(path)
    assert (refused.status_code, refused["Content-Type"]) == (429, "text/plain; charset=utf-8")
    wait = refused["Retry-After"]
    words = refused.content.decode()
    assert f"Too many requests came from your address: wait {wait} s." in words
    assert f"请等待 {wait} 秒" in words
    assert "no-store" in refused["Cache-Control"]
    assert throttled.get("/api/v1").status_code == 429
    at_the_desk = path.startswith("/admin")
    assert ("Access-Control-Allow-Origin" in refused) is not at_the_desk
    assert ("X-Robots-Tag" in refused) is at_the_desk
    assert "frame-ancestors 'none'" in refused["Content-Security-Policy"]


def test_pass_phrases_are_tried_slowly(api: Api, settings: Any) -> None:
    settings.THROTTLE = Rate.parse("600/minute")
    # Ten attempts with the real hasher can take the six seconds after which there is room for another.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    stranger, attempt = Client(), {"username": "steward", "password": "x"}
    assert [stranger.post("/admin/login/", attempt).status_code for _ in range(12)] == [200] * 10 + [429] * 2
    refused = stranger.post("/admin/login/?next=/admin/", attempt)
    assert refused.status_code == 429
    assert 1 <= int(refused["Retry-After"]) <= 6
    assert refused["Cache-Control"] == "private, no-store"
    assert stranger.get("/admin/login/").status_code == 200, "the form itself can be read"
    assert Client(REMOTE_ADDR="203.0.113.9").post("/admin/login/", attempt).status_code == 200


def test_without_a_rate_nothing_is_counted(api: Api) -> None:
    assert "RateLimit" not in api.get("/units")
    assert api.json("/meta")["limits"]["throttle"] is None


def test_meta_tells_the_rate(throttled: Client) -> None:
    assert throttled.get("/api/v1/meta").json()["limits"]["throttle"] == "3/hour"


@pytest.fixture
def base(tmp_path: Path) -> Iterator[str]:
    with (
        empty_database(tmp_path) as database,
        serving(database, 1, THROTTLE="5/minute", TRUSTED_PROXIES="1") as address,
    ):
        yield address


@pytest.mark.server
def test_through_the_wire(base: str) -> None:
    """Lines of X-Forwarded-For that a client adds stand left of the one that the proxy adds."""
    with httpx.Client() as wire:
        statuses = []
        for n in range(8):
            lines = [("X-Forwarded-For", f"203.0.113.{n}, 198.51.100.{n}"), ("X-Forwarded-For", "192.0.2.1")]
            statuses.append(wire.get(f"{base}/api/v1/meta", headers=lines).status_code)
        assert statuses == [200] * 5 + [429] * 3
        other = wire.get(f"{base}/api/v1/meta", headers={"X-Forwarded-For": "192.0.2.2"})
        assert other.status_code == 200
        assert other.json()["limits"]["throttle"] == "5/minute"
        assert wire.get(f"{base}/readyz").status_code == 200
