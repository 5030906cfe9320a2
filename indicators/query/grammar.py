"""What a parameter's value may look like: one small class for each kind, with its JSON Schema.

A kind parses text strictly (nothing is trimmed, clamped or guessed) and writes the parsed value back in its one
canonical form, from which ETags, cursors and permalinks are made.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from ..models import FIRST_YEAR, LARGEST_VALUE, LAST_YEAR, decimal_text
from .edition import Edition, ReleaseRow
from .problems import BadQuery, Problem
from .vocabulary import fold, similar_names

LARGEST_LIST = 1_000
LONGEST_SEARCH = 200
MOST_WORDS = 10
#: Control characters, and the one that stands for what is not UTF-8, as a regular expression's class takes them.
FORBIDDEN = "\\x00-\\x1f\\x7f-\\x9f\ufffd"
#: JSON Schema of a code of any resource: what a package may bring in.
CODE: dict[str, Any] = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": r"^[^\s,/]+$"}
#: What other APIs call the version in force.
_IN_FORCE = frozenset({"latest", "newest", "current", "last", "now", "today"})
#: Beyond so many wrong items of one list, no more suggestions are computed.
_MOST_SUGGESTED = 20

#: Inclusive ranges; None is an open end, and a point has both ends equal.
Range = tuple[Any, Any]
Ranges = tuple[Range, ...]


class Kind:
    """A kind of value: how it is parsed, written canonically, and described in JSON Schema."""

    is_list = False

    def parse(self, text: str, edition: Edition) -> Any:
        """Return the value, or raise `BadQuery` with every problem found in `text`."""
        raise NotImplementedError

    def canonical(self, value: Any) -> list[str]:
        """The items of the value in canonical form; a scalar has one."""
        return [str(value)]

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the value; of one item, for a list."""
        raise NotImplementedError


def split_list(text: str) -> list[str]:
    """Items of a comma-separated list, in order, duplicates collapsed."""
    items = text.split(",")
    if "" in items:
        raise BadQuery(
            [Problem("empty_value", "The list has an empty item: remove the surplus comma.", value=_shown(text))]
        )
    if len(items) > LARGEST_LIST:
        detail = f"The list has {len(items)} items; at most {LARGEST_LIST} are allowed."
        raise BadQuery([Problem("out_of_range", detail, value=_shown(text))])
    return list(dict.fromkeys(items))


def _shown(text: str) -> str:
    """A value as an error repeats it: whole, unless it is very long."""
    return text if len(text) <= 200 else text[:200] + "…"


class Codes(Kind):
    """A list of codes of one resource, such as `indicator` or `region`."""

    is_list = True

    def __init__(self, vocabulary: str) -> None:
        self.vocabulary = vocabulary

    def parse(self, text: str, edition: Edition) -> tuple[str, ...]:
        known = edition.vocabulary(self.vocabulary)
        items = split_list(text)
        unknown = [item for item in items if item not in known]
        if unknown:
            raise BadQuery([self._problem(item, known.suggest, n) for n, item in enumerate(unknown)])
        return tuple(sorted(items))

    def _problem(self, item: str, suggest: Any, n: int) -> Problem:
        detail = f"There is no {self.vocabulary} with the code {_shown(item)!r}."
        return Problem(
            "unknown_code", detail, value=_shown(item), did_you_mean=suggest(item) if n < _MOST_SUGGESTED else ()
        )

    def canonical(self, value: Sequence[str]) -> list[str]:
        return list(value)

    def schema(self) -> dict[str, Any]:
        return dict(CODE)


class Choices(Kind):
    """A list of values from a fixed code list."""

    is_list = True

    def __init__(self, choices: Iterable[str]) -> None:
        self.choices = tuple(choices)

    def parse(self, text: str, edition: Edition) -> tuple[str, ...]:
        items = split_list(text)
        unknown = [item for item in items if item not in self.choices]
        if unknown:
            raise BadQuery([self._problem(item) for item in unknown])
        return tuple(sorted(items))

    def _problem(self, item: str) -> Problem:
        return Problem(
            "unknown_code",
            f"{_shown(item)!r} is not one of the allowed values.",
            value=_shown(item),
            did_you_mean=similar_names(item, self.choices),
            allowed=self.choices,
        )

    def canonical(self, value: Sequence[str]) -> list[str]:
        return list(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.choices)}


