"""What OpenAPI says of a value and what the parser takes are the same: neither is stricter than the other."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from indicators.query.edition import Edition, current_edition
from indicators.query.grammar import MOST_WORDS, Kind, Numbers, Search, Years
from indicators.query.parameters import Parameter, parse

NUMERIC = st.lists(st.sampled_from([*"0123456789.-", ".."]), min_size=1, max_size=45).map("".join)


@pytest.fixture
def edition(db: None) -> Edition:
    return current_edition()


def taken(kind: Kind, text: str, edition: Edition) -> bool:
    """Whether the grammar takes the text; that a range is reversed is said in words, no pattern can."""
    asked = parse(f"x={quote(text)}", [Parameter("x", kind, "", "")], edition)
    return all("is reversed" in problem.detail for problem in asked.problems)


def described(kind: Kind, text: str) -> bool:
    schema: dict[str, Any] = kind.schema()
    return bool(re.search(schema["pattern"], text)) and len(text) <= schema.get("maxLength", len(text))


@given(NUMERIC)
@example("1000000000000000")
@example("1000000000000001")
@example("-1000000000000000.000..")
@example("0000000000000001")
@example("0.1234567890123456789012345")
@example("-0")
def test_numbers_are_taken_as_described(edition: Edition, text: str) -> None:
    assert taken(Numbers(), text, edition) == described(Numbers(), text)


@given(NUMERIC)
@example("0999")
@example("9999..1000")
def test_years_are_taken_as_described(edition: Edition, text: str) -> None:
    assert taken(Years(), text, edition) == described(Years(), text)


@given(st.text(min_size=1, max_size=220).filter(lambda text: len(text.split()) <= MOST_WORDS))
@example("\u3000")
@example("人\u0085口")
@example("\u0085")
@example("a\ufffd")
@example("\u00a0a")
def test_searches_are_taken_as_described(edition: Edition, text: str) -> None:
    assert taken(Search(), text, edition) == described(Search(), text)
