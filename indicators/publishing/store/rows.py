"""Whether the rows of every table keep its rules, whether or not the database holds them to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from django.db import connection, models

from ...models import Observation
from .finding import RESTORE, Finding, key_columns, listed, quoted, tables

#: What rows that break a constraint of observations are.
_WORDS = {
    "observation_year_four_digits": "the year has not four digits",
    "observation_value_finite": "the value is no number that can be stored",
    "observation_missing_has_reason": "status and value do not agree, or the status is not in the code list",
    "observation_value_has_source": "the value has no source",
    "observation_superseded_later": "the row is superseded by its own release or one before",
}


def rows_keep_their_constraints() -> Iterator[Finding]:
    """No row breaks a constraint of its table."""
    editor = connection.schema_editor(collect_sql=True)
    for model in tables():
        for constraint in model._meta.constraints:
            if isinstance(constraint, models.CheckConstraint):
                condition = re.sub(r"^CONSTRAINT \S+ CHECK ", "", str(constraint.constraint_sql(model, editor)))
                yield from _where(model, f"NOT {condition}", _words(constraint))


def _words(constraint: models.CheckConstraint) -> str:
    if constraint.violation_error_message == constraint.default_violation_error_message:
        return _WORDS.get(constraint.name, f"breaks the rule {constraint.name}")
    return str(constraint.violation_error_message)


def what_must_have_a_value_has_one() -> Iterator[Finding]:
    """No column is null that may not be."""
    for model in tables():
        for field in model._meta.concrete_fields:
            if not field.null and not field.primary_key:
                yield from _where(model, f"{quoted(str(field.column))} IS NULL", f"{field.column} is null")


def _where(model: type[models.Model], condition: str, what: str) -> Iterator[Finding]:
    """A finding for each row of which the condition is true."""
    table, keys = model._meta.db_table, ", ".join(map(quoted, key_columns(model)))
    sql = f"SELECT {keys} FROM {quoted(table)} WHERE {condition} ORDER BY {keys}"  # noqa: S608 (names of our own tables)
    yield from listed(sql, table, lambda *key: Finding(f"{table} {_named(key)}", what, RESTORE))


def rows_stand_once() -> Iterator[Finding]:
    """No two rows have the same key, or share what is unique; those of observations are looked at by themselves."""
    for model in tables():
        if model is Observation:
            continue
        unique = [key_columns(model)]
        unique += [[str(f.column)] for f in model._meta.concrete_fields if f.unique and not f.primary_key]
        for fields in (*model._meta.unique_together, *_unique(model)):
            unique.append([str(model._meta.get_field(name).column) for name in fields])  # type: ignore[union-attr]
        for columns in unique:
            yield from _repeated(model._meta.db_table, columns)


def _unique(model: type[models.Model]) -> list[Sequence[str]]:
    constraints = (c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint))
    return [c.fields for c in constraints if c.condition is None]


def _repeated(table: str, columns: list[str]) -> Iterator[Finding]:
    names = ", ".join(map(quoted, columns))
    given = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in columns)
    sql = f"SELECT {names}, COUNT(*) FROM {quoted(table)} WHERE {given} GROUP BY {names} HAVING COUNT(*) > 1 ORDER BY {names}"  # noqa: S608, E501

    def tell(*row: object) -> Finding:
        return Finding(f"{table} {_named(row[:-1])}", f"{row[-1]} rows have the same {', '.join(columns)}", RESTORE)

    yield from listed(sql, table, tell)


def codes_exist() -> Iterator[Finding]:
    """What rows refer to exists; the rows that refer to the same are told at once."""
    for model in tables():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                yield from _dangling(model._meta.db_table, str(field.column), field.target_field)


def _dangling(table: str, column: str, target: models.Field[object, object]) -> Iterator[Finding]:
    other, name = target.model._meta.db_table, quoted(column)
    sql = (
        f"SELECT {name}, COUNT(*) FROM {quoted(table)} AS o WHERE {name} IS NOT NULL AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM {quoted(other)} AS t WHERE t.{quoted(str(target.column))} = o.{name}) "
        f"GROUP BY {name} ORDER BY {name}"
    )
    remedy = f"Restore the row of {other}, or the newest backup of the database in which check_store finds nothing."

    def tell(code: object, rows: int) -> Finding:
        return Finding(f"{table}.{column}", f"{rows:,} rows refer to {code!r}, which {other} does not have", remedy)

    yield from listed(sql, table, tell)


def _named(key: Sequence[object]) -> str:
    return " ".join(map(str, key))
