"""Columns of Arrow as text: each distinct value is spelled once, and rows are joined without a loop in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..models import decimal_text

if TYPE_CHECKING:
    import pyarrow


class Spelling:
    """A column as texts; `missing` stands for null. Batches that share a dictionary share its texts.

    Where all rows of a batch have the same text it stands alone: `joined` repeats it.
    """

    def __init__(self, spell: Callable[[Any], str], missing: str) -> None:
        self._spell, self._missing = spell, missing
        self._dictionary: pyarrow.Array | None = None
        self._texts: pyarrow.Array | None = None

    def __call__(self, values: pyarrow.Array) -> pyarrow.Array | str:
        import pyarrow
        import pyarrow.compute as pc

        held = values if pyarrow.types.is_dictionary(values.type) else values.dictionary_encode()
        if self._dictionary is None or not self._dictionary.equals(held.dictionary):
            texts = [*map(self._spell, held.dictionary.to_pylist()), self._missing]
            self._dictionary, self._texts = held.dictionary, pyarrow.array(texts, pyarrow.large_string())
        assert self._texts is not None
        places = held.indices.fill_null(len(held.dictionary))
        least, most = pc.min_max(places).values()
        return str(self._texts[least.as_py()]) if least.equals(most) else self._texts.take(places)


def decimals(values: pyarrow.Array) -> pyarrow.Array:
    """Numbers as `decimal_text` writes them; null stays null."""
    import pyarrow
    import pyarrow.compute as pc

    texts = values.cast(pyarrow.large_string())  # the shortest that reads back, but from 1e10 with an exponent
    other = pc.or_(pc.match_substring(texts, "e"), pc.equal(texts, "-0")).fill_null(False)
    written = [decimal_text(value) for value in values.filter(other).to_pylist()]
    return pc.replace_with_mask(texts, other, pyarrow.array(written, pyarrow.large_string()))


def joined(pieces: Sequence[Any]) -> pyarrow.Array:
    """The pieces of each row one after another; null where one of them is. A text is the same in all rows."""
    import pyarrow
    import pyarrow.compute as pc

    texts = [pyarrow.scalar(piece, pyarrow.large_string()) if isinstance(piece, str) else piece for piece in pieces]
    return pc.binary_join_element_wise(*texts, pyarrow.scalar("", pyarrow.large_string()))


def body(pieces: Sequence[Any], rows: int) -> bytes | memoryview:
    """So many rows, each of which is its pieces one after another, as bytes; none of them may be null."""
    if all(isinstance(piece, str) for piece in pieces):
        return "".join(pieces).encode() * rows
    data = joined(pieces).buffers()[2]
    return memoryview(data)
