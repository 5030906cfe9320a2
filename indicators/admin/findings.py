"""What is wrong with tables that were handed in, as the desk lists it: like faults together, errors first, bounded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..publishing.faults import Fault

#: Kinds of faults, and places of each, that a page lists before it counts.
_KINDS, _PLACES = 100, 12


@dataclass(frozen=True)
class Finding:
    """One kind of fault: the same words about the same column of a file, and where that is."""

    file: str
    column: str
    message: str
    places: tuple[str, ...]
    count: int
    in_cells: bool

    @property
    def more(self) -> int:
        """Places that are not listed."""
        return self.count - len(self.places)


@dataclass(frozen=True)
class Findings:
    """All errors, or all warnings: their kinds up to a bound, how many kinds more there are, and their number."""

    listed: Sequence[Finding]
    more: int
    count: int


def errors_and_warnings(faults: Iterable[Fault]) -> tuple[Findings, Findings]:
    """Faults by whether they stop a publication."""
    told = list(dict.fromkeys(faults))
    return _found([f for f in told if not f.warning]), _found([f for f in told if f.warning])


def _found(faults: Sequence[Fault]) -> Findings:
    kinds: dict[tuple[str, str, str], list[Fault]] = {}
    for fault in faults:
        kinds.setdefault((fault.file, fault.column or "", fault.message), []).append(fault)
    listed = [
        Finding(*kind, tuple(filter(None, map(_place, alike[:_PLACES]))), len(alike), bool(alike[0].cell))
        for kind, alike in list(kinds.items())[:_KINDS]
    ]
    return Findings(listed, len(kinds) - len(listed), len(faults))


def _place(fault: Fault) -> str:
    """A cell of a workbook, else a line."""
    return fault.cell or (str(fault.line) if fault.line else "")
