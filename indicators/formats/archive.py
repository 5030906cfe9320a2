"""A ZIP archive (PKWARE APPNOTE 6.3) that is sent on as its files are written.

`zipfile` compresses by zlib alone, which takes most of the time of a workbook; ISA-L is several times faster
(`benchmarks/files.py`). Sizes and check sums follow each file, as they are not known before. Nothing is longer than
4 GB, so no ZIP64 is needed.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from isal import isal_zlib

from .files import Sink

#: What every header says: version 2.0, sizes behind the data, deflated, written at the first moment that ZIP knows.
_COMMON = (20, 0x08, 8, 0, 0x0021)
#: Bytes that are compressed at once: where input is cut changes the output, and the same content is the same file.
_BLOCK = 256 * 1024
#: The fastest level that searches for repetitions: it makes files as small as level 1 of zlib.
_LEVEL = 1


class _Entry(NamedTuple):
    name: bytes
    crc: int
    packed: int
    size: int
    offset: int


class Archive:
    """An archive on its way: files one after the other, then `close()`."""

    def __init__(self) -> None:
        self._sink = Sink()
        self._entries: list[_Entry] = []

    @contextmanager
    def file(self, name: str) -> Iterator[ArchiveFile]:
        """Begin a file, and end it."""
        offset, encoded = self._sink.tell(), name.encode("ascii")
        self._sink.write(struct.pack("<4s5H3L2H", b"PK\3\4", *_COMMON, 0, 0, 0, len(encoded), 0) + encoded)
        begin = self._sink.tell()
        file = ArchiveFile(self._sink)
        yield file
        file.end()
        entry = _Entry(encoded, file.crc, self._sink.tell() - begin, file.size, offset)
        self._sink.write(struct.pack("<4s3L", b"PK\7\x08", entry.crc, entry.packed, entry.size))
        self._entries.append(entry)

    def close(self) -> None:
        """Write the list of files."""
        begin = self._sink.tell()
        for name, crc, packed, size, offset in self._entries:
            header = struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 20, *_COMMON, crc, packed, size, len(name), 0, 0, 0, 0, 0, offset
            )
            self._sink.write(header + name)
        number, end = len(self._entries), self._sink.tell()
        self._sink.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, end - begin, begin, 0))

    def taken(self) -> bytes:
        """The bytes written since the last call."""
        return self._sink.taken()


class ArchiveFile:
    """A file of an archive on its way."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._packer = isal_zlib.compressobj(_LEVEL, isal_zlib.DEFLATED, -15)
        self._waiting = bytearray()
        self.crc = self.size = 0

    def write(self, data: bytes | memoryview) -> None:
        """Add bytes."""
        self.crc = isal_zlib.crc32(data, self.crc)
        self.size += len(data)
        self._waiting += data
        whole = len(self._waiting) // _BLOCK * _BLOCK
        with memoryview(self._waiting) as waiting:
            for start in range(0, whole, _BLOCK):
                self._sink.write(self._packer.compress(waiting[start : start + _BLOCK]))
        del self._waiting[:whole]

    def end(self) -> None:
        """Compress what is left."""
        self._sink.write(self._packer.compress(self._waiting) + self._packer.flush())
