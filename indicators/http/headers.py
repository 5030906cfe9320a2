"""Headers of every answer, errors and files included: CORS and API version where it is public, what browsers may do."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

EXPOSED = (
    "ETag, Last-Modified, Link, API-Version, Allow, Retry-After, RateLimit-Policy, RateLimit, X-Request-ID, "
    "Content-Disposition, Content-Length, Content-Range, Accept-Ranges"
)
METHODS = "GET, HEAD, OPTIONS"

#: For answers that are no pages; a view that answers one sets its own.
DEFAULTS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def lies_under(path: str, root: str) -> bool:
    """Whether a path is that of a door, such as /api, or below it; /apiary is neither."""
    return path == root or path.startswith(f"{root}/")


def is_api(request: HttpRequest) -> bool:
    """Whether the API answers, whose errors are problem documents."""
    return lies_under(request.path_info, "/api")


def is_public(request: HttpRequest) -> bool:
    """Every address but the stewards' desk, which has users, cookies and forms."""
    return not lies_under(request.path_info, "/admin")


def service_links() -> list[str]:
    """What every answer links to (RFC 8288, RFC 8631): the licence of the data, and the description of the API."""
    return [
        f'<{settings.DATA_LICENSE}>; rel="license"',
        f'<{settings.PUBLIC_BASE_URL}/api/v1/openapi.json>; rel="service-desc"',
    ]


def attachment(stem: str, extension: str) -> str:
    """A Content-Disposition that names the file after what it holds, in characters that every client takes."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in stem)
    return f'attachment; filename="{safe[:120]}.{extension}"'


class PublicHeadersMiddleware:
    """The data are public, so any page may read them; there are no credentials that CORS could guard."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not is_public(request):
            return response
        response["Access-Control-Allow-Origin"] = "*"
        response["Access-Control-Expose-Headers"] = EXPOSED
        response["API-Version"] = settings.API_VERSION
        if request.path_info.startswith("/api"):
            patch_vary_headers(response, ("Accept", "Accept-Encoding"))
        for name, value in DEFAULTS.items():
            response.setdefault(name, value)
        if request.method == "OPTIONS":
            response["Access-Control-Allow-Methods"] = METHODS
            response["Access-Control-Allow-Headers"] = "*"
            response["Access-Control-Max-Age"] = "86400"
        return response
