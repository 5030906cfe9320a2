"""Reference tables: read by their models, checked cell by cell, created and updated, never silently removed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext

from ..models import RegionEvent
from ..query.vocabulary import similar_names
from .cells import cell_value
from .faults import BadData, Fault
from .readers import Row, read_csv
from .words import Said as _
from .words import either

#: Columns that the pack spells otherwise than the model.
_RENAMED = {"licence": "license"}
_EVENT_KEY = ("year", "kind", "from_code_id", "to_code_id")

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Reading:
    """A table as read: attributes of each row, the line that it stands in, and what is wrong with the table."""

    file: str
    rows: Rows
    lines: list[int]
    faults: list[Fault]


@dataclass(frozen=True)
class RowChange:
    """A row that was updated: its code, and each column that differed with its old and new value."""

    code: str
    columns: Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True)
class TableChanges:
    """What loading did to a table; `kept` rows stand in the store but not in the package."""

    name: str
    new: Sequence[str]
    changed: Sequence[RowChange]
    unchanged: int
    kept: int

    @property
    def created(self) -> int:
        """How many rows are new."""
        return len(self.new)

    @property
    def updated(self) -> int:
        """How many rows differed."""
        return len(self.changed)


def read_rows(
    path: Path, model: type[models.Model], root: Path, others: Mapping[type[models.Model], Reading | None]
) -> Reading:
    """Rows of a table as attributes of its model; raises `BadData` if the file is no such table.

    `others` are the tables read before, in which a code that this table refers to may stand; None is a table that
    could not be read, of which nothing is said here again.
    """
    fields = {_pack_name(field.name): field for field in model._meta.concrete_fields if field.name != "id"}
    required = tuple(column for column, field in fields.items() if not field.null)
    table = read_csv(path, tuple(fields), required, root)
    faults = list(table.faults)
    reading = Reading(table.name, [], [row.line for row in table.rows], faults)
    first: dict[Any, int] = {}
    for row in table.rows:
        values, wrong = _values(table.name, row, fields)
        faults += wrong
        reading.rows.append(values)
        key = _key(model, values)
        if first.setdefault(key, row.line) != row.line:
            message = _("%(key)r stands in line %(line)d already", key=key, line=first[key])
            faults.append(Fault(table.name, row.line, None, message))
    faults += _dangling(reading, fields, model, others)
    faults.sort(key=lambda fault: fault.line or 0)
    return reading


def _pack_name(name: str) -> str:
    return next((pack for pack, ours in _RENAMED.items() if ours == name), name)


def _key(model: type[models.Model], values: Mapping[str, Any]) -> Any:
    if model is RegionEvent:
        return tuple(values.get(name) for name in _EVENT_KEY)
    return values.get("code")


def _values(file: str, row: Row, fields: Mapping[str, models.Field[Any, Any]]) -> tuple[dict[str, Any], list[Fault]]:
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for column, field in fields.items():
        text = row.cells.get(column)
        values[field.attname] = None
        if text is None:
            if not field.null:
                faults.append(Fault(file, row.line, column, _("is empty")))
            continue
        try:
            values[field.attname] = cell_value(text, field)
        except ValueError as error:
            faults.append(Fault(file, row.line, column, str(error)))
    return values, faults


def _dangling(
    reading: Reading,
    fields: Mapping[str, models.Field[Any, Any]],
    model: type[models.Model],
    others: Mapping[type[models.Model], Reading | None],
) -> list[Fault]:
    """References to codes that stand neither in the package nor in the store."""
    faults = []
    for column, field in fields.items():
        target = field.related_model
        if not isinstance(target, type):
            continue
        other = reading if target is model else others.get(target)
        if other is None:
            continue
        known = {row["code"] for row in other.rows} | set(target._default_manager.values_list("pk", flat=True))
        for line, values in zip(reading.lines, reading.rows, strict=True):
            code = values[field.attname]
            if code is not None and code not in known:
                meant = similar_names(code, known - {None})
                hint = _("; did you mean %(meant)s?", meant=either(meant)) if meant else ""
                name = str(target._meta.verbose_name_plural)
                message = _("%(code)r is not a code of %(table)s%(hint)s", code=code, table=name, hint=hint)
                faults.append(Fault(reading.file, line, column, message))
    return faults


def circle(model: type[models.Model], code: str, parents: Mapping[str, str | None]) -> str | None:
    """Why no row can have these parents: it would lie in itself, over however many steps. None if all is well."""
    seen, above = {code}, parents.get(code)
    while above is not None and above not in seen:
        seen.add(above)
        above = parents.get(above)
    if above != code:
        return None
    words = {"name": model._meta.verbose_name, "code": code}
    return gettext("%(name)s %(code)s lies in itself: its parents form a circle") % words


def write_rows(name: str, model: type[models.Model], reading: Reading) -> TableChanges:
    """Create the rows that are new and update those that differ; rows that are equal are not touched.

    Raises `BadData` with the rows that a constraint of the table refuses; then nothing of the table is written.
    """
    try:
        with transaction.atomic():
            return _write(name, model, reading.rows)
    except IntegrityError as error:
        raise BadData(_violations(model, reading) or [Fault(reading.file, None, None, str(error))]) from error


def _violations(model: type[models.Model], reading: Reading) -> list[Fault]:
    """The rows that break a constraint, each with the constraint's own message."""
    faults = []
    for line, values in zip(reading.lines, reading.rows, strict=True):
        for constraint in model._meta.constraints:
            if not isinstance(constraint, models.CheckConstraint):
                continue
            try:
                constraint.validate(model, model(**values))
            except ValidationError as error:
                faults.append(Fault(reading.file, line, None, " ".join(error.messages)))
    return faults


def _write(name: str, model: type[models.Model], rows: Rows) -> TableChanges:
    existing = {_key(model, vars(row)): row for row in model._default_manager.all()}
    missing = [values for values in rows if _key(model, values) not in existing]
    differing: list[models.Model] = []
    changed: list[RowChange] = []
    for values in rows:
        row = existing.get(_key(model, values))
        if row is not None and (columns := _differences(model, row, values)):
            for attribute, value in values.items():
                setattr(row, attribute, value)
            differing.append(row)
            changed.append(RowChange(_code(model, values), columns))
    if missing:
        model._default_manager.bulk_create([model(**values) for values in missing], batch_size=500)
    if differing:
        changeable = [field.name for field in model._meta.concrete_fields if not field.primary_key]
        model._default_manager.bulk_update(differing, changeable, batch_size=200)
    unchanged = len(rows) - len(missing) - len(changed)
    kept = len(existing) - len(changed) - unchanged
    return TableChanges(name, [_code(model, values) for values in missing], changed, unchanged, kept)


def _differences(model: type[models.Model], row: models.Model, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The columns in which a row of the store differs, by their names in the pack."""
    fields = {field.attname: field.name for field in model._meta.concrete_fields}
    return {
        _pack_name(fields[attribute]): (getattr(row, attribute), value)
        for attribute, value in values.items()
        if getattr(row, attribute) != value
    }


def _code(model: type[models.Model], values: Mapping[str, Any]) -> str:
    """By what a row is named, in words."""
    key = _key(model, values)
    return " ".join(map(str, key)) if isinstance(key, tuple) else str(key)
