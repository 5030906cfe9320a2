"""A whole slice is finished before its first byte is sent, so that a fault is an error and never a shorter body.

granian ends a body that breaks off in the middle as if it were complete. With a Content-Length, which only a finished
body has, the server cuts the connection when a byte is missing, and every client notices.
"""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile

from django.http import FileResponse, HttpResponse

from .compression import encoded

#: Bytes of a body, as it is sent, that are held in memory; a longer one goes to a file in the temporary folder.
IN_MEMORY = 1024 * 1024
_BLOCK = 64 * 1024


def finished(chunks: Iterable[bytes], content_type: str, coding: str | None = None) -> HttpResponse | FileResponse:
    """The chunks as one answer of known length, compressed on their way if a coding is named."""
    headers = {"Content-Encoding": coding} if coding else {}
    body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (a long one is closed with the response)
    try:
        for chunk in encoded(chunks, coding) if coding else chunks:
            body.write(chunk)
    except BaseException:
        body.close()
        raise
    length = body.tell()
    body.seek(0)
    if length <= IN_MEMORY:
        with body:
            return HttpResponse(body.read(), content_type=content_type, headers=headers)
    response = FileResponse(body, content_type=content_type, headers=headers)
    response.block_size = _BLOCK
    return response
