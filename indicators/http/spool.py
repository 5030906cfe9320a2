"""A whole slice is finished before its first byte is sent, so that a fault is an error and never a shorter body.

granian ends a body that breaks off in the middle as if it were complete. With a Content-Length, which only a finished
body has, the server cuts the connection when a byte is missing, and every client notices.

A long body keeps its thread until it is finished, also when the client has gone; so a worker makes one at a time, and
its other threads go on answering.
"""

from __future__ import annotations

import errno
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile

from django.http import FileResponse, HttpResponse

from .compression import encoded

#: Bytes of a body, as it is sent, that are held in memory; a longer one goes to a file in the temporary folder.
IN_MEMORY = 1024 * 1024
_BLOCK = 64 * 1024
#: Bytes of a body before it is compressed from which on it is long.
LONG = 8 * 1024 * 1024
#: Long bodies that a worker makes at once: fewer than it has threads.
_AT_ONCE = threading.BoundedSemaphore(1)
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Busy(Exception):
    """A long body cannot be made now; the message says why and what to do."""


def finished(chunks: Iterable[bytes], content_type: str, coding: str | None = None) -> HttpResponse | FileResponse:
    """The chunks as one answer of known length, compressed on their way if a coding is named; raises `Busy`."""
    headers = {"Content-Encoding": coding} if coding else {}
    body = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (a long one is closed with the response)
    try:
        with _in_turn(chunks) as counted:
            for chunk in encoded(counted, coding) if coding else counted:
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


@contextmanager
def _in_turn(chunks: Iterable[bytes]) -> Iterator[Iterator[bytes]]:
    """The same chunks; once they are many, nobody else's may be, however small they are compressed."""
    held = False

    def counted() -> Iterator[bytes]:
        nonlocal held
        total = 0
        for chunk in chunks:
            total += len(chunk)
            if not held and total > LONG:
                held = _AT_ONCE.acquire(blocking=False)
                if not held:
                    raise Busy("Another large table is being made. Try again shortly, or narrow the question.")
            yield chunk

    try:
        yield counted()
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise Busy("There is no room now to make so large a table. Try again later, or narrow the question.") from error
    finally:
        if held:
            _AT_ONCE.release()
