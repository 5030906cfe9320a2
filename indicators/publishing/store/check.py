"""check_store(): everything that must be true of the store, looked at in one state of it; and what can be repaired.

To add a check, write a function that yields findings and put it on one of the lists.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from ...models import REFERENCE_MODELS, Release, Store
from ...models.triggers import install_triggers
from ..files import remove_left_over
from ..inventory import mend
from ..proposal import Progress, silent
from ..turn import turn
from .files import files_are_as_recorded, files_hold_the_rows
from .finding import Finding
from .rows import codes_exist, rows_keep_their_constraints, rows_stand_once, what_must_have_a_value_has_one
from .structure import (
    constraints_exist,
    database_is_whole,
    migrations_are_applied,
    tables_and_columns_exist,
    triggers_exist,
)
from .vintages import (
    counts_agree_with_rows,
    releases_follow_each_other,
    the_newest_release_is_in_force,
    vintages_follow_each_other,
)

Check = Callable[[], Iterator[Finding]]

#: Without these the others cannot be made.
FOUNDATIONS: tuple[Check, ...] = (migrations_are_applied, tables_and_columns_exist)
STORE_CHECKS: tuple[Check, ...] = (
    database_is_whole,
    constraints_exist,
    triggers_exist,
    what_must_have_a_value_has_one,
    rows_keep_their_constraints,
    rows_stand_once,
    codes_exist,
    releases_follow_each_other,
    the_newest_release_is_in_force,
    vintages_follow_each_other,
    counts_agree_with_rows,
)
#: A release and its files never change, so these need no state of their own.
FILE_CHECKS: tuple[Check, ...] = (files_are_as_recorded, files_hold_the_rows)


def check_store(progress: Progress = silent, *, repair: bool = False) -> list[Finding]:
    """What is wrong in the store or, where nothing is wrong in the database, with the files of releases.

    With `repair`, what can be made from what is there is made anew first: triggers, the row of the store, files.
    Raises Django's OperationalError or InterfaceError when the database does not answer, and `NotPublished` when files
    cannot be written.
    """
    try:
        with _one_state():
            findings = list(_found("structure", FOUNDATIONS, progress))
        if findings:
            return findings
        if repair:
            _repair_database()
        with _one_state():
            findings = list(_found("store", STORE_CHECKS, progress))
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        return [_unreadable(error)]
    if findings:
        return findings  # files are held against the database, which has to be right first
    if repair:
        with turn():
            remove_left_over()
        mend(progress, thorough=True)
    return list(_found("files", FILE_CHECKS, progress))


def _found(name: str, checks: Sequence[Check], progress: Progress) -> Iterator[Finding]:
    for done, check in enumerate(checks, start=1):
        yield from (replace(finding, check=check.__name__) for finding in check())
        progress(f"checking the {name}", done, len(checks))


def _unreadable(error: DatabaseError) -> Finding:
    said, *_ = str(error).splitlines()
    remedy = "Look after the disk, and restore the newest backup; other checks were not made."
    return Finding("database", f"cannot be read ({said})", remedy, database_is_whole.__name__)


@contextmanager
def _one_state() -> Iterator[None]:
    """A transaction that sees what is committed now, whatever is published meanwhile; nobody waits for it."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        with connection.cursor() as cursor:  # not atomic(), which waits for the turn to write
            cursor.execute("BEGIN")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _repair_database() -> None:
    """Make the triggers anew, and the row of the store, which names the newest release."""
    newest, now = Release.objects.order_by("-order").first(), timezone.now()
    instants = {"reference_changed_at": now, "reference_edited_at": now}  # copies that clients hold are older
    Store.objects.get_or_create(id=1, defaults={"release": newest, **instants})
    install_triggers(connection.alias, REFERENCE_MODELS)
