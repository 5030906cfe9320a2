"""The Content-Type of a request, looked at before Django: a malformed one would break it ahead of any middleware."""

from __future__ import annotations

from typing import Any

from django.utils.http import parse_header_parameters

from .headers import lies_under

#: Set in the environment of a request whose Content-Type cannot be read.
UNREADABLE = "urbanapi.unreadable_content_type"


def settle_content_type(environ: dict[str, Any]) -> None:
    """Drop it where no content is read, which is everywhere but in the forms of the desk."""
    path = environ.get("PATH_INFO", "")
    writes = environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS")
    if writes and lies_under(path, "/admin"):
        if _readable(environ.get("CONTENT_TYPE", "")):
            return
        environ[UNREADABLE] = True
    environ.pop("CONTENT_TYPE", None)


def _readable(content_type: str) -> bool:
    try:
        _media_type, parameters = parse_header_parameters(content_type)
    except (LookupError, ValueError):  # an encoding that is unknown, or is none of text
        return False
    return parameters.get("charset", "utf-8").lower() == "utf-8"
