"""The WSGI entry point; `granian --interface wsgi urbanapi.wsgi:application` serves it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "urbanapi.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, but for the Content-Type of requests without content: a malformed one breaks it before any middleware."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        environ.pop("CONTENT_TYPE", None)
    return _django(environ, start_response)  # type: ignore[no-any-return]
