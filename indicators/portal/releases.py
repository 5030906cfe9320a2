"""The page of all releases: what was published when, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from ..models import Release
from ..query.edition import Edition, ReleaseRow
from .languages import language_and_text, local
from .pages import NotHere, Page

#: Releases of a page.
_MOST = 100


@dataclass(frozen=True)
class ReleaseEntry:
    """A release as pages and the feed tell it; the notes may be in another language than the page."""

    release: Release
    page: str
    title: str
    counts: str
    notes: str
    notes_language: str


class ReleasesPage(Page):
    """All releases; `before` continues the list behind one of them."""

    template = "indicators/releases.html"
    varies = ("before",)

    def check(self, edition: Edition, **kwargs: str) -> None:
        check_before(self.request.GET.get("before"), edition)

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        entries, older = listed(edition, self.request.GET.get("before"), _MOST)
        return {"edition": edition, "entries": entries, "older": older and quote(older, safe="")}


def check_before(before: str | None, edition: Edition) -> None:
    """Raise `NotHere` for a list that continues behind a release that there is not."""
    known = edition.vocabulary("release")
    if before is not None and before not in known:
        raise NotHere(tuple((page_of(name), name) for name in known.suggest(before)))


def listed(edition: Edition, before: str | None, most: int) -> tuple[list[ReleaseEntry], str | None]:
    """Releases, newest first, older than `before`; and the last of them, if others are older still."""
    rows = [row for row in edition.releases if before is None or row.order < edition.named(before).order]
    shown = rows[-most:]
    releases = Release.objects.filter(order__in=[row.order for row in shown]).order_by("-order")
    return [entry(release) for release in releases], shown[0].name if len(rows) > len(shown) else None


def entry(release: Release) -> ReleaseEntry:
    """A release in the active language."""
    language, notes = language_and_text(release, "notes")
    return ReleaseEntry(release, page_of(release.name), local(release, "title"), counted(release), notes, language)


def counted(release: Release) -> str:
    """What it did, in numbers."""
    words = {name: f"{getattr(release, name):,}" for name in ("added", "revised", "confirmed", "withdrawn")}
    return _("%(added)s figures added, %(revised)s revised, %(confirmed)s confirmed, %(withdrawn)s withdrawn") % words


def page_of(name: str) -> str:
    """The address of the page of a release."""
    return f"/releases/{quote(name, safe='')}"


def changes_of(release: ReleaseRow, edition: Edition) -> str:
    """The address at which the API tells the changes of exactly this release."""
    before = max(
        (row for row in edition.releases if row.order < release.order), key=lambda row: row.order, default=None
    )
    since = f"since={quote(before.name, safe='')}&" if before else ""
    return f"/api/v1/changes?{since}until={quote(release.name, safe='')}"
