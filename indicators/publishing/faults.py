"""What is wrong with a file, said by file, line and column, so that it can be put right there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One fault: where it is, what was found, and what was expected. A warning does not stop a publication."""

    file: str
    line: int | None
    column: str | None
    message: str
    warning: bool = False

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        column = f" [{self.column}]" if self.column else ""
        return f"{place}{column}: {'warning: ' if self.warning else ''}{self.message}"


class BadData(Exception):
    """Data that cannot be taken in; carries every fault found, and nothing was written."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def stop_on_errors(faults: Sequence[Fault]) -> list[Fault]:
    """Return the warnings; raise `BadData` with everything if there is any error."""
    if any(not fault.warning for fault in faults):
        raise BadData(faults)
    return list(faults)
