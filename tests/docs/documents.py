"""The documents of the project as a reader of CommonMark sees them: headings, tables, links, snippets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.serving import ROOT

#: Where `make run` serves, and what addresses in documents begin with.
BASE = "http://127.0.0.1:8000"
_NOT_OURS = {"var", "node_modules", "staticfiles"}


@dataclass(frozen=True)
class Snippet:
    """A fenced block that names its language; `output` is the block of text or JSON right below it, if any."""

    path: Path
    line: int
    language: str
    code: str
    output: str
    output_language: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}-{self.language}"


@dataclass(frozen=True)
class Paragraph:
    """A heading, paragraph or cell: its whole text, the pieces of code in it, and where it links to."""

    text: str
    codes: tuple[str, ...]
    links: tuple[str, ...]


def markdown_files() -> list[Path]:
    """Every Markdown file of the project; what lies in hidden folders, was installed or was made is not ours."""
    found = (path.relative_to(ROOT) for path in ROOT.rglob("*.md"))
    return sorted(p for p in found if not any(part.startswith(".") or part in _NOT_OURS for part in p.parts))


@cache
def tokens(path: Path) -> tuple[Token, ...]:
    """CommonMark with tables, which is all that the project writes."""
    text = (ROOT / path).read_text(encoding="utf-8")
    return tuple(MarkdownIt("commonmark").enable("table").parse(text))


def paragraphs(path: Path) -> Iterator[Paragraph]:
    """All text of a document but its fenced blocks."""
    for token in tokens(path):
        if token.type == "inline":
            inner = token.children or []
            codes = tuple(t.content for t in inner if t.type == "code_inline")
            links = (str(t.attrs.get("href") or t.attrs["src"]) for t in inner if t.type in ("link_open", "image"))
            yield Paragraph(_text(token), codes, tuple(links))


def snippets(path: Path) -> list[Snippet]:
    """Fenced blocks that name a language, each with the output shown right below it."""
    fences = {place: token for place, token in enumerate(tokens(path)) if token.type == "fence"}
    shown = {place for place, token in fences.items() if token.info in ("text", "json") and place - 1 in fences}
    found = []
    for place, token in fences.items():
        if token.info and place not in shown:
            below = fences[place + 1] if place + 1 in shown else None
            output = (below.content, below.info) if below else ("", "")
            found.append(Snippet(path, (token.map or [0])[0] + 1, token.info, token.content, *output))
    return found


def headings(path: Path) -> list[tuple[str, str]]:
    """Tag and text of each heading."""
    found = tokens(path)
    return [(t.tag, _text(found[place + 1])) for place, t in enumerate(found) if t.type == "heading_open"]


def anchors(path: Path) -> set[str]:
    """The fragments that lead to headings: lower case, letters and digits of any script, hyphens for spaces."""
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for _, text in headings(path)}


def tables(path: Path) -> dict[str, list[list[str]]]:
    """The table below each heading that has one, by the text of the heading; its first row is the header."""
    found: dict[str, list[list[str]]] = {}
    heading, everything = "", tokens(path)
    for place, token in enumerate(everything):
        if token.type == "heading_open":
            heading = _text(everything[place + 1])
        elif token.type == "tr_open":
            found.setdefault(heading, []).append([])
        elif token.type in ("th_open", "td_open"):
            found[heading][-1].append(_text(everything[place + 1]))
    return found


def _text(inline: Token) -> str:
    return "".join(" " if t.type == "softbreak" else t.content for t in inline.children or [])
