"""Figures as the pages show them: series read through a slice, the newest usable value, quantities in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..models import Status, Unit, decimal_text
from ..query.edition import Edition
from ..query.slice import Slice
from .languages import local

_COLUMNS = ("indicator", "region", "year", "value", "status", "source", "release", "locator")


@dataclass(frozen=True)
class Figure:
    """One observation in force; `value` is null if the figure is missing."""

    year: int
    value: float | None
    status: str
    source: str | None
    release: str
    locator: str | None

    @property
    def usable(self) -> bool:
        """Whether it is an outcome: neither missing nor a plan figure."""
        return self.value is not None and self.status != Status.F


Series = tuple[Figure, ...]
#: By indicator and region.
AllSeries = Mapping[tuple[str, str], Series]


def all_series(edition: Edition, wanted: Iterable[tuple[str, str]]) -> AllSeries:
    """The series in force of pairs of indicator and region, by year."""
    pairs = set(wanted)
    if not pairs or edition.release is None:
        return {}
    filters = (
        ("indicator", tuple(sorted({indicator for indicator, region in pairs}))),
        ("region", tuple(sorted({region for indicator, region in pairs}))),
    )
    answer = Slice(filters, edition.release, _COLUMNS, Slice.complete(())).whole(edition)
    found: dict[tuple[str, str], list[Figure]] = {}
    for indicator, region, *figure in answer.rows:
        if (indicator, region) in pairs:
            found.setdefault((indicator, region), []).append(Figure(*figure))
    return {pair: tuple(series) for pair, series in found.items()}


def newest(series: Sequence[Figure]) -> Figure | None:
    """The newest usable figure."""
    return next((figure for figure in reversed(series) if figure.usable), None)


def quantity(value: float, unit: Unit) -> str:
    """A value with its unit: the published digits, grouped by thousands where there are five or more."""
    text = decimal_text(value)
    whole, point, decimals = text.partition(".")
    if len(whole.lstrip("-")) > 4:
        whole = f"{int(whole):,}"
    number = whole + point + decimals
    return unit.amount_zh(number) if get_language() == "zh-hans" else unit.amount_en(number)


def short(value: float, decimals: int = 2) -> float:
    """A computed value with the decimals that a reader can use; a small one with two digits, lest it be called zero."""
    return round(value, decimals) if abs(value) >= 0.1 else float(f"{value:.2g}")


def rounded(value: float, unit: Unit) -> str:
    """A computed value with its unit, shortened."""
    return quantity(short(value), unit)


def difference(value: float, unit: Unit) -> str:
    """How far two values lie apart, shortened: of percentages in percentage points, of ratios a bare number."""
    if unit.code == "ratio":
        return decimal_text(short(value))
    if unit.code != "percent":
        return rounded(value, unit)
    number = decimal_text(short(value))
    return str(_("1 percentage point") if number == "1" else _("%(number)s percentage points") % {"number": number})


def unit_of_difference(unit: Unit) -> str:
    """The unit in which `difference` tells how far two values lie apart."""
    return str(_("percentage points")) if unit.code == "percent" else local(unit, "name")


#: What a reader should know of a figure, by its status; nothing of a normal one.
_WORDS = {
    Status.A: "",
    Status.B: _("break in the series"),
    Status.D: _("other definition"),
    Status.E: _("computed"),
    Status.F: _("plan figure"),
    Status.G: _("experimental"),
    Status.H: _("missing"),
    Status.I: _("imputed"),
    Status.J: _("derogation"),
    Status.K: _("counted elsewhere"),
    Status.L: _("not held"),
    Status.M: _("cannot exist"),
    Status.N: _("not significant"),
    Status.O: _("missing"),
    Status.P: _("first release"),
    Status.Q: _("suppressed"),
    Status.S: _("special event"),
    Status.U: _("low reliability"),
    Status.V: _("not validated"),
    Status.W: _("includes another category"),
}


def status_in_words(status: str) -> str:
    """What a reader should know of a figure because of its status; empty for a normal one."""
    return str(_WORDS[Status(status)])
