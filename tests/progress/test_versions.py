"""A method keeps its formula and its thresholds as long as it keeps its version: what each version said, for good.

The series is made for this test; its ratios under version 1.0 were worked out by hand with docs/progress.md.
A method that is to say something else gets a new version, and a line of its own here.
"""

import datetime

import pytest

from indicators.progress.assess import assess
from indicators.progress.methods import METHODS, Method
from indicators.progress.terms import Point, Terms

#: (method, version) -> its thresholds, and the ratio of 50, 54, 56, 59, 60 (2000 to 2004) on the way to 72 in 2010.
SAID = {
    ("linear_path", "1.0"): ([("on_track", 0.95, True), ("moderate", 0.6, True), ("insufficient", 0, True)], 10 / 8.8),
    ("cagr_ratio", "1.0"): (
        [("on_track", 0.95, True), ("moderate", 0.6, True), ("insufficient", 0, True)],
        (1.2**0.25 - 1) / (1.44**0.1 - 1),
    ),
    ("un_2023", "1.0"): (
        [("on_track", 0.95, True), ("moderate", 0.1, True), ("insufficient", 0, True)],
        (60 * 1.2**1.5 - 50) / 22,
    ),
    ("dns_trend5", "1.0"): (
        [("on_track", 0.95, False), ("moderate", 0.8, True), ("insufficient", 0, False)],
        2.5 * 6 / 12,
    ),
}
TERMS = Terms("t", "i", "r", "level", "ge", 72, "percent", 2010, 2000, 50, "increase", 2001, None)
SERIES = [Point(2000 + place, value, "A") for place, value in enumerate((50, 54, 56, 59, 60))]


def test_every_version_is_recorded() -> None:
    assert {(method.code, method.version) for method in METHODS.values()} <= set(SAID)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.code)
def test_a_version_says_what_it_always_said(method: Method) -> None:
    thresholds, ratio = SAID[method.code, method.version]
    assert [(t.status, t.ratio, t.closed) for t in method.thresholds] == thresholds
    assert assess(TERMS, SERIES, method, datetime.date(2005, 6, 30)).ratio == pytest.approx(ratio, rel=1e-11)
