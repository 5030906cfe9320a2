"""CHECKS: the rules that figures must keep, one function each.

A check gets all figures of a file and the reference tables. It says which rows break its rule, by a mask over their
columns, and yields a fault for each of them. To add one, write the function and put it on the list at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import reduce
from itertools import islice
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ..models import MISSING, Status
from ..query.edition import Edition
from ..query.vocabulary import Vocabulary, similar_names
from .bounds import bounds, in_words
from .faults import Fault, Gathered
from .figures import Figure, Figures, cells, doubtful, figures
from .readers import Table
from .words import Said, either
from .words import Said as _

_CODES = ("indicator", "region", "source")
#: `Status.values` is made anew whenever it is asked for.
_STATUSES = frozenset(Status.values)
#: Unknown codes of a file for which others are suggested: to compare one with thousands of names takes milliseconds.
_MOST_HINTS = 100
#: Faults after which a rule is broken off: in a million rows the same mistake costs seconds, and nobody reads it.
_MOST_OF_A_RULE = 20_000
#: Where a column of a figure stands: the name of the column to show, and the cell of a workbook.
Place = Callable[[int, str, int | None], tuple[str, str | None]]


def _as_named(line: int, column: str, year: int | None) -> tuple[str, str | None]:
    return column, None


class Checked(NamedTuple):
    """What a check looks at: the name of the file, its figures, the reference tables, and where figures stand."""

    file: str
    figures: Figures
    edition: Edition
    place: Place = _as_named

    def each(self, column: str, lookup: str, type_: pa.DataType) -> pa.Array:
        """An attribute of the codes in a column, such as `region.valid_to`, row by row."""
        return self.figures.each(column, self.edition.reference.lookups[lookup].get, type_)

    def wrong(self, mask: pa.Array) -> Iterator[Figure]:
        """The figures for which a mask is true."""
        return iter(self.figures.where(mask))

    def fault(self, figure: Figure, column: str, message: Said, warning: bool = False) -> Fault:
        """A fault of a figure, at its place in the file."""
        shown, cell = self.place(figure.line, column, figure.year)
        return Fault(self.file, figure.line, shown, message, warning, cell)


Check = Callable[[Checked], Iterator[Fault]]


def codes_are_known(checked: Checked) -> Iterator[Fault]:
    """Indicator, region and source are codes of the reference tables."""
    lists = [(column, checked.edition.vocabulary(column), dict[str, str]()) for column in _CODES]
    masks = [checked.figures.each(column, known.__contains__, pa.bool_()) for column, known, _hints in lists]
    for figure in checked.wrong(pc.invert(reduce(pc.and_, (mask.fill_null(True) for mask in masks)))):
        for column, known, hints in lists:
            code = getattr(figure, column)
            if code is None or code in known:
                continue
            if code not in hints and len(hints) < _MOST_HINTS:
                hints[code] = _hint(code, known)
            message = _(
                "there is no %(column)s %(code)r%(hint)s",
                column=Said(column),
                code=code[:100],
                hint=hints.get(code, ""),
            )
            yield checked.fault(figure, column, message)


def _hint(code: str, known: Vocabulary) -> str:
    meant = known.suggest(code)
    return _("; did you mean %(meant)s?", meant=either(meant)) if meant else ""


def status_is_of_the_code_list(checked: Checked) -> Iterator[Fault]:
    """Status is a code of SDMX CL_OBS_STATUS."""
    unknown = checked.figures.each("status", lambda status: status not in _STATUSES, pa.bool_())
    for figure in checked.wrong(unknown):
        meant = similar_names(figure.status, Status.values)
        hint = (
            _("; did you mean %(meant)s?", meant=meant[0]) if meant else _("; known are %(known)s", known=Status.values)
        )
        message = _("%(status)r is no status of CL_OBS_STATUS%(hint)s", status=figure.status[:50], hint=hint)
        yield checked.fault(figure, "status", message)


def missing_has_a_reason(checked: Checked) -> Iterator[Fault]:
    """A value is missing exactly when the status says why."""
    missing = checked.figures.column("value").is_null()
    says_missing = checked.figures.each("status", lambda status: status in MISSING, pa.bool_())
    says_given = checked.figures.each("status", lambda status: status in _STATUSES - set(MISSING), pa.bool_())
    for figure in checked.wrong(pc.or_(pc.and_(missing, says_given), pc.and_not(says_missing, missing))):
        if figure.value is None:
            message = _(
                "no value, but status %(status)s: a missing value has one of the statuses %(reasons)s",
                status=figure.status,
                reasons=MISSING,
            )
            yield checked.fault(figure, "status", message)
        else:
            message = _("a value, but status %(status)s says that it is missing", status=figure.status)
            yield checked.fault(figure, "value", message)


def value_has_a_source(checked: Checked) -> Iterator[Fault]:
    """Every value names the source that prints it."""
    value, source = (checked.figures.column(name) for name in ("value", "source"))
    for figure in checked.wrong(pc.and_(value.is_valid(), source.is_null())):
        yield checked.fault(figure, "source", _("a value needs the code of its source"))


def cell_stands_once(checked: Checked) -> Iterator[Fault]:
    """A file has one row for a cell."""
    for figure, line in repeated(checked.figures):
        where = _("here twice") if line == figure.line else _("in line %(line)d already", line=line)
        message = _("the same indicator, region and year stand %(where)s", where=where)
        yield checked.fault(figure, "indicator, region, year", message)


def repeated(rows: Figures) -> Iterator[tuple[Figure, int]]:
    """Figures whose cell stands in a row before, with the line of its first."""
    (numbers,) = cells(rows)
    counted = pc.value_counts(numbers)
    twice = counted.field("values").filter(pc.greater(counted.field("counts"), 1))
    first: dict[tuple[str, str, int], int] = {}
    for figure in rows.where(pc.is_in(numbers, value_set=twice)):
        if figure.key in first:
            yield figure, first[figure.key]
        else:
            first[figure.key] = figure.line


def value_is_within_bounds(checked: Checked) -> Iterator[Fault]:
    """A value is possible in the unit of its indicator."""
    limits = bounds(checked.edition)
    value = checked.figures.column("value")
    least, most = (
        checked.figures.each("indicator", {code: within[end] for code, within in limits.items()}.get, pa.float64())
        for end in (0, 1)
    )
    for figure in checked.wrong(pc.or_kleene(pc.less(value, least), pc.greater(value, most))):
        assert figure.value is not None
        yield checked.fault(figure, "value", in_words(figure.value, limits[figure.indicator]))


def region_is_in_force(checked: Checked) -> Iterator[Fault]:
    """A figure after the last year of its region is an error; one before the first year is a warning."""
    year = checked.figures.column("year")
    first, last = (checked.each("region", f"region.valid_{end}", pa.int32()) for end in ("from", "to"))
    late = pc.fill_null(pc.greater(year, last), False)
    for figure, end in zip(checked.wrong(late), last.filter(late).to_pylist(), strict=True):
        message = _(
            "%(year)d is after %(end)d, the last year of region %(region)s",
            year=figure.year,
            end=end,
            region=figure.region,
        )
        yield checked.fault(figure, "year", message)
    early = pc.and_not(pc.fill_null(pc.less(year, first), False), late)
    for figure, begin in zip(checked.wrong(early), first.filter(early).to_pylist(), strict=True):
        message = _(
            "%(year)d is before %(begin)d, the first year of region %(region)s",
            year=figure.year,
            begin=begin,
            region=figure.region,
        )
        yield checked.fault(figure, "year", message, warning=True)


CHECKS: tuple[Check, ...] = (
    codes_are_known,
    status_is_of_the_code_list,
    missing_has_a_reason,
    value_has_a_source,
    cell_stands_once,
    region_is_in_force,
)
#: Of what a steward hands in, too; the tables of a package may have their reasons.
OF_SUBMISSIONS: tuple[Check, ...] = (*CHECKS, value_is_within_bounds)


def read_table(table: Table, edition: Edition) -> tuple[Sequence[Figure], list[Fault]]:
    """The figures of a table, and every fault in the order of the file."""
    found, faults = figures(table)
    codes = codes_are_known(Checked(table.name, doubtful(table, faults), edition)) if faults else ()
    everything = [*table.faults, *faults, *codes, *check(table.name, found, edition)]
    return found, sorted(everything, key=lambda fault: fault.line or 0)


def check(file: str, rows: Figures, edition: Edition) -> list[Fault]:
    """The faults of the figures in the order of the file; beyond the first thousand they are counted."""
    gathered = Gathered(file)
    apply(CHECKS, Checked(file, rows, edition), gathered)
    return gathered.listed()


def apply(rules: Sequence[Check], checked: Checked, gathered: Gathered) -> None:
    """Gather what the rules find; one that finds the same in many thousand rows is broken off."""
    for rule in rules:
        faults = rule(checked)
        for fault in islice(faults, _MOST_OF_A_RULE):
            gathered.add(fault)
        gathered.unfinished |= next(faults, None) is not None
