"""A data package: reference tables and releases of observations, described by `datapackage.json`.

`load()` checks the whole package first, then writes the reference tables in one transaction and replays the releases
in their order, one transaction each. Loading the same package again changes nothing.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models, transaction

from ..models import REFERENCE_MODELS, Region
from ..query.edition import Edition, current_edition
from .checks import check
from .faults import BadData, Fault, stop_on_errors
from .figures import COLUMNS, REQUIRED, Figure, figures
from .readers import Table, read_csv
from .run import Announcement, Outcome, Progress, publish, replayed, silent
from .tables import TableChanges, read_rows, write_rows

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
_RELEASE_COLUMNS = ("name", "order", "date", "title_zh", "title_en", "basis_en")


@dataclass(frozen=True)
class Loaded:
    """What loading a package did: to each reference table, and for each release."""

    tables: Sequence[TableChanges]
    outcomes: Sequence[Outcome]
    warnings: Sequence[Fault]


def load(folder: Path, progress: Progress = silent) -> Loaded:
    """Bring a package in; raises `BadData` with every fault of the reference tables, or else of the observations."""
    resources = _resources(folder)
    tables = _write_tables(folder, resources, progress)
    announcements = _announcements(folder, resources)
    files = {a.name: folder / _path(resources, f"observations-{a.name}") for a in announcements}
    warnings = _check_all(folder, files, progress)
    outcomes = []
    for announcement in announcements:
        rows, _ = _figures(folder, files[announcement.name])
        outcomes.append(publish(announcement, rows, _name(folder, files[announcement.name]), progress))
    return Loaded(tables, outcomes, warnings)


def _name(folder: Path, path: Path) -> str:
    return str(path.relative_to(folder))


def _resources(folder: Path) -> dict[str, str]:
    """Paths of the resources by name."""
    path = folder / "datapackage.json"
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
        found = {resource["name"]: resource["path"] for resource in described["resources"]}
    except OSError as error:
        message = f"cannot be read ({error.strerror}): a package is a folder with a datapackage.json"
        raise BadData([Fault(str(path), None, None, message)]) from error
    except (ValueError, KeyError, TypeError) as error:
        message = "is not a Data Package: it needs a list `resources`, each with `name` and `path`"
        raise BadData([Fault(str(path), None, None, message)]) from error
    outside = [
        Fault("datapackage.json", None, name, f"path {text!r} leads out of the package")
        for name, text in found.items()
        if not (folder / str(text)).resolve().is_relative_to(folder.resolve())
    ]
    missing = [
        Fault("datapackage.json", None, None, f"has no resource {name!r}")
        for name in (*TABLES, "releases")
        if name not in found
    ]
    if outside or missing:
        raise BadData(outside + missing)
    return found


def _path(resources: dict[str, str], name: str) -> str:
    if name not in resources:
        raise BadData(
            [Fault("datapackage.json", None, None, f"has no resource {name!r}, which releases.csv calls for")]
        )
    return resources[name]


def _write_tables(folder: Path, resources: dict[str, str], progress: Progress) -> list[TableChanges]:
    changes: list[TableChanges] = []
    faults: list[Fault] = []
    with transaction.atomic():
        rows_of: dict[type[models.Model], list[dict[str, Any]]] = {}
        for name, model in TABLES.items():
            try:
                rows_of[model] = read_rows(folder / resources[name], model, folder, rows_of)
            except BadData as error:
                faults += error.faults
                rows_of[model] = []
        if not faults:
            faults += _circles(resources["regions"], rows_of[Region])
        if faults:
            raise BadData(faults)
        for done, (name, model) in enumerate(TABLES.items(), start=1):
            changes.append(write_rows(name, model, rows_of[model]))
            progress("reference tables", done, len(TABLES))
    return changes


def _circles(file: str, rows: Sequence[dict[str, Any]]) -> Iterator[Fault]:
    """Regions that lie in themselves, over however many steps."""
    parent = {row["code"]: row["parent_id"] for row in rows}
    for code in parent:
        seen, above = {code}, parent[code]
        while above is not None and above not in seen:
            seen.add(above)
            above = parent.get(above)
        if above == code:
            yield Fault(file, None, "parent", f"region {code} lies in itself: its parents form a circle")


def _announcements(folder: Path, resources: dict[str, str]) -> list[Announcement]:
    table = read_csv(
        folder / resources["releases"], _RELEASE_COLUMNS, ("name", "order", "date", "title_zh", "title_en"), folder
    )
    faults: list[Fault] = []
    found: list[tuple[int, Announcement]] = []
    for row in table.rows:
        try:
            found.append((int(row.cells["order"] or ""), _announcement(row.cells)))
        except (ValueError, TypeError) as error:
            faults.append(Fault(table.name, row.line, None, f"is not a release: {error}"))
    stop_on_errors(faults)
    return [announcement for _, announcement in sorted(found, key=lambda pair: pair[0])]


def _announcement(cells: dict[str, str | None]) -> Announcement:
    empty = [column for column in ("name", "date", "title_zh", "title_en") if not cells[column]]
    if empty:
        raise ValueError(f"{', '.join(empty)} is empty")
    published_on = datetime.date.fromisoformat(cells["date"] or "")
    return replayed(
        Announcement(
            cells["name"] or "", published_on, cells["title_zh"] or "", cells["title_en"] or "", cells.get("basis_en")
        )
    )


def _figures(folder: Path, path: Path) -> tuple[list[Figure], list[Fault]]:
    table: Table = read_csv(path, COLUMNS, REQUIRED, folder)
    return figures(table)


def _check_all(folder: Path, files: dict[str, Path], progress: Progress) -> list[Fault]:
    """Check every file before the first release is written."""
    edition: Edition = current_edition()
    faults: list[Fault] = []
    for done, path in enumerate(files.values(), start=1):
        try:
            rows, wrong = _figures(folder, path)
            faults += wrong + check(_name(folder, path), rows, edition)
        except BadData as error:
            faults += error.faults
        progress("checking", done, len(files))
    return stop_on_errors(faults)
