"""The documents of docs/ as pages: Markdown rendered in the reader's language."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..query.edition import Edition
from .pages import Page

FOLDER: Path = settings.BASE_DIR / "docs"
#: Documents that stand elsewhere in the project, by the name that they have here.
_ELSEWHERE = {
    "CHANGELOG": "CHANGELOG.md",
    "CONTRIBUTING": "CONTRIBUTING.md",
    "LICENSE-DATA": "LICENSE-DATA.md",
    "SECURITY": "SECURITY.md",
    "data-pack": "fixtures/README.md",
}
#: The address at which the documents suppose the service.
_SUPPOSED = "http://127.0.0.1:8000"


@cache
def documents() -> dict[tuple[str, str], Path]:
    """The documents by name and language; those that are written in one language only are English."""
    found: dict[tuple[str, str], Path] = {}
    for path in sorted(FOLDER.glob("*.md")):
        name, _, language = path.stem.partition(".")
        found[name, "zh-hans" if language == "zh" else "en"] = path
    for name, place in _ELSEWHERE.items():
        if (settings.BASE_DIR / place).is_file():
            found[name, "en"] = settings.BASE_DIR / place
    return found


class DocumentPage(Page):
    """One document; in English where there is no Chinese one, and marked so."""

    template = "indicators/document.html"

    def check(self, edition: Edition, **kwargs: str) -> None:
        if (kwargs["name"], "en") not in documents():
            raise Http404

    def content(self, edition: Edition, **kwargs: str) -> dict[str, Any]:
        name, language = kwargs["name"], get_language() or "en"
        path = documents().get((name, language)) or documents()[name, "en"]
        asked = self.request.GET.get("lang", "")
        title, body = rendered(path, f"?lang={asked}" if asked else "")
        return {"title": title, "body": body, "translated": documents().get((name, language)) == path}


@cache
def rendered(path: Path, lang: str = "") -> tuple[str, SafeString]:
    """Title and body of a document, as HTML; raw HTML in the Markdown stays text. `lang` goes along with its links."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(path.read_text(encoding="utf-8").replace(_SUPPOSED, settings.PUBLIC_BASE_URL))
    title = next(t.content for before, t in pairwise(tokens) if before.type == "heading_open")
    for token, following in pairwise(tokens):
        if token.type == "heading_open":
            token.attrSet("id", slug(following.content))
    for token in tokens:
        if style := token.attrs.pop("style", None):  # how a column is aligned; the pages let no inline style through
            token.attrSet("class", "number" if style == "text-align:right" else "text")
        token.children = token.children and _linked(token.children, path, lang)
    html = parser.renderer.render(tokens, parser.options, {})
    # What is wider than a telephone scrolls by itself; the keyboard reaches it.
    html = html.replace("<table>", '<div class="scroll" tabindex="0"><table>').replace("</table>", "</table></div>")
    html = html.replace("<pre>", '<pre tabindex="0">')
    return title, mark_safe(html)  # noqa: S308 (our own documents, in which raw HTML is not let through)


def slug(heading: str) -> str:
    """What a link names a heading by, as code hosts do: lower case, letters and digits, hyphens for spaces."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _linked(tokens: list[Token], path: Path, lang: str) -> list[Token]:
    """Links between documents become links between pages; those to files that are not served become plain text."""
    kept: list[Token] = []
    served: list[bool] = []
    for token in tokens:
        if token.type == "link_open":
            address = _address(str(token.attrGet("href")), path, lang)
            served.append(address is not None)
            token.attrSet("href", address or "")
        if token.type == "softbreak" and kept and _is_wide(kept[-1].content[-1:]):
            continue  # between Chinese characters the end of a line is no space
        if token.type not in ("link_open", "link_close") or served[-1]:
            kept.append(token)
        if token.type == "link_close":
            served.pop()
    return kept


def _is_wide(character: str) -> bool:
    return character != "" and unicodedata.east_asian_width(character) in "WF"


def _address(link: str, path: Path, lang: str) -> str | None:
    """The address of the page that a link from the document at `path` leads to; None if it is not served."""
    target, _, fragment = link.partition("#")
    if not target or re.match(r"https?:|/", target):
        return link
    found = _key((path.parent / target).resolve())
    if found is None:
        return None
    name, language = found
    if _has_twin(name) and (language == "zh-hans" or not _has_twin((_key(path) or found)[0])):
        lang = "?lang=zh" if language == "zh-hans" else "?lang=en"  # the link chooses the language, as an index does
    address = "/docs" if name == "README" else f"/docs/{name}"
    return f"{address}{lang}{'#' + fragment if fragment else ''}"


def _key(path: Path) -> tuple[str, str] | None:
    return next((key for key, document in documents().items() if document.resolve() == path), None)


def _has_twin(name: str) -> bool:
    return (name, "zh-hans") in documents()
