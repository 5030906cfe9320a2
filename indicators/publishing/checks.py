"""CHECKS: the rules that figures must keep, one function each.

A check gets all figures of a file and the reference tables; it yields a fault for each figure that breaks its rule.
To add one, write the function and put it on the list at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from ..models import MISSING, Status
from ..query.edition import Edition
from ..query.vocabulary import Vocabulary, similar_names
from .faults import Fault
from .figures import Figure, Key, doubtful, figures
from .readers import Table


class Checked(NamedTuple):
    """What a check looks at: the name of the file, its figures, and the reference tables."""

    file: str
    figures: Sequence[Figure]
    edition: Edition


Check = Callable[[Checked], Iterator[Fault]]


def codes_are_known(checked: Checked) -> Iterator[Fault]:
    """Indicator, region and source are codes of the reference tables."""
    for column in ("indicator", "region", "source"):
        known = checked.edition.vocabulary(column)
        for figure in checked.figures:
            code = getattr(figure, column)
            if code is not None and code not in known:
                yield Fault(checked.file, figure.line, column, f"there is no {column} {code!r}{_hint(code, known)}")


def _hint(code: str, known: Vocabulary) -> str:
    meant = known.suggest(code)
    return f"; did you mean {' or '.join(meant)}?" if meant else ""


def status_is_of_the_code_list(checked: Checked) -> Iterator[Fault]:
    """Status is a code of SDMX CL_OBS_STATUS."""
    for figure in checked.figures:
        if figure.status not in Status.values:
            meant = similar_names(figure.status, Status.values)
            hint = f"; did you mean {meant[0]}?" if meant else f"; known are {', '.join(Status.values)}"
            yield Fault(checked.file, figure.line, "status", f"{figure.status!r} is no status of CL_OBS_STATUS{hint}")


def missing_has_a_reason(checked: Checked) -> Iterator[Fault]:
    """A value is missing exactly when the status says why."""
    reasons = ", ".join(MISSING)
    for figure in checked.figures:
        if figure.value is None and figure.status in Status.values and figure.status not in MISSING:
            message = f"no value, but status {figure.status}: a missing value has one of the statuses {reasons}"
            yield Fault(checked.file, figure.line, "status", message)
        elif figure.value is not None and figure.status in MISSING:
            yield Fault(
                checked.file, figure.line, "value", f"a value, but status {figure.status} says that it is missing"
            )


def value_has_a_source(checked: Checked) -> Iterator[Fault]:
    """Every value names the source that prints it."""
    for figure in checked.figures:
        if figure.value is not None and figure.source is None:
            yield Fault(checked.file, figure.line, "source", "a value needs the code of its source")


def cell_stands_once(checked: Checked) -> Iterator[Fault]:
    """A file has one row for a cell."""
    first: dict[Key, int] = {}
    for figure in checked.figures:
        line = first.setdefault(figure.key, figure.line)
        if line != figure.line:
            message = f"the same indicator, region and year stand in line {line} already"
            yield Fault(checked.file, figure.line, "indicator, region, year", message)


def region_is_in_force(checked: Checked) -> Iterator[Fault]:
    """A figure after the last year of its region is an error; one before the first year is a warning."""
    first = checked.edition.reference.lookups["region.valid_from"]
    last = checked.edition.reference.lookups["region.valid_to"]
    for figure in checked.figures:
        if figure.region not in first:
            continue
        if (end := last[figure.region]) is not None and figure.year > end:
            message = f"{figure.year} is after {end}, the last year of region {figure.region}"
            yield Fault(checked.file, figure.line, "year", message)
        elif figure.year < first[figure.region]:
            message = f"{figure.year} is before {first[figure.region]}, the first year of region {figure.region}"
            yield Fault(checked.file, figure.line, "year", message, warning=True)


CHECKS: tuple[Check, ...] = (
    codes_are_known,
    status_is_of_the_code_list,
    missing_has_a_reason,
    value_has_a_source,
    cell_stands_once,
    region_is_in_force,
)


def check_table(table: Table, edition: Edition) -> list[Fault]:
    """Every fault of a table of figures, in the order of the file."""
    found, faults = figures(table)
    codes = codes_are_known(Checked(table.name, doubtful(table, faults), edition))
    everything = [*table.faults, *faults, *codes, *check(table.name, found, edition)]
    return sorted(everything, key=lambda fault: fault.line or 0)


def check(file: str, rows: Sequence[Figure], edition: Edition) -> list[Fault]:
    """All faults of the figures, in the order of the file."""
    checked = Checked(file, rows, edition)
    return sorted((fault for rule in CHECKS for fault in rule(checked)), key=lambda fault: fault.line or 0)
