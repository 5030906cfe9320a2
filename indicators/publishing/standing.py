"""Standing: the rows that a release left in force, read once for all who hold figures beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from .figures import SCHEMA, Figures
from .snapshot import in_force, series_in_force

#: Indicators that are read before progress is told.
_AT_ONCE = 20
#: Series that are read one by one; where there are more, all rows of their indicators, which costs less for each row.
_SERIES = 20_000
#: Called with how many of the indicators are read.
Read = Callable[[int], None]


@dataclass(frozen=True)
class Standing:
    """The rows in force as of the release of an order, as figures without lines. Releases never change, so what was
    read once stays true."""

    order: int
    _read: dict[tuple[object, ...], Figures] = field(default_factory=dict, repr=False)

    def beside(self, figures: Figures, read: Read = lambda done: None) -> Figures:
        """The rows of the series of some figures, and maybe others of their indicators, in the order of cells."""
        series = figures.series(most=_SERIES)
        if series is None:
            return self.of(figures.distinct("indicator"), read)
        wanted = tuple(series)
        if wanted not in self._read:
            self._read[wanted] = Figures.joined([_figures(series_in_force(wanted, self.order))])
        return self._read[wanted]

    def of(self, indicators: Sequence[str], read: Read = lambda done: None) -> Figures:
        """The rows of some indicators, in the order of cells."""
        wanted = tuple(sorted(indicators))
        if wanted not in self._read:
            parts = []
            for start in range(0, len(wanted), _AT_ONCE):
                parts.append(in_force(wanted[start : start + _AT_ONCE], self.order))
                read(min(start + _AT_ONCE, len(wanted)))
            self._read[wanted] = Figures.joined(map(_figures, parts))
        return self._read[wanted]


def _figures(rows: pa.Table) -> pa.Table:
    line = pa.repeat(pa.scalar(0, pa.int64()), rows.num_rows)
    return rows.append_column("line", line).select(SCHEMA.names).cast(SCHEMA)
