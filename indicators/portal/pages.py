"""What every page has in common: its language, validators, headers, and its errors."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotFound, HttpResponseServerError
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from ..http import caching
from ..http.errors import RETRY_AFTER_SECONDS, NoSuchFile
from ..http.headers import is_api, service_links
from ..query.edition import Edition, current_edition
from ..query.limit import TooSlow
from ..query.parameters import NOTHING
from . import languages

logger = logging.getLogger(__name__)

#: Pages have no scripts, and ask no other host for anything.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


class NotHere(Http404):
    """There is no such page; `meant` are the addresses and names of pages that the reader may have meant."""

    def __init__(self, meant: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self.meant = meant


class Page(View):
    """A page that depends on the edition, the language and the parameters named in `varies`.

    Parameters that the page does not know are left alone, unlike the API's: chat and mail programs add their own to
    links that people share.
    """

    http_method_names = ["get", "head", "options"]
    template: ClassVar[str]
    varies: ClassVar[tuple[str, ...]] = ()

    def check(self, edition: Edition, **kwargs: str) -> None:
        """Raise `Http404` if there is no such page, before its validators are looked at."""

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        """What the template shows."""
        raise NotImplementedError

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except languages.UnknownLanguage as error:
            return unknown_language(request, str(error))
        except TooSlow as error:
            logger.warning("%s: %s", request.get_full_path(), error)
            return unavailable(request)
        except (OperationalError, InterfaceError) as error:
            logger.error("The database did not answer %s", request.path, exc_info=error)
            return unavailable(request)

    def get(self, request: HttpRequest, **kwargs: str) -> HttpResponse:
        """The page, or 304 if the reader's copy is still good."""
        language = languages.language_of(request)
        edition = current_edition()
        self.check(edition, **kwargs)
        variant = [request.GET.getlist(name) for name in self.varies]
        tag = caching.etag(request, edition, edition.release, NOTHING, f"text/html; {language}; {variant}")
        changed_at = max(edition.changed_at, caching.built_at())
        if caching.unmodified(request, tag, changed_at):
            response = caching.not_modified()
        else:
            with translation.override(language):
                response = _rendered(request, self.template, self.content(edition, **kwargs))
        caching.set_validators(response, tag, changed_at, NOTHING, _links())
        return _headed(response, language)


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """The icon at the address that browsers ask for by themselves, on the console and the desk too."""
    return HttpResponse(_icon(), content_type="image/svg+xml")


@cache
def _icon() -> bytes:
    return (settings.BASE_DIR / "indicators" / "static" / "indicators" / "favicon.svg").read_bytes()


def _links() -> list[str]:
    return [*service_links(), f'<{settings.PUBLIC_BASE_URL}/api/v1/docs>; rel="service-doc"']


def _rendered(request: HttpRequest, template: str, content: dict[str, Any], status: int = 200) -> HttpResponse:
    """A template in the active language."""
    active = translation.get_language() or settings.LANGUAGE_CODE
    frame = {
        "tag": languages.TAGS[active],
        "languages": languages.switch(request),
        "lang": f"?lang={request.GET['lang']}" if request.GET.get("lang") in languages.LANGUAGES else "",
        "license": settings.DATA_LICENSE,
        "publisher": settings.PUBLISHER_NAME,
        "contact": settings.CONTACT_URL,
        "base": settings.PUBLIC_BASE_URL,
        "version": settings.API_VERSION,
    }
    return HttpResponse(render_to_string(template, {**frame, **content}), status=status)


def _headed(response: HttpResponse, language: str) -> HttpResponse:
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response["Content-Language"] = languages.TAGS[language]
    response["Vary"] = "Accept, Accept-Encoding, Accept-Language"
    return response


def failure(
    request: HttpRequest,
    status: int,
    texts: Callable[[], tuple[str, str]],
    meant: tuple[tuple[str, str], ...] = (),
) -> HttpResponse:
    """A page that says what went wrong and what to do; `texts()` gives title and advice in the active language."""
    asked = ",".join(request.GET.getlist("lang"))
    language = languages.LANGUAGES.get(asked) or languages.preferred(request)
    with translation.override(language):
        title, advice = texts()
        content = {"title": title, "advice": advice, "status": status, "meant": meant}
        response = _rendered(request, "indicators/failure.html", content, status)
    response["Cache-Control"] = "no-store"
    return _headed(response, language)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no page at this address. Under /api the middleware writes a problem document instead."""
    if is_api(request):
        return HttpResponseNotFound()
    return failure(
        request,
        404,
        lambda: (
            _("There is no page at this address."),
            _("Addresses have no trailing slash. The front page leads to everything there is."),
        ),
        exception.meant if isinstance(exception, NotHere | NoSuchFile) else (),
    )


def unknown_language(request: HttpRequest, asked: str) -> HttpResponse:
    """400: `lang=` is neither of the languages."""
    return failure(
        request,
        400,
        lambda: (
            _("There is no page in the language “%(asked)s”.") % {"asked": asked},
            _("Write lang=zh or lang=en, once."),
        ),
    )


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the store is down."""
    response = failure(
        request,
        503,
        lambda: (_("The data store does not answer now."), _("Please try again in a few seconds.")),
    )
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """500: the service has a fault, which has been logged. Made of nothing that could be at fault itself."""
    if is_api(request):
        return HttpResponseServerError()
    return HttpResponseServerError(_BROKEN, content_type="text/html; charset=utf-8")


_BROKEN = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>UrbanAPI</title></head><body>
<h1>The service has a fault.</h1>
<p>It has been logged; your request was not wrong. Please try again later.</p>
<h1 lang="zh-Hans">服务出现故障。</h1>
<p lang="zh-Hans">故障已记录，您的请求没有问题。请稍后再试。</p>
</body></html>
"""
