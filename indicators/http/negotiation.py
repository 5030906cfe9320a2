"""Which format answers: `format=` wins, then the Accept header with its weights (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.http.request import MediaType
from rest_framework.negotiation import BaseContentNegotiation

from ..formats import Format
from ..query.problems import Problem


def choose(accept: str | None, formats: Sequence[Format]) -> Format | Problem:
    """The format that the Accept header likes best; the first of equals, and the first of all for `*/*`."""
    ranges = [MediaType(text) for text in (accept or "*/*").split(",") if text.strip()]
    weighed = [(_quality(ranges, f.media_type), -n, f) for n, f in enumerate(formats)]
    quality, _, best = max(weighed, key=lambda found: found[:2])
    if quality > 0:
        return best
    allowed = tuple(f.media_type for f in formats)
    detail = f"No format here is acceptable to the client: {', '.join(allowed)} are available."
    return Problem("not_acceptable", detail, "Accept", (accept or "")[:200], allowed=allowed)


def _quality(ranges: Sequence[MediaType], media_type: str) -> float:
    """The weight that the most specific range gives to a media type."""
    offered = MediaType(media_type)
    matching = [r for r in ranges if (r.main_type, r.sub_type) in _covering(offered)]
    return max(matching, key=lambda r: r.specificity).quality if matching else 0.0


def _covering(offered: MediaType) -> set[tuple[str, str]]:
    return {(offered.main_type, offered.sub_type), (offered.main_type, "*"), ("*", "*")}


class ContractNegotiation(BaseContentNegotiation):
    """REST framework's hook, which decides nothing: the views negotiate a Format among all other parameters."""

    def select_parser(self, request: Any, parsers: Iterable[Any]) -> None:
        return None

    def select_renderer(self, request: Any, renderers: Iterable[Any], format_suffix: str | None = None) -> Any:
        first = next(iter(renderers))
        return first, first.media_type
