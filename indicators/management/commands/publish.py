"""manage.py publish FILE...: bring the tables of a steward into force as a release."""

from __future__ import annotations

import datetime
import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from ...models import decimal_text
from ...publishing.faults import BadData, Fault, stop_on_errors
from ...publishing.run import Announcement, Outcome, publish
from ...publishing.submitted.header import Defaults
from ...publishing.submitted.submission import read_submission
from ...publishing.turn import NotPublished
from ...query.edition import current_edition
from ..progress import Bar, LongCommand

#: Revisions that are shown, the largest first.
_REVISIONS = 10
_FAULTS, _FAILED = 1, 3


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no day such as 2026-05-31") from None


class Command(LongCommand):
    """Arguments and printing only; the work is `publishing.submitted` and `publishing.run.publish`."""

    help = (
        "Read tables of figures (CSV, XLSX or Parquet; long, or wide with years as columns), tell everything that is "
        "wrong with them by file and row, show what would change, and bring them into force as one release. "
        "Exit codes: 0 published, or nothing new; 1 the tables have faults and nothing was written; 2 a wrong "
        "argument; 3 the database failed or is busy."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="table of figures")
        parser.add_argument(
            "--name", required=True, help="name of the release, such as 2026-11-yearbook; as_of takes it"
        )
        parser.add_argument(
            "--title", required=True, help="title of the release, in English unless --title-zh is given too"
        )
        parser.add_argument("--title-zh", help="Chinese title; without it, that of --title")
        parser.add_argument("--basis", help="why the release bears its date, in English")
        parser.add_argument("--notes-zh", metavar="TEXT", help="what readers should know of the release, in Chinese")
        parser.add_argument("--notes-en", metavar="TEXT", help="the same in English")
        parser.add_argument(
            "--published-on", type=_day, metavar="DATE", help="day from which the figures are known; today if left out"
        )
        parser.add_argument("--status", help="status of the figures, for tables without that column")
        parser.add_argument("--source", help="source of the figures, for tables without that column")
        parser.add_argument(
            "--withdraw-missing",
            action="store_true",
            help="withdraw what is in force of the indicators in the tables and is not in them",
        )
        parser.add_argument("--dry-run", action="store_true", help="check and compare, and write nothing")
        parser.add_argument("--json", action="store_true", help="print the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        bar = Bar(self, quiet=options["json"])
        title = options["title"]
        announcement = Announcement(
            options["name"],
            options["published_on"] or timezone.now().date(),
            options["title_zh"] or title,
            title,
            options["basis"],
            notes_zh=options["notes_zh"] or None,
            notes_en=options["notes_en"] or None,
        )
        try:
            defaults = Defaults(options["status"], options["source"])
            submission = read_submission(options["files"], current_edition(), defaults)
            warnings = stop_on_errors(submission.faults)
            outcome = publish(
                announcement,
                submission.figures,
                ", ".join(submission.files),
                bar.show,
                withdraw_missing=options["withdraw_missing"],
                dry_run=options["dry_run"],
                standing=submission.standing,
            )
        except BadData as error:
            bar.close()
            self._refuse(error.faults, options["json"])
        except NotPublished as error:
            bar.close()
            raise CommandError(str(error), returncode=_FAILED) from error
        else:
            bar.close()
            faults = list(dict.fromkeys([*warnings, *outcome.warnings]))
            (self._as_json if options["json"] else self._as_text)(outcome, faults)

    def _refuse(self, faults: Sequence[Fault], as_json: bool) -> None:
        errors = sum(not fault.warning for fault in faults)
        if as_json:
            self.stdout.write(json.dumps({"state": "refused", "faults": list(map(vars, faults))}, ensure_ascii=False))
        else:
            self.stderr.write("\n".join(map(str, faults)))
        raise CommandError(
            f"Nothing was published: {errors} faults. Mend the rows that are named and publish again.",
            returncode=_FAULTS,
        )

    def _as_json(self, outcome: Outcome, faults: Sequence[Fault]) -> None:
        report = {
            "state": outcome.state.name.lower(),
            "release": outcome.name,
            **outcome.changes.counts._asdict(),
            "indicators": {code: counts._asdict() for code, counts in outcome.changes.by_indicator().items()},
            "largest_revisions": [
                {
                    "indicator": revision.figure.indicator,
                    "region": revision.figure.region,
                    "year": revision.figure.year,
                    "before": revision.before,
                    "value": revision.figure.value,
                }
                for revision in outcome.changes.largest(_REVISIONS)
            ],
            "faults": list(map(vars, faults)),
        }
        self.stdout.write(json.dumps(report, ensure_ascii=False))

    def _as_text(self, outcome: Outcome, faults: Sequence[Fault]) -> None:
        for fault in faults:
            self.stdout.write(str(fault))
        for code, counts in outcome.changes.by_indicator().items():
            told = ", ".join(f"{number} {name}" for name, number in counts._asdict().items() if number)
            self.stdout.write(f"{code}: {told}")
        for revision in outcome.changes.largest(_REVISIONS):
            figure = revision.figure
            assert figure.value is not None
            assert revision.before is not None
            values = f"{decimal_text(revision.before)} -> {decimal_text(figure.value)}"
            self.stdout.write(f"  revised: {figure.indicator} {figure.region} {figure.year}: {values}")
        total = ", ".join(f"{number} {name}" for name, number in outcome.changes.counts._asdict().items())
        self.stdout.write(self.style.SUCCESS(f"release {outcome.name} {outcome.state.value}: {total}"))
