"""Every 4xx and 5xx under /api is one problem document (RFC 9457), whatever format was asked for."""

from __future__ import annotations

import difflib
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from django.utils.http import escape_leading_slashes
from rest_framework.exceptions import MethodNotAllowed

from ..query.limit import TooSlow
from ..query.problems import BadQuery, Problem
from .headers import is_api
from .logs import request_id
from .problem_types import PROBLEM_TYPES
from .spool import Busy

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
#: Longest address, path and query together, in bytes.
LONGEST_URI = 60_000
#: When to come back to a store that is down or busy.
RETRY_AFTER_SECONDS = 5
_CODE_OF_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    414: "uri_too_long",
    503: "unavailable",
}


class NoSuchFile(Http404):
    """No file, and no page, at this address; `meant` are the addresses and names of others that may be meant."""

    def __init__(self, meant: Sequence[tuple[str, str]]) -> None:
        super().__init__()
        self.meant = tuple(meant)


class NotHere(Exception):
    """An address that names nothing; `did_you_mean` lists addresses that do."""

    def __init__(self, detail: str, did_you_mean: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.problem = Problem("not_found", detail, did_you_mean=tuple(did_you_mean))


def problem_response(
    request: HttpRequest, problems: Sequence[Problem], headers: Mapping[str, str] | None = None
) -> HttpResponse:
    """One problem document; 406 if a format alone is wrong, otherwise the status of the first problem's type."""
    first = problems[0]
    mixed = len({problem.code for problem in problems}) > 1
    kind = PROBLEM_TYPES[first.code]
    status = 400 if mixed else kind.status
    full = request.get_full_path()
    body = {
        "type": f"{settings.PUBLIC_BASE_URL}/api/v1/problems/{first.code}",
        "title": kind.title_en,
        "status": status,
        "detail": first.detail
        if len(problems) == 1
        else f"{first.detail} ({len(problems)} problems in all: see errors.)",
        "instance": full if len(full) <= 2_000 else escape_leading_slashes(request.path)[:2_000],
        "code": first.code,
        "errors": [
            {
                "code": problem.code,
                "parameter": problem.parameter,
                "value": problem.value,
                "detail": problem.detail,
                "did_you_mean": list(problem.did_you_mean),
                "allowed": list(problem.allowed),
            }
            for problem in problems
        ],
    }
    response = HttpResponse(orjson.dumps(body), content_type=CONTENT_TYPE, status=status)
    response["Cache-Control"] = "no-store"
    response._has_been_logged = True  # type: ignore[attr-defined]  # where it arose; Django would log the status again
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """REST framework's hook: what a view raised becomes a problem document; None lets Django log a fault."""
    request: HttpRequest = context["request"]._request
    if isinstance(error, BadQuery):
        return problem_response(request, error.problems)
    if isinstance(error, NotHere):
        return problem_response(request, [error.problem])
    if isinstance(error, MethodNotAllowed):
        allow = ", ".join(context["view"].allowed_methods)
        detail = f"{request.method} is not allowed here: {allow} are."
        return problem_response(request, [Problem("method_not_allowed", detail)], {"Allow": allow})
    if isinstance(error, TooSlow):
        logger.warning("%s %s", request.get_full_path(), error)
        return unavailable(request, Problem("unavailable", str(error), error.parameter))
    if isinstance(error, Busy):
        logger.warning("%s: %s", request.get_full_path(), error)
        return unavailable(request, Problem("unavailable", str(error)))
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("The database did not answer %s", request.path, exc_info=error)
        return unavailable(request)
    if isinstance(error, DatabaseError):
        logger.error("The database refused a query for %s", request.path, exc_info=error)
        return problem_response(request, [_described("internal")])
    return None


def unavailable(request: HttpRequest, problem: Problem | None = None) -> HttpResponse:
    """The store is down, or did not answer in time: say so, and when to come back."""
    return problem_response(request, [problem or _described("unavailable")], {"Retry-After": str(RETRY_AFTER_SECONDS)})


class ProblemMiddleware:
    """Turns errors that arise outside the views (bad hosts, unknown paths, faults) into problem documents."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not is_api(request):
            return self.get_response(request)
        length = len(request.path_info.encode()) + len(request.META.get("QUERY_STRING", ""))
        if length > LONGEST_URI:
            detail = f"The address has {length} bytes; at most {LONGEST_URI} are allowed."
            return problem_response(request, [Problem("uri_too_long", detail)])
        response = self.get_response(request)
        if response.status_code < 400 or response.get("Content-Type", "") == CONTENT_TYPE:
            return response
        return problem_response(request, [_problem_of(request, response)], _kept(response))


def _kept(response: HttpResponseBase) -> dict[str, str]:
    return {name: response[name] for name in ("Allow", "Retry-After") if name in response}


def _problem_of(request: HttpRequest, response: HttpResponseBase) -> Problem:
    if response.status_code == 404:
        nearest = nearest_paths(request.path_info)
        hint = f" Did you mean {nearest[0]}?" if nearest else " /api/v1 lists all resources."
        detail = f"There is nothing at this address.{hint}"
        return Problem("not_found", detail, value=request.path_info[:200], did_you_mean=nearest)
    if response.status_code == 400:
        host = request.META.get("HTTP_HOST", "")[:100]
        detail = f"The Host header {host!r} is not one this service answers to, or the request is malformed."
        return Problem("invalid_value", detail, parameter="Host", value=host)
    return _described(_CODE_OF_STATUS.get(response.status_code, "internal"))


def _described(code: str) -> Problem:
    """A problem of which no more is known than its kind; a fault of ours can be found in the log by its id."""
    known = f" The id of the request is {request_id.get()}." if code == "internal" else ""
    return Problem(code, PROBLEM_TYPES[code].description_en + known)


def nearest_paths(path: str) -> tuple[str, ...]:
    """Addresses of the API that resemble the given one: without its trailing slash, or spelled nearly so."""
    if len(path) > 200:
        return ()
    trimmed = path.rstrip("/")
    if path != trimmed and _resolves(trimmed):
        return (trimmed,)
    known = _fixed_paths()
    parent, _, leaf = trimmed.rpartition("/")
    close = difflib.get_close_matches(trimmed, known, n=3, cutoff=0.75)
    if not close and leaf and parent not in known:
        near = difflib.get_close_matches(parent, known, n=1, cutoff=0.85)
        close = [f"{found}/{leaf}" for found in near if found.count("/") == parent.count("/")]
    return tuple(close)


def _resolves(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True


@cache
def _fixed_paths() -> list[str]:
    """Every address of the API that has no variable part."""

    def walk(patterns: Sequence[URLPattern | URLResolver], prefix: str) -> list[str]:
        found: list[str] = []
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                found += walk(pattern.url_patterns, route)
            elif "<" not in route and "(" not in route:
                found.append("/" + route.strip("^$"))
        return found

    return [path for path in walk(get_resolver().url_patterns, "") if path.startswith("/api/v1")]
