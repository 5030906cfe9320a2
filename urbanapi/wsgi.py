"""The WSGI entry point; `granian --interface wsgi urbanapi.wsgi:application` serves it."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "urbanapi.settings")

_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Django, but for a Content-Type where no content is read: a malformed one breaks it before any middleware."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS") or environ.get("PATH_INFO", "").startswith("/api"):
        environ.pop("CONTENT_TYPE", None)
    return _django(environ, start_response)  # type: ignore[no-any-return]
