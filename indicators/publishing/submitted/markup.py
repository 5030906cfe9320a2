"""XML, read as it comes: elements and texts by their local names; a document type, where bombs are kept, is refused."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from ..words import Said as _
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
            reason = _("is a damaged workbook: %(part)s is no XML (%(reason)s)", part=self._part, reason=str(error))
            raise Trouble(reason) from error
        if self._elements > limits.MOST_ELEMENTS:
            message = _(
                "is too large a workbook: %(part)s has more than %(most)s elements of XML (two for a cell): "
                "save the table as CSV",
                part=self._part,
                most=f"{limits.MOST_ELEMENTS:,}",
            )
            raise Trouble(message)
        if self._fed - self._parser.CurrentByteIndex > limits.LONGEST_TAG and chunk:
            message = _(
                "is a damaged workbook: %(part)s has a tag of more than %(most)s bytes",
                part=self._part,
                most=f"{limits.LONGEST_TAG:,}",
            )
            raise Trouble(message)


def read_markup(
    archive: Archive, part: str, start: Start, end: Callable[[str], None], text: Callable[[str], None]
) -> None:
    """Walk through a whole part."""
    markup = Markup(part, start, end, text)
    for chunk in archive.chunks(part):
        markup.feed(chunk)


def _refuse(*_declaration: object) -> None:
    raise Trouble(_("holds a document type declaration, which no workbook needs: save it again as XLSX"))
