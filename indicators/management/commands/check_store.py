"""manage.py check_store: tell everything that is wrong in the store, and what to do."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from ...publishing.store.check import check_store
from ...publishing.store.finding import Finding
from ...publishing.turn import NotPublished
from ..progress import Bar, LongCommand

_FOUND, _FAILED = 1, 3


class Command(LongCommand):
    """Arguments and printing only; the work is `publishing.store`."""

    help = (
        "Check the store: that it is built as this software expects, that every row keeps the rules, that the vintages "
        "of a cell and the releases follow each other, that releases did what they say, and that their files are whole "
        "and hold the same. Run it after a restore and now and then by cron; nobody waits for it. "
        "Exit codes: 0 nothing found; 1 findings, each with what to do; 2 a wrong argument; 3 the database does not "
        "answer, or files cannot be written."
    )
    requires_system_checks = ()
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the findings as one JSON object")
        parser.add_argument(
            "--repair",
            action="store_true",
            help="first make anew what can be made from what is there (triggers, the row of the store, files of "
            "releases), and remove files of no release",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        bar = Bar(self, quiet=True)
        try:
            findings = check_store(bar.show, repair=options["repair"])
        except NotPublished as error:
            raise CommandError(str(error), returncode=_FAILED) from error
        except (OperationalError, InterfaceError) as error:
            said, *_ = str(error).splitlines()
            message = f"Nothing was checked: the database does not answer ({said}). See that it runs, and try again."
            raise CommandError(message, returncode=_FAILED) from error
        finally:
            bar.close()
        (self._as_json if options["json"] else self._as_text)(findings)
        if findings:
            raise CommandError(f"{len(findings)} findings in the store.", returncode=_FOUND)

    def _as_json(self, findings: Sequence[Finding]) -> None:
        state = "findings" if findings else "clean"
        self.stdout.write(json.dumps({"state": state, "findings": list(map(vars, findings))}, ensure_ascii=False))

    def _as_text(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self.stdout.write(str(finding))
        if not findings:
            self.stdout.write(self.style.SUCCESS("The store is clean."))
