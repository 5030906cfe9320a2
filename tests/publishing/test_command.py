"""manage.py publish as a steward runs it: arguments, report, exit codes, and what the API says afterwards."""

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from indicators.models import Release
from tests.conftest import Api
from tests.publishing.workbooks import workbook

LONG = """指标,地区,年份,数值,状态,来源,出处,备注
urbanization_rate,370000,2023,65.53,A,S46,quoted in the text,communique; unchanged in later data
urbanization_rate,370000,2024,66.5,A,S22,,
urbanization_rate,370100,2025,76.1,A,S22,,
"""
WIDE = "indicator,region,2024,2025\nurbanization_rate,370000,66.5,67.2\n"

Published = Callable[..., str]


@pytest.fixture
def publish(api: Api, tmp_path: Path) -> Published:
    """Run the command on a table of that text; answers what it prints."""

    def run(text: str, *arguments: str, encoding: str = "utf-8") -> str:
        table = tmp_path / "表 1.csv"
        table.write_text(text, encoding=encoding)
        out = StringIO()
        named = ("--name", "2026-11-test", "--title", "Test", "--title-zh", "试验")
        call_command("publish", str(table), *named, *arguments, stdout=out, stderr=out)
        return out.getvalue()

    return run


def report(text: str) -> Any:
    return json.loads(text)


def test_a_table_comes_into_force(api: Api, publish: Published) -> None:
    said = report(publish(LONG, "--json", encoding="gb18030"))
    assert (said["state"], said["release"]) == ("published", "2026-11-test")
    assert said["indicators"] == {
        "urbanization_rate": {"added": 1, "revised": 1, "confirmed": 0, "withdrawn": 0, "unchanged": 1}
    }
    release = api.json("/releases/latest")
    assert (release["name"], release["title_zh"], release["revised"]) == ("2026-11-test", "试验", 1)
    rows = api.json("/observations?indicator=urbanization_rate&region=370000&year=2024")["results"]
    assert [(row["value"], row["release"]) for row in rows] == [(66.5, "2026-11-test")]
    changes = api.walk("/changes?since=2026-05-post-ec5")
    assert [(row["op"], row["region"], row["year"]) for row in changes] == [
        ("update", "370000", 2024),
        ("insert", "370100", 2025),
    ]


def test_a_dry_run_tells_the_same_and_writes_nothing(api: Api, publish: Published) -> None:
    said = publish(WIDE, "--status", "A", "--source", "S22", "--dry-run")
    assert "revised: urbanization_rate 370000 2024: 66.48 -> 66.5" in said
    assert "nothing was written: 1 added, 1 revised, 0 confirmed, 0 withdrawn, 0 unchanged" in said
    assert api.json("/releases/latest")["name"] == "2026-05-post-ec5"


def test_the_same_twice_makes_no_second_release(api: Api, publish: Published) -> None:
    publish(LONG)
    assert "in force already" in publish(LONG)
    assert Release.objects.count() == 7


def test_what_is_missing_is_withdrawn_if_that_is_asked_for(api: Api, publish: Published) -> None:
    held = api.json("/observations?indicator=urbanization_rate&count=true&page_size=1")["meta"]["count"]
    publish(LONG, "--withdraw-missing")
    assert api.json("/observations?indicator=urbanization_rate&count=true&page_size=1")["meta"]["count"] == 3
    assert api.json("/releases/latest")["withdrawn"] == held - 2
    before = "/observations?indicator=urbanization_rate&as_of=2026-05-post-ec5&count=true&page_size=1"
    assert api.json(before)["meta"]["count"] == held


def test_faults_are_told_by_file_row_and_column_and_nothing_is_written(api: Api, publish: Published) -> None:
    wrong = LONG.replace("370100", "济南市").replace("66.5", "166.5").replace("S46", "S460")
    with pytest.raises(CommandError, match="3 faults") as raised:
        publish(wrong, "--json")
    assert raised.value.returncode == 1
    with pytest.raises(CommandError):
        publish(wrong)
    assert api.json("/releases/latest")["name"] == "2026-05-post-ec5"


def test_a_workbook_is_read_and_its_cells_are_named(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "rates.xlsx"
    header = ("indicator", "region", "year", "value", "status", "source")
    workbook(path, header, ("urbanization_rate", "370000", 2025, "67,2", "A", "S22"))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("publish", str(path), "--name", "x", "--title", "X", stdout=out, stderr=out)
    assert "cell D2" in out.getvalue()


@pytest.mark.parametrize("day", ["2026-13-01", "tomorrow"])
def test_a_wrong_argument_is_told(publish: Published, day: str) -> None:
    with pytest.raises(CommandError, match="no day such as"):
        publish(LONG, "--published-on", day)
