"""A data package: reference tables and releases of observations, described by `datapackage.json`.

`load()` checks the whole package first, then writes the reference tables in one transaction and publishes the releases
in their order, one transaction each. In an empty store they are replayed, as if each had come into force on its date;
where others are in force, they come into force now. Loading the same package again changes nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.db import models, transaction

from ..models import REFERENCE_MODELS, Plan, Region, Store
from ..query.edition import Edition, current_edition
from .cells import day
from .checks import read_table
from .faults import BadData, Fault, stop_on_errors
from .figures import COLUMNS, REQUIRED, Figure
from .readers import read_csv
from .run import Announcement, Outcome, Progress, State, name_fault, publish, replayed, silent
from .tables import Reading, TableChanges, circle, read_rows, write_rows
from .turn import turn
from .words import Said as _

#: Name of the resource in the package -> its model; each after those it refers to.
TABLES: dict[str, type[models.Model]] = dict(
    zip(
        (
            "units",
            "datasets",
            "sources",
            "regions",
            "region_events",
            "indicators",
            "plans",
            "actions",
            "measures",
            "targets",
        ),
        REFERENCE_MODELS,
        strict=True,
    )
)
_TREES = (Region, Plan)
_RELEASE_COLUMNS = ("name", "order", "date", "title_zh", "title_en", "basis_en", "notes_zh", "notes_en")


@dataclass(frozen=True)
class Loaded:
    """What loading a package did: to each reference table, and for each release."""

    tables: Sequence[TableChanges]
    outcomes: Sequence[Outcome]
    warnings: Sequence[Fault]


def load(folder: Path, progress: Progress = silent, *, dry_run: bool = False) -> Loaded:
    """Bring a package in; raises `BadData` with every fault of the reference tables, or else of the observations.

    A dry run does the same in one transaction that is rolled back: others who want to write wait for it.
    """
    if not dry_run:
        return _load(folder, progress)
    with turn():
        loaded = _load(folder, progress, with_files=False)
        transaction.set_rollback(True)
    return loaded


def _load(folder: Path, progress: Progress, with_files: bool = True) -> Loaded:
    resources = _resources(folder)
    tables = _write_tables(folder, resources, progress)
    announcements = _announcements(folder, resources)
    files = {a.name: folder / resources[f"observations-{a.name}"] for a in announcements}
    submitted, warnings = _read_all(folder, files, progress)
    if not Store.objects.filter(release__isnull=False).exists():
        announcements = [replayed(announcement) for announcement in announcements]
    outcomes = []
    for announcement in announcements:
        file, rows = submitted.pop(announcement.name)
        outcomes.append(publish(announcement, rows, file, progress, with_files=with_files))
    repeated = [outcome for outcome in outcomes if outcome.state is State.REPEATED]
    return Loaded(tables, outcomes, [*warnings, *(fault for outcome in repeated for fault in outcome.warnings)])


def _resources(folder: Path) -> dict[str, str]:
    """Paths of the resources by name."""
    path = folder / "datapackage.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        found = {str(resource["name"]): resource["path"] for resource in described["resources"]}
    except OSError as error:
        message = _("cannot be read (%(reason)s): a package is a folder with a datapackage.json", reason=error.strerror)
        raise BadData([Fault(str(path), None, None, message)]) from error
    except (ValueError, KeyError, TypeError) as error:
        message = _("is not a Data Package: it needs a list `resources`, each with `name` and `path`")
        raise BadData([Fault(str(path), None, None, message)]) from error
    faults = [fault for name, text in found.items() if (fault := _path_fault(folder, name, text))]
    faults += [_no_resource(name) for name in (*TABLES, "releases") if name not in found]
    stop_on_errors(faults)
    return found


def _path_fault(folder: Path, name: str, text: Any) -> Fault | None:
    if not isinstance(text, str) or not text or "\0" in text:
        return Fault("datapackage.json", None, name, _("path %(path)r is not the path of one file", path=text))
    if not (folder / text).resolve().is_relative_to(folder.resolve()):
        return Fault("datapackage.json", None, name, _("path %(path)r leads out of the package", path=text))
    return None


def _no_resource(name: str, reason: str = "") -> Fault:
    return Fault("datapackage.json", None, None, _("has no resource %(name)r%(reason)s", name=name, reason=reason))


def _write_tables(folder: Path, resources: dict[str, str], progress: Progress) -> list[TableChanges]:
    """Read all tables, then write them in one transaction; every fault of every table is told at once."""
    read: dict[type[models.Model], Reading | None] = {}
    faults: list[Fault] = []
    for name, model in TABLES.items():
        try:
            read[model] = read_rows(folder / resources[name], model, folder, read)
        except BadData as error:
            faults += error.faults
            read[model] = None
        else:
            faults += read[model].faults  # type: ignore[union-attr]
    stop_on_errors(faults)
    changes: list[TableChanges] = []
    with turn():
        for done, (name, model) in enumerate(TABLES.items(), start=1):
            reading = read[model]
            assert reading is not None
            try:
                changes.append(write_rows(name, model, reading))
                if model in _TREES:
                    faults += _circles(model, reading)
            except BadData as error:
                faults += error.faults
            progress("reference tables", done, len(TABLES))
        stop_on_errors(faults)
    return changes


def _circles(model: type[models.Model], reading: Reading) -> list[Fault]:
    """Rows that lie in themselves, over however many steps."""
    parents = dict(model._default_manager.values_list("pk", "parent_id"))
    return [
        Fault(reading.file, line, "parent", reason)
        for line, row in zip(reading.lines, reading.rows, strict=True)
        if (reason := circle(model, row["code"], parents))
    ]


def _announcements(folder: Path, resources: dict[str, str]) -> list[Announcement]:
    """The releases of the package in their order, each of which could be published after the one before."""
    required = ("name", "order", "date", "title_zh", "title_en")
    table = read_csv(folder / resources["releases"], _RELEASE_COLUMNS, required, folder)
    faults = list(table.faults)
    found: list[tuple[int, int, Announcement]] = []
    for row in table.rows:
        try:
            found.append((_order(row.cells["order"] or ""), row.line, _announcement(row.cells)))
        except ValueError as error:
            faults.append(Fault(table.name, row.line, None, error.args[0]))
    found.sort(key=lambda entry: entry[0])
    for (order, _line, before), (next_order, line, after) in pairwise(found):
        if next_order == order:
            message = _("%(order)d is the order of release %(name)s too", order=order, name=before.name)
            faults.append(Fault(table.name, line, "order", message))
        elif after.published_on <= before.published_on:
            message = _(
                "release %(name)s is dated %(date)s, not after %(last_date)s, the date of release %(last)s",
                name=after.name,
                date=after.published_on,
                last_date=before.published_on,
                last=before.name,
            )
            faults.append(Fault(table.name, line, "date", message))
    lines: dict[str, int] = {}
    for _order_of_it, line, announcement in found:
        release = announcement.name
        if lines.setdefault(release, line) != line:
            message = _("%(key)r stands in line %(line)d already", key=release, line=lines[release])
            faults.append(Fault(table.name, line, "name", message))
        elif f"observations-{release}" not in resources:
            faults.append(_no_resource(f"observations-{release}", _(", which releases.csv calls for")))
    stop_on_errors(faults)
    return [announcement for *_place, announcement in found]


def _order(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text, re.ASCII):
        raise ValueError(_("order %(text)r is not a whole number from 1", text=text))
    return int(text)


def _announcement(cells: dict[str, str | None]) -> Announcement:
    empty = [column for column in ("name", "date", "title_zh", "title_en") if not cells[column]]
    if empty:
        raise ValueError(_("%(columns)s is empty", columns=empty))
    name, titles = cells["name"] or "", (cells["title_zh"] or "", cells["title_en"] or "")
    if reason := name_fault(name):
        raise ValueError(reason)
    notes = (_lines(cells.get("notes_zh")), _lines(cells.get("notes_en")))
    return Announcement(name, day(cells["date"] or ""), *titles, cells.get("basis_en"), None, *notes)


def _lines(text: str | None) -> str | None:
    """A text of several lines, whatever ended them."""
    return text and text.replace("\r\n", "\n")


#: Name of a release -> name of its file, and its figures.
Submitted = dict[str, tuple[str, Sequence[Figure]]]


def _read_all(folder: Path, files: dict[str, Path], progress: Progress) -> tuple[Submitted, list[Fault]]:
    """Read and check every file before the first release is written."""
    edition: Edition = current_edition()
    faults: list[Fault] = []
    submitted: Submitted = {}
    for done, (release, path) in enumerate(files.items(), start=1):
        try:
            table = read_csv(path, COLUMNS, REQUIRED, folder)
        except BadData as error:
            faults += error.faults
        else:
            rows, wrong = read_table(table, edition)
            faults += wrong
            submitted[release] = table.name, rows
        progress("checking", done, len(files))
    return submitted, stop_on_errors(faults)
