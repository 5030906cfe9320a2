"""XML, read as it comes: elements and texts by their local names; a document type, where bombs are kept, is refused."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from . import limits
from .archive import Archive
from .records import Trouble

Start = Callable[[str, dict[str, str]], None]


class Names(dict[str, str]):
    """Local names by the names that the parser gives, which begin with the namespace."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(" ")[2]
        return local


class Markup:
    """A part of a workbook that is parsed piece by piece."""

    def __init__(self, part: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]) -> None:
        self._part, self._parser, names = part, expat.ParserCreate(namespace_separator=" "), Names()
        self._parser.buffer_text = True
        self._elements = 0

        def begin(name: str, attributes: dict[str, str]) -> None:
            self._elements += 1
            start(names[name], attributes)

        self._fed = 0
        self._parser.StartElementHandler = begin
        self._parser.EndElementHandler = lambda name: end(names[name])
        self._parser.CharacterDataHandler = text
        self._parser.StartDoctypeDeclHandler = _refuse

    def feed(self, chunk: bytes) -> None:
        """Parse the next bytes; none are the end."""
        try:
            self._parser.Parse(chunk, not chunk)
            self._fed += len(chunk)
        except expat.ExpatError as error:
            raise Trouble(f"is a damaged workbook: {self._part} is no XML ({error})") from error
        if self._elements > limits.MOST_ELEMENTS:
            message = f"is too large a workbook: {self._part} has more than {limits.MOST_ELEMENTS:,} elements of XML"
            raise Trouble(f"{message} (two for a cell): save the table as CSV")
        if self._fed - self._parser.CurrentByteIndex > limits.LONGEST_TAG and chunk:
            raise Trouble(f"is a damaged workbook: {self._part} has a tag of more than {limits.LONGEST_TAG:,} bytes")


def read_markup(
    archive: Archive, part: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]
) -> None:
    """Walk through a whole part."""
    markup = Markup(part, start, end, text)
    for chunk in archive.chunks(part):
        markup.feed(chunk)


def _refuse(*_declaration: object) -> None:
    raise Trouble("holds a document type declaration, which no workbook needs: save it again as XLSX")
