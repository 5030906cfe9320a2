"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from . import limits
from .records import Trouble

_WANTED = "expected is a CSV, XLSX or Parquet file"
#: First bytes of what people and attackers hand in by mistake or on purpose.
_OTHERS = (
    (b"\xff\xfe\x00\x00", "is text in UTF-32: save it as UTF-8"),
    (b"\x00\x00\xfe\xff", "is text in UTF-32: save it as UTF-8"),
    (b"\xff\xfe", "is text in UTF-16: save it as UTF-8"),
    (b"\xfe\xff", "is text in UTF-16: save it as UTF-8"),
    (b"\x1f\x8b", "is compressed with gzip: unpack it first"),
    (b"\x28\xb5\x2f\xfd", "is compressed with zstd: unpack it first"),
    (b"BZh", "is compressed with bzip2: unpack it first"),
    (b"\xfd7zXZ\x00", "is compressed with xz: unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", f"is a 7-Zip archive; {_WANTED}"),
    (b"Rar!", f"is a RAR archive; {_WANTED}"),
    (b"MZ", f"is a program for Windows; {_WANTED}"),
    (b"\x7fELF", f"is a program; {_WANTED}"),
    (b"#!", f"is a script; {_WANTED}"),
    (b"%PDF", f"is a PDF document; {_WANTED}"),
    (b"\x89PNG", f"is a picture; {_WANTED}"),
    (b"\xff\xd8\xff", f"is a picture; {_WANTED}"),
    (b"SQLite format 3\x00", f"is an SQLite database; {_WANTED}"),
    (b"ARROW1", f"is an Arrow file; {_WANTED}"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(path: Path) -> str:
    """`csv`, `xlsx` or `parquet`; raises `Trouble` for anything else."""
    first, size = _beginning(path)
    if first[:4] == b"PK\x03\x04":
        _not_larger(size, limits.MOST_WORKBOOK_BYTES, "workbook", "save it as CSV")
        return "xlsx"
    _not_larger(size, limits.MOST_BYTES, "file", "divide it")
    if first[:4] == b"PAR1":
        return "parquet"
    if first.startswith(_OLE):
        raise Trouble(_old_office(first))
    for magic, message in _OTHERS:
        if first.startswith(magic):
            raise Trouble(message)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in (b"<?xml", b"<html", b"<!doc", b"<tabl"):
        raise Trouble(f"is XML or a web page; {_WANTED}")
    return "csv"


def _beginning(path: Path) -> tuple[bytes, int]:
    try:
        # Without blocking, or a pipe that nobody writes to would be waited for.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Trouble("is no regular file")
            first = file.read(1024**2)
    except IsADirectoryError as error:
        raise Trouble("is a folder: name the files in it") from error
    except OSError as error:
        raise Trouble(f"cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise Trouble("cannot be read: its name holds a NUL character") from error
    if not first.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Trouble("is empty")
    return first, status.st_size


def _not_larger(size: int, most: int, what: str, remedy: str) -> None:
    if size > most:
        raise Trouble(f"has {size:,} bytes; a {what} has at most {most:,}: {remedy}")


def _old_office(first: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in first:
        return "is protected by a password: save it as XLSX without one"
    return "is a workbook of the old form (.xls), or another old Office file: save it as XLSX"
