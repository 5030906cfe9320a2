"""Tables that wait, read and held against what is in force: what a steward is shown, and publishes if it is right."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ..publishing.faults import BadData, Fault, stop_on_errors
from ..publishing.run import Outcome, Seen, publish
from ..publishing.submitted.submission import read_submission
from ..query.edition import Edition, current_edition
from .announcing import AnnouncementForm
from .incoming import Waiting

#: Tables are held in memory while they are looked at, and keep a processor busy: a worker looks at one lot at a time.
_ONE = threading.BoundedSemaphore(1)
_PATIENCE_SECONDS = 20.0


class Busy(Exception):
    """Other tables are being looked at."""


@dataclass(frozen=True)
class Examined:
    """What would come of the tables: faults of which no release can be made, or the difference and its warnings."""

    faults: Sequence[Fault]
    outcome: Outcome | None


def examine(waiting: Waiting, form: AnnouncementForm) -> Examined:
    """Read the tables and compare them; nothing is written."""
    return _run(waiting, form, None)


def bring_into_force(waiting: Waiting, form: AnnouncementForm, seen: Seen) -> Examined:
    """Publish them, if what is in force is still what they were held against; else raises `Overtaken`."""
    return _run(waiting, form, seen)


def _run(waiting: Waiting, form: AnnouncementForm, seen: Seen | None) -> Examined:
    names = [file.name for file in waiting.files]
    with _in_turn():
        submission = read_submission(waiting.paths, current_edition(), form.defaults(), names)
        try:
            warnings = stop_on_errors(submission.faults)
            outcome = publish(
                form.announcement(),
                submission.figures,
                ", ".join(names),
                withdraw_missing=form.cleaned_data["withdraw_missing"],
                dry_run=seen is None,
                standing=submission.standing,
                seen=seen,
            )
        except BadData as error:
            return Examined(error.faults, None)
    return Examined([*warnings, *outcome.warnings], outcome)


def what_is_in_force(edition: Edition) -> Seen:
    """What a difference is held against."""
    return Seen(edition.release.order if edition.release else None, edition.reference.revision)


def print_of(waiting: Waiting, seen: Seen) -> str:
    """A fingerprint of all that a page shows of a difference: the bytes, the announcement, and what is in force."""
    parts = (seen, [file.sha256 for file in waiting.files], sorted(waiting.typed.items()))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _ONE.acquire(timeout=_PATIENCE_SECONDS):
        raise Busy
    try:
        yield
    finally:
        _ONE.release()
