"""The Atom feed of releases against the rules of RFC 4287, read by a parser of XML that knows nothing of us."""

import datetime
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.conf import settings as project
from django.db import connection
from django.test.utils import CaptureQueriesContext
from justhtml import JustHTML

from indicators.models import Release, Store
from indicators.portal import feed as module
from tests.conftest import Api
from tests.oracle import Oracle
from tests.portal.test_pages import LANGUAGES, Reader, reader

__all__ = ["reader"]

ATOM = "{http://www.w3.org/2005/Atom}"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
NAMES = [release["name"] for release in Oracle.of_pack().releases]
#: RFC 3339 as RFC 4287, 3.3 wants it: with capital T, and an offset.
DATE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})")
#: Elements that a feed or an entry has at most once (4.1.1, 4.1.2).
_ONCE = ("generator", "icon", "id", "logo", "rights", "subtitle", "title", "updated", "published", "summary", "content")


def fetched(reader: Reader, path: str = "/releases.atom", **headers: str) -> ElementTree.Element:
    """The feed, after it was held against the rules."""
    response = reader.response(path, **headers)
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    assert root.tag == f"{ATOM}feed"
    checked(root)
    for entry in root.findall(f"{ATOM}entry"):
        checked(entry)
    return root


def text(element: ElementTree.Element, name: str) -> str:
    found = element.findtext(f"{ATOM}{name}")
    assert found is not None, name
    return found


def checked(element: ElementTree.Element) -> None:
    """What RFC 4287 demands of a feed (4.1.1) and of an entry (4.1.2)."""
    names = [child.tag.removeprefix(ATOM) for child in element]
    for name in ("id", "title", "updated"):
        assert names.count(name) == 1, name
    assert not [name for name in _ONCE if names.count(name) > 1]
    assert urlsplit(text(element, "id")).scheme in ("http", "https", "tag", "urn")
    assert DATE.fullmatch(text(element, "updated"))
    assert text(element, "title")
    alternates = [link for link in links(element) if link.get("rel", "alternate") == "alternate"]
    assert len({(link.get("type"), link.get("hreflang")) for link in alternates}) == len(alternates) >= 1
    for link in links(element):
        assert urlsplit(link["href"]).netloc, "no relative address without xml:base"
    if element.tag == f"{ATOM}feed":
        assert element.findtext(f"{ATOM}author/{ATOM}name"), "or else each entry needs an author"
        assert [link for link in links(element) if link.get("rel") == "self"], "4.1.1 recommends it"
        ids = [text(entry, "id") for entry in element.findall(f"{ATOM}entry")]
        assert len(set(ids)) == len(ids)


def links(element: ElementTree.Element) -> list[dict[str, str]]:
    return [dict(link.attrib) for link in element.findall(f"{ATOM}link")]


def link(element: ElementTree.Element, rel: str) -> str:
    return next(found["href"] for found in links(element) if found.get("rel") == rel)


def local(address: str) -> str:
    return address.removeprefix(project.PUBLIC_BASE_URL)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_release_is_an_entry_newest_first(reader: Reader, lang: str) -> None:
    root = fetched(reader, f"/releases.atom?lang={lang}")
    assert root.attrib[LANG].lower() == {"en": "en", "zh": "zh-hans"}[lang]
    entries = root.findall(f"{ATOM}entry")
    releases = list(Release.objects.order_by("-order"))
    for entry, release in zip(entries, releases, strict=True):
        assert text(entry, "title") == {"en": release.title_en, "zh": release.title_zh}[lang]
        assert text(entry, "id") == f"https://urbanapi.example/releases/{release.name}"
        assert datetime.datetime.fromisoformat(text(entry, "updated")) == release.in_force_since
        for number in (release.added, release.revised, release.confirmed, release.withdrawn):
            assert f"{number:,}" in text(entry, "summary")
    assert text(root, "updated") == text(entries[0], "updated")
    assert link(root, "self") == f"https://urbanapi.example/releases.atom?lang={lang}"
    assert local(link(root, "alternate")) == f"/releases?lang={lang}"


def test_every_link_of_an_entry_leads_somewhere(reader: Reader, api: Api) -> None:
    for entry in fetched(reader, "/releases.atom?lang=en").findall(f"{ATOM}entry"):
        content = entry.find(f"{ATOM}content")
        assert content is not None
        assert content.attrib["type"] == "html"
        html = JustHTML(content.text or "", strict=False, sanitize=False)
        inside = [a.attrs["href"] for a in html.query("a")]
        assert len(inside) == 3
        for address in [*inside, *(found["href"] for found in links(entry))]:
            assert reader.client.get(local(address), headers={"accept": "*/*"}).status_code == 200, address


