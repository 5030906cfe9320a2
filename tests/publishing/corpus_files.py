"""Bad files as a whole: other kinds of file, encodings, headers, and text that tries to cost memory or time."""

import gzip
from pathlib import Path

from .corpus import HEADER, RIGHT, bad, content

TABLE = f"{HEADER}\n{RIGHT}\n"

content("empty.csv", b"", "empty.csv: is empty")
content("only_mark.csv", b"\xef\xbb\xbf\r\n", "is empty")
content("only_header.csv", HEADER, "has a header, but no figures below it")
content("utf16.csv", TABLE.encode("utf-16"), "is text in UTF-16: save it as UTF-8")
content("utf16_big.csv", b"\xfe\xff" + TABLE.encode("utf-16-be"), "is text in UTF-16")
content("utf16_bare.csv", TABLE.encode("utf-16-le"), ":1: holds a NUL character")
content("utf32.csv", TABLE.encode("utf-32"), "is text in UTF-32")
content("nul.csv", TABLE + RIGHT.replace("A", "\0") + "\n", "nul.csv:3: holds a NUL character")
content(
    "latin.csv",
    f"{TABLE}{RIGHT}Référence générée à Genève\n".encode("latin-1"),
    "latin.csv:3: is neither UTF-8 (see line 3) nor GB18030",
)
content("damaged.csv", TABLE.encode() + b"a,b,\xff\xff\n", "damaged.csv:3: is neither UTF-8 (see line 3) nor GB18030")
content("program.csv", b"MZ\x90\x00\x03\x00" * 100, "is a program for Windows; expected is a CSV, XLSX or Parquet file")
content("elf.xlsx", b"\x7fELF\x02\x01\x01" * 100, "is a program")
content("script.csv", "#!/bin/sh\nrm -rf x\n", "is a script")
content("report.csv", b"%PDF-1.7\n", "is a PDF document")
content("page.xls", "<html><table><tr><td>1</td></tr></table></html>", "is XML or a web page")
content("entities.csv", '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "bb">]><a>&b;</a>', "is XML or a web page")
content("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "is a workbook of the old form (.xls)")
content("protected.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le"),
        "is protected by a password")  # fmt: skip
content("packed.csv.gz", gzip.compress(TABLE.encode()), "is compressed with gzip")
content("title.csv", f"山东省城镇化率\n{TABLE}", "title.csv:1: is no header with the names of columns")
content("no_header.csv", RIGHT + "\n", "no_header.csv:1: is no header")
content("twice.csv", f"{HEADER},value\n{RIGHT},1\n", "twice.csv:1: column value stands twice")
content("twice_zh.csv", f"{HEADER},数值\n{RIGHT},1\n", "twice_zh.csv:1: column value stands twice")
content("surplus.csv", f"{HEADER},valeu,colour\n{RIGHT},1,red\n", "unknown column 'valeu'; did you mean value",
        "unknown column 'colour'")  # fmt: skip
content("missing.csv", "指标,年份,数值,状态\nx,2020,1,A\n", "column region is missing (its names: region, 地区)",
        "column source is missing")  # fmt: skip
content("both_forms.csv", "indicator,region,year,value,2020,status,source\na,b,2020,1,1,A,S01\n", "is in wide form or")
content("year_twice.csv", "indicator,region,2020,2020年,status,source\na,b,1,1,A,S01\n", "column 2020 stands twice")
content("wide.csv", "指标,地区,状态,来源,2021,2022\nurbanization_rate,370000,A,S01,64,６\n",
        "wide.csv:2 [2022]: '６' has full-width digits")  # fmt: skip
content(
    "separators.csv", "indicator,region,x;year;value\na,b;c;d\n", "it cannot be told whether comma, semicolon or tab"
)
content("ragged.csv", f"{TABLE}a,b\n{RIGHT},more\n", "ragged.csv:3: has 2 cells where the header has 8",
        "ragged.csv:4: has 9 cells")  # fmt: skip
content("quote.csv", f'{TABLE}"a,b\n{RIGHT}\n', "quote.csv:3: is not a CSV table: the quote that opens a cell here")
content("after_quote.csv", f'{TABLE}"a"b,c\n', "after_quote.csv:3: is not a CSV table")
content("fat_cell.csv", f'{TABLE}{RIGHT}"{"x" * 1024**2}"\n', "fat_cell.csv:3")
content(
    "many_columns.csv", ",".join([HEADER, *map(str, range(1000, 5000))]) + "\n", "has 4008 cells; a row has at most"
)


@bad("folder.csv", "folder.csv: is a folder: name the files in it")
def folder(path: Path) -> None:
    path.mkdir()


@bad("nowhere.csv", "nowhere.csv: cannot be read: No such file or directory")
def nowhere(path: Path) -> None:
    """Nothing is written."""


@bad("pipe.csv", "pipe.csv: is no regular file")
def pipe(path: Path) -> None:
    import os

    os.mkfifo(path)


@bad("one_line.csv", "one_line.csv:1", heavy=True)
def one_line(path: Path) -> None:
    path.write_bytes(HEADER.encode() + b"x" * 200 * 1024**2)


@bad("endless_record.csv", "a row has more than 1,048,576 characters", heavy=True)
def endless_record(path: Path) -> None:
    path.write_bytes(f"{TABLE}".encode() + b'"a\n",' * 20_000_000)


@bad("huge.csv", "bytes; a file has at most 268,435,456: divide it", heavy=True)
def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(TABLE.encode())
        file.truncate(300 * 1024**2)  # sparse: it takes no room


@bad("million_faults.csv", ":2 [value]", "faults more, not listed", "was read no further", heavy=True)
def million_faults(path: Path) -> None:
    line = RIGHT.replace("65.53", '"1,234%"') + "\n"
    path.write_text(HEADER + "\n" + line * 1_000_000, encoding="utf-8")


@bad("million_codes.csv", "there is no region 'x0'", "at least 19,000 faults more, not listed", heavy=True)
def million_codes(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER + "\n")
        file.writelines(f"nothing{i},x{i},2020,1,A,y{i},,\n" for i in range(300_000))


@bad("blank_lines.csv", "blank_lines.csv:1000003: has more than 1,000,000 blank lines", heavy=True)
def blank_lines(path: Path) -> None:
    path.write_text(TABLE + "\n" * 5_000_000 + RIGHT.replace("65.53", "x") + "\n", encoding="utf-8")
