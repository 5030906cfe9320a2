"""Bad workbooks: what Excel allows in a table that is none, and what attackers put into the archive."""

import struct
from pathlib import Path

from .corpus import bad
from .workbooks import HEADER, NAMESPACE, RIGHT, START, pack, parts, sheet, workbook


def row(name: str, expected: str, **cells: object) -> None:
    """Put a workbook on the list whose second row differs from a right one in these cells."""

    @bad(name, expected)
    def write(path: Path) -> None:
        changed = dict(zip(HEADER, RIGHT, strict=True)) | cells
        workbook(path, [changed[column] for column in HEADER])


row(
    "formula.xlsx",
    "formula.xlsx:2 [value, cell D2]: is a formula (=A1*2)",
    value='<c r="{}"><f>A1*2</f><v>65.53</v></c>',
)
row(
    "shared_formula.xlsx", ":2 [value, cell D2]: is a formula (=)", value='<c r="{}"><f t="shared" si="0"/><v>1</v></c>'
)
row("text_formula.xlsx", ":2 [region, cell B2]: is a formula", region='<c r="{}" t="str"><f>C1</f><v>370000</v></c>')
row("error.xlsx", ":2 [value, cell D2]: is the error #N/A of a spreadsheet", value='<c r="{}" t="e"><v>#N/A</v></c>')
row("boolean.xlsx", ":2 [value, cell D2]: is a truth value (true)", value='<c r="{}" t="b"><v>1</v></c>')
row("date.xlsx", ":2 [year, cell C2]: is a date (2022-12-31)", year='<c r="{}" s="1"><v>44926</v></c>')
row("date_format.xlsx", ":2 [year, cell C2]: is a date (2022-12-31)", year='<c r="{}" s="3"><v>44926</v></c>')
row("date_iso.xlsx", ":2 [year, cell C2]: is a date (2022-12-31)", year='<c r="{}" t="d"><v>2022-12-31</v></c>')
row("serial.xlsx", ":2 [year, cell C2]: '44926' is not a year of four digits", year=44926)
row("half_year.xlsx", ":2 [year, cell C2]: '2022.5' is not a year of four digits", year=2022.5)
row("percent.xlsx", ":2 [value, cell D2]: is shown in percent, but the cell holds 0.6553",
    value='<c r="{}" s="2"><v>0.6553</v></c>')  # fmt: skip
row("text_value.xlsx", ":2 [value, cell D2]: '1,234' has separators of thousands: write 1234", value="1,234")
row("not_finite.xlsx", ":2 [value, cell D2]: nan is not a finite number", value='<c r="{}"><v>NaN</v></c>')
row("above.xlsx", ":2 [value, cell D2]: 165.5 is impossible", value=165.5)
row("unknown.xlsx", ":2 [region, cell B2]: there is no region '37000'; did you mean 370000", region=37000)
row("nul.xlsx", ":2 [source, cell F2]: holds the character U+0000", source="S01_x0000_")
row("half_character.xlsx", ":2 [source, cell F2]: holds the character U+D800", source="S01_xD800_")
row(
    "no_shared.xlsx",
    ":2 [cell A2]: is a damaged workbook: a cell has no text",
    indicator='<c r="{}" t="s"><v>7</v></c>',
)
row("wrong_place.xlsx", ":2: is a damaged workbook: 'D9' is no cell of this row", value='<c r="D9"><v>1</v></c>')
row("no_xml.xlsx", "is a damaged workbook: /xl/worksheets/sheet1.xml is no XML", value="<c r='D2'><v>1</c>")
row("sparse_column.xlsx", ":2 [cell XFD2]: a cell beyond column KN, the last that is read, holds something",
    value='<c r="XFD2"><v>1</v></c>')  # fmt: skip


@bad("merged.xlsx", "merged.xlsx:2 [cell B2]: the cells B2:B3 are merged", "merged.xlsx:3 [region, cell B3]: is empty")
def merged(path: Path) -> None:
    after = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    workbook(path, RIGHT, ["urbanization_rate", None, 2022, 64.5, "A", "S01"], after=after)


@bad("repeated.xlsx", ":3 [indicator, region, year, cell D3]: the same indicator, region and year stand in line 2")
def repeated(path: Path) -> None:
    workbook(path, RIGHT, RIGHT)


@bad("twice.xlsx", "twice.xlsx:1 [cell G1]: column region stands twice", "[cell H1]: unknown column 'colour'")
def twice(path: Path) -> None:
    pack(path, parts(sheet([[*HEADER, "地区", "colour"], RIGHT])))


@bad("under_none.xlsx", "under_none.xlsx:2 [cell H2]: stands under no header")
def under_none(path: Path) -> None:
    workbook(path, [*RIGHT, None, "beside"])


@bad("gap.xlsx", "gap.xlsx:2: warning: rows 2 to 4 are blank", "gap.xlsx:5 [value, cell D5]")
def gap(path: Path) -> None:
    workbook(path, [], [], [], [*RIGHT[:3], "x", *RIGHT[4:]])


@bad("empty.xlsx", "empty.xlsx: has no sheet with data")
def empty(path: Path) -> None:
    pack(path, parts(sheet([]), sheet([[], ['<c r="{}" s="1"/>']])))


@bad("second.xlsx", "second.xlsx: warning: only the sheet 'Sheet2' is read; not read: 'Sheet1', 'Sheet3'", "cell D2")
def second(path: Path) -> None:
    table = sheet([HEADER, [*RIGHT[:3], "x", *RIGHT[4:]]])
    pack(path, parts(sheet([]), table, sheet([["other"]])))


