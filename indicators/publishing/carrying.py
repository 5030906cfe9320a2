"""carried(): the rows of a dataset as a release leaves them, from a file of those before it and what it changes.

Rows are read from the file of the release before much faster than from the store.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from ..query.edition import Edition
from .bodies import Content, in_order, rows_of, shown
from .changes import Changes
from .figures import Figures, cells


def carried(before: Path | None, changes: Changes, content: Content, order: int, edition: Edition) -> pa.Table | None:
    """The rows as files show them, the same as if they were read from the store; `before` is None if there were none.

    `order` is that of the release that makes the changes. None is returned where the file does not fit the changes: it
    lacks a row that is closed, or has one that is new.
    """
    closed, written = (_of(figures, content) for figures in (changes.closed, changes.written))
    release = pa.repeat(pa.scalar(order, pa.int32()), len(written))
    new = shown(written.table.append_column("release", release), edition)
    old = rows_of(before) if before else new.slice(0, 0)
    old_cells, closed_cells = cells(Figures(old), closed)
    kept = pc.invert(pc.is_in(old_cells, value_set=closed_cells))
    if old.num_rows - pc.sum(kept, min_count=0).as_py() != len(closed):
        return None
    rows = pa.concat_tables([old.filter(kept), new]).unify_dictionaries().combine_chunks()
    (numbers,) = cells(Figures(rows))
    places = pc.array_sort_indices(numbers)
    numbers = numbers.take(places)
    if pc.any(pc.equal(numbers[:-1], numbers[1:])).as_py():
        return None
    return in_order(rows.take(places))


def _of(figures: Figures, content: Content) -> Figures:
    """The figures of the indicators of a dataset."""
    return figures.where(figures.each("indicator", frozenset(content.indicators).__contains__, pa.bool_()))
