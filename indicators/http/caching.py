"""Validators and freshness: an ETag that costs no query for data, and 304 before any is made."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from ..query.edition import Edition, ReleaseRow
from ..query.parameters import Asked
from .compression import coding_of

LIVE = "public, max-age=60, stale-while-revalidate=600"
#: With a release named in `as_of`, or as the last of changes, the figures can no longer change.
NAMED_RELEASE = "public, max-age=86400"

#: What answers are made of: code, templates, styles and translations, and the documents that are served as pages.
_SOURCES = (
    "indicators/**/*.py", "indicators/**/*.html", "indicators/**/*.css", "indicators/**/*.svg", "indicators/**/*.mo",
    "urbanapi/*.py", "docs/*.md", "*.md", "fixtures/README.md",
)  # fmt: skip
#: Settings that answers show.
_SHOWN = (
    "API_VERSION",
    "PUBLIC_BASE_URL",
    "DATA_LICENSE",
    "PUBLISHER_NAME",
    "CONTACT_URL",
    "SDMX_AGENCY",
    "QUERY_SECONDS",
    "THROTTLE",
)


def _sources() -> list[Path]:
    return sorted(path for pattern in _SOURCES for path in settings.BASE_DIR.glob(pattern))


@cache
def build() -> str:
    """The software build: a digest of its files and settings, so that whatever changes an answer changes its ETag."""
    digest = hashlib.sha256(repr([str(getattr(settings, name)) for name in _SHOWN]).encode())
    for source in _sources():
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


@cache
def built_at() -> datetime.datetime:
    """When the software came here: what it says of itself was not said before."""
    return datetime.datetime.fromtimestamp(max(source.stat().st_mtime for source in _sources()), datetime.UTC)


def etag(
    request: HttpRequest,
    edition: Edition,
    release: ReleaseRow | None,
    asked: Asked,
    representation: str,
) -> str:
    """A validator from release, reference revision, build, canonical query and representation.

    Weak where the client may get the answer compressed, as all codings of an answer share it (RFC 9110, 8.8.3.3).
    That depends on the request alone, so that a 304 names the same one as the answer would.
    """
    parts: tuple[Any, ...] = (
        release.name if release else None,
        release.in_force_since.isoformat() if release else None,
        edition.reference.revision,
        edition.reference.changed_at.isoformat(),
        build(),
        request.path,
        asked.canonical,
        representation,
    )
    weak = "W/" if coding_of(request, representation) else ""
    return f'{weak}"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def unmodified(request: HttpRequest, tag: str, last_modified: datetime.datetime | None) -> bool:
    """Whether the client's copy is still good: If-None-Match first, else If-Modified-Since (RFC 9110, 13.2.2).

    ETags are compared weakly, as 13.1.2 says: a copy in one coding is as good as one in another.
    """
    if header := request.META.get("HTTP_IF_NONE_MATCH"):
        candidates = [candidate.removeprefix("W/") for candidate in parse_etags(header)]
        return header.strip() == "*" or tag.removeprefix("W/") in candidates
    if last_modified and (header := request.META.get("HTTP_IF_MODIFIED_SINCE")):
        since = parse_http_date_safe(header)
        return since is not None and int(last_modified.timestamp()) <= since
    return False


def unproved(request: HttpRequest) -> bool:
    """Whether a condition may hold without a copy that was ever sent: a tag proves one, `*` and a date do not."""
    tags = request.META.get("HTTP_IF_NONE_MATCH")
    return tags.strip() == "*" if tags else "HTTP_IF_MODIFIED_SINCE" in request.META


def not_modified() -> HttpResponse:
    """304 without a body; the caller adds the validators."""
    response = HttpResponse(status=304)
    del response["Content-Type"]
    return response


def set_validators(
    response: HttpResponseBase,
    tag: str,
    last_modified: datetime.datetime | None,
    asked: Asked,
    links: Sequence[str],
) -> None:
    """ETag, Last-Modified (none of what no release is behind), freshness, Vary and Link."""
    moment = asked.values.get("as_of") or asked.values.get("until")
    response["ETag"] = tag
    if last_modified:
        response["Last-Modified"] = http_date(last_modified.timestamp())
    response["Cache-Control"] = NAMED_RELEASE if moment and moment.is_release else LIVE
    response["Vary"] = "Accept, Accept-Encoding"
    response["Link"] = ", ".join(links)