class Choice(Choices):
    """One value from a fixed code list."""

    is_list = False

    def parse(self, text: str, edition: Edition) -> Any:
        if text not in self.choices:
            raise BadQuery([self._problem(text)])
        return text

    def canonical(self, value: Any) -> list[str]:
        return [value]


class Known(Codes):
    """A list of values that occur in a column, such as the types of regions; they are data, not a fixed list."""

    def parse(self, text: str, edition: Edition) -> tuple[str, ...]:
        known = sorted({value for value in edition.reference.lookups[self.vocabulary].values() if value is not None})
        return Choices(known).parse(text, edition)


class _RangeList(Kind):
    """A comma list of points and ranges `a..b`, `a..`, `..b`, inclusive."""

    is_list = True
    number = r"-?[0-9]+"
    noun = "number"
    example = "1..5"
    #: What `..a,b..` means when a and b meet: everything, which must be spelled with its ends.
    everything: Range = (None, None)

    def parse(self, text: str, edition: Edition) -> Ranges:
        ranges: list[Range] = []
        problems: list[Problem] = []
        for item in split_list(text):
            try:
                ranges.append(self._range(item))
            except BadQuery as error:
                problems += error.problems
        if problems:
            raise BadQuery(problems)
        return self.merge(ranges)

    def _range(self, item: str) -> Range:
        match = re.fullmatch(rf"({self.number})?\.\.({self.number})?|({self.number})", item, re.ASCII)
        if match is None or item == "..":
            detail = f"{_shown(item)!r} is not a {self.noun} or a range of them, such as {self.example}."
            raise BadQuery([Problem("invalid_value", detail, value=_shown(item))])
        low, high, point = (None if part is None else self.read(part, item) for part in match.groups())
        if point is not None:
            return point, point
        if low is not None and high is not None and low > high:
            detail = f"The range {item!r} is reversed: write {self.write(high)}..{self.write(low)}."
            raise BadQuery([Problem("invalid_value", detail, value=item)])
        return low, high

    def read(self, text: str, item: str) -> Any:
        """The number that `text` spells, within bounds."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """The number in canonical form."""
        return str(value)

    def touches(self, high: Any, low: Any) -> bool:
        """Whether a range that ends at `high` and one that begins at `low` are one range."""
        return bool(low <= high)

    def merge(self, ranges: Iterable[Range]) -> Ranges:
        """The same set of numbers as the fewest ranges, in ascending order."""
        infinite = float("inf")
        ordered = sorted(
            ranges, key=lambda r: (-infinite if r[0] is None else r[0], infinite if r[1] is None else r[1])
        )
        merged: list[Range] = []
        for low, high in ordered:
            if merged and (merged[-1][1] is None or low is None or self.touches(merged[-1][1], low)):
                before_low, before_high = merged[-1]
                merged[-1] = (before_low, None if before_high is None or high is None else max(before_high, high))
            else:
                merged.append((low, high))
        return tuple(self.everything if pair == (None, None) else pair for pair in merged)

    def canonical(self, value: Ranges) -> list[str]:
        return [self._text(low, high) for low, high in value]

    def _text(self, low: Any, high: Any) -> str:
        if low is not None and low == high:
            return self.write(low)
        return f"{'' if low is None else self.write(low)}..{'' if high is None else self.write(high)}"


class Years(_RangeList):
    """Years from 1000 to 9999, with ranges."""

    everything = (FIRST_YEAR, LAST_YEAR)
    noun = "year of four digits"
    example = "2015..2020"

    def read(self, text: str, item: str) -> int:
        if not re.fullmatch(r"[0-9]{4}", text, re.ASCII) or int(text) < FIRST_YEAR:
            code = "invalid_value" if re.match(r"-?0[0-9]", text) else "out_of_range"
            detail = f"{_shown(text)} is not a year from {FIRST_YEAR} to {LAST_YEAR}."
            raise BadQuery([Problem(code, detail, value=_shown(item))])
        return int(text)

    def touches(self, high: int, low: int) -> bool:
        return low <= high + 1

    def schema(self) -> dict[str, Any]:
        year = "[1-9][0-9]{3}"
        return {"type": "string", "pattern": rf"^({year}|{year}\.\.({year})?|\.\.{year})$"}


class Numbers(_RangeList):
    """Decimal numbers, with ranges; no exponents."""

    number = r"-?[0-9]+(?:\.[0-9]+)?"
    bounded = r"-?([0-9]{1,15}(\.[0-9]{1,24})?|10{15}(\.0{1,24})?)"
    everything = (-LARGEST_VALUE, LARGEST_VALUE)
    noun = "decimal number"
    example = "60..66.5"

    def read(self, text: str, item: str) -> float:
        if not re.fullmatch(self.bounded, text, re.ASCII):
            largest = decimal_text(LARGEST_VALUE)
            detail = f"Numbers go from -{largest} to {largest}, with at most 24 decimals and without padding zeros."
            raise BadQuery([Problem("out_of_range", detail, value=_shown(item))])
        return float(text) + 0.0  # -0.0 becomes 0.0

    def write(self, value: float) -> str:
        return decimal_text(value)

    def schema(self) -> dict[str, Any]:
        number = self.bounded
        return {"type": "string", "pattern": rf"^({number}|{number}\.\.({number})?|\.\.{number})$"}


class Amount(Kind):
    """One decimal number, zero or more; no exponents."""

    pattern = r"([0-9]{1,15}(\.[0-9]{1,24})?|10{15}(\.0{1,24})?)"

    def parse(self, text: str, edition: Edition) -> float:
        if not re.fullmatch(self.pattern, text, re.ASCII):
            largest = decimal_text(LARGEST_VALUE)
            detail = f"{_shown(text)!r} is not a decimal number from 0 to {largest}, such as 0.2."
            code = "out_of_range" if re.fullmatch(Numbers.number, text, re.ASCII) else "invalid_value"
            raise BadQuery([Problem(code, detail, value=_shown(text))])
        return float(text)

    def canonical(self, value: float) -> list[str]:
        return [decimal_text(value)]

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


class Whole(Kind):
    """A whole number within bounds."""

    def __init__(self, minimum: int, maximum: int) -> None:
        self.minimum, self.maximum = minimum, maximum

    def parse(self, text: str, edition: Edition) -> int:
        if not re.fullmatch(r"-?[0-9]+", text, re.ASCII):
            raise BadQuery([Problem("invalid_value", f"{_shown(text)!r} is not a whole number.", value=_shown(text))])
        if len(text) > 12 or not self.minimum <= int(text) <= self.maximum:
            detail = f"The number must be from {self.minimum} to {self.maximum}."
            raise BadQuery([Problem("out_of_range", detail, value=_shown(text))])
        return int(text)

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


class Flag(Kind):
    """true or false."""

    def parse(self, text: str, edition: Edition) -> bool:
        if text not in ("true", "false"):
            detail = f"{_shown(text)!r} is neither true nor false."
            raise BadQuery([Problem("invalid_value", detail, value=_shown(text), allowed=("true", "false"))])
        return text == "true"

    def canonical(self, value: bool) -> list[str]:
        return ["true" if value else "false"]

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Search(Kind):
    """Words that must all occur in a code or a name; folded for case and width."""

    def parse(self, text: str, edition: Edition) -> tuple[str, ...]:
        words = tuple(dict.fromkeys(fold(text).split()))
        if len(text) > LONGEST_SEARCH or len(words) > MOST_WORDS:
            detail = f"At most {LONGEST_SEARCH} characters and {MOST_WORDS} words can be searched for."
            raise BadQuery([Problem("out_of_range", detail, value=_shown(text))])
        if not words:
            raise BadQuery([Problem("empty_value", "There is no word to search for.", value=text)])
        return words

    def canonical(self, value: Sequence[str]) -> list[str]:
        return [" ".join(value)]

    def schema(self) -> dict[str, Any]:
        text = rf"[^{FORBIDDEN}]*"
        word = rf"[^\s{FORBIDDEN}]"
        return {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_SEARCH,
            "pattern": f"^{text}{word}{text}$",
        }


@dataclass(frozen=True)
class Moment:
    """What `as_of` asks for: the text as given, and the release that was in force then, if any."""

    text: str
    release: ReleaseRow | None
    is_release: bool

    @property
    def order(self) -> int:
        """The order of that release; 0 before the first."""
        return self.release.order if self.release else 0


class AsOf(Kind):
    """The exact name of a release, or a day that is not in the future."""

    def parse(self, text: str, edition: Edition) -> Moment:
        if text in edition.vocabulary("release"):
            return Moment(text, edition.named(text), is_release=True)
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            detail = f"{_shown(text)!r} is neither the exact name of a release nor a date such as 2024-12-31."
            meant = edition.vocabulary("release").suggest(text)
            if text.lower() in _IN_FORCE and edition.release:
                meant = (edition.release.name,)
            raise BadQuery([Problem("invalid_value", detail, value=_shown(text), did_you_mean=meant)])
        try:
            day = datetime.date.fromisoformat(text)
        except ValueError:
            raise BadQuery([Problem("invalid_value", f"There is no day {text}.", value=text)]) from None
        if day > timezone.now().date():
            raise BadQuery([Problem("out_of_range", f"{text} is after today (UTC).", value=text)])
        return Moment(text, edition.as_of(day), is_release=False)

    def canonical(self, value: Moment) -> list[str]:
        return [value.text]

    def schema(self) -> dict[str, Any]:
        return dict(CODE)


class Fields(Kind):
    """A list of columns, in the order in which they are wanted."""

    is_list = True

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def parse(self, text: str, edition: Edition) -> tuple[str, ...]:
        items = split_list(text)
        unknown = [item for item in items if item not in self.names]
        if unknown:
            raise BadQuery([self._problem(item) for item in unknown])
        return tuple(items)

    def _problem(self, item: str) -> Problem:
        return Problem(
            "unknown_field",
            f"There is no field {_shown(item)!r}.",
            value=_shown(item),
            did_you_mean=similar_names(item, self.names),
            allowed=self.names,
        )

    def canonical(self, value: Sequence[str]) -> list[str]:
        return list(value)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names)}


@dataclass(frozen=True)
class Term:
    """One key of an order; nulls come last both ways."""

    column: str
    descending: bool = False

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


class Sort(Kind):
    """A list of columns to sort by; `-` reverses one."""

    is_list = True

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def parse(self, text: str, edition: Edition) -> tuple[Term, ...]:
        terms = [Term(item.removeprefix("-"), item.startswith("-")) for item in split_list(text)]
        problems = [self._problem(term) for term in terms if term.column not in self.names]
        columns = [term.column for term in terms]
        twice = {column for column in columns if columns.count(column) > 1}
        problems += [
            Problem("invalid_value", f"{column} is sorted both ways.", value=column) for column in sorted(twice)
        ]
        if problems:
            raise BadQuery(problems)
        return tuple(terms)

    def _problem(self, term: Term) -> Problem:
        return Problem(
            "unknown_sort_field",
            f"Rows cannot be sorted by {_shown(term.column)!r}.",
            value=_shown(str(term)),
            did_you_mean=similar_names(term.column, self.names),
            allowed=self.names,
        )

    def canonical(self, value: Sequence[Term]) -> list[str]:
        return [str(term) for term in value]

    def schema(self) -> dict[str, Any]:
        return {
            "type": "string",
            "enum": [sign + name for name in self.names for sign in ("", "-")],
            # Generated clients call them so: `-value` is no name in a program.
            "x-enum-varnames": [name + way for name in self.names for way in ("", "_descending")],
        }


class FormatName(Kind):
    """The name of a format of this resource."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)

    def parse(self, text: str, edition: Edition) -> str:
        if text not in self.names:
            raise BadQuery(
                [
                    Problem(
                        "not_acceptable",
                        f"There is no format {_shown(text)!r} here.",
                        value=_shown(text),
                        did_you_mean=similar_names(text, self.names),
                        allowed=self.names,
                    )
                ]
            )
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.names)}


class Token(Kind):
    """An opaque text that the service has given out itself; its content is checked where it is used."""

    def parse(self, text: str, edition: Edition) -> str:
        return text

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": 2_000, "pattern": r"^[A-Za-z0-9_.:-]+$"}
