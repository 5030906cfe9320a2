"""Findings: what is wrong in the store, where, and what to do; listed up to a bound."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import connection, models

#: Findings of one kind that are listed; the others are counted, by the database.
LISTED = 20
RESTORE = (
    "Restore the newest backup of the database in which check_store finds nothing, and publish again what came since."
)
REMAKE = (
    "Restore the backup once more, into a database that manage.py migrate has made, and look at what the restore says."
)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: where it is, what was found, and what to do; `check` is the name of who found it."""

    where: str
    what: str
    remedy: str
    check: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.remedy}"


def listed(sql: str, where: str, tell: Callable[..., Finding]) -> Iterator[Finding]:
    """What a statement finds: `tell` makes a finding of each of the first rows, `where` is the place of all."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) AS found LIMIT {LISTED + 1}")  # noqa: S608 (statements of our own)
        rows = cursor.fetchall()
        findings = [tell(*row) for row in rows[:LISTED]]
        yield from findings
        if len(rows) > LISTED:
            cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS found")  # noqa: S608
            more = cursor.fetchone()[0] - LISTED
            yield Finding(where, f"{more:,} more of this kind are not listed", findings[-1].remedy)


def counted(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The first of many findings, and how many more there are."""
    more, last = 0, None
    for number, finding in enumerate(findings):
        if number < LISTED:
            yield finding
        else:
            more, last = more + 1, finding
    if last is not None:
        yield Finding("others", f"{more:,} more of this kind are not listed", last.remedy)


def quoted(name: str) -> str:
    """A name of the database, as SQL takes it."""
    return connection.ops.quote_name(name)


def tables() -> list[type[models.Model]]:
    """The models of all tables, those of the desk too."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed and not m._meta.proxy]


def key_columns(model: type[models.Model]) -> list[str]:
    """The columns by which a row is named."""
    return [str(field.column) for field in model._meta.pk_fields]
