"""Which values are possible: as the indicator says, else by its unit, unless its name says that it is a change."""

from __future__ import annotations

import math

from ..models import decimal_text
from ..query.edition import Edition
from .words import Said
from .words import Said as _

_SHARE = (0.0, 100.0)
_COUNT = (0.0, math.inf)
_ANY = (-math.inf, math.inf)
#: unit -> least and largest value. Units that are not listed, and those of money, have no bounds.
BOUNDS: dict[str, tuple[float, float]] = {
    "percent": _SHARE,
    "permille": (-1000.0, 1000.0),
    "index_prev_year_100": _COUNT,
    "males_per_100_females": _COUNT,
    "sqm_per_person": _COUNT,
    "persons_per_household": _COUNT,
    "years": _COUNT,
    **dict.fromkeys(("persons", "persons_10k", "households", "communities", "count", "towns"), _COUNT),
}
#: Words in the name of an indicator by which it says that it is a change, which may be negative or above 100 percent.
_CHANGES = ("增长", "增减", "增加", "变化", "变动", "净", "growth", "change", "increase", "balance", "net ")


def bounds(edition: Edition) -> dict[str, tuple[float, float]]:
    """Least and largest value of each indicator that has bounds."""
    lookups = edition.reference.lookups
    found = {}
    for code, unit in lookups["indicator.unit"].items():
        name = f"{lookups['indicator.name_zh'][code]} {lookups['indicator.name_en'][code]}".casefold()
        least, most = _ANY if any(word in name for word in _CHANGES) else BOUNDS.get(unit, _ANY)
        own = (lookups["indicator.minimum"][code], lookups["indicator.maximum"][code])
        within = (least if own[0] is None else own[0], most if own[1] is None else own[1])
        if within != _ANY:
            found[code] = within
    return found


def in_words(value: float, within: tuple[float, float]) -> Said:
    """That a value is impossible, and what is possible."""
    least, most = within
    if math.isinf(least):
        possible = _("%(most)s or less", most=decimal_text(most))
    elif math.isinf(most):
        possible = _("%(least)s or more", least=decimal_text(least))
    else:
        possible = _("%(least)s to %(most)s", least=decimal_text(least), most=decimal_text(most))
    return _(
        "%(value)s is impossible: values of this indicator are %(possible)s; if it is right, say so in minimum and "
        "maximum of the indicator first",
        value=decimal_text(value),
        possible=possible,
    )