def test_the_language_is_negotiated_as_of_pages(reader: Reader) -> None:
    response = reader.response("/releases.atom", **{"accept-language": "zh-CN"})
    assert response["Content-Language"] == "zh-Hans"
    assert "Accept-Language" in response["Vary"]
    root = fetched(reader, "/releases.atom", **{"accept-language": "zh-CN"})
    assert link(root, "self").endswith("?lang=zh"), "its own address names the language"
    assert text(root, "id") == link(root, "self")
    assert reader.response("/releases.atom?lang=fr", 400)


def test_ids_are_the_same_in_every_language_and_stay_with_new_releases(reader: Reader) -> None:
    def ids(lang: str) -> list[str]:
        return [text(entry, "id") for entry in fetched(reader, f"/releases.atom?lang={lang}").findall(f"{ATOM}entry")]

    all_of_them = ids("en")
    assert ids("zh") == all_of_them
    Store.objects.update(release=5)
    assert ids("en") == all_of_them[1:]


def test_without_a_release_the_feed_is_empty_valid_and_stable(reader: Reader) -> None:
    Store.objects.update(release=None)
    root = fetched(reader)
    assert not root.findall(f"{ATOM}entry")
    assert reader.response("/releases.atom").content == reader.response("/releases.atom").content


def test_a_reader_that_has_it_is_told_so(reader: Reader) -> None:
    response = reader.response("/releases.atom?lang=zh")
    for headers in ({"if-none-match": response["ETag"]}, {"if-modified-since": response["Last-Modified"]}):
        with CaptureQueriesContext(connection) as captured:
            assert not reader.response("/releases.atom?lang=zh", 304, **headers).content
        assert len(captured) == 1
    assert reader.response("/releases.atom?lang=en")["ETag"] != response["ETag"]
    page = reader.response("/releases?lang=zh", **{"accept-encoding": "identity"})
    assert page["ETag"] != response["ETag"]
    head = reader.client.head("/releases.atom?lang=zh")
    assert (head.status_code, head["Content-Type"], head.content) == (200, response["Content-Type"], b"")
    assert reader.client.post("/releases.atom").status_code == 405


def test_it_is_bounded_and_goes_on_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 5005, 3: every page is a feed, and links to the next."""
    monkeypatch.setattr(module, "_MOST", 4)
    seen, path = [], "/releases.atom?lang=en"
    while path:
        root = fetched(reader, path)
        assert local(link(root, "self")) == path
        seen += [text(entry, "id").rpartition("/")[2] for entry in root.findall(f"{ATOM}entry")]
        path = next((local(found["href"]) for found in links(root) if found["rel"] == "next"), "")
    assert seen == NAMES[::-1]
    reader.response("/releases.atom?before=nothing", 404)


def test_notes_are_its_content_and_never_markup(reader: Reader) -> None:
    Release.objects.filter(order=6).update(notes_en="A <b>bold</b> & so on\n\nSecond", notes_zh=None)
    for lang in LANGUAGES:
        content = text(fetched(reader, f"/releases.atom?lang={lang}").findall(f"{ATOM}entry")[0], "content")
        html = JustHTML(content, strict=False, sanitize=False)
        (notes,) = html.query("div")
        assert notes.attrs["lang"] == "en"
        assert [" ".join(p.to_text().split()) for p in notes.query("p")] == ["A <b>bold</b> & so on", "Second"]
        assert not html.query("b")


@pytest.mark.parametrize("spoil", [lambda name: {name: "a\x0bb\x1f\ufffe"}], ids=["control characters"])
@pytest.mark.parametrize("name", ["title_en", "notes_en"])
def test_what_xml_cannot_hold_is_left_out(reader: Reader, spoil: Callable[[str], Any], name: str) -> None:
    Release.objects.filter(order=6).update(**spoil(name))
    entry = fetched(reader, "/releases.atom?lang=en").findall(f"{ATOM}entry")[0]
    assert "ab" in (text(entry, "title") if name == "title_en" else text(entry, "content"))


def test_names_are_quoted_in_addresses(reader: Reader) -> None:
    Release.objects.filter(order=6).update(name="年鉴&?#<6>")
    entry = fetched(reader, "/releases.atom?lang=en").findall(f"{ATOM}entry")[0]
    assert re.fullmatch(r"[\x21-\x7e]+", text(entry, "id"))
    for found in links(entry):
        assert reader.client.get(local(found["href"])).status_code == 200


def test_pages_and_the_index_tell_of_it(reader: Reader, api: Api) -> None:
    for path in ("/", "/docs", "/releases", "/targets/SD-3Y-01"):
        assert reader.page(path).query("link[rel='alternate'][type='application/atom+xml']")
        assert '<https://urbanapi.example/releases.atom>; rel="alternate"' in reader.response(path)["Link"]
    assert api.json("")["links"]["releases.atom"] == "https://urbanapi.example/releases.atom"
