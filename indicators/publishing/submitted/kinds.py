"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ..words import Said
from ..words import Said as _
from . import limits
from .records import Trouble

_WANTED = _("expected is a CSV, XLSX or Parquet file")
#: First bytes of what people and attackers hand in by mistake or on purpose.
_OTHERS = (
    (b"\xff\xfe\x00\x00", _("is text in UTF-32: save it as UTF-8")),
    (b"\x00\x00\xfe\xff", _("is text in UTF-32: save it as UTF-8")),
    (b"\xff\xfe", _("is text in UTF-16: save it as UTF-8")),
    (b"\xfe\xff", _("is text in UTF-16: save it as UTF-8")),
    (b"\x1f\x8b", _("is compressed with gzip: unpack it first")),
    (b"\x28\xb5\x2f\xfd", _("is compressed with zstd: unpack it first")),
    (b"BZh", _("is compressed with bzip2: unpack it first")),
    (b"\xfd7zXZ\x00", _("is compressed with xz: unpack it first")),
    (b"7z\xbc\xaf\x27\x1c", _("is a 7-Zip archive; %(wanted)s", wanted=_WANTED)),
    (b"Rar!", _("is a RAR archive; %(wanted)s", wanted=_WANTED)),
    (b"MZ", _("is a program for Windows; %(wanted)s", wanted=_WANTED)),
    (b"\x7fELF", _("is a program; %(wanted)s", wanted=_WANTED)),
    (b"#!", _("is a script; %(wanted)s", wanted=_WANTED)),
    (b"%PDF", _("is a PDF document; %(wanted)s", wanted=_WANTED)),
    (b"\x89PNG", _("is a picture; %(wanted)s", wanted=_WANTED)),
    (b"\xff\xd8\xff", _("is a picture; %(wanted)s", wanted=_WANTED)),
    (b"SQLite format 3\x00", _("is an SQLite database; %(wanted)s", wanted=_WANTED)),
    (b"ARROW1", _("is an Arrow file; %(wanted)s", wanted=_WANTED)),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(path: Path) -> str:
    """`csv`, `xlsx` or `parquet`; raises `Trouble` for anything else."""
    first, size = _beginning(path)
    if first[:4] == b"PK\x03\x04":
        _not_larger(size, limits.MOST_WORKBOOK_BYTES, _("workbook"), _("save it as CSV"))
        return "xlsx"
    _not_larger(size, limits.MOST_BYTES, _("file"), _("divide it"))
    if first[:4] == b"PAR1":
        return "parquet"
    if first.startswith(_OLE):
        raise Trouble(_old_office(first))
    for magic, message in _OTHERS:
        if first.startswith(magic):
            raise Trouble(message)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n")[:5].lower() in (b"<?xml", b"<html", b"<!doc", b"<tabl"):
        raise Trouble(_("is XML or a web page; %(wanted)s", wanted=_WANTED))
    return "csv"


def _beginning(path: Path) -> tuple[bytes, int]:
    try:
        # Without blocking, or a pipe that nobody writes to would be waited for.
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Trouble(_("is no regular file"))
            first = file.read(1024**2)
    except IsADirectoryError as error:
        raise Trouble(_("is a folder: name the files in it")) from error
    except OSError as error:
        raise Trouble(_("cannot be read: %(reason)s", reason=error.strerror)) from error
    except ValueError as error:
        raise Trouble(_("cannot be read: its name holds a NUL character")) from error
    if not first.strip(b"\xef\xbb\xbf \t\r\n"):
        raise Trouble(_("is empty"))
    return first, status.st_size


def _not_larger(size: int, most: int, what: Said, remedy: Said) -> None:
    if size > most:
        message = _(
            "has %(size)s bytes; a %(what)s has at most %(most)s: %(remedy)s",
            size=f"{size:,}",
            what=what,
            most=f"{most:,}",
            remedy=remedy,
        )
        raise Trouble(message)


def _old_office(first: bytes) -> Said:
    if "EncryptedPackage".encode("utf-16-le") in first:
        return _("is protected by a password: save it as XLSX without one")
    return _("is a workbook of the old form (.xls), or another old Office file: save it as XLSX")
