"""FILE_KINDS: what files a release has. They follow from the registry: the filed formats, and those compressed too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from . import FORMATS, Format
from .files import Sink

#: Ending -> codec of pyarrow, and media type.
_CODECS = {"zst": ("zstd", "application/zstd")}


@dataclass(frozen=True)
class FileKind:
    """A format, or one compressed as a whole; `name` says it in addresses, as in `data.csv.zst`."""

    format: Format
    coding: str = ""

    @property
    def name(self) -> str:
        """What ends the names of its files, and stands for it in `/exports`."""
        return f"{self.format.name}.{self.coding}" if self.coding else self.format.name

    @property
    def content_type(self) -> str:
        """The media type with its parameters."""
        return _CODECS[self.coding][1] if self.coding else self.format.content_type

    @property
    def media_type(self) -> str:
        """The media type without them."""
        return self.content_type.partition(";")[0]

    @property
    def plain(self) -> FileKind:
        """The kind that this one is compressed from."""
        return FileKind(self.format)

    def packed(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """The chunks of the plain file compressed, as one frame."""
        import pyarrow

        sink = Sink()
        with pyarrow.CompressedOutputStream(sink, _CODECS[self.coding][0]) as stream:
            for chunk in chunks:
                stream.write(chunk)
                yield sink.taken()
        yield sink.taken()


FILE_KINDS: tuple[FileKind, ...] = tuple(FileKind(f, coding) for f in FORMATS if f.filed for coding in ("", *f.codings))
#: The same by name.
KINDS = {kind.name: kind for kind in FILE_KINDS}
