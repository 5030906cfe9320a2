"""Headers of every answer, errors and files included: CORS and API version where it is public, what browsers may do."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

EXPOSED = (
    "ETag, Last-Modified, Link, API-Version, Allow, Retry-After, RateLimit-Policy, RateLimit, X-Request-ID, "
    "Content-Disposition, Content-Length"
)
METHODS = "GET, HEAD, OPTIONS"

#: For answers that are no pages; a view that answers one sets its own.
DEFAULTS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


def is_public(request: HttpRequest) -> bool:
    """Every address but the stewards' desk, which has users, cookies and forms."""
    path = request.path_info
    return not (path == "/admin" or path.startswith("/admin/"))


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
