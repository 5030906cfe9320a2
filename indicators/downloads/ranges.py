"""Which part of a file is asked for (RFC 9110, 14)."""

from __future__ import annotations

import re

from django.http import HttpRequest
from django.utils.http import parse_http_date_safe


class Unsatisfiable(Exception):
    """The part that is asked for lies behind the end (416)."""


def part(request: HttpRequest, size: int, tag: str, modified: int) -> tuple[int, int] | None:
    """First and last byte that are asked for; None for the whole.

    Several parts at once, and what cannot be read, are answered by the whole, as a server may. So is the part of a
    copy that is no longer the same (If-Range).
    """
    asked = re.fullmatch(r"bytes=\s*([0-9]{0,18})-([0-9]{0,18})\s*", request.META.get("HTTP_RANGE", ""), re.IGNORECASE)
    if request.method != "GET" or not asked or asked[1] == asked[2] == "":
        return None
    if (copy := request.META.get("HTTP_IF_RANGE")) and copy.strip() != tag and parse_http_date_safe(copy) != modified:
        return None
    if asked[1] == "":
        first, last = max(size - int(asked[2]), 0), size - 1
    else:
        first, last = int(asked[1]), min(int(asked[2] or size), size - 1)
        if asked[2] and int(asked[2]) < first:
            return None
    if first >= size:
        raise Unsatisfiable
    return first, last
