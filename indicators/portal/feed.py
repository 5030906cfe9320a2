"""The Atom feed of releases (RFC 4287): newest first, in pages (RFC 5005), in the language of the request."""

from __future__ import annotations

import datetime
import re
from typing import Any, ClassVar
from urllib.parse import quote

from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from ..http import caching
from ..query.edition import Edition
from . import languages
from .pages import Page
from .releases import ReleaseEntry, changes_of, check_before, listed

#: Entries of a page of the feed.
_MOST = 50
#: What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class ReleaseFeed(Page):
    """The feed; `before` continues it behind a release."""

    media_type: ClassVar[str] = "application/atom+xml"
    varies = ("before",)

    def check(self, edition: Edition, **kwargs: str) -> None:
        check_before(self.request.GET.get("before"), edition)

    def rendered(self, edition: Edition, **kwargs: str) -> HttpResponse:
        before = self.request.GET.get("before")
        entries, older = listed(edition, before, _MOST)
        feed = _feed(entries, before, older)
        for entry in entries:
            _add(feed, entry, edition)
        return HttpResponse(feed.writeString("utf-8"), content_type=f"{self.media_type}; charset=utf-8")


class _Atom(Atom1Feed):
    """Django's, with what it leaves out: a stable date, content, and more links."""

    def latest_post_date(self) -> datetime.datetime:
        """When the newest entry came into force; of an empty feed when the software came here, not now."""
        moment: datetime.datetime = self.feed["updated"]
        return moment

    def add_root_elements(self, handler: Any) -> None:
        super().add_root_elements(handler)
        for link in self.feed["links"]:
            handler.addQuickElement("link", "", link)

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for link in item["links"]:
            handler.addQuickElement("link", "", link)
        handler.addQuickElement("content", item["content"], {"type": "html"})


def _feed(entries: list[ReleaseEntry], before: str | None, older: str | None) -> _Atom:
    base, lang = settings.PUBLIC_BASE_URL, _lang()
    own = f"{base}/releases.atom?lang={lang}"
    links = [{"rel": "license", "href": settings.DATA_LICENSE}]  # RFC 4946
    if older:
        links.append({"rel": "next", "href": _behind(own, older)})
    return _Atom(
        title=_("Releases of UrbanAPI"),
        subtitle=_("Publications of figures: what each added, revised, confirmed and withdrew."),
        link=f"{base}/releases?lang={lang}",
        description="",
        language=languages.TAGS[get_language() or "en"],
        author_name=printable(settings.PUBLISHER_NAME),
        author_link=settings.CONTACT_URL,
        feed_url=_behind(own, before) if before else own,
        feed_guid=own,
        updated=max((entry.release.in_force_since for entry in entries), default=caching.built_at()),
        links=links,
    )


def _add(feed: _Atom, entry: ReleaseEntry, edition: Edition) -> None:
    base, release = settings.PUBLIC_BASE_URL, entry.release
    changes = base + changes_of(edition.named(release.name), edition)
    resource = f"{base}/api/v1/releases/{quote(release.name, safe='')}"
    content = {"entry": entry, "base": base, "changes": changes, "resource": resource, "lang": _lang()}
    title = languages.language_and_text(release, "title")[1]
    feed.add_item(
        title=printable(title),
        link=f"{base}{entry.page}?lang={_lang()}",
        description=escape(entry.counts),
        unique_id=base + entry.page,
        updateddate=release.in_force_since,
        content=printable(render_to_string("indicators/feed_entry.html", content)),
        links=[{"rel": "related", "type": "application/json", "href": href} for href in (resource, changes)],
    )


def _behind(address: str, name: str) -> str:
    return f"{address}&before={quote(name, safe='')}"


def _lang() -> str:
    return next(short for short, code in languages.LANGUAGES.items() if code == get_language())


def printable(text: str) -> str:
    """A text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)
