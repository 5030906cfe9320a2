"""A file on its way to a client: validators, parts, and bytes that are never held as a whole."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import http_date, parse_etags, parse_http_date_safe

from ..http import caching
from ..http.errors import RETRY_AFTER_SECONDS
from .ranges import Unsatisfiable, part

logger = logging.getLogger(__name__)

_BLOCK = 256 * 1024
_UNAVAILABLE = "The file cannot be read now: try again in a moment.\n文件暂时无法读取，请稍后再试。\n"


@dataclass(frozen=True)
class Served:
    """A file as it is told of to clients."""

    path: Path
    size: int
    sha256: str
    content_type: str
    disposition: str
    modified: datetime
    freshness: str
    links: Sequence[str]

    @property
    def tag(self) -> str:
        """A strong validator: these bytes, and no others, as they are never compressed on their way."""
        return f'"{self.sha256}"'


def send(request: HttpRequest, file: Served) -> HttpResponseBase:
    """The file, a part of it, or that the client has it already."""
    modified = int(file.modified.timestamp())
    if _fails(request, file.tag, modified):
        return _headed(HttpResponse(status=412, content_type="text/plain"), file)
    if caching.unmodified(request, file.tag, file.modified):
        return _headed(caching.not_modified(), file)
    if settings.FILES_ACCEL:
        return _handed_over(file)
    try:
        asked = part(request, file.size, file.tag, modified)
    except Unsatisfiable:
        headers = {"Content-Range": f"bytes */{file.size}"}
        return _headed(HttpResponse(status=416, content_type="text/plain", headers=headers), file)
    return _streamed(request, file, asked)


def _fails(request: HttpRequest, tag: str, modified: int) -> bool:
    """Whether a condition for sending the file at all does not hold (RFC 9110, 13.2.2)."""
    if header := request.META.get("HTTP_IF_MATCH"):
        return header.strip() != "*" and tag not in parse_etags(header)
    since = parse_http_date_safe(request.META.get("HTTP_IF_UNMODIFIED_SINCE", ""))
    return since is not None and modified > since


def _streamed(request: HttpRequest, file: Served, asked: tuple[int, int] | None) -> HttpResponseBase:
    try:
        opened = file.path.open("rb")
    except OSError as error:
        return unavailable(f"{file.path} cannot be read, run manage.py check_store", error)
    if opened.seek(0, 2) != file.size:
        opened.close()
        return unavailable(f"{file.path} has not the {file.size} bytes that the store tells, run manage.py check_store")
    first, last = asked or (0, file.size - 1)
    length = last + 1 - first
    if request.method == "HEAD":
        opened.close()
    else:
        opened.seek(first)
    body = () if request.method == "HEAD" else _Part(opened, length)
    response = StreamingHttpResponse(body, status=206 if asked else 200, content_type=file.content_type)
    response["Content-Length"] = str(length)
    if asked:
        response["Content-Range"] = f"bytes {first}-{last}/{file.size}"
    return _headed(response, file)


class _Part:
    """So many bytes of an open file, in blocks; closed with the response, also when nobody has read it."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length
        self.close = file.close

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (block := self._file.read(min(_BLOCK, self._left))):
            self._left -= len(block)
            yield block


def _handed_over(file: Served) -> HttpResponseBase:
    """The proxy is told which file to send; parts are its own business, and that it sends them."""
    below = file.path.relative_to(settings.FILES_ROOT).as_posix()
    response = _headed(HttpResponse(content_type=file.content_type), file)
    response["X-Accel-Redirect"] = f"{settings.FILES_ACCEL}{quote(below)}"
    del response["Accept-Ranges"]  # or nginx says it twice
    return response


def _headed(response: HttpResponseBase, file: Served) -> HttpResponseBase:
    response["ETag"] = file.tag
    response["Last-Modified"] = http_date(file.modified.timestamp())
    response["Cache-Control"] = file.freshness
    response["Accept-Ranges"] = "bytes"
    response["Link"] = ", ".join(file.links)
    if response.status_code in (200, 206):
        response["Content-Disposition"] = file.disposition
    return response


def unavailable(reason: str, error: Exception | None = None) -> HttpResponse:
    """503: what should be there is not, which the log tells the operator."""
    logger.error(reason, exc_info=error)
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS), "Cache-Control": "no-store"}
    return HttpResponse(_UNAVAILABLE, "text/plain; charset=utf-8", 503, headers=headers)
