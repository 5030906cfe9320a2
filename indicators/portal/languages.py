"""Which language a page speaks: `?lang=` wins, else Accept-Language; and texts of the data in that language."""

from __future__ import annotations

import unicodedata
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

#: `lang=` -> Django's code of the language.
LANGUAGES = {"en": "en", "zh": "zh-hans"}
#: Django's code -> the tag that HTML and HTTP use (BCP 47).
TAGS = {"en": "en", "zh-hans": "zh-Hans"}


class UnknownLanguage(Exception):
    """`lang=` names a language that no page is written in."""


def language_of(request: HttpRequest) -> str:
    """Django's code of the language that the request asks for; raises `UnknownLanguage`."""
    asked = request.GET.getlist("lang")
    if asked:
        if len(asked) > 1 or asked[0] not in LANGUAGES:
            raise UnknownLanguage(",".join(asked)[:80])
        return LANGUAGES[asked[0]]
    return preferred(request)


def preferred(request: HttpRequest) -> str:
    """The language that Accept-Language likes best of those that the pages are written in."""
    for tag, _ in parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "")):
        try:
            return get_supported_language_variant(tag)
        except LookupError:
            continue
    return settings.LANGUAGE_CODE


def switch(request: HttpRequest) -> list[dict[str, Any]]:
    """The links that answer the same page in each language, the active one marked."""
    active = get_language()
    kept = [(name, value) for name, value in request.GET.items() if name != "lang"]
    return [
        {
            "tag": TAGS[code],
            "name": dict(settings.LANGUAGES)[code],
            "href": f"?{urlencode([*kept, ('lang', short)])}",
            "active": code == active,
        }
        for short, code in LANGUAGES.items()
    ]


def local(row: Any, field: str) -> str:
    """The text of `field` in the active language; where it is missing, the other one, marked as such for readers."""
    here, there = ("zh", "en") if get_language() == "zh-hans" else ("en", "zh")
    if text := getattr(row, f"{field}_{here}"):
        return str(text)
    return foreign(getattr(row, f"{field}_{there}") or "")


def language_and_text(row: Any, field: str) -> tuple[str, str]:
    """The text of `field` in the active language, else the other one; and the tag of its language."""
    here, there = ("zh", "en") if get_language() == "zh-hans" else ("en", "zh")
    short = here if getattr(row, f"{field}_{here}") else there
    return TAGS[LANGUAGES[short]], getattr(row, f"{field}_{short}") or ""


def foreign(text: str) -> str:
    """A text that may be in another language than the page: then marked, so that it is read aloud rightly."""
    chinese = any("CJK" in unicodedata.name(character, "") for character in text)
    tag = "zh-Hans" if chinese else "en"
    if not text or tag == TAGS[get_language() or "en"]:
        return text
    marked: SafeString = format_html('<span lang="{}">{}</span>', tag, text)
    return marked
