"""The ZIP archive of a workbook, opened only after its directory is known to be small and its parts not to be bombs."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from ..words import Said as _
from . import limits
from .records import Trouble

_CHUNK = 65_536
_END = b"PK\x05\x06"
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError)


class Archive:
    """The parts of a workbook; everything that is wrong with one is told as `Trouble`."""

    def __init__(self, path: Path) -> None:
        _check_directory(path)
        try:
            self._zip = zipfile.ZipFile(path)
        except _DAMAGED as error:
            raise Trouble(_("is a damaged or cut off workbook (%(reason)s)", reason=str(error))) from error
        self.names = {info.filename.lower().lstrip("/"): info for info in self._zip.infolist()}
        self._check_parts()

    def _check_parts(self) -> None:
        names = self.names
        if any(name.endswith("vbaproject.bin") for name in names):
            raise Trouble(_("holds macros: save it as an XLSX workbook without them"))
        if any(info.flag_bits & 1 for info in names.values()):
            raise Trouble(_("is protected by a password: save it as XLSX without one"))
        if "xl/workbook.bin" in names:
            raise Trouble(_("is a binary workbook (.xlsb): save it as XLSX"))
        if "content.xml" in names and "mimetype" in names:
            raise Trouble(_("is an OpenDocument file: save it as XLSX or CSV"))
        if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
            raise Trouble(_("is a ZIP archive but no workbook; expected is a CSV, XLSX or Parquet file"))
        unpacked = sum(info.file_size for name, info in names.items() if name.endswith((".xml", ".rels")))
        if unpacked > limits.MOST_XML_BYTES:
            message = _(
                "unpacks to %(size)s bytes; a workbook has at most %(most)s: save the table as CSV",
                size=f"{unpacked:,}",
                most=f"{limits.MOST_XML_BYTES:,}",
            )
            raise Trouble(message)

    def chunks(self, name: str) -> Iterator[bytes]:
        """A part of the workbook piece by piece, and no bytes at its end; never more than its directory says."""
        info = self.names.get(name.lower().lstrip("/"))
        if info is None:
            raise Trouble(_("is a damaged workbook: its part %(part)s is missing", part=name[:100]))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Trouble(_("is packed in a way that workbooks are not: save it again as XLSX"))
        try:
            with self._zip.open(info) as part:
                while chunk := part.read(_CHUNK):
                    yield chunk
        except _DAMAGED as error:
            raise Trouble(_("is a damaged workbook (%(reason)s)", reason=str(error))) from error
        yield b""


def _check_directory(path: Path) -> None:
    """Refuse an archive whose directory is large: it would be read into memory before anything else."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 66_000))
        tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise Trouble(_("is a damaged or cut off workbook: it has no end"))
    (directory,) = struct.unpack_from("<L", tail, at + 12)
    if directory > limits.MOST_DIRECTORY_BYTES or b"PK\x06\x07" in tail[max(0, at - 20) : at]:
        raise Trouble(_("has too many parts for a workbook: save the table as CSV"))
