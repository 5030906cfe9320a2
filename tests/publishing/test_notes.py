"""Notes of releases: taken by the command and from a package, served by the API, never changed afterwards."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from indicators.publishing.faults import BadData
from indicators.publishing.package import load
from indicators.publishing.run import State
from tests.conftest import Api
from tests.packages import FILES, Package, empty_the_store

RELEASES = """\
name,order,date,title_zh,title_en,notes_en,notes_zh
spring,1,2001-04-01,春季,Spring,"Counted anew.

Two paragraphs.",重新统计。
summer,2,2002-07-01,夏季,Summer,,
autumn,3,2003-10-01,秋季,Autumn,"Windows\r\nlines",
"""


@pytest.fixture
def package(api: Api, tmp_path: Path) -> Package:
    empty_the_store()
    return Package(tmp_path / "package")


def notes(api: Api) -> dict[str, tuple[str | None, str | None]]:
    rows = api.json("/releases?fields=name,notes_zh,notes_en")["results"]
    return {row["name"]: (row["notes_zh"], row["notes_en"]) for row in rows}


def test_a_package_may_bring_notes(api: Api, package: Package) -> None:
    package.write("releases.csv", RELEASES)
    load(package.folder)
    assert notes(api) == {
        "spring": ("重新统计。", "Counted anew.\n\nTwo paragraphs."),
        "summer": (None, None),
        "autumn": (None, "Windows\nlines"),
    }
    assert not load(package.folder).warnings, "the same again changes nothing"


def test_a_package_without_these_columns_has_none(api: Api, package: Package) -> None:
    load(package.folder)
    assert set(notes(api).values()) == {(None, None)}


def test_notes_are_never_changed_afterwards_and_it_is_told(api: Api, package: Package) -> None:
    load(package.folder)
    package.write("releases.csv", RELEASES)
    loaded = load(package.folder)
    assert {outcome.state for outcome in loaded.outcomes} == {State.REPEATED}
    told = "\n".join(map(str, loaded.warnings))
    assert "release spring is in force with notes_zh None and never changes: '重新统计。' is not taken over" in told
    assert set(notes(api).values()) == {(None, None)}


def test_another_column_is_still_refused(package: Package) -> None:
    package.write("releases.csv", FILES["releases.csv"].replace("title_en", "title_en,notes", 1))
    with pytest.raises(BadData, match="unknown column"):
        load(package.folder)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--notes-zh", "说明", "--notes-en", "A note"], ("说明", "A note")),
        (["--notes-en", "One\n\nTwo"], (None, "One\n\nTwo")),
        (["--notes-en", ""], (None, None)),
        ([], (None, None)),
    ],
)
def test_the_command_takes_notes(
    api: Api, tmp_path: Path, arguments: list[str], expected: tuple[str | None, str | None]
) -> None:
    table = tmp_path / "table.csv"
    table.write_text("indicator,region,year,value,status,source\nurbanization_rate,370100,2025,76.1,A,S22\n")
    call_command("publish", str(table), "--name", "noted", "--title", "Noted", *arguments, stdout=StringIO())
    assert notes(api)["noted"] == expected
    release = api.json("/releases/noted")
    assert (release["notes_zh"], release["notes_en"]) == expected
    assert "notes_zh" in api.text("/releases?format=csv").splitlines()[0]
