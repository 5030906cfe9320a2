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
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from ..query.problems import Problem
from .errors import problem_response
from .rates import Ledger, Rate

#: Where requests are counted; health checks and static files are free.
DOORS = ("/api",)
_LONGEST_ADDRESS = 45  # characters of the longest text of an IPv6 address


class ThrottleMiddleware:
    """Counts requests by client, and stops those over the rate before they cost anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        if settings.THROTTLE is None:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.rate: Rate = settings.THROTTLE
        self.ledger = Ledger(self.rate)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(DOORS):
            return self.get_response(request)
        verdict = self.ledger.spend(client(request.META, settings.TRUSTED_PROXIES))
        if verdict.passes:
            response = self.get_response(request)
        else:
            detail = f"More than {self.rate} requests came from your address: wait {verdict.seconds_to_wait} s."
            headers = {"Retry-After": str(verdict.seconds_to_wait)}
            response = problem_response(request, [Problem("throttled", detail)], headers)
        # draft-ietf-httpapi-ratelimit-headers-10
        response["RateLimit-Policy"] = f'"default";q={self.rate.requests};w={self.rate.seconds}'
        response["RateLimit"] = f'"default";r={verdict.remaining};t={verdict.seconds_to_full}'
        return response


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
