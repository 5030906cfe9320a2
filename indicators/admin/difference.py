"""The difference that tables would make to the release in force, as the desk shows it: bounded, with names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ..models import decimal_text
from ..models.labels import label
from ..publishing.changes import Counts
from ..publishing.run import Outcome
from ..query.edition import Edition

#: Rows of each table that the page shows before it counts.
_INDICATORS, _REVISIONS, _WITHDRAWALS = 200, 20, 30


@dataclass(frozen=True)
class Counted:
    """The counts of a dataset or an indicator, grouped by thousands."""

    name: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell that is revised or withdrawn: its value before, and the new one."""

    indicator: str
    region: str
    year: int
    before: str
    value: str = ""


@dataclass(frozen=True)
class Difference:
    """All of it; `more…` is how much is not listed."""

    counts: Mapping[str, str]
    datasets: Sequence[Counted]
    indicators: Sequence[Counted]
    more_indicators: int
    revisions: Sequence[Cell]
    more_revisions: int
    withdrawals: Sequence[Cell]
    more_withdrawals: int


def difference(outcome: Outcome, edition: Edition) -> Difference:
    """What an outcome would change, or has changed."""
    changes, lookups = outcome.changes, edition.reference.lookups
    by_indicator = changes.by_indicator()
    revised = [
        _cell(edition, revision.figure, revision.before, decimal_text(revision.figure.value or 0))
        for revision in changes.largest(_REVISIONS, relative=True)
    ]
    withdrawn = [_cell(edition, figure, figure.value) for figure in islice(changes.withdrawn, _WITHDRAWALS)]
    return Difference(
        {name: f"{number:,}" for name, number in changes.counts._asdict().items()},
        [_counted(edition, "dataset.title", *row) for row in changes.by_dataset(lookups["indicator.dataset"]).items()],
        [_counted(edition, "indicator.name", *row) for row in islice(by_indicator.items(), _INDICATORS)],
        max(0, len(by_indicator) - _INDICATORS),
        revised,
        changes.counts.revised - len(revised),
        withdrawn,
        changes.counts.withdrawn - len(withdrawn),
    )


def _counted(edition: Edition, names: str, code: str, counts: Counts) -> Counted:
    return Counted(named(edition, names, code), tuple(f"{number:,}" for number in counts))


def _cell(edition: Edition, figure: Any, before: float | None, value: str = "") -> Cell:
    return Cell(
        named(edition, "indicator.name", figure.indicator),
        named(edition, "region.name", figure.region),
        figure.year,
        "" if before is None else decimal_text(before),
        value,
    )


def named(edition: Edition, names: str, code: str) -> str:
    """A code with its name in the reader's language."""
    lookups = edition.reference.lookups
    return label(code, lookups[f"{names}_zh"].get(code), lookups[f"{names}_en"].get(code))
