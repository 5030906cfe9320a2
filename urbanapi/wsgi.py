"""The WSGI entry point; `granian --interface wsgi urbanapi.wsgi:application` serves it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from indicators.http.content import settle_content_type

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "urbanapi.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, which is spared a Content-Type that it cannot read."""
    settle_content_type(environ)
    return _django(environ, start_response)  # type: ignore[no-any-return]
