"""What observations refer to, on PostgreSQL: looked up once a statement, where foreign keys look once a row.

A release of a million rows names some thousand codes. Foreign keys ask for every row whether its indicator, its region,
its source and its release exist, which takes longer than to write the rows with all their indexes. These triggers ask
once for each code of a statement, hold what they found until the transaction ends, and refuse to let go of what rows
refer to: as foreign keys do. SQLite has foreign keys, which are cheap there. Decision 0016 has the figures.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import models

from .observations import Observation

_TABLE = Observation._meta.db_table
_FUNCTION = f"{_TABLE}_references"


def references() -> Iterator[tuple[str, str, str]]:
    """Column, table that it refers to, and the key of that table."""
    for field in Observation._meta.concrete_fields:
        if isinstance(field, models.ForeignKey):
            key = field.target_field
            yield field.column, key.model._meta.db_table, str(key.column)


def statements() -> list[str]:
    """The functions and triggers, in place of those that are there."""
    found = [_body(_FUNCTION, "".join(_exists(*reference) for reference in references()))]
    for event in ("INSERT", "UPDATE"):
        found += _trigger(_TABLE, f"{_FUNCTION}_{event.lower()}", event, "NEW TABLE AS written", _FUNCTION)
    for table in dict.fromkeys(table for _, table, _ in references()):
        function = f"{table}_referred"
        columns = [(column, key) for column, other, key in references() if other == table]
        found.append(_body(function, "".join(_unreferred(table, *column) for column in columns)))
        for event in ("DELETE", "UPDATE"):
            found += _trigger(table, f"{function}_{event.lower()}", event, "OLD TABLE AS removed", function)
    return found


def _exists(column: str, table: str, key: str) -> str:
    """All that new rows refer to exists, and stays until the transaction ends."""
    codes = f"SELECT DISTINCT {column} FROM written"
    return (
        f'PERFORM 1 FROM {table} WHERE "{key}" IN ({codes}) ORDER BY "{key}" FOR KEY SHARE; '
        f'SELECT min({column}) INTO missing FROM written WHERE {column} NOT IN (SELECT "{key}" FROM {table}); '
        f"{_refuse('column ' + column + ' of ' + _TABLE + ' refers to % of ' + table + ', which does not exist')}"
    )


def _unreferred(table: str, column: str, key: str) -> str:
    """No row refers to what is removed."""
    return (
        f'SELECT min("{key}") INTO missing FROM removed WHERE "{key}" NOT IN (SELECT "{key}" FROM {table}) '
        f'AND EXISTS (SELECT 1 FROM {_TABLE} AS o WHERE o.{column} = removed."{key}"); '
        f"{_refuse('% of ' + table + ' is referred to by column ' + column + ' of ' + _TABLE)}"
    )


def _refuse(message: str) -> str:
    return (
        f"IF missing IS NOT NULL THEN RAISE EXCEPTION '{message}', missing "
        "USING ERRCODE = 'foreign_key_violation'; END IF; "
    )


def _body(function: str, checks: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"DECLARE missing text; BEGIN {checks}RETURN NULL; END $$"
    )


def _trigger(table: str, name: str, event: str, rows: str, function: str) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}()",
    ]
