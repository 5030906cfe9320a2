"""Documents hold together: links and anchors resolve, addresses of the API answer, translations match."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.conftest import Api
from tests.docs.documents import BASE, anchors, headings, markdown_files, paragraphs, snippets, tokens
from tests.serving import ROOT

FILES = markdown_files()
TRANSLATED = [path for path in FILES if path.name.endswith(".zh.md")]
_ADDRESS = re.compile(rf"(?:{BASE})?(/(?:api/v1|livez|readyz)(?![\w-])[^\s\"'`<>()\\]*)")
#: A file or folder of the project as documents name it.
_FILE = re.compile(r"(?:\.ci|benchmarks|docs|fixtures|indicators|tests|urbanapi)/[\w./-]*")
#: Stands for something else: `{{code}}`, `$NAME`, `…`.
_PLACEHOLDER = re.compile(r"[{$…]")


def english(path: Path) -> Path:
    """The document that a translation belongs to."""
    return path.with_name(path.name.replace(".zh.md", ".md"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_links_resolve(path: Path) -> None:
    for link in (link for paragraph in paragraphs(path) for link in paragraph.links):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = unquote(link).partition("#")
        target = (ROOT / path.parent / name).resolve() if name else ROOT / path
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or anchor in anchors(target.relative_to(ROOT)), link


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_that_are_named_are_there(path: Path) -> None:
    for code in (code for paragraph in paragraphs(path) for code in paragraph.codes):
        assert not _FILE.fullmatch(code) or (ROOT / code).exists(), code


@pytest.mark.parametrize("path", FILES, ids=str)
def test_commonmark_with_one_title_and_no_html(path: Path) -> None:
    assert [tag for tag, _ in headings(path)].count("h1") == 1
    everything = [inner for token in tokens(path) for inner in (token, *(token.children or ()))]
    assert not [token.content for token in everything if token.type.startswith("html")]


@pytest.mark.parametrize("path", TRANSLATED, ids=str)
def test_translations_have_the_same_headings_and_snippets(path: Path) -> None:
    assert [tag for tag, _ in headings(path)] == [tag for tag, _ in headings(english(path))]
    ours, theirs = ([t.content for t in tokens(p) if t.type == "fence"] for p in (path, english(path)))
    assert ours == theirs


def addresses(path: Path) -> set[tuple[str, str]]:
    """Addresses of the service that a document names in code or links, each with the text around it."""
    found = set()
    for paragraph in paragraphs(path):
        for text in (*paragraph.codes, *(link for link in paragraph.links if link.startswith(BASE))):
            found |= {(address, paragraph.text) for address in _ADDRESS.findall(text)}
    for snippet in snippets(path):
        whole = snippet.code + snippet.output
        found |= {(address, whole) for address in _ADDRESS.findall(whole)}
    return {(address, around) for address, around in found if not _PLACEHOLDER.search(address)}


@pytest.mark.parametrize("path", [path for path in FILES if addresses(path)], ids=str)
def test_addresses_answer_as_the_document_says(api: Api, path: Path) -> None:
    for address, around in addresses(path):
        status = api.client.get(address).status_code
        assert status == 200 or re.search(rf"\b{status}\b", around), (address, status)
