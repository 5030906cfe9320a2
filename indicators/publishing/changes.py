"""What a file would change: its figures beside the rows in force, cell by cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from .figures import CONTENT, Figure, Figures, cells


def _none() -> Figures:
    return Figures.of(())


class Revision(NamedTuple):
    """A figure whose value differs from the one in force."""

    figure: Figure
    before: float | None


class Counts(NamedTuple):
    """How many cells a release adds, revises and so on."""

    added: int = 0
    revised: int = 0
    confirmed: int = 0
    withdrawn: int = 0
    unchanged: int = 0


@dataclass(frozen=True)
class Changes:
    """Figures by what they do to the rows in force, in the order of cells; `before` are the values that are revised.

    What is withdrawn has the content that it had in force, and no line.
    """

    added: Figures = field(default_factory=_none)
    revised: Figures = field(default_factory=_none)
    before: pa.Array = field(default_factory=lambda: pa.array([], pa.float64()))
    confirmed: Figures = field(default_factory=_none)
    withdrawn: Figures = field(default_factory=_none)
    unchanged: Figures = field(default_factory=_none)

    @cached_property
    def written(self) -> Figures:
        """Figures that make a new vintage, in the order of cells."""
        return Figures.joined(some.table for some in (self.added, self.revised, self.confirmed)).by_cell()

    @cached_property
    def closed(self) -> Figures:
        """What has a row in force that is to be closed, whether another takes its place or not."""
        return Figures.joined(some.table for some in (self.revised, self.confirmed, self.withdrawn)).by_cell()

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
            for entry in pc.value_counts(getattr(self, name).column("indicator")).to_pylist():
                counts = found[group(entry["values"])]
                counts[name] = counts.get(name, 0) + entry["counts"]
        return {code: Counts(**found[code]) for code in sorted(found)}

    def largest(self, most: int, *, relative: bool = False) -> list[Revision]:
        """The largest revisions in their unit, or relative to the value in force; the largest first."""
        size = pc.abs(pc.subtract(self.revised.column("value"), self.before))
        if relative:
            size = pc.divide(size, pc.abs(pc.if_else(pc.equal(self.before, 0.0), None, self.before)))
        known = len(size) - size.null_count
        places = pc.array_sort_indices(size, order="descending")[: min(most, known)]
        return list(map(Revision, self.revised.take(places), self.before.take(places).to_pylist()))


def compare(figures: Figures, known: Figures, *, withdraw_missing: bool = False) -> Changes:
    """Sort figures by what they do to the rows in force: a revision changes the value, a confirmation something else.

    `known` are the rows in force of all series of the figures. With `withdraw_missing` a file stands for all that is
    known of its indicators, and `known` are the rows of these: what is in force and not in the file is withdrawn.
    """
    figures = figures.by_cell()
    ours, theirs = cells(figures, known)
    row = pc.index_in(ours, value_set=theirs)
    beside = known.take(row)
    added = row.is_null()
    revised = pc.and_not(_differ(figures, beside, "value"), added)
    other = reduce(pc.or_, (_differ(figures, beside, name) for name in CONTENT))
    confirmed = pc.and_not(pc.and_not(other, revised), added)
    unchanged = pc.invert(reduce(pc.or_, (added, revised, confirmed)))
    missing = (
        pc.invert(pc.is_in(theirs, value_set=ours)) if withdraw_missing else pa.array([False] * len(known), pa.bool_())
    )
    return Changes(
        figures.where(added),
        figures.where(revised),
        beside.column("value").filter(revised),
        figures.where(confirmed),
        known.where(missing),
        figures.where(unchanged),
    )


def with_unsaid(figures: Figures, known: Figures, names: Sequence[str]) -> Figures:
    """The figures, with the columns that their table does not have as they are in force: where value, status and source
    are, too. Otherwise a table without a column for notes would take every note away."""
    if not names:
        return figures
    ours, theirs = cells(figures, known)
    beside = known.take(pc.index_in(ours, value_set=theirs))
    same = pc.invert(reduce(pc.or_, (_differ(figures, beside, name) for name in ("value", "status", "source"))))
    table = figures.table
    for name in names:
        kept = pc.if_else(same, _plain(beside.column(name)), None).cast(pa.string()).dictionary_encode()
        table = table.set_column(table.schema.get_field_index(name), name, kept)
    return Figures(table)


def _differ(ours: Figures, theirs: Figures, name: str) -> pa.Array:
    """Where two columns differ; a missing cell is like another missing cell alone."""
    one, other = (_plain(some.column(name)) for some in (ours, theirs))
    return pc.or_(pc.fill_null(pc.not_equal(one, other), False), pc.xor(one.is_null(), other.is_null()))


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
