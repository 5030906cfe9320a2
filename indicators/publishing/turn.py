"""One writer at a time: a transaction that holds the store, and what is said when the database fails in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, transaction

from ..models import Store
from .words import Said
from .words import Said as _

_BUSY = _(
    "Nothing was published: another publication, load or edit has held the database for too long. Run this again when "
    "it is done."
)
_UNREACHABLE = _("Nothing was published: the database does not answer. See that it runs, and run this again.")
_BROKEN = _(
    "Nothing was published: the database failed in the middle, and what was in force before still is. See that it runs "
    "and that its disk has room, and run this again."
)
_FULL = _(
    "Nothing was published: the disk of the database is full, and what was in force before still is. Make room, and "
    "run this again."
)
_UNKNOWN = _(
    "The database failed while it made the release final, which may have come into force or not. Run this again when "
    "the database answers: what is in force already is not published twice."
)


#: What engines say when they cannot write on; then nothing of the transaction stays, not even when it was at its end.
_NO_ROOM = ("disk is full", "No space left on device", "could not extend file", "File too large")


class NotPublished(Exception):
    """The database failed, not the data: says what stands in the store now and what to do."""

    def __init__(self, consequence: Said, cause: Exception) -> None:
        first, *_rest = str(cause).splitlines() or [type(cause).__name__]
        super().__init__(_("%(message)s (%(cause)s)", message=consequence, cause=first))


@contextmanager
def turn() -> Iterator[Store]:
    """Wait for the turn to write, and hold the store until all is committed; raises `NotPublished`."""
    consequence = _UNREACHABLE
    try:
        with transaction.atomic():
            store = Store.hold()
            consequence = _BROKEN
            yield store
            consequence = _UNKNOWN
    except (OperationalError, InterfaceError) as error:
        if "locked" in str(error) or "lock timeout" in str(error):
            consequence = _BUSY
        elif any(words in str(error) for words in _NO_ROOM):
            consequence = _FULL
        raise NotPublished(consequence, error) from error
