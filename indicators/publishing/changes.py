"""What a file would change: its figures beside the rows in force, cell by cell."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import NamedTuple

from ..models import Observation
from .figures import Content, Figure, Key, by_cell


class Withdrawal(NamedTuple):
    """A row in force that a release closes without another in its place."""

    indicator: str
    region: str
    year: int
    value: float | None

    @property
    def key(self) -> Key:
        """The cell that is withdrawn."""
        return self.indicator, self.region, self.year


class Revision(NamedTuple):
    """A figure whose value differs from the one in force; its sizes are None where either value is missing."""

    figure: Figure
    before: float | None

    @property
    def absolute(self) -> float | None:
        """By how much the value changes, in its unit."""
        if self.before is None or self.figure.value is None:
            return None
        return abs(self.figure.value - self.before)

    @property
    def relative(self) -> float | None:
        """The same as a share of the value in force; None where that is 0."""
        return self.absolute / abs(self.before) if self.absolute is not None and self.before else None


class Counts(NamedTuple):
    """How many cells a release adds, revises and so on."""

    added: int = 0
    revised: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Changes:
    """Figures by what they do to the rows in force, in the order of cells; `before` are the values that are revised."""

    added: list[Figure] = field(default_factory=list)
    revised: list[Figure] = field(default_factory=list)
    before: list[float | None] = field(default_factory=list)
    confirmed: list[Figure] = field(default_factory=list)
    withdrawn: list[Withdrawal] = field(default_factory=list)
    unchanged: list[Figure] = field(default_factory=list)

    @property
    def written(self) -> list[Figure]:
        """Figures that make a new vintage."""
        return self.added + self.revised + self.confirmed

    @property
    def closed(self) -> list[Figure | Withdrawal]:
        """What has a row in force that is to be closed, whether another takes its place or not."""
        return [*self.revised, *self.confirmed, *self.withdrawn]

    @property
    def counts(self) -> Counts:
        """How many there are of each."""
        return Counts(*(len(getattr(self, name)) for name in Counts._fields))

    @property
    def nothing(self) -> bool:
        """Whether everything is in force as it is."""
        return not any(self.counts[:-1])

    def by_indicator(self) -> dict[str, Counts]:
        """The counts of each indicator, in the order of codes."""
        return self._counted(lambda indicator: indicator)

    def by_dataset(self, datasets: Mapping[str, str]) -> dict[str, Counts]:
        """The counts of each dataset; `datasets` tells which one an indicator belongs to."""
        return self._counted(datasets.__getitem__)

    def _counted(self, group: Callable[[str], str]) -> dict[str, Counts]:
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for name in Counts._fields:
            rows: Iterable[Figure | Withdrawal] = getattr(self, name)
            for indicator, number in Counter(map(attrgetter("indicator"), rows)).items():
                counts = found[group(indicator)]
                counts[name] = counts.get(name, 0) + number
        return {code: Counts(**found[code]) for code in sorted(found)}

    def largest(self, most: int, *, relative: bool = False) -> list[Revision]:
        """The largest revisions in their unit, or relative to the value in force; the largest first."""
        size = attrgetter("relative" if relative else "absolute")
        revisions = map(Revision, self.revised, self.before)
        return nlargest(most, (revision for revision in revisions if size(revision) is not None), key=size)


#: Called with how many figures are compared.
Compared = Callable[[int], None]
#: A row in force: region, year and content.
_Row = tuple[str, int, Content]


def compare(
    figures: Sequence[Figure],
    order: int | None = None,
    *,
    withdraw_missing: bool = False,
    compared: Compared = lambda done: None,
) -> Changes:
    """Sort figures by what they do: a revision changes the value, a confirmation something else of the row.

    They are held against the rows in force now, or as of the release of that order. With `withdraw_missing` a file
    stands for all that is known of its indicators: what is in force of them and not in the file is withdrawn.
    """
    changes = Changes()
    done = 0
    for indicator, group in groupby(by_cell(figures), key=attrgetter("indicator")):
        submitted = list(group)
        for figure, row in _beside(submitted, _in_force(indicator, order)):
            if figure is not None:
                _sort_in(changes, figure, row)
            elif row is not None and withdraw_missing:
                changes.withdrawn.append(Withdrawal(indicator, row[0], row[1], row[2][0]))
        done += len(submitted)
        compared(done)
    return changes


def _sort_in(changes: Changes, figure: Figure, row: _Row | None) -> None:
    if row is None:
        changes.added.append(figure)
    elif row[2][0] != figure.value:
        changes.revised.append(figure)
        changes.before.append(row[2][0])
    elif row[2] != figure.content:
        changes.confirmed.append(figure)
    else:
        changes.unchanged.append(figure)


def _beside(figures: Iterable[Figure], rows: Iterator[_Row]) -> Iterator[tuple[Figure | None, _Row | None]]:
    """Figures and rows of an indicator, cell by cell, with None where one side has nothing; both are in order."""
    row = next(rows, None)
    for figure in figures:
        cell = figure[2:4]
        while row is not None and row[:2] < cell:
            yield None, row
            row = next(rows, None)
        if row is not None and row[:2] == cell:
            yield figure, row
            row = next(rows, None)
        else:
            yield figure, None
    while row is not None:
        yield None, row
        row = next(rows, None)


_CONTENT = itemgetter(slice(2, None))


def _in_force(indicator: str, order: int | None) -> Iterator[_Row]:
    """The rows of an indicator by region and year, which every engine sorts as Python does: by code point."""
    rows = Observation.objects.current() if order is None else Observation.objects.as_of(order)
    columns = ("region_id", "year", "value", "status", "source_id", "locator", "note")
    ordered = rows.filter(indicator=indicator).order_by("region_id", "year").values_list(*columns)
    return ((row[0], row[1], _CONTENT(row)) for row in ordered.iterator(chunk_size=5_000))
