"""Whether the database is built as the software expects it: a dump may come back without constraints or triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from ...models import REFERENCE_MODELS, Observation
from ...models.triggers import trigger_names
from .finding import REMAKE, Finding, listed, tables

_REPAIR = "Run manage.py check_store --repair."
#: Complaints of SQLite about rows, which other checks tell with the rows.
_OF_ROWS = ("CHECK constraint failed", "NULL value in")
Constraints = Mapping[str, Mapping[str, Any]]


def database_is_whole() -> Iterator[Finding]:
    """The engine itself finds no damage: on SQLite its integrity check, on PostgreSQL indexes and checksums."""
    if connection.vendor == "sqlite":
        said = "SELECT integrity_check FROM pragma_integrity_check(1000) WHERE integrity_check <> 'ok'"
        for words in _OF_ROWS:
            said += f" AND integrity_check NOT LIKE '{words}%'"
        yield from listed(said, "database file", _damage)
        return
    invalid = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1"
    yield from listed(invalid, "indexes", lambda name: Finding(name, "is not valid", f"Run REINDEX INDEX {name}."))
    failures = (
        "SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database() AND checksum_failures > 0"
    )
    yield from listed(failures, "data files", lambda number: _damage(f"{number} blocks whose checksum is wrong"))


def _damage(said: str) -> Finding:
    return Finding("database", f"is damaged: {said}", "Look after the disk, and restore the newest backup.")


def migrations_are_applied() -> Iterator[Finding]:
    """Every migration of the software is applied, and none that it does not know."""
    loader = MigrationLoader(connection)
    known, applied = set(loader.disk_migrations), set(loader.applied_migrations)
    installed = {app for app, _ in known}
    for app, name in sorted(known - applied):
        yield Finding(f"migration {app}.{name}", "is not applied", "Run manage.py migrate.")
    for app, name in sorted(applied - known):
        if app in installed:
            remedy = "The database is newer than the software: install the version that goes with it."
            yield Finding(f"migration {app}.{name}", "is applied, but unknown here", remedy)


def tables_and_columns_exist() -> Iterator[Finding]:
    """Every table is there, with all its columns."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
        for model in tables():
            table = model._meta.db_table
            if table not in present:
                yield Finding(table, "the table is missing", REMAKE)
                continue
            columns = {column.name for column in connection.introspection.get_table_description(cursor, table)}
            for field in model._meta.concrete_fields:
                if field.column not in columns:
                    yield Finding(f"{table}.{field.column}", "the column is missing", REMAKE)


def constraints_exist() -> Iterator[Finding]:
    """Every constraint, index and reference of the models is in the database."""
    with connection.cursor() as cursor:
        for model in tables():
            table = model._meta.db_table
            found = connection.introspection.get_constraints(cursor, table)
            for missing in (*_missing_named(model, found), *_missing_keys(model, found)):
                yield Finding(table, f"{missing} is missing", REMAKE)
            nullable = {c.name for c in connection.introspection.get_table_description(cursor, table) if c.null_ok}
            for field in model._meta.concrete_fields:
                if field.column in nullable and not field.null and not field.primary_key:
                    yield Finding(table, f"NOT NULL of {field.column} is missing", REMAKE)
    if connection.vendor == "postgresql":
        unproved = (
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE NOT convalidated AND "
            "connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
        yield from listed(unproved, "constraints", _unproved)


def _unproved(table: str, name: str) -> Finding:
    return Finding(table, f"{name} is not valid", f'Run ALTER TABLE {table} VALIDATE CONSTRAINT "{name}".')


def _missing_named(model: type[models.Model], found: Constraints) -> Iterator[str]:
    """Constraints and indexes that the model names."""
    for constraint in model._meta.constraints:
        if constraint.name not in found:
            yield f"constraint {constraint.name}"
    for index in model._meta.indexes:
        if index.name not in found:
            yield f"index {index.name}"


def _missing_keys(model: type[models.Model], found: Constraints) -> Iterator[str]:
    """The primary key, single columns that are unique, sets of them, and references.

    Those of observations are held by triggers on PostgreSQL.
    """
    unique = [set(c["columns"]) for c in found.values() if c["unique"] or c["primary_key"]]
    references = [(c["columns"], c["foreign_key"]) for c in found.values() if c["foreign_key"]]
    if {str(field.column) for field in model._meta.pk_fields} not in unique:
        yield "the primary key"
    for names in model._meta.unique_together:
        if {str(model._meta.get_field(name).column) for name in names} not in unique:  # type: ignore[union-attr]
            yield f"UNIQUE ({', '.join(names)})"
    for field in model._meta.concrete_fields:
        if field.unique and not field.primary_key and {str(field.column)} not in unique:
            yield f"UNIQUE ({field.column})"
        if isinstance(field, models.ForeignKey) and not (model is Observation and connection.vendor == "postgresql"):
            target = field.target_field
            named = (target.model._meta.db_table, target.column)
            if ([field.column], named) not in references:
                yield f"the reference of {field.column} to {named[0]}"


def triggers_exist() -> Iterator[Finding]:
    """The triggers are laid and at work, on PostgreSQL also those that hold references."""
    expected = trigger_names(connection.vendor, REFERENCE_MODELS)
    if connection.vendor == "sqlite":
        present = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    else:
        present = "SELECT tgname FROM pg_trigger"
    with connection.cursor() as cursor:
        cursor.execute(present)
        found = {name for (name,) in cursor.fetchall()}
    for name in sorted(expected - found):
        yield Finding(f"trigger {name}", "is missing", _REPAIR)
    if connection.vendor == "postgresql":
        names = ", ".join(f"'{model._meta.db_table}'" for model in tables())
        stopped = (
            "SELECT relname, COUNT(*) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "  # noqa: S608 (our own)
            f"WHERE relname IN ({names}) AND tgenabled NOT IN ('O', 'A') "
            "AND relnamespace = current_schema()::regnamespace GROUP BY 1 ORDER BY 1"
        )
        yield from listed(stopped, "triggers", _stopped)


def _stopped(table: str, number: int) -> Finding:
    remedy = f"Run ALTER TABLE {table} ENABLE TRIGGER ALL, as a superuser, and check_store again."
    return Finding(table, f"{number} triggers are disabled", remedy)
