"""Every request has an id, on its answer and on each line of the log; and, if wanted, a line of its own there."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from .logs import request_id

logger = logging.getLogger("indicators.access")

_LONGEST_LOGGED_PATH = 500


class TracingMiddleware:
    """Takes over the id that a proxy gave the request, if it is a plain one, and writes the access log.

    The address of the client is personal data, and not logged.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        identifier = given if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", given) else uuid.uuid4().hex
        request_id.set(identifier)  # until the thread takes its next request: Django and the server log after us
        response = self.get_response(request)
        response["X-Request-ID"] = identifier
        if settings.ACCESS_LOG:
            _log(request, response, time.perf_counter() - began)
        return response


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    fields = {
        "method": request.method,
        "path": request.get_full_path()[:_LONGEST_LOGGED_PATH],
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": len(response.content)
        if isinstance(response, HttpResponse)
        else int(response.get("Content-Length", "0")),
    }
    logger.info("answered", extra={"fields": fields})
