"""Which format answers: `format=` wins, then the Accept header with its weights (RFC 9110, 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.negotiation import BaseContentNegotiation

from ..formats import Format
from ..query.problems import BEHIND_THE_URL, Problem

View = Callable[..., HttpResponseBase]


def choose(accept: str | None, formats: Sequence[Format]) -> Format | Problem:
    """The format that the Accept header likes best; the first of equals, and the first of all for `*/*`."""
    weights = weigh(accept or "*/*", {f.media_type: f.version for f in formats if f.version})
    weighed = [(_quality(weights, f.media_type), -n, f) for n, f in enumerate(formats)]
    quality, _, best = max(weighed, key=lambda found: found[:2])
    if quality > 0:
        return best
    allowed = tuple(f.media_type for f in formats)
    detail = f"No format here is acceptable to the client: {', '.join(allowed)} are available."
    return Problem("not_acceptable", detail, "Accept", (accept or "")[:200], allowed=allowed, position=BEHIND_THE_URL)


def weigh(accept: str, versions: Mapping[str, str] = {}) -> dict[str, float]:
    """Media ranges, or codings, with their weights; a range that names another version than ours asks for other things.

    Other parameters of a range do not matter to our formats.
    """
    weights: dict[str, float] = {}
    for item in accept.split(","):
        media_range, *parameters = (part.strip().lower() for part in item.split(";"))
        version = versions.get(media_range)
        if version and any(part.startswith("version=") and part[8:].strip('"') != version for part in parameters):
            continue
        found = [match[1] for part in parameters if (match := re.fullmatch(r"q=(0(\.[0-9]{0,3})?|1(\.0{0,3})?)", part))]
        weights[media_range] = float(found[0]) if found else 1.0
    return weights


def _quality(weights: Mapping[str, float], media_type: str) -> float:
    """The weight that the most specific range gives to a media type."""
    main = media_type.partition("/")[0]
    return next((weights[r] for r in (media_type, f"{main}/*", "*/*") if r in weights), 0.0)


def page_or_json(page: View, resource: View) -> View:
    """One address for people and programs: the page, unless JSON is liked better or asked for by `format=`."""

    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        weights = weigh(request.META.get("HTTP_ACCEPT") or "*/*")
        html, json = _quality(weights, "text/html"), _quality(weights, "application/json")
        # Not request.GET, which refuses too many parameters.
        asked = re.search("(^|&)format=", request.META.get("QUERY_STRING", ""))
        shown = page if html > 0 and html >= json and not asked else resource
        return shown(request, *args, **kwargs)

    return view


class ContractNegotiation(BaseContentNegotiation):
    """REST framework's hook, which decides nothing: the views negotiate a Format among all other parameters."""

    def select_parser(self, request: Any, parsers: Iterable[Any]) -> None:
        return None

    def select_renderer(self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        first = next(iter(renderers))
        return first, first.media_type
