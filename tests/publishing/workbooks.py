"""Workbooks written part by part, so that each part may be wrong."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import escape

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
START = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
TYPES = (
    f'{START}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>'
)
HEADER = ("indicator", "region", "year", "value", "status", "source")
RIGHT = ("urbanization_rate", "370000", 2023, 65.53, "A", "S01")
#: Style 1 shows a date, style 2 a percent, style 3 a date by a format of its own.
STYLES = (
    f'{START}<styleSheet {NAMESPACE}><numFmts count="1"><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;"/>'
    '</numFmts><cellXfs count="4"><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="10"/><xf numFmtId="164"/>'
    "</cellXfs></styleSheet>"
)


def cell(value: object, place: str) -> str:
    """The XML of a cell; a text that begins with `<` is XML already, in which {} is the place."""
    if isinstance(value, str) and value.startswith("<"):
        return value.replace("{}", place)
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"><v>{value}</v></c>'


def sheet(rows: Iterable[Iterable[object]], after: str = "") -> str:
    """The XML of a sheet of up to 26 columns; None is no cell."""
    lines = []
    for number, values in enumerate(rows, start=1):
        cells = (cell(v, f"{chr(65 + at)}{number}") for at, v in enumerate(values) if v is not None)
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f"{START}<worksheet {NAMESPACE}><sheetData>{''.join(lines)}</sheetData>{after}</worksheet>"


def parts(*sheets: str) -> dict[str, str]:
    """The parts of a workbook with these sheets."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    related += "".join(
        f'<Relationship Id="{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name in ("styles", "sharedStrings")
    )
    return {
        "[Content_Types].xml": TYPES,
        "xl/workbook.xml": f'{START}<workbook {NAMESPACE} xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": (
            f'{START}<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
        ),
        "xl/styles.xml": STYLES,
        "xl/sharedStrings.xml": f"{START}<sst {NAMESPACE}><si><t>shared</t></si></sst>",
        **{f"xl/worksheets/sheet{n}.xml": text for n, text in zip(numbers, sheets, strict=True)},
    }


def pack(path: Path, content: Mapping[str, str | bytes], repeat: Mapping[str, int] = {}) -> None:
    """Write the archive; a part that is repeated is written so many times over, as a bomb is."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            raw = data.encode() if isinstance(data, str) else data
            with archive.open(name, "w", force_zip64=False) as part:
                for _ in range(repeat.get(name, 1)):
                    part.write(raw)


def workbook(path: Path, *rows: Iterable[object], after: str = "") -> None:
    """A workbook with one sheet: the header and these rows."""
    pack(path, parts(sheet([HEADER, *rows], after)))
