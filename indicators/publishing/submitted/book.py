"""What all cells of a workbook refer to: sheets, shared strings, and which formats show dates and percents."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field

from ..words import Said as _
from . import limits
from .archive import Archive
from .markup import read_markup
from .records import Trouble, cut

_DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PERCENT_FORMATS = {9, 10}
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass
class Book:
    """What the cells of all sheets refer to; `formats` says for each style whether it shows a date or a percent."""

    sheets: list[tuple[str, str]] = field(default_factory=list)
    strings: list[str] = field(default_factory=list)
    formats: list[str | None] = field(default_factory=list)
    from_1904: bool = False

    def shows(self, style: str) -> str | None:
        """Whether cells of that style show their number as a date or in percent."""
        index = _number(style)
        return self.formats[index] if index < len(self.formats) else None


def plain(text: str) -> str:
    """A text as it was meant: what XML cannot hold stands in it as _xHHHH_."""
    text = cut(text)
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def open_book(archive: Archive) -> Book:
    """Read everything but the sheets; raises `Trouble`."""
    book = Book()
    targets: dict[str, str] = {}

    def relation(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("Type", "").endswith(("/worksheet", "/sharedStrings", "/styles")):
            kind = attributes["Type"].rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/xl", attributes.get("Target", "")))
            targets[attributes.get("Id", "") if kind == "worksheet" else kind] = target

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr":
            book.from_1904 = attributes.get("date1904") in ("1", "true")
        elif name == "sheet":
            key = next((value for name, value in attributes.items() if name.endswith("relationships id")), "")
            if key in targets:
                book.sheets.append((attributes.get("name", "")[:100], targets[key]))
            if len(book.sheets) > limits.MOST_SHEETS:
                most = limits.MOST_SHEETS
                raise Trouble(_("has more than %(most)d sheets: save the one with the table as CSV", most=most))

    read_markup(archive, "xl/_rels/workbook.xml.rels", relation, _nothing, _nothing)
    read_markup(archive, "xl/workbook.xml", sheet, _nothing, _nothing)
    if "sharedStrings" in targets:
        _read_strings(archive, targets["sharedStrings"], book.strings)
    if "styles" in targets:
        _read_styles(archive, targets["styles"], book.formats)
    return book


def _nothing(*_ignored: object) -> None:
    """Pass over what is of no interest."""


def _read_strings(archive: Archive, part: str, strings: list[str]) -> None:
    pieces: list[str] = []
    inside = [False, False]  # a text; a phonetic guide, which is no part of the text

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name == "si":
            pieces.clear()
        elif name == "rPh":
            inside[1] = True
        elif name == "t":
            inside[0] = not inside[1]

    def end(name: str) -> None:
        if name == "si":
            strings.append(plain("".join(pieces)))
        elif name == "rPh":
            inside[1] = False
        elif name == "t":
            inside[0] = False

    read_markup(archive, part, start, end, lambda text: pieces.append(text) if inside[0] else None)


def _read_styles(archive: Archive, part: str, formats: list[str | None]) -> None:
    codes: dict[int, str] = {}
    inside = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "numFmt":
            codes[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside[0] = True
        elif name == "xf" and inside[0]:
            number = _number(attributes.get("numFmtId"))
            formats.append(_shows(number, codes.get(number, "")))

    def end(name: str) -> None:
        if name == "cellXfs":
            inside[0] = False

    read_markup(archive, part, start, end, _nothing)


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0


def _shows(number: int, code: str) -> str | None:
    """Whether a format shows numbers as dates or in percent: words in quotes and brackets do not count."""
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", code[:255])
    if number in _DATE_FORMATS or re.search(r"[ymdhs年月日]", re.sub("General", "", bare), re.IGNORECASE):
        return "date"
    return "percent" if number in _PERCENT_FORMATS or "%" in bare else None
