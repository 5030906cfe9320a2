"""What commands show while they work: a bar on a terminal, and one line for each finished step elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm


class LongCommand(BaseCommand):
    """A command that works for long takes what is left of the processors: readers are answered as before."""

    def run_from_argv(self, argv: list[str]) -> None:
        os.nice(19)
        super().run_from_argv(argv)


class Bar:
    """Progress of the steps of a command; `quiet` where its output is read by a program."""

    def __init__(self, command: BaseCommand, quiet: bool = False) -> None:
        self.command, self.quiet = command, quiet
        self.step: str | None = None
        self.bar: tqdm[Any] | None = None

    def show(self, step: str, done: int, total: int) -> None:
        """So much of a step is done."""
        if not sys.stderr.isatty():
            if done >= total and not self.quiet:
                self.command.stdout.write(f"{step}: {done} of {total}")
            return
        if step != self.step:
            self.close()
            self.step, self.bar = step, tqdm(total=total, desc=step, file=sys.stderr)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def close(self) -> None:
        """End the bar, before anything else is printed."""
        if self.bar is not None:
            self.bar.close()
            self.bar = None
