"""manage.py load PACKAGE: bring in reference tables and releases from a data package."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ...publishing.faults import BadData
from ...publishing.inventory import mend
from ...publishing.package import Loaded, load
from ...publishing.run import State
from ...publishing.turn import NotPublished
from ...query.edition import current_edition
from ..progress import Bar

#: More faults than this are counted, not listed.
_MOST_LISTED = 200


class Command(BaseCommand):
    """Arguments and printing only; the work is `publishing.package.load`."""

    help = (
        "Bring a data package (a folder with datapackage.json) into the database: create and update the reference "
        "tables, then replay its releases in order. Loading the same package again changes nothing. "
        "Exit codes: 0 loaded, 1 the package has faults, of which nothing was written, or the database failed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("package", type=Path, help="folder of the package, such as fixtures/")
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="if a release is in force already, make missing files and do nothing else: what was edited stays",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        release = current_edition().release
        bar = Bar(self)
        if options["if_empty"] and release:
            self._mend(bar)
            self.stdout.write(f"Nothing to do: release {release.name} is in force.")
            return
        try:
            loaded = load(options["package"], bar.show)
        except BadData as error:
            bar.close()
            for fault in error.faults[:_MOST_LISTED]:
                self.stderr.write(str(fault))
            more = len(error.faults) - _MOST_LISTED
            if more > 0:
                self.stderr.write(f"… and {more} more")
            errors = sum(not fault.warning for fault in error.faults)
            raise CommandError(f"The package has {errors} faults: mend the lines above and load it again.") from error
        except NotPublished as error:
            bar.close()
            raise CommandError(str(error)) from error
        bar.close()
        self._report(loaded)

    def _mend(self, bar: Bar) -> None:
        """Make the files that releases in force lack: a store may be older than files, or its folder new."""
        try:
            mend(bar.show)
        except NotPublished as error:
            raise CommandError(str(error)) from error
        finally:
            bar.close()

    def _report(self, loaded: Loaded) -> None:
        for fault in loaded.warnings:
            self.stdout.write(str(fault))
        for table in loaded.tables:
            kept = f", {table.kept} in the store only" if table.kept else ""
            self.stdout.write(
                f"{table.name}: {table.created} created, {table.updated} updated, {table.unchanged} unchanged{kept}"
            )
        for outcome in loaded.outcomes:
            if outcome.state is not State.PUBLISHED:
                self.stdout.write(f"release {outcome.name}: {outcome.state.value}")
                continue
            counts = outcome.changes.counts
            told = ", ".join(f"{number} {name}" for name, number in counts._asdict().items() if name != "withdrawn")
            self.stdout.write(self.style.SUCCESS(f"release {outcome.name}: {told}"))
