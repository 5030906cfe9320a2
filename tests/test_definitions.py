"""Definitions of indicators: two plain sentences in each language, or none in either."""

import re

import pytest

from tests.conftest import Api
from tests.oracle import table

INDICATORS = {row["code"]: row for row in table("indicators")}
UNITS = {row["code"]: row for row in table("units")}
#: Where no definition is given, because the concept is not certain.
UNDEFINED = {"reclaimed_water_rate"}
DEFINED = sorted(INDICATORS.keys() - UNDEFINED)


def texts(code: str) -> tuple[str, str]:
    """The definition in Chinese and in English."""
    return INDICATORS[code]["definition_zh"], INDICATORS[code]["definition_en"]


def test_a_definition_stands_in_both_languages_or_in_neither() -> None:
    assert {code for code in INDICATORS if not texts(code)[0]} == UNDEFINED
    assert {code for code in INDICATORS if not texts(code)[1]} == UNDEFINED


@pytest.mark.parametrize("code", DEFINED)
def test_a_definition_is_two_sentences(code: str) -> None:
    chinese, english = texts(code)
    assert re.fullmatch("[^。]{10,}。[^。]{10,}。", chinese)
    assert 40 <= len(chinese) <= 160
    sentences = re.split(r"(?<=\.) ", english)
    assert len(sentences) == 2
    assert all(sentence[0].isupper() and sentence.endswith(".") for sentence in sentences)
    assert all(40 <= len(sentence) <= 320 for sentence in sentences)


@pytest.mark.parametrize("code", DEFINED)
def test_each_language_keeps_to_its_own_letters(code: str) -> None:
    chinese, english = texts(code)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert not re.search(r"[,;:()?!.]", chinese), "punctuation of Chinese text is full-width"
    assert re.fullmatch(r"[ -~]+", english), "English text is plain ASCII"
    for text in (chinese, english):
        assert text.isprintable()
        assert text == text.strip()
        assert text[0] not in "=+-@"


@pytest.mark.parametrize("code", DEFINED)
def test_a_definition_names_the_unit(code: str) -> None:
    chinese, english = texts(code)
    unit = UNITS[INDICATORS[code]["unit"]]
    assert unit["name_zh"] in chinese or unit["symbol"] in chinese
    assert unit["name_en"].lower() in english.lower()
    if unit["code"] in ("persons", "cny"):
        assert not re.search("单位为(万|亿)", chinese)
        assert not re.search("in (units of )?10", english)


def test_no_two_definitions_are_the_same() -> None:
    for language in zip(*map(texts, DEFINED), strict=True):
        assert len(set(language)) == len(DEFINED)


def test_numbers_of_units_are_those_of_the_divisions_and_targets() -> None:
    today = [row["type"] for row in table("regions") if not row["valid_to"]]
    kinds = ("prefecture_level_city", "district", "county_level_city", "county")
    cities, districts, county_cities, counties = (today.count(kind) for kind in kinds)
    stated = {
        "smart_city_star_share_cities": [cities],
        "smart_city_star_share_counties": [counties + county_cities, counties, county_cities],
        "combined_sewer_cleared_share": [districts + county_cities + counties],
    }
    denominators = {row["indicator"]: int(row["denominator"]) for row in table("targets") if row["denominator"]}
    assert {code: numbers[0] for code, numbers in stated.items()} == denominators
    for code, numbers in stated.items():
        for text in texts(code):
            assert [int(number) for number in re.findall(r"\d+", text)] == numbers


def test_a_definition_outlives_the_data() -> None:
    """What is held today is told by `coverage`, not by a text that nobody edits when figures come."""
    for code in DEFINED:
        assert "可核实" not in texts(code)[0]
        assert "verified" not in texts(code)[1]


def test_definitions_are_served(api: Api) -> None:
    for row in api.json("/indicators?page_size=1000")["results"]:
        assert (row["definition_zh"] or "", row["definition_en"] or "") == texts(row["code"])
    undefined = api.json("/indicators/reclaimed_water_rate")
    assert undefined["definition_zh"] is None
    assert undefined["definition_en"] is None


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("肄业生", set()),  # in definitions only
        ("catering", set()),
        ("current prices", {"grp"}),  # in a name, and in many definitions
        ("城镇化率", {"urbanization_rate", "urbanization_rate_hukou"}),
    ],
)
def test_search_looks_into_names_and_not_into_definitions(api: Api, words: str, expected: set[str]) -> None:
    assert {row["code"] for row in api.json(f"/indicators?q={words}")["results"]} == expected
    assert any(words in text for code in DEFINED for text in texts(code))
