"""What is known to be true of the targets of Shandong's three-year plan, asked as anyone would ask."""

import re
from typing import Any

import pytest

from indicators.progress.assess import NOTES
from tests.conftest import Api
from tests.serving import ROOT

NO_DATA = ["SD-3Y-03", "SD-3Y-04", "SD-3Y-05", "SD-3Y-07", "SD-3Y-08"]


def only(api: Api, target: str, more: str = "") -> dict[str, Any]:
    (row,) = api.json(f"/targets/{target}/progress{more}")["results"]
    assert row["target"] == target
    return dict(row)


def test_66_percent_by_2023_was_met_late(api: Api) -> None:
    row = only(api, "SD-3Y-01")
    assert (row["status"], row["deadline_status"]) == ("achieved", "met_late")
    assert row["at_deadline"] == {"year": 2023, "value": 65.53, "gap": -0.47}
    assert row["current"] == {"year": 2024, "value": 66.48, "status": "E"}
    assert row["base"] == {"year": 2020, "value": 63.05}
    assert (row["gap"], row["gap_unit"]) == (0.48, "percentage_points")
    assert (row["region"], row["basis"], row["method"]) == ("370000", "own", "linear_path")


@pytest.mark.parametrize("moment", ["2024-12-pre-ec5", "2024-12-31", "2025-06-30"])
def test_66_percent_by_2023_was_missed_as_of_2024(api: Api, moment: str) -> None:
    row = only(api, "SD-3Y-01", f"?as_of={moment}")
    assert row["deadline_status"] == "missed"
    assert row["current"]["value"] == row["at_deadline"]["value"] == 65.53
    assert (row["gap"], row["ratio"], row["status"]) == (-0.47, 0.840677966102, "moderate")  # 2.48 / 2.95


@pytest.mark.parametrize("moment", ["2022-01-plan", "2022-01-26", "2024-12-30"])
def test_66_percent_by_2023_was_pending_when_it_was_announced(api: Api, moment: str) -> None:
    row = only(api, "SD-3Y-01", f"?as_of={moment}")
    assert (row["deadline_status"], row["at_deadline"]) == ("pending", None)
    assert row["current"] == {"year": 2020, "value": 63.05, "status": "U"}
    assert row["required_annual_change"] == 0.983333333333  # 2.95 / 3
    assert row["release"] == "2022-01-plan"


def test_nobody_knew_of_the_target_before(api: Api) -> None:
    assert api.json("/targets/SD-3Y-01/progress?as_of=2022-01-25")["results"] == []
    known = {row["target"] for row in api.walk("/progress?as_of=2021-06-post-ec4")}
    assert known == {"SD-URP-01", "SD-URP-02", "SD-USP-01", "SD-USP-02"}


def test_a_source_of_which_the_year_is_known_counts_from_its_last_day(api: Api) -> None:
    """The plan for 2021-2035 is dated 2022: not known on 26 January of that year."""
    known = {row["target"] for row in api.walk("/progress?as_of=2022-01-plan")}
    assert not {"SD-NUP-01", "SD-NUP-02"} & known
    assert {"SD-PUC-01", "SD-PUC-02"} <= known
    assert {"SD-NUP-01", "SD-NUP-02"} <= {row["target"] for row in api.walk("/progress?as_of=2024-12-31")}


def test_about_one_point_a_year_was_083(api: Api) -> None:
    row = only(api, "SD-3Y-02")
    assert round(row["current"]["value"], 2) == 0.83
    assert row["current"]["year"] == 2023
    assert (row["status"], row["deadline_status"], row["notes"][0]) == ("not_assessable", None, "approximate")
    for tolerance, (status, deadline) in {"0.2": ("achieved", "met_on_time"), "0.1": ("moderate", "missed")}.items():
        row = only(api, "SD-3Y-02", f"?tolerance={tolerance}")
        assert (row["status"], row["deadline_status"]) == (status, deadline)


def test_the_income_ratio_of_2023_is_not_held(api: Api) -> None:
    row = only(api, "SD-3Y-06")
    assert (row["at_deadline"], row["deadline_status"]) == (None, "due_no_data")
    assert row["current"] == {"year": 2021, "value": 2.26, "status": "E"}
    assert row["gap"] == -0.01
    assert row["status"] != "achieved"


@pytest.mark.parametrize("target", NO_DATA)
def test_what_was_never_observed_is_no_data_and_never_zero(api: Api, target: str) -> None:
    row = only(api, target)
    assert (row["status"], row["deadline_status"]) == ("no_data", "due_no_data")
    for name in ("base", "current", "at_deadline", "gap", "ratio", "projected", "observed_annual_change"):
        assert row[name] is None
    assert only(api, target, "?as_of=2022-01-26")["deadline_status"] == "pending"


def test_no_benchmark_is_given_a_deadline(api: Api) -> None:
    found = api.walk("/progress?basis=benchmark&region_level=prefecture&target=SD-3Y-01")
    assert found
    assert {row["deadline_status"] for row in found} == {None}
    assert {row["basis"] for row in found} == {"benchmark"}


def test_every_note_is_explained_and_listed_in_the_document(api: Api) -> None:
    table = (ROOT / "docs/progress.md").read_text().partition("\n## Notes\n")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == NOTES
    notes = api.json("/openapi.json")["components"]["schemas"]["Progress"]["properties"]["notes"]
    assert notes["items"]["enum"] == list(NOTES)
