"""A workbook (Office Open XML, ECMA-376) whose sheets are written as their rows come.

Cells hold their own text, numbers are the published digits, and the same rows make the same bytes. Decision 0011 says
why no library writes it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from xml.sax.saxutils import escape

from ..query.problems import BadQuery, Problem
from .archive import Archive, ArchiveFile

#: Rows of a sheet, characters of a cell, and bytes of a sheet that need no ZIP64, which not all programs read.
MOST_ROWS, LONGEST_TEXT, LARGEST_SHEET = 1_048_576, 32_767, 2**31 - 1

#: Days are counted from the first; those before the second are text, as programs disagree on 29 February 1900.
_DAY_ZERO, _FIRST_DAY = datetime.date(1899, 12, 30), datetime.date(1900, 3, 1)
#: ST_Xstring (part 1, 22.9.2.19): what XML cannot hold is written `_xHHHH_`, and so is the start of what looks like it.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
#: Everything but the sheets. Styles of cells: 0 plain, 1 bold, 2 a day.
_PARTS = {
    "[Content_Types].xml": f"""\
<Types xmlns="{_PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="{_TYPE}.worksheet+xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>""",
    "_rels/.rels": f"""\
<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>""",
    "xl/workbook.xml": f"""\
<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><bookViews><workbookView/></bookViews><sheets>\
<sheet name="data" sheetId="1" r:id="rId1"/><sheet name="about" sheetId="2" r:id="rId2"/></sheets></workbook>""",
    "xl/_rels/workbook.xml.rels": f"""\
<Relationships xmlns="{_PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/data.xml"/>\
<Relationship Id="rId2" Type="{_RELATIONS}/worksheet" Target="worksheets/about.xml"/>\
<Relationship Id="rId3" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>""",
    "xl/styles.xml": f"""\
<styleSheet xmlns="{_MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/></numFmts>\
<fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>\
<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>\
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>\
</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>\
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>""",
}
_SHEET = f"""\
{_DECLARATION}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">\
<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>\
<sheetFormatPr defaultRowHeight="15"/><cols>"""
_SHEET_END = f"""\
</sheetData>\
<ignoredErrors><ignoredError sqref="A1:XFD{MOST_ROWS}" numberStoredAsText="1"/></ignoredErrors></worksheet>"""


#: An empty cell: written, so that every row is as wide as the header for readers that count cells.
EMPTY = "/>"


class Workbook:
    """A workbook on its way, with the sheets `data` and `about`."""

    def __init__(self) -> None:
        self._archive = Archive()
        for name, content in _PARTS.items():
            with self._archive.file(name) as file:
                file.write((_DECLARATION + content).encode())

    @contextmanager
    def sheet(self, name: str, widths: Sequence[int]) -> Iterator[Sheet]:
        """One of the two sheets; `widths` are those of its columns, in characters."""
        columns = [
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>' for n, width in enumerate(widths, start=1)
        ]
        with self._archive.file(f"xl/worksheets/{name}.xml") as file:
            file.write(f"{_SHEET}{''.join(columns)}</cols><sheetData>".encode())
            yield Sheet(file)
            file.write(_SHEET_END.encode())

    def taken(self) -> bytes:
        """The bytes written since the last call."""
        return self._archive.taken()

    def close(self) -> None:
        """Write the end; what is left may be taken."""
        self._archive.close()


class Sheet:
    """A sheet on its way, from the first row down."""

    def __init__(self, file: ArchiveFile) -> None:
        self._file = file
        self._row = 0
        self._size = 0

    def add(self, columns: Sequence[Sequence[str]]) -> None:
        """Add rows, given column by column as `text`, `number` and `day` make cells, or EMPTY."""
        rows = range(self._row + 1, self._row + 1 + len(columns[0]))
        placed = [
            [f'<c r="{place}{row}"{cell}' for row, cell in zip(rows, cells, strict=True)]
            for place, cells in zip(map(letters, range(len(columns))), columns, strict=True)
        ]
        parts = [
            f'<row r="{row}">{"".join(cells)}</row>' for row, cells in zip(rows, zip(*placed, strict=True), strict=True)
        ]
        self.write("".join(parts).encode(), len(rows))

    @property
    def next_row(self) -> int:
        """Number of the row that is added next."""
        return self._row + 1

    def write(self, written: bytes | memoryview, rows: int) -> None:
        """Add so many rows as they are written in a sheet."""
        self._row, self._size = self._row + rows, self._size + len(written)
        if self._size > LARGEST_SHEET:
            raise too_large(f"The slice is longer than {LARGEST_SHEET} bytes as a sheet")
        self._file.write(written)


def text(value: str, bold: bool = False) -> str:
    """A cell that holds a text."""
    if len(value.encode("utf-16-le")) > 2 * LONGEST_TEXT:
        raise too_large(f"A text of the slice is longer than {LONGEST_TEXT} characters, the most that a cell takes")
    held = _UNWRITABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
    space = ' xml:space="preserve"' if held != held.strip() else ""
    style = ' s="1"' if bold else ""
    return f'{style} t="inlineStr"><is><t{space}>{escape(held, {chr(13): "&#13;"})}</t></is></c>'


def number(digits: str) -> str:
    """A cell that holds a number."""
    return f"><v>{digits}</v></c>"


def day(value: datetime.date) -> str:
    """A cell that holds a day."""
    return f' s="2"><v>{(value - _DAY_ZERO).days}</v></c>' if value >= _FIRST_DAY else text(value.isoformat())


def too_large(what: str) -> BadQuery:
    """413: no workbook can hold it."""
    return BadQuery([Problem("too_large", f"{what}: narrow the question, or ask for format=csv.", "format", "xlsx")])


def letters(position: int) -> str:
    """How a sheet calls its columns: 0 is A, 25 is Z, 26 is AA."""
    before, last = divmod(position, 26)
    return (letters(before - 1) if before else "") + chr(ord("A") + last)
