"""manage.py load PACKAGE: bring in reference tables and releases from a data package."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from ...publishing.faults import BadData, Fault
from ...publishing.inventory import mend
from ...publishing.package import Loaded, load
from ...publishing.run import Outcome, State
from ...publishing.tables import TableChanges
from ...publishing.turn import NotPublished
from ...query.edition import current_edition
from ..progress import Bar, LongCommand

#: More faults than this are counted, not listed.
_MOST_LISTED = 200
#: So many rows of a table are named, unless all are asked for; so long is a value that is shown.
_NAMED, _LONG = 10, 60
_FAULTS, _FAILED = 1, 3


class Command(LongCommand):
    """Arguments and printing only; the work is `publishing.package.load`."""

    help = (
        "Bring a data package (a folder with datapackage.json) into the database: create and update the reference "
        "tables, then replay its releases in order, and tell what changed. Loading the same package again changes "
        "nothing. Exit codes: 0 loaded; 1 the package has faults, of which nothing was written; 2 a wrong argument; 3 "
        "the database failed or is busy."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("package", type=Path, help="folder of the package, such as fixtures/")
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="if a release is in force already, make missing files and do nothing else: what was edited stays",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell the same and write nothing; other writers wait meanwhile"
        )
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object, with every row")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = Bar(self, quiet=options["json"])
        try:
            release = current_edition().release if options["if_empty"] else None
            if release:
                if not options["dry_run"]:
                    mend(bar.show)  # a store may be older than files, or its folder new
                bar.close()
                self._nothing_to_do(release.name, options["json"])
                return
            loaded = load(options["package"], bar.show, dry_run=options["dry_run"])
        except BadData as error:
            bar.close()
            self._refuse(error.faults, options["json"])
            errors = sum(not fault.warning for fault in error.faults)
            message = f"The package has {errors} faults: mend the lines above and load it again."
            raise CommandError(message, returncode=_FAULTS) from error
        except NotPublished as error:
            bar.close()
            raise CommandError(str(error), returncode=_FAILED) from error
        except (OperationalError, InterfaceError) as error:
            bar.close()
            said, *_ = str(error).splitlines()
            message = f"The database does not answer ({said}). See that it runs, and load again."
            raise CommandError(message, returncode=_FAILED) from error
        bar.close()
        if options["json"]:
            self.stdout.write(json.dumps(_report(loaded, options["dry_run"]), ensure_ascii=False, default=str))
        else:
            self._as_text(loaded, options)

    def _nothing_to_do(self, release: str, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"state": "left alone", "release": release}, ensure_ascii=False))
        else:
            self.stdout.write(f"Nothing to do: release {release} is in force.")

    def _refuse(self, faults: Sequence[Fault], as_json: bool) -> None:
        if as_json:
            report = {"state": "refused", "faults": list(map(vars, faults))}
            self.stdout.write(json.dumps(report, ensure_ascii=False))
            return
        for fault in faults[:_MOST_LISTED]:
            self.stderr.write(str(fault))
        if len(faults) > _MOST_LISTED:
            self.stderr.write(f"… and {len(faults) - _MOST_LISTED} more")

    def _as_text(self, loaded: Loaded, options: dict[str, Any]) -> None:
        for fault in loaded.warnings:
            self.stdout.write(str(fault))
        for table in loaded.tables:
            self._tell(table, every=options["verbosity"] > 1)
        for outcome in loaded.outcomes:
            if outcome.state is State.PUBLISHED:
                self.stdout.write(self.style.SUCCESS(f"release {outcome.name}: {_counts(outcome)}"))
            else:
                self.stdout.write(f"release {outcome.name}: {outcome.state.value}")
        if options["dry_run"]:
            self.stdout.write("Dry run: nothing was written.")

    def _tell(self, table: TableChanges, every: bool) -> None:
        kept = f", {table.kept} in the store only" if table.kept else ""
        counts = f"{table.created} created, {table.updated} updated, {table.unchanged} unchanged"
        self.stdout.write(f"{table.name}: {counts}{kept}")
        first = not (table.updated or table.unchanged or table.kept)  # all of a new table is no news
        new = table.new if every else table.new[: 0 if first else _NAMED]
        if new:
            more = f" and {table.created - len(new)} more" if len(new) < table.created else ""
            self.stdout.write(f"  created: {', '.join(new)}{more}")
        changed = table.changed if every else table.changed[:_NAMED]
        for row in changed:
            columns = "; ".join(f"{name} {_shown(old)} -> {_shown(new)}" for name, (old, new) in row.columns.items())
            self.stdout.write(f"  updated: {row.code}: {columns}")
        if len(changed) < table.updated:
            self.stdout.write(f"  updated: {table.updated - len(changed)} more; --verbosity 2 lists all")


def _counts(outcome: Outcome) -> str:
    return ", ".join(f"{number} {name}" for name, number in outcome.changes.counts._asdict().items())


def _shown(value: Any) -> str:
    text = "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"


def _report(loaded: Loaded, dry_run: bool) -> dict[str, Any]:
    return {
        "state": "planned" if dry_run else "loaded",
        "tables": {
            table.name: {
                "created": list(table.new),
                "updated": [{"row": row.code, "columns": row.columns} for row in table.changed],
                "unchanged": table.unchanged,
                "kept": table.kept,
            }
            for table in loaded.tables
        },
        "releases": [
            {"release": outcome.name, "state": outcome.state.name.lower(), **outcome.changes.counts._asdict()}
            for outcome in loaded.outcomes
        ],
        "faults": list(map(vars, loaded.warnings)),
    }
