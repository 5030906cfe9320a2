"""Words for what /progress says in codes: none is missing, in either language, and each case is told as it is."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from indicators.models import Indicator, Plan, Region, Source, Target, Unit
from indicators.portal import verdicts
from indicators.portal.figures import difference, short
from indicators.portal.standing import Standing, standing
from indicators.progress.assess import STATUSES, assessment
from indicators.progress.case import Case
from indicators.progress.deadline import DEADLINE_STATUSES
from indicators.progress.methods import DEFAULT_METHOD, METHODS
from indicators.progress.terms import Point, Terms, last_day
from tests.docs.documents import tables
from tests.serving import ROOT

DOCUMENT = (ROOT / "docs" / "progress.md").relative_to(ROOT)
PERCENT = Unit(code="percent", name_zh="百分比", name_en="percent", symbol="%")
RATIO = Unit(code="ratio", name_zh="比值", name_en="ratio", symbol=":1")
TERMS = Terms("T", "share", "R", "level", "ge", 60.0, "percent", 2020, 2015, None, "increase", 2016, None)


def test_every_code_has_words() -> None:
    notes = [row[0] for row in tables(DOCUMENT)["Notes"][1:]]
    assert notes
    assert set(verdicts.NOTES) == set(notes)
    assert set(verdicts.STATUSES) == set(STATUSES)
    assert set(verdicts.DEADLINES) == set(DEADLINE_STATUSES)
    assert set(verdicts.METHODS) == set(METHODS)
    assert {group for group, _ in verdicts.DEADLINES.values()} <= set(verdicts.GROUPS)


def test_every_word_is_said_in_both_languages() -> None:
    words = [
        *verdicts.STATUSES.values(),
        *verdicts.NOTES.values(),
        *verdicts.METHODS.values(),
        *(words for _, words in (*verdicts.GROUPS.values(), *verdicts.DEADLINES.values())),
    ]
    for text in words:
        with translation.override("en"):
            english = str(text)
        with translation.override("zh-hans"):
            assert re.search(r"[\u4e00-\u9fff]", str(text)), english
        assert not re.search(r"[\u4e00-\u9fff]", english)


def test_marks_differ_in_shape_but_for_the_two_ways_of_having_met() -> None:
    marks = [mark for mark, _ in verdicts.GROUPS.values()]
    assert len(set(marks)) == len(marks) - 1
    assert verdicts.GROUPS["met"][0] == verdicts.GROUPS["late"][0]


def told(terms: Terms, points: dict[int, float], now: str, tolerance: float | None = None) -> Standing:
    unit = RATIO if terms.unit == "ratio" else PERCENT
    target = Target(
        code=terms.code, plan=Plan(code="P"), indicator=Indicator(code="share", unit=unit, decimals=2),
        region=Region(code="R"), statistic=terms.statistic, comparator=terms.comparator, value=terms.value, unit=unit,
        year=terms.year, direction=terms.direction, source=Source(code="S"),
    )  # fmt: skip
    case = Case.of(terms, [Point(year, value, "A") for year, value in points.items()], True, tolerance)
    row: dict[str, Any] = vars(assessment(case, METHODS[DEFAULT_METHOD], last_day(now)))
    with translation.override("en"):
        return standing(target, row, case)


FALLING = replace(TERMS, comparator="le", value=2.0, unit="ratio", direction="decrease")
ABOUT = replace(TERMS, comparator="approx")
MEAN = replace(TERMS, statistic="mean_annual_change", value=2.0)


@pytest.mark.parametrize(
    ("terms", "points", "now", "group", "sentence"),
    [
        (TERMS, {2015: 50, 2019: 58, 2020: 60}, "2021", "met", "Met on time: 60% in 2020"),
        (
            TERMS, {2015: 50, 2018: 61, 2020: 62.5, 2021: 63}, "2022", "met",
            "Met early: 61% in 2018; 62.5% in the target year 2020; newest: 63% in 2021",
        ),
        (TERMS, {2015: 50, 2018: 61}, "2019", "met", "Met early: 61% in 2018"),
        (
            TERMS, {2015: 50, 2020: 59.53, 2021: 59.9, 2022: 60.5, 2023: 61}, "2024", "late",
            "Met, 2 years late: 60.5% in 2022; 59.53% in the target year 2020, 0.47 percentage points short; "
            "newest: 61% in 2023",
        ),
        (
            TERMS, {2015: 50, 2020: 59, 2021: 60.1}, "2022", "late",
            "Met, one year late: 60.1% in 2021; 59% in the target year 2020, 1 percentage point short",
        ),
        (TERMS, {2015: 50, 2020: 59.53}, "2021", "missed", "Missed: 59.53% in 2020, 0.47 percentage points short"),
        (
            TERMS, {2015: 50, 2019: 61, 2020: 59.9}, "2021", "missed",
            "Met once, but not kept: 59.9% in 2020, 0.1 percentage points short; it was met with 61% in 2019",
        ),
        (
            TERMS, {2015: 50, 2018: 57}, "2021", "unknown",
            "No figure for 2020 is held: 57% in 2018, 3 percentage points short; by then on its way",
        ),
        (
            TERMS, {2015: 50, 2018: 57}, "2019", "underway",
            "Deadline ahead, on its way: 57% in 2018, 3 percentage points short",
        ),
        (
            TERMS, {2018: 57}, "2019", "underway",
            "Deadline ahead, the way there cannot be measured: 57% in 2018, 3 percentage points short",
        ),
        (TERMS, {}, "2021", "without", "No verified figure yet"),
        (TERMS, {}, "2019", "without", "No verified figure yet"),
        (FALLING, {2015: 3, 2020: 2.004}, "2021", "missed", "Missed: 2.004:1 in 2020, 0.004 above the number"),
        (
            ABOUT, {2015: 50, 2020: 59}, "2021", "unjudged",
            "Not judged, as “about” has no official tolerance: 59% in 2020, 1 percentage point below the number",
        ),
        (
            MEAN, {2015: 50, 2020: 59}, "2021", "missed",
            "Missed: 1.8% on average, 2015 to 2020, 0.2 percentage points short",
        ),
        (MEAN, {2015: 50, 2019: 59}, "2020", "underway", "Deadline ahead, reached: 2.25% on average, 2015 to 2019"),
    ],
)  # fmt: skip
def test_a_target_is_told_in_one_sentence(
    terms: Terms, points: dict[int, float], now: str, group: str, sentence: str
) -> None:
    stands = told(terms, points, now)
    assert stands.sentence == sentence
    assert stands.verdict.group == group


def test_a_tolerance_lets_about_be_judged() -> None:
    assert told(ABOUT, {2015: 50, 2020: 59}, "2021", 1.0).sentence == "Met on time: 59% in 2020"
    missed = told(ABOUT, {2015: 50, 2020: 61.5}, "2021", 1.0).sentence
    assert missed == "Missed: 61.5% in 2020, 1.5 percentage points above the number"


def test_a_target_that_was_announced_later_is_not_judged() -> None:
    case = Case.of(TERMS, [Point(2015, 50, "A")])
    found = verdicts.verdict(None, bool(case.levels))
    assert (found.group, found.mark) == ("unjudged", "≈")


def test_a_method_says_what_it_finds_or_why_it_finds_nothing() -> None:
    assert verdicts.explained("linear_path", 1.16271186441, ()).startswith("So far 116% of the change")
    assert "no starting year" in verdicts.explained("linear_path", None, ("approximate", "no_baseline", "computed"))
    assert verdicts.explained("dns_trend5", None, ("computed",)) == "It finds no ratio here."


def test_a_small_difference_is_never_called_none() -> None:
    assert [short(value) for value in (0.004, 0.0605, 0.173333, 12.3456, -0.0049, 0.0)] == [
        0.004, 0.06, 0.17, 12.35, -0.0049, 0.0,
    ]  # fmt: skip
    assert difference(0.0049, RATIO) == "0.0049"


def test_a_summary_counts_what_occurs_in_a_fixed_order() -> None:
    found = [verdicts.Verdict(group, "") for group in ("without", "met", "without", "late")]
    assert [(count.group, count.number) for count in verdicts.tally(found)] == [("met", 1), ("late", 1), ("without", 2)]
