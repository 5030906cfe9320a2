"""The page of one target: what was promised, where it stands, and why that is said."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from ..models import Comparator, Target, decimal_text
from ..progress.methods import DEFAULT_METHOD, METHODS
from ..query.edition import Edition
from ..query.grammar import Amount
from ..query.problems import BadQuery
from .evidence import facts, picture
from .figures import AllSeries, all_series, quantity, unit_of_difference
from .languages import foreign, local
from .pages import NotHere, Page
from .standing import Row, case_of, progress_of
from .targets import TargetRow, address, page_of, told
from .verdicts import NOTES, STATUSES, explained

#: Other targets on the same figures that the page lists.
_MOST_RELATED = 50


@dataclass(frozen=True)
class Finding:
    """What one method says."""

    title: str
    ratio: str
    status: str
    sentence: str


@dataclass(frozen=True)
class Tolerance:
    """What the reader takes “about” for: the text that was typed, the number if it is one, else what is wrong."""

    text: str = ""
    value: float | None = None
    fault: str = ""

    @classmethod
    def read(cls, texts: list[str], edition: Edition) -> Tolerance:
        """The tolerance of a request; an empty field is none."""
        text = ",".join(texts).strip()
        if not text:
            return cls()
        try:
            return cls(text, Amount().parse(text, edition))
        except BadQuery:
            return cls(text[:40], None, _("Write one number, zero or more, with a point: 0.2"))


class TargetPage(Page):
    """One target."""

    template = "indicators/target_page.html"
    varies = ("tolerance",)

    def check(self, edition: Edition, **kwargs: str) -> None:
        known = edition.vocabulary("target")
        if kwargs["code"] not in known:
            raise NotHere(tuple((page_of(code), code) for code in known.suggest(kwargs["code"])))

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        listed = Target.objects.select_related("indicator__unit", "unit", "region", "source", "plan", "action")
        target = listed.get(code=kwargs["code"])
        same = listed.filter(indicator=target.indicator, region=target.region).exclude(code=target.code)
        related = list(same.order_by("year", "code")[:_MOST_RELATED])
        approximate = target.comparator == Comparator.APPROX
        tolerance = Tolerance.read(self.request.GET.getlist("tolerance") if approximate else [], edition)
        series = all_series(edition, {(target.indicator_id, target.region_id)})
        figures = series.get((target.indicator_id, target.region_id), ())
        rows = progress_of(edition, {target.code}, tuple(METHODS), tolerance.value, with_path=True)
        row = rows.get((target.code, DEFAULT_METHOD))
        case = case_of(target, figures, edition, tolerance.value)
        return {
            "edition": edition,
            "target": told(target, figures, row, edition, tolerance.value),
            "plan": target.plan,
            "action": local(target.action, "title") if target.action else "",
            "scope": local(target, "scope") if target.scope_zh or target.scope_en else "",
            "reading_note": foreign(target.note_en or ""),
            "facts": facts(target, case, row, figures, edition),
            "picture": picture(target, case, rows, figures),
            "findings": list(_findings(target, rows)) if case.levels else [],
            "notes": [str(NOTES[note]) for note in row["notes"]] if row and case.levels else [],
            "missing": not case.levels,
            "deadline": datetime.date(target.year, 12, 31),
            "passed": bool(edition.release and edition.release.published_on > datetime.date(target.year, 12, 31)),
            "related": _related(edition, related, series),
            "approximate": approximate,
            "tolerance": tolerance,
            "goal": quantity(target.value, target.unit),
            "unit": unit_of_difference(target.unit),
            "lang_asked": self.request.GET.get("lang", ""),
            "links": _links(target, tolerance),
        }


def _findings(target: Target, rows: dict[tuple[str, str], Row]) -> Iterator[Finding]:
    for code, method in METHODS.items():
        if row := rows.get((target.code, code)):
            yield Finding(
                title=local(method, "title"),
                ratio="" if row["ratio"] is None else decimal_text(round(row["ratio"], 2)),
                status=str(STATUSES[row["status"]]),
                sentence=explained(code, row["ratio"], row["notes"]),
            )


def _related(edition: Edition, related: list[Target], series: AllSeries) -> list[TargetRow]:
    rows = progress_of(edition, [target.code for target in related])
    figures = next(iter(series.values()), ())
    return [told(target, figures, rows.get((target.code, DEFAULT_METHOD)), edition) for target in related]


def _links(target: Target, tolerance: Tolerance) -> dict[str, str]:
    """Where the API answers what the page says."""
    asked = {"method": "all"}
    if tolerance.value is not None:
        asked["tolerance"] = decimal_text(tolerance.value)
    code = quote(target.code, safe="")
    return {
        "target": f"/api/v1/targets/{code}",
        "path": f"/api/v1/targets/{code}/progress?{urlencode({**asked, 'include': 'path'})}",
        "progress": f"/api/v1/targets/{code}/progress?{urlencode(asked)}",
        "benchmark": f"/api/v1/targets/{code}/progress?basis=all",
        "series": address(target),
    }
