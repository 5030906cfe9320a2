"""Each client may ask at the rate that THROTTLE sets; who asks too often is told when to come back (429).

Counted in the memory of each worker: with four workers a client may pass four times as often. A limit over all workers
belongs to the proxy in front (`deploy/nginx.conf` has one).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ..query.problems import Problem
from .desk import kept_private
from .errors import problem_response
from .headers import is_api, is_public
from .rates import Ledger, Rate

#: Whoever tries pass phrases at the desk is held to this rate too.
LOGIN_RATE = Rate(10, "minute")
_FREE = ("/livez", "/readyz", settings.STATIC_URL)
_WORDS = "Too many requests came from your address: wait {0} s.\n来自您地址的请求过多，请等待 {0} 秒。\n"
_LONGEST_ADDRESS = 45  # characters of the longest text of an IPv6 address


class ThrottleMiddleware:
    """Counts requests by client, and stops those over the rate before they cost anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if settings.THROTTLE is None:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.rate: Rate = settings.THROTTLE
        self.ledger, self.logins = Ledger(self.rate), Ledger(LOGIN_RATE)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_FREE):
            return self.get_response(request)
        who = client(request.META, settings.TRUSTED_PROXIES)
        verdict = self.ledger.spend(who)
        response: HttpResponseBase
        if not verdict.passes:
            response = refusal(request, self.rate, verdict.seconds_to_wait)
        elif _logs_in(request) and not (login := self.logins.spend(who)).passes:
            response = refusal(request, LOGIN_RATE, login.seconds_to_wait)
        else:
            response = self.get_response(request)
        # draft-ietf-httpapi-ratelimit-headers-10
        response["RateLimit-Policy"] = f'"default";q={self.rate.requests};w={self.rate.seconds}'
        response["RateLimit"] = f'"default";r={verdict.remaining};t={verdict.seconds_to_full}'
        return response


def _logs_in(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path_info.startswith("/admin/login")


def refusal(request: HttpRequest, rate: Rate, wait: int) -> HttpResponseBase:
    """429 that says when to come back: a problem document under /api, a line in each language elsewhere."""
    headers = {"Retry-After": str(wait)}
    if is_api(request):
        detail = f"More than {rate} requests came from your address: wait {wait} s."
        return problem_response(request, [Problem("throttled", detail)], headers)
    headers["Cache-Control"] = "no-store"
    response = HttpResponse(_WORDS.format(wait), "text/plain; charset=utf-8", 429, headers=headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # the caller's news, as in problem_response
    return response if is_public(request) else kept_private(response)


def client(environ: Mapping[str, Any], trusted_proxies: int) -> str:
    """Who asks: the peer, or with N trusted proxies the Nth X-Forwarded-For entry from the right.

    Entries further left are whatever the client wrote. What is no address leaves the peer as the client.
    """
    peer = _group(environ.get("REMOTE_ADDR", "")) or ""
    if not trusted_proxies:
        return peer
    hops = environ.get("HTTP_X_FORWARDED_FOR", "").rsplit(",", trusted_proxies)
    if len(hops) < trusted_proxies:
        return peer
    return _group(hops[-trusted_proxies].strip()) or peer


def _group(text: str) -> str | None:
    return _network(text) if len(text) <= _LONGEST_ADDRESS else None


@lru_cache(maxsize=4_096)
def _network(text: str) -> str | None:
    """An IPv4 address, or the /64 that an IPv6 host can choose its address from; None for anything else."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.IPv6Network((int(address), 64), strict=False))
