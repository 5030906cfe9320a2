"""The header of a table: long form or wide, and every fault of it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ...query.vocabulary import similar_names
from ..words import Said, both
from ..words import Said as _
from . import limits
from .names import COLUMN_OF, NAMES, Layout, column_of, year_of
from .records import ODD, Cell, Notice, letters

_ALWAYS = ("indicator", "region")
_LONG_ONLY = ("year", "value")


@dataclass(frozen=True)
class Defaults:
    """Status and source of the figures of a file that has no such column."""

    status: str | None = None
    source: str | None = None

    def of(self, column: str) -> str | None:
        """The default of a column."""
        return {"status": self.status, "source": self.source}.get(column)


def read_header(
    line: int, cells: Sequence[Cell], defaults: Defaults, lettered: bool, notices: list[Notice]
) -> Layout | None:
    """The layout that a header describes; None if it has faults, which go to the notices."""
    header = list(cells)
    while header and header[-1] in (None, ""):
        header.pop()
    columns: dict[str, list[int]] = {}
    years: dict[int, list[int]] = {}
    unknown: list[int] = []
    for index, cell in enumerate(header):
        if (column := column_of(cell)) is not None:
            columns.setdefault(column, []).append(index)
        elif (year := year_of(cell)) is not None:
            years.setdefault(year, []).append(index)
        elif cell not in (None, ""):
            unknown.append(index)
    before = len(notices)

    def tell(message: Said, index: int | None = None) -> None:
        cell = f"{letters(index)}{line}" if lettered and index is not None else None
        notices.append(Notice(message, line or None, cell, warning=False))

    if not columns:
        known = list(NAMES)
        tell(_("is no header with the names of columns; known are %(known)s, and their Chinese names", known=known))
        return None
    for name, places in [*columns.items(), *((str(year), places) for year, places in years.items())]:
        for index in places[1:]:
            tell(_("column %(name)s stands twice", name=name), index)
    for index in unknown:
        column, hint = _shown(header[index]), _meant(header[index])
        tell(_("unknown column %(column)s%(hint)s", column=column, hint=hint), index)
    for message in _incomplete(columns, bool(years), defaults):
        tell(message)
    if len(header) > limits.MOST_COLUMNS:
        most = limits.MOST_COLUMNS
        tell(_("has %(n)d columns; a table has at most %(most)d", n=len(header), most=most))
    if len(notices) > before:
        return None
    first = {name: places[0] for name, places in columns.items()}
    return Layout(first, {year: places[0] for year, places in sorted(years.items())}, len(cells), lettered)


def _incomplete(columns: Mapping[str, object], wide: bool, defaults: Defaults) -> Iterator[Said]:
    if wide and (names := [column for column in _LONG_ONLY if column in columns]):
        yield _(
            "has columns of years and a column %(names)s too: a table is in wide form or in long form",
            names=both(names),
        )
    required = [*_ALWAYS, *(() if wide else _LONG_ONLY), "status", "source"]
    for column in required:
        if column not in columns and defaults.of(column) is None:
            english, *others = NAMES[column]
            chinese = next(name for name in others if not name.isascii())
            default = _("; or give a default") if column in ("status", "source") else ""
            yield _(
                "column %(column)s is missing (its names: %(names)s)%(default)s",
                column=column,
                names=[english, chinese],
                default=default,
            )


def _shown(cell: Cell) -> str:
    if isinstance(cell, tuple):
        return _("that %(what)s", what=ODD[cell[0]](cell[1]))
    return repr(cell if not isinstance(cell, str) else cell[:50])


def _meant(cell: Cell) -> Said:
    meant = similar_names(cell, COLUMN_OF) if isinstance(cell, str) else ()
    if meant:
        return _("; did you mean %(meant)s?", meant=meant[0])
    return _("; known are %(known)s, and years", known=list(NAMES))
