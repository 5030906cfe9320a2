"""CSV: its encoding and its separator where both can be told surely, and its records with the lines they begin in."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ..words import Said as _
from . import limits
from .names import recognised
from .records import Notice, Record, Trouble

_SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab"}
_CHUNK = 1024**2
#: Of the characters of a Chinese text nearly all are in the small set of 1980; of a text misread as Chinese few are.
_COMMON = 0.9


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written: its encoding, and what separates its cells."""

    encoding: str
    separator: str


def dialect_of(path: Path, notices: list[Notice]) -> Dialect:
    """The dialect of a CSV file; a notice tells if it is not UTF-8. Raises `Trouble`."""
    encoding = "utf-8-sig"
    if (bad := _first_not_utf8(path)) is not None:
        encoding = "gb18030"
        sample = _chinese(path, bad)
        told = _("is not UTF-8 and was read as GB18030; the first Chinese text reads %(sample)r", sample=sample)
        notices.append(Notice(told, bad))
    with path.open(encoding=encoding, newline="") as stream:
        return Dialect(encoding, _separator(stream.readline(limits.LONGEST_RECORD)))


def read_text(path: Path, dialect: Dialect) -> Iterator[Record]:
    """The records of a CSV file. Raises `Trouble`."""
    with path.open(encoding=dialect.encoding, newline="") as stream:
        yield from _records(stream, dialect.separator)


def _first_not_utf8(path: Path) -> int | None:
    """The line of the first bytes that are not UTF-8; raises `Trouble` for a NUL."""
    decoder, line, bad = codecs.getincrementaldecoder("utf-8")(), 1, None
    for chunk in _chunks(path):
        if (nul := chunk.find(b"\0")) >= 0:
            raise Trouble(_("holds a NUL character: this is not a text file"), line + chunk[:nul].count(b"\n"))
        if bad is None:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError as error:
                bad = line + error.object[: error.start].count(b"\n")
        line += chunk.count(b"\n")
    if bad is None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            bad = line
    return bad


def _chinese(path: Path, bad: int) -> str:
    """The first Chinese text of a file in GB18030; raises `Trouble` if it cannot surely be told that it is that."""
    decoder, line, sample, common, all_of_them = codecs.getincrementaldecoder("gb18030")(), 1, "", 0, 0
    for chunk in (*_chunks(path), b""):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            place = line + error.object[: error.start].count(b"\n")
            message = _("is neither UTF-8 (see line %(line)d) nor GB18030: save the file as UTF-8", line=bad)
            raise Trouble(message, place) from error
        line += chunk.count(b"\n")
        foreign = "".join(character for character in text if character > "\x7f")
        all_of_them += len(foreign)
        common += len(foreign.encode("gb2312", "ignore")) // 2
        sample = sample or foreign[:12]
    if common < _COMMON * all_of_them:
        message = _("is not UTF-8, and it cannot be told surely that it is GB18030: save the file as UTF-8")
        raise Trouble(message, bad)
    return sample


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _separator(header: str) -> str:
    """The separator under which most cells of the header are names of columns."""
    found = {}
    for separator in _SEPARATORS:
        try:
            cells = next(csv.reader([header], delimiter=separator), [])
        except csv.Error:
            cells = []
        found[separator] = sum(map(recognised, cells))
    best = max(found, key=lambda separator: found[separator])
    if list(found.values()).count(found[best]) > 1 and found[best] > 1:
        raise Trouble(_("it cannot be told whether comma, semicolon or tab separates the cells: use commas"), 1)
    return best


def _records(stream: IO[str], separator: str) -> Iterator[Record]:
    lines = _Lines(stream)
    reader = csv.reader(lines, delimiter=separator, strict=True)
    blank = 0
    while True:
        line = reader.line_num + 1
        lines.length = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Trouble(_("is not a CSV table: %(reason)s", reason=_said(error)), line) from error
        blank += not cells
        if blank > limits.MOST_BLANK:
            most = f"{limits.MOST_BLANK:,}"
            raise Trouble(_("has more than %(most)s blank lines: remove them", most=most), line)
        if len(cells) > limits.MOST_COLUMNS:
            number = len(cells)
            raise Trouble(_("has %(n)d cells; a row has at most %(most)d", n=number, most=limits.MOST_COLUMNS), line)
        yield line, cells


def _said(error: csv.Error) -> str:
    if "field larger" in str(error):
        most = f"{csv.field_size_limit():,}"
        return _("a cell has more than %(most)s characters (or its closing quote is missing)", most=most)
    if "unexpected end" in str(error):
        return _("the quote that opens a cell here is never closed")
    what, after, quote = str(error).partition(" expected after ")
    return _("%(what)s expected after %(quote)s", what=what, quote=quote) if after else what


class _Lines:
    """The lines of a stream, none of them and no record longer than may be."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self.length, self._line = stream, 0, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(limits.LONGEST_RECORD)
        if not line:
            raise StopIteration
        self._line += 1
        self.length += len(line)
        if self.length >= limits.LONGEST_RECORD:
            most = f"{limits.LONGEST_RECORD:,}"
            message = _("a row has more than %(most)s characters (or a closing quote is missing)", most=most)
            raise Trouble(message, self._line)
        return line
