"""manage.py export NAME=VALUE...: any slice in any format to a file."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import CommandError
from django.db import InterfaceError, OperationalError

from ...formats import FORMATS, Format
from ...http.asking import Question
from ...http.exporting import aside, export, question_of
from ...http.resources import LISTS, Resource
from ...query.problems import BadQuery, Problem
from ..progress import Bar, LongCommand

_REFUSED, _WRONG, _FAILED, _NO_FILE = 1, 2, 3, 4
#: What is allowed is listed if it is not more than this.
_MOST_ALLOWED = 40


class Command(LongCommand):
    """Arguments and printing only; the work is `http.exporting`."""

    help = (
        "Write any slice in any format to a file: the same parameters as the API, and the same bytes as it answers, "
        "without its limit of time. The file gets its name when it is whole. "
        "Exit codes: 0 written; 1 the question has faults, or is beyond the bound of the format; 2 a wrong argument; "
        "3 the database does not answer; 4 the file cannot be written. After 1 to 4 there is no file."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "query",
            nargs="*",
            metavar="NAME=VALUE",
            help="parameters as in an address, such as indicator=urbanization_rate year=2015..2020; or all joined by &",
        )
        parser.add_argument(
            "--resource", choices=tuple(LISTS), default="observations", help="what rows are (default: %(default)s)"
        )
        parser.add_argument(
            "--format",
            choices=[f.name for f in FORMATS],
            help="the same as format=…; without both, the ending of the file says it",
        )
        parser.add_argument("--output", required=True, metavar="FILE", help="file to write; - is the standard output")
        parser.add_argument("--overwrite", action="store_true", help="put the file in place of one that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        resource, output = LISTS[options["resource"]], options["output"]
        bar = Bar(self, quiet=output == "-" or not options["verbosity"])
        try:
            question = question_of(resource, _query(options, resource))
            if output == "-":
                self._to_stdout(resource, question, bar)
            else:
                self._to_file(resource, question, bar, Path(output), options["overwrite"])
        except BadQuery as error:
            bar.close()
            self._refuse(error.problems)
        except (OperationalError, InterfaceError) as error:
            bar.close()
            said, *_ = str(error).splitlines()
            message = f"Nothing was written: the database does not answer ({said})."
            raise CommandError(message, returncode=_FAILED) from error
        finally:
            bar.close()

    def _to_file(self, resource: Resource, question: Question, bar: Bar, path: Path, overwrite: bool) -> None:
        try:
            with aside(path, overwrite) as file:
                rows = export(resource, question, file, lambda done, total: bar.show("rows", done, total))
        except FileExistsError as error:
            hint = "name another" if path.is_dir() else "name another, or add --overwrite"
            raise CommandError(f"Nothing was written: {path} is there already; {hint}.", returncode=_NO_FILE) from error
        except OSError as error:
            raise CommandError(f"Nothing was written: {path}: {error.strerror}.", returncode=_NO_FILE) from error
        bar.close()
        release = question.edition.release
        told = f"{path}: {rows:,} rows, {path.stat().st_size:,} bytes, release {release.name if release else 'none'}"
        self.stdout.write(self.style.SUCCESS(told))

    def _to_stdout(self, resource: Resource, question: Question, bar: Bar) -> None:
        if question.format.binary and sys.stdout.isatty():
            raise CommandError(f"{question.format.name} is no text for a terminal: name a file.", returncode=_WRONG)
        try:
            export(resource, question, sys.stdout.buffer, lambda done, total: bar.show("rows", done, total))
            sys.stdout.buffer.flush()
        except BrokenPipeError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains at its end
            raise CommandError("The reader of the output has closed it.", returncode=_NO_FILE) from error

    def _refuse(self, problems: tuple[Problem, ...]) -> NoReturn:
        for problem in problems:
            self.stderr.write(f"{problem.parameter or 'query'}: {problem.detail}{_hint(problem)}")
        number = f"{len(problems)} {'fault' if len(problems) == 1 else 'faults'}"
        raise CommandError(f"Nothing was written: {number} in the question.", returncode=_REFUSED)


def _query(options: dict[str, Any], resource: Resource) -> str:
    """The query string, with the format that the arguments name."""
    parts = [part.lstrip("?") for part in options["query"]]
    if options["format"]:
        parts.append(f"format={options['format']}")
    elif not any(item.startswith("format=") for part in parts for item in part.split("&")):
        parts.append(f"format={_by_ending(options['output'], resource).name}")
    return "&".join(parts)


def _by_ending(output: str, resource: Resource) -> Format:
    """The format that the name of the file says."""
    named = {f.name: f for f in resource.formats}
    ending = Path(output).suffix.removeprefix(".").lower()
    if ending not in named:
        raise CommandError(f"Which format? Add --format: {', '.join(named)} are known.", returncode=_WRONG)
    return named[ending]


def _hint(problem: Problem) -> str:
    if problem.did_you_mean and problem.code != "too_large":
        return f" Did you mean {' or '.join(problem.did_you_mean)}?"
    if 0 < len(problem.allowed) <= _MOST_ALLOWED:
        return f" Known are {', '.join(problem.allowed)}."
    return ""
