"""The four methods on one worked table.

A test of methods alone: the series is illustrative, written down from memory. It is no data and must never be shipped.
"""

import datetime

import pytest

from tests.progress.engines import ENGINES, Row, target

FIGURES = ["57.33", "58.84", "60.24", "61.50", "62.71", "63.89", "64.72", "65.22", "66.16"]
ILLUSTRATION = dict(enumerate(FIGURES, start=2015))

#: Target, its year, year of the assessment; ratio and status of cagr_ratio, linear_path and un_2023;
#: status and projection of dns_trend5. What is not told is None.
TABLE = [
    ("66", 2023, 2021, (1.149, "on_track"), (1.136, "on_track"), (1.160, "on_track"), (67.07, "on_track")),
    ("66", 2023, 2022, (1.047, "on_track"), (1.040, "on_track"), (1.050, "on_track"), (66.22, "on_track")),
    ("66", 2023, 2023, (None, "achieved"), (1.018, "achieved"), (1.018, "achieved"), (None, "achieved")),
    ("70", 2025, 2020, (1.086, "on_track"), (1.036, "on_track"), (1.095, "on_track"), (70.45, "on_track")),
    ("70", 2025, 2021, (1.012, "on_track"), (0.972, "on_track"), (1.013, "on_track"), (69.42, "moderate")),
    ("70", 2025, 2022, (0.922, "moderate"), (0.890, "moderate"), (0.915, "moderate"), (68.21, "insufficient")),
    ("70", 2025, 2023, (0.896, "moderate"), (0.871, "moderate"), (0.887, "moderate"), (68.02, "insufficient")),
]
ROWS = [pytest.param(*row, id=f"{row[0]} by {row[1]} in {row[2]}") for row in TABLE]
Said = tuple[float | None, str]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("value", "year", "now", "cagr_ratio", "linear_path", "un_2023", "dns_trend5"), ROWS)
def test_the_methods_agree_with_the_worked_table(
    engine: str, value: str, year: int, now: int, cagr_ratio: Said, linear_path: Said, un_2023: Said, dns_trend5: Said
) -> None:
    def said(method: str) -> Row:
        aim = target(value=value, year=year, baseline_year=2015)
        points = [(at, figure, "A") for at, figure in ILLUSTRATION.items() if at <= now]
        return ENGINES[engine](aim, "R", points, datetime.date(now + 1, 6, 1), "own", method, None)

    for method, (ratio, status) in {"cagr_ratio": cagr_ratio, "linear_path": linear_path, "un_2023": un_2023}.items():
        row = said(method)
        assert row["status"] == status
        assert ratio is None or round(row["ratio"], 3) == ratio, method
    row = said("dns_trend5")
    projection, status = dns_trend5
    assert row["status"] == status
    assert (row["projected"] and round(row["projected"]["value"], 2)) == projection
