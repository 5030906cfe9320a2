"""Triggers that hold what a constraint cannot: the reference revision, the order of releases, and references in bulk.

They are laid anew after every `migrate`, because SQLite drops them when a migration remakes a table.

Not every write shows in answers about figures (`reference_edited_at`): there were none before the first release, and a
new row is not one that figures refer to. A new target is: it adds its indicator to those of `plan=`.
"""

import re
from typing import Any

from django.db import connections, models

from . import references
from .observations import Observation, Release, Store
from .plans import Target

_EVENTS = ("INSERT", "UPDATE", "DELETE")
_TARGET = Target._meta.db_table


def install_triggers(using: str, reference_models: tuple[type[models.Model], ...]) -> None:
    """Create or replace every trigger on the database `using`, and the one row of the store."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for statement in _statements(connection.vendor, reference_models):
            cursor.execute(statement)
    Store.objects.using(using).get_or_create(id=1)


def trigger_names(vendor: str, reference_models: tuple[type[models.Model], ...]) -> frozenset[str]:
    """The names of all triggers on an engine."""
    text = "\n".join(_statements(vendor, reference_models))
    return frozenset(re.findall(r"^CREATE TRIGGER (\S+)", text, re.MULTILINE))


def _statements(vendor: str, reference_models: tuple[type[models.Model], ...]) -> list[str]:
    statements = {"sqlite": _sqlite, "postgresql": _postgresql}[vendor]
    tables = [model._meta.db_table for model in reference_models]
    return statements(tables, Store._meta.db_table, Release._meta.db_table)


def _sqlite(tables: list[str], store: str, release: str) -> list[str]:
    statements = []
    for table in tables:
        for event in _EVENTS:
            name = f"{table}_revision_{event.lower()}"
            now = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
            edited_at = f"CASE WHEN release_id IS NULL THEN NULL ELSE {now} END"
            if event == "INSERT" and table != _TARGET:
                edited_at = "reference_edited_at"
            statements += [
                f"DROP TRIGGER IF EXISTS {name}",
                f"CREATE TRIGGER {name} AFTER {event} ON {table} BEGIN UPDATE {store} SET "
                f"reference_revision = reference_revision + 1, reference_changed_at = {now}, "
                f"reference_edited_at = {edited_at}; END",
            ]
    for event in ("INSERT", "UPDATE"):
        name = f"{release}_order_{event.lower()}"
        statements += [
            f"DROP TRIGGER IF EXISTS {name}",
            f"CREATE TRIGGER {name} BEFORE {event} ON {release} WHEN EXISTS (SELECT 1 FROM {release} r WHERE "
            '(r."order" < NEW."order" AND r.published_on >= NEW.published_on) OR '
            '(r."order" > NEW."order" AND r.published_on <= NEW.published_on)) '
            "BEGIN SELECT RAISE(ABORT, 'published_on must increase with every release'); END",
        ]
    return statements


def _postgresql(tables: list[str], store: str, release: str) -> list[str]:
    statements = [
        f"CREATE OR REPLACE FUNCTION {store}_raise_revision() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"UPDATE {store} SET reference_revision = reference_revision + 1, reference_changed_at = clock_timestamp(), "
        "reference_edited_at = CASE WHEN release_id IS NULL THEN NULL "
        f"WHEN TG_OP = 'INSERT' AND TG_TABLE_NAME <> '{_TARGET}' THEN reference_edited_at "
        "ELSE clock_timestamp() END; RETURN NULL; END $$",
        f"CREATE OR REPLACE FUNCTION {release}_check_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f'IF EXISTS (SELECT 1 FROM {release} r WHERE (r."order" < NEW."order" AND r.published_on >= NEW.published_on) '
        'OR (r."order" > NEW."order" AND r.published_on <= NEW.published_on)) THEN '
        "RAISE EXCEPTION 'published_on must increase with every release' USING ERRCODE = 'check_violation'; "
        "END IF; RETURN NEW; END $$",
        f"DROP TRIGGER IF EXISTS {release}_order ON {release}",
        f"CREATE TRIGGER {release}_order BEFORE INSERT OR UPDATE ON {release} "
        f"FOR EACH ROW EXECUTE FUNCTION {release}_check_order()",
    ]
    for table in tables:
        statements += [
            f"DROP TRIGGER IF EXISTS {table}_revision ON {table}",
            f"CREATE TRIGGER {table}_revision AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {store}_raise_revision()",
        ]
    return statements + references.statements()


def lay_triggers(sender: Any, using: str, **_: Any) -> None:
    """Receiver of `post_migrate`: nothing to lay while the tables do not exist yet (a migration backwards)."""
    reference_models = sender.module.models.REFERENCE_MODELS
    present = set(connections[using].introspection.table_names())
    if {model._meta.db_table for model in (*reference_models, Store, Release, Observation)} <= present:
        install_triggers(using, reference_models)
