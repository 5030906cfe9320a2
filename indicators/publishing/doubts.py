"""DOUBTS: what is possible but implausible, told as warnings to whoever hands figures in."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

from ..models import decimal_text
from .bounds import BOUNDS
from .checks import Checked
from .faults import Fault
from .figures import Figures, cells
from .words import Said
from .words import Said as _

#: A doubt gets the figures of a file, and the rows in force of their series, maybe of others too.
Doubt = Callable[[Checked, Figures], Iterator[Fault]]

#: A share moves by fewer points from year to year, and a revision changes it by fewer; the pack has no exception.
_POINTS, _POINTS_REVISED = 15.0, 10.0
#: Other values are multiplied or divided by less; the pack has nine exceptions in 13,000, all registered unemployed.
_TIMES, _TIMES_REVISED = 3.0, 1.5


def revision_is_plausible(checked: Checked, known: Figures) -> Iterator[Fault]:
    """A revised value is not far from the one in force."""
    ours, theirs = cells(checked.figures, known)
    before, after = known.column("value").take(pc.index_in(ours, value_set=theirs)), checked.figures.column("value")
    far = _far(before, after, _is_share(checked, checked.figures), _POINTS_REVISED, _TIMES_REVISED)
    for figure, old in zip(checked.wrong(far), before.filter(far).to_pylist(), strict=True):
        assert figure.value is not None
        how_far = _how_far(checked, figure.indicator, old, figure.value)
        message = _(
            "%(value)s replaces %(old)s, %(how_far)s",
            value=decimal_text(figure.value),
            old=decimal_text(old),
            how_far=how_far,
        )
        yield checked.fault(figure, "value", message, warning=True)


def series_is_plausible(checked: Checked, known: Figures) -> Iterator[Fault]:
    """A value is not far from those of the years beside it, in the file or else in force."""
    ours, theirs = cells(checked.figures, known)
    others = known.where(pc.invert(pc.is_in(theirs, value_set=ours)))
    series = Figures.joined([checked.figures.table, others.table])
    series = series.where(series.column("value").is_valid()).by_cell()
    value, line, (cell,) = series.column("value"), series.column("line"), cells(series)
    beside = pc.equal(pc.add(cell[:-1], 1), cell[1:])  # years of one series that follow each other
    given = pc.greater(pc.max_element_wise(line[:-1], line[1:]), 0)
    far = _far(value[:-1], value[1:], _is_share(checked, series)[:-1], _POINTS, _TIMES)
    place = pc.indices_nonzero(pc.and_(pc.and_(beside, given), far)).cast(pa.int64())
    for before, after in zip(series.take(place), series.take(pc.add(place, 1)), strict=True):
        assert before.value is not None
        assert after.value is not None
        how_far = _how_far(checked, after.indicator, before.value, after.value)
        message = _(
            "%(before)s in %(year)d, %(after)s in %(next_year)d, %(how_far)s",
            before=decimal_text(before.value),
            year=before.year,
            after=decimal_text(after.value),
            next_year=after.year,
            how_far=how_far,
        )
        yield checked.fault(after if after.line else before, "value", message, warning=True)


def _is_share(checked: Checked, figures: Figures) -> pa.Array:
    """Whether the values are shares, row by row; null where the indicator is unknown."""
    shares = _shares(checked)
    return figures.each("indicator", shares.get, pa.bool_())


def _shares(checked: Checked) -> dict[str, bool]:
    units = checked.edition.reference.lookups["indicator.unit"]
    return {code: BOUNDS.get(unit) == BOUNDS["percent"] for code, unit in units.items()}


def _far(before: pa.Array, after: pa.Array, share: pa.Array, points: float, times: float) -> pa.Array:
    """Where two values are too far from each other; a change of sign has no measure."""
    least, most = (
        pc.min_element_wise(before, after, skip_nulls=False),
        pc.max_element_wise(before, after, skip_nulls=False),
    )
    moved = pc.greater(pc.subtract(most, least), points)
    multiplied = pc.and_(pc.greater(least, 0.0), pc.greater(most, pc.multiply(least, times)))
    return pc.fill_null(pc.if_else(share, moved, multiplied), False)


def _how_far(checked: Checked, indicator: str, before: float, after: float) -> Said:
    if _shares(checked)[indicator]:
        points = decimal_text(round(abs(after - before), 2))
        return _("%(points)s points apart: please make sure", points=points)
    factor = max(before, after) / min(before, after)
    return _("%(times)s times apart: please make sure", times=decimal_text(float(f"{factor:.3g}")))


DOUBTS: tuple[Doubt, ...] = (revision_is_plausible, series_is_plausible)