@bad("many_sheets.xlsx", "has more than 100 sheets")
def many_sheets(path: Path) -> None:
    pack(path, parts(*[sheet([])] * 1_500))


@bad("macro.xlsx", "macro.xlsx: holds macros: save it as an XLSX workbook without them")
def macro(path: Path) -> None:
    pack(path, parts(sheet([HEADER, RIGHT])) | {"xl/vbaProject.bin": "x"})


@bad("binary.xlsx", "is a binary workbook (.xlsb): save it as XLSX")
def binary(path: Path) -> None:
    pack(path, {"[Content_Types].xml": "x", "xl/workbook.bin": "x"})


@bad("open.ods", "is an OpenDocument file: save it as XLSX or CSV")
def open_document(path: Path) -> None:
    pack(path, {"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<a/>"})


@bad("archive.zip", "is a ZIP archive but no workbook")
def archive(path: Path) -> None:
    pack(path, {"../../etc/passwd": "x", "table.csv": "x"})


@bad("part_missing.xlsx", "is a damaged workbook: its part /xl/worksheets/sheet1.xml is missing")
def part_missing(path: Path) -> None:
    content = parts(sheet([HEADER, RIGHT]))
    del content["xl/worksheets/sheet1.xml"]
    pack(path, content)


@bad("cut.xlsx", "cut.xlsx: is a damaged or cut off workbook")
def cut(path: Path) -> None:
    workbook(path, RIGHT)
    path.write_bytes(path.read_bytes()[:-200])


@bad("flipped.xlsx", "flipped.xlsx: is a damaged")
def flipped(path: Path) -> None:
    pack(path, parts(sheet([HEADER, *[RIGHT] * 500])))
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/worksheets/sheet1.xml") + 40
    data[at : at + 20] = bytes(20)
    path.write_bytes(data)


@bad("locked.xlsx", "is protected by a password")
def locked(path: Path) -> None:
    workbook(path, RIGHT)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(data)


@bad("laughs.xlsx", "holds a document type declaration, which no workbook needs")
def laughs(path: Path) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    bomb = f'{START}<!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><worksheet {NAMESPACE}>&l11;</worksheet>'
    pack(path, parts(bomb))


@bad("external.xlsx", "holds a document type declaration")
def external(path: Path) -> None:
    strings = f'{START}<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><sst {NAMESPACE}><si><t>&e;</t></si></sst>'
    pack(path, parts(sheet([HEADER, RIGHT])) | {"xl/sharedStrings.xml": strings})


@bad("bomb.xlsx", "bytes; a workbook has at most 100,663,296: save the table as CSV", heavy=True)
def bomb(path: Path) -> None:
    content = parts(sheet([HEADER, RIGHT])) | {"xl/sharedStrings.xml": b" " * 1024**2}
    pack(path, content, {"xl/sharedStrings.xml": 1_500})


@bad("liar.xlsx", "liar.xlsx: is a damaged workbook", heavy=True)
def liar(path: Path) -> None:
    bomb(path)
    data = bytearray(path.read_bytes())
    at = data.index(b"xl/sharedStrings.xml", data.index(b"PK\x01\x02")) - 46
    struct.pack_into("<L", data, at + 24, 5_000)  # what the directory says that the part unpacks to
    path.write_bytes(data)


@bad("directory.xlsx", "has too many parts for a workbook", heavy=True)
def directory(path: Path) -> None:
    pack(path, parts(sheet([HEADER, RIGHT])) | {f"xl/{n}.xml": "" for n in range(30_000)})


@bad("sparse_row.xlsx", "rows 3 to 1048575 are blank", ":1048576 [value, cell D1048576]", heavy=True)
def sparse_row(path: Path) -> None:
    text = sheet([HEADER, RIGHT]).replace(
        "</sheetData>", '<row r="1048576"><c r="D1048576"><v>NaN</v></c></row></sheetData>'
    )
    pack(path, parts(text))


@bad("strings.xlsx", "has more than 3,000,000 elements of XML", heavy=True)
def strings(path: Path) -> None:
    content: dict[str, str | bytes] = dict(parts(sheet([['<c r="A1" t="s"><v>1</v></c>'], RIGHT])))
    content["xl/sharedStrings.xml"] = f"{START}<sst {NAMESPACE}>{'<si><t>x</t></si>' * 5_000_000}</sst>"
    pack(path, content)


@bad("fat_attribute.xlsx", "sheet1.xml has a tag of more than 1,048,576 bytes", heavy=True)
def fat_attribute(path: Path) -> None:
    content = parts(sheet([HEADER, RIGHT]))
    content["xl/worksheets/sheet1.xml"] = (
        f'{START}<worksheet {NAMESPACE} a="{"x" * 90 * 1024**2}"><sheetData/></worksheet>'
    )
    pack(path, content)


@bad("many_rows.xlsx", "a workbook has at most", "save the table as CSV", heavy=True)
def many_rows(path: Path) -> None:
    line = "".join(f"<c><v>{n}</v></c>" for n in range(8))
    body = f"<row>{line}</row>" * 10_000
    content: dict[str, str | bytes] = dict(parts(""))
    content["xl/worksheets/sheet1.xml"] = body
    pack(path, content, {"xl/worksheets/sheet1.xml": 105})
