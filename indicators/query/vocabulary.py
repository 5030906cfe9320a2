"""Code lists held in memory: which codes there are, what they are called, and which one was meant."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

#: Similarity, in percent, from which a code is worth suggesting.
_SIMILAR = 72.0
_SUGGESTIONS = 3
#: Longer values are not compared: nobody misspells a code at such length.
_LONGEST_COMPARED = 100


def fold(text: str) -> str:
    """Text with case and width folded, so that Ｓhandong finds SHANDONG."""
    # Folding case can undo the normal form; done again, folding twice is folding once.
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True)
class Vocabulary:
    """The codes of one resource, each with its texts: code, names and whatever else `q` searches."""

    texts: Mapping[str, tuple[str, ...]]

    def __contains__(self, code: object) -> bool:
        return code in self.texts

    def __iter__(self) -> Iterable[str]:
        return iter(self.texts)

    @cached_property
    def _folded(self) -> dict[str, str]:
        return {code: fold("\n".join((code, *texts))) for code, texts in self.texts.items()}

    @cached_property
    def _labels(self) -> tuple[list[str], list[str]]:
        pairs = [(fold(label), code) for code, texts in self.texts.items() for label in (code, *texts) if label]
        return [label for label, _ in pairs], [code for _, code in pairs]

    def matching(self, words: Iterable[str]) -> list[str]:
        """Codes whose texts hold every one of the (folded) words."""
        wanted = list(words)
        return [code for code, text in self._folded.items() if all(word in text for word in wanted)]

    def suggest(self, value: str) -> tuple[str, ...]:
        """Up to three codes that `value` may have been meant for, by code or by name in either language."""
        if not 1 < len(value) <= _LONGEST_COMPARED:
            return ()
        labels, codes = self._labels
        wanted = fold(value)
        exact = [code for label, code in zip(labels, codes, strict=True) if label == wanted]
        found = process.extract(wanted, labels, scorer=fuzz.WRatio, limit=12, score_cutoff=_SIMILAR)
        ranked = dict.fromkeys([*exact, *(codes[index] for _, _, index in found)])
        return tuple(ranked)[:_SUGGESTIONS]


def similar_names(value: str, names: Iterable[str]) -> tuple[str, ...]:
    """Up to three of `names` that resemble `value`."""
    return Vocabulary(dict.fromkeys(names, ())).suggest(value)
