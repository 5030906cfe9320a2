"""What is wrong with a file, said by file, line and column, so that it can be put right there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .words import Said as _

#: Faults and warnings that are listed of a file; the others are counted, so that a million cost no memory.
LISTED = 1_000


@dataclass(frozen=True)
class Fault:
    """One fault: where it is, what was found, and what was expected. A warning does not stop a publication.

    `cell` is the place in a workbook, such as D12.
    """

    file: str
    line: int | None
    column: str | None
    message: str
    warning: bool = False
    cell: str | None = None

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = ", ".join(filter(None, (self.column, self.cell and str(_("cell %(cell)s", cell=self.cell)))))
        column = f" [{where}]" if where else ""
        warning = _("warning: ") if self.warning else ""
        return f"{place}{column}: {warning}{self.message}"


@dataclass
class Gathered:
    """Faults of a file: the first of them listed, the rest counted; warnings apart, so that they hide no errors."""

    file: str
    errors: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    unlisted_errors: int = 0
    unlisted_warnings: int = 0
    unfinished: bool = False  # there may be more than were counted

    def add(self, fault: Fault, always: bool = False) -> None:
        """List the fault or count it; one of the whole file is listed always."""
        if fault.warning:
            if always or len(self.warnings) < LISTED:
                self.warnings.append(fault)
            else:
                self.unlisted_warnings += 1
        elif always or len(self.errors) < LISTED:
            self.errors.append(fault)
        else:
            self.unlisted_errors += 1

    @property
    def found(self) -> int:
        """How many errors there are."""
        return len(self.errors) + self.unlisted_errors

    def listed(self) -> list[Fault]:
        """The faults in the order of the file, and at the end how many are not listed."""
        faults = sorted(self.errors + self.warnings, key=lambda fault: fault.line or 0)
        least = _("at least ") if self.unfinished else ""
        if self.unlisted_errors:
            more = _("and %(least)s%(n)s faults more, not listed", least=least, n=f"{self.unlisted_errors:,}")
            faults.append(Fault(self.file, None, None, more))
        if self.unlisted_warnings:
            more = _("and %(least)s%(n)s warnings more, not listed", least=least, n=f"{self.unlisted_warnings:,}")
            faults.append(Fault(self.file, None, None, more, warning=True))
        return faults


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
