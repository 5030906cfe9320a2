"""Text travels compressed: br or gzip (RFC 9110, 8.4.1), whichever the client likes better, br where it likes both.

The stewards' desk is left out: its pages mix what a caller wrote with what only a steward may see, and the length of a
compressed page tells about both (BREACH). Everything else is public, and the same for all.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping

import brotli
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from .headers import is_public
from .negotiation import weigh

#: Shorter bodies fit into one packet as they are.
SMALLEST = 1_024
#: Beyond these levels time grows faster than size shrinks (docs/decisions/0013-compression.md).
_BR_QUALITY = _GZIP_LEVEL = 3
#: As a power of two: 256 KiB. Larger windows take up to 10 MB more, and make tables no shorter.
_BR_WINDOW = 18
_TEXT = re.compile(r"text/.+|[a-z]+/(.+[+.-])?(json|xml|yaml|csv|ndjson|jsonl|javascript)")

#: A function that takes bytes and gives those that are ready, and one that gives the rest.
_Encoder = tuple[Callable[[bytes], bytes], Callable[[], bytes]]


def _br() -> _Encoder:
    encoder = brotli.Compressor(quality=_BR_QUALITY, lgwin=_BR_WINDOW)
    return encoder.process, encoder.finish


def _gzip() -> _Encoder:
    encoder = zlib.compressobj(_GZIP_LEVEL, wbits=16 + zlib.MAX_WBITS)
    return encoder.compress, encoder.flush


_ENCODERS = {"br": _br, "gzip": _gzip}


def coding_of(request: HttpRequest, content_type: str) -> str | None:
    """The coding that answers of this type have for this client; None if they are sent as they are."""
    accepted = _accepted(request)
    is_text = _TEXT.fullmatch(content_type.partition(";")[0].strip().lower())
    if not (is_text or _refuses_identity(accepted)):
        return None
    liked = {coding: accepted.get(coding, accepted.get("*", 0.0)) for coding in _ENCODERS}
    best = max(liked, key=lambda coding: liked[coding])
    return best if liked[best] > 0 and liked[best] >= accepted.get("identity", 0.0) else None


def _accepted(request: HttpRequest) -> Mapping[str, float]:
    return weigh(request.META.get("HTTP_ACCEPT_ENCODING", "identity"))


def _refuses_identity(accepted: Mapping[str, float]) -> bool:
    return accepted.get("identity", accepted.get("*", 1.0)) == 0


def encoded(chunks: Iterable[bytes], coding: str) -> Iterator[bytes]:
    """The chunks in a coding; memory stays flat however many there are."""
    encode, rest = _ENCODERS[coding]()
    for chunk in chunks:
        if piece := encode(chunk):
            yield piece
    yield rest()


class CompressionMiddleware:
    """Compresses bodies that are at hand as a whole; those of whole slices are compressed while they are written."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse):
            if is_public(request):
                patch_vary_headers(response, ("Accept-Encoding",))
                _compress(request, response)
            _measure(response)
        return response


def _compress(request: HttpRequest, response: HttpResponse) -> None:
    coding = coding_of(request, response.get("Content-Type", ""))
    if coding is None or "Content-Encoding" in response or response.status_code in (204, 304):
        return
    body = response.content
    if len(body) >= SMALLEST or _refuses_identity(_accepted(request)):
        response.content = b"".join(encoded([body], coding))
        response["Content-Encoding"] = coding


def _measure(response: HttpResponse) -> None:
    """Content-Length, also of what arises outside of CommonMiddleware; none without content (RFC 9110, 8.6)."""
    if response.status_code in (204, 304):
        del response["Content-Length"]
    else:
        response["Content-Length"] = str(len(response.content))
