"""The stewards' desk at /admin: sessions, users, forms and languages exist there alone, and nothing of it is public.

Django's own middlewares do the work, as subclasses that let every other address pass: run for all, they would cost an
answer of the API a fifth of its time, and answer 403 instead of 405 to a POST.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import translation
from django.utils.deprecation import MiddlewareMixin

from .content import UNREADABLE
from .headers import is_public

_HEADERS = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}

_UNREADABLE = (
    "The Content-Type cannot be read: send the form as a browser does.\n无法识别 Content-Type，请用浏览器提交表单。\n"
)


def kept_private(response: HttpResponseBase) -> HttpResponseBase:
    """The answer, with the headers of every page of the desk."""
    for name, value in _HEADERS.items():
        response[name] = value
    return response


class DeskMiddleware:
    """Pages of the desk speak the language of the browser, are kept by no cache, and run no script of others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if is_public(request):
            return self.get_response(request)
        # LocaleMiddleware would leave the language behind in the thread, for the next answer of the API.
        with translation.override(translation.get_language_from_request(request), deactivate=True):
            response = self._unreadable() if UNREADABLE in request.META else self.get_response(request)
            response["Content-Language"] = translation.get_language()
        return kept_private(response)

    def _unreadable(self) -> HttpResponseBase:
        return HttpResponseBadRequest(_UNREADABLE, content_type="text/plain; charset=utf-8")


class _AtTheDesk(MiddlewareMixin):
    """Runs a middleware of Django's for the desk alone."""

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        return self.get_response(request) if is_public(request) else super().__call__(request)


class DeskSessionMiddleware(_AtTheDesk, SessionMiddleware):
    """`request.session`."""


class DeskCsrfMiddleware(_AtTheDesk, CsrfViewMiddleware):
    """The token that every form of the desk must send back."""

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponseBase | None:  # type: ignore[override]
        return None if is_public(request) else super().process_view(request, *view)  # type: ignore[arg-type]


class DeskAuthenticationMiddleware(_AtTheDesk, AuthenticationMiddleware):
    """`request.user`."""


class DeskMessageMiddleware(_AtTheDesk, MessageMiddleware):
    """Messages that the next page shows."""
