"""The page of one release: what it says of itself, what it changed, and where its figures are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import get_language

from ..models import Release, ReleaseFile, decimal_text
from ..publishing import layout
from ..query.difference import Cell, Counts, difference
from ..query.edition import Edition, ReleaseRow
from .languages import foreign
from .pages import NotHere, Page
from .releases import changes_of, entry, page_of

#: Indicators that the page lists before it leads to the API.
_MOST_INDICATORS = 200


@dataclass(frozen=True)
class Counted:
    """A dataset or an indicator: its name, its changes at the API, and how many cells became what."""

    name: str
    link: str
    counts: tuple[str, ...]


@dataclass(frozen=True)
class Changed:
    """A cell that was revised or withdrawn, with names."""

    indicator: str
    region: str
    year: int
    old: str
    new: str


class ReleasePage(Page):
    """One release; `latest` is the one in force."""

    template = "indicators/release.html"

    def check(self, edition: Edition, **kwargs: str) -> None:
        known = edition.vocabulary("release")
        if kwargs["name"] not in known and not (kwargs["name"] == "latest" and edition.release):
            raise NotHere(tuple((page_of(name), name) for name in known.suggest(kwargs["name"])))

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        row = edition.release if kwargs["name"] == "latest" else edition.named(kwargs["name"])
        assert row is not None
        place = edition.releases.index(row)
        done = difference(row)
        changes = changes_of(row, edition)
        indicators = [
            Counted(
                _named(edition, "indicator.name", code), f"{changes}&indicator={quote(code, safe='')}", _texts(counts)
            )
            for code, counts in list(done.indicators.items())[:_MOST_INDICATORS]
        ]
        return {
            "edition": edition,
            "entry": entry(Release.objects.get(order=row.order)),
            "in_force": row == edition.release,
            "older": _neighbour(edition, place - 1),
            "newer": _neighbour(edition, place + 1),
            "datasets": _datasets(edition, done.indicators, changes),
            "indicators": indicators,
            "more_indicators": max(0, len(done.indicators) - _MOST_INDICATORS),
            "revisions": [_changed(edition, cell) for cell in done.revisions],
            "withdrawals": [_changed(edition, cell) for cell in done.withdrawals],
            "changes": changes,
            "figures": f"/api/v1/observations?as_of={quote(row.name, safe='')}",
            "resource": f"/api/v1/releases/{quote(row.name, safe='')}",
            "files": _files(row),
        }


def _files(release: ReleaseRow) -> list[tuple[str, str]]:
    """Format and address of the files that hold the whole, and the manifest that lists all of them."""
    kinds = ReleaseFile.objects.filter(release=release.order, dataset=None).order_by("id")
    found = [(file.format, layout.local(release.name, layout.path(None, file.format))) for file in kinds]
    return [*found, (layout.MANIFEST, layout.local(release.name, layout.MANIFEST))] if found else []


def _neighbour(edition: Edition, place: int) -> tuple[str, ReleaseRow] | None:
    if not 0 <= place < len(edition.releases):
        return None
    return page_of(edition.releases[place].name), edition.releases[place]


def _datasets(edition: Edition, indicators: Mapping[str, Counts], changes: str) -> Sequence[Counted]:
    belongs = edition.reference.lookups["indicator.dataset"]
    summed: dict[str, list[int]] = {}
    for code, counts in indicators.items():
        total = summed.setdefault(belongs[code], [0] * len(counts))
        summed[belongs[code]] = [one + other for one, other in zip(total, counts, strict=True)]
    return [
        Counted(_named(edition, "dataset.title", code), f"{changes}&dataset={quote(code, safe='')}", _texts(counts))
        for code, counts in sorted(summed.items())
    ]


def _texts(counts: Sequence[int]) -> tuple[str, ...]:
    return tuple(f"{number:,}" for number in counts)


def _changed(edition: Edition, cell: Cell) -> Changed:
    values = ("–" if value is None else decimal_text(value) for value in (cell.old, cell.new))
    indicator, region = _named(edition, "indicator.name", cell.indicator), _named(edition, "region.name", cell.region)
    return Changed(indicator, region, cell.year, *values)


def _named(edition: Edition, names: str, code: str) -> str:
    """A name in the reader's language, else in the other, marked as such; else the code."""
    here, there = ("zh", "en") if get_language() == "zh-hans" else ("en", "zh")
    lookups = edition.reference.lookups
    return lookups[f"{names}_{here}"].get(code) or foreign(lookups[f"{names}_{there}"].get(code) or code)
