"""A data package is loaded wholly or refused with every fault; the command says so and exits accordingly."""

import json
import os
import pty
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.utils import timezone

from indicators.models import (
    REFERENCE_MODELS,
    Indicator,
    Observation,
    Region,
    RegionEvent,
    Release,
    Source,
    Store,
    Unit,
    decimal_text,
)
from indicators.publishing.faults import BadData
from indicators.publishing.package import TABLES, Loaded, load
from tests.conftest import FIXTURES, ROOT
from tests.oracle import Oracle
from tests.packages import CHANGES, FILES, PATHS, Package, empty_the_store
from tests.serving import files_of

SQLITE = connection.vendor == "sqlite"
Cells = dict[tuple[str, str, int], tuple[Any, ...]]


@pytest.fixture
def package(db: None, tmp_path: Path) -> Package:
    """The small package on disk, and an empty store."""
    empty_the_store()
    return Package(tmp_path / "package")


def everything() -> dict[str, list[Any]]:
    """All rows of all tables."""
    return {
        model.__name__: list(model._default_manager.order_by("pk").values_list())
        for model in (*REFERENCE_MODELS, Release, Observation, Store)
    }


def counts(loaded: Loaded) -> dict[str, tuple[int, int, int, int]]:
    return {table.name: (table.created, table.updated, table.unchanged, table.kept) for table in loaded.tables}


def faults(package: Package) -> list[str]:
    """The faults for which a package is refused."""
    with pytest.raises(BadData) as raised:
        load(package.folder)
    return [str(fault) for fault in raised.value.faults]


def cells(order: int) -> Cells:
    """What is in force as of a release."""
    rows = Observation.objects.as_of(order).values_list(
        "indicator", "region", "year", "value", "status", "source", "locator", "note", "release__name"
    )
    found = {row[:3]: (exact(row[3]), *row[4:]) for row in rows}
    assert len(found) == len(rows), "two rows for a cell"
    return found


def exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(decimal_text(value))


def expected(state: dict[tuple[str, str, int], dict[str, Any]]) -> Cells:
    """A state of the oracle, as `cells` gives it."""
    return {
        key: (
            None if row["value"] is None else Decimal(row["value"]),
            *(row[name] for name in ("status", "source", "locator", "note", "release")),
        )
        for key, row in state.items()
    }


def whole(text: str) -> int:
    return int(text.replace(",", ""))


README = [
    [cell.strip() for cell in line.strip("|\n").split("|")]
    for line in (FIXTURES / "README.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|")
]
README_TABLES = {
    file.removesuffix(".csv"): whole(count)
    for row in README
    if ".csv" in row[0]
    for file, count in zip(row[0].split(", "), row[1].split(", "), strict=False)
}
README_RELEASES = [row for row in README if len(row) == 8 and re.fullmatch(r"\d{4}-\d\d-\d\d", row[1])]
README_STATUSES = {row[0]: whole(row[2]) for row in README if re.fullmatch("[A-Z]", row[0]) and len(row) == 3}


@pytest.mark.django_db
@pytest.mark.parametrize("name", TABLES)
def test_pack_has_the_rows_of_its_readme(name: str) -> None:
    assert TABLES[name]._default_manager.count() == README_TABLES[name]


@pytest.mark.django_db
def test_pack_has_the_releases_of_its_readme() -> None:
    assert len(README_RELEASES) == README_TABLES["releases"] == Release.objects.count() == 6
    for order, (name, day, rows, new, revised, confirmed, held, _) in enumerate(README_RELEASES, start=1):
        release = Release.objects.get(order=order)
        assert (release.name, release.published_on.isoformat()) == (name, day)
        assert (release.added, release.revised, release.confirmed) == (whole(new), whole(revised), whole(confirmed))
        assert release.withdrawn == 0
        assert Observation.objects.filter(release=order).count() == whole(rows)
        assert Observation.objects.as_of(order).count() == whole(held)
    assert Store.objects.get().release == release


@pytest.mark.django_db
def test_pack_has_the_cells_of_its_readme() -> None:
    current = Observation.objects.current()
    assert (current.count(), current.filter(value__isnull=False).count()) == (13_333, 13_315)
    assert {s: current.filter(status=s).count() for s in README_STATUSES} == README_STATUSES
    assert sum(README_STATUSES.values()) == 13_333
    by_level = current.values_list("region__level").annotate(cells=models.Count("region"))
    assert dict(by_level) == {"country": 215, "province": 6_512, "prefecture": 856, "county": 5_750}
    assert Indicator.objects.filter(observation__isnull=False).distinct().count() == 57


@pytest.mark.django_db
def test_pack_equals_its_replay_as_of_every_release() -> None:
    for order, state in enumerate(Oracle.of_pack().states, start=1):
        assert cells(order) == expected(state)


@pytest.mark.django_db
def test_pack_again_changes_nothing() -> None:
    before = everything()
    loaded = load(FIXTURES)
    assert [outcome.release for outcome in loaded.outcomes] == [None] * 6
    assert all((created, updated, kept) == (0, 0, 0) for created, updated, _, kept in counts(loaded).values())
    assert everything() == before


def test_small_package_is_loaded(package: Package) -> None:
    loaded = load(package.folder)
    for file in FILES:
        name = file.removesuffix(".csv")
        if name in TABLES:
            rows = len(package.rows(file))
            assert counts(loaded)[name] == (rows, 0, 0, 0)
            assert TABLES[name]._default_manager.count() == rows
    assert [outcome.name for outcome in loaded.outcomes] == ["spring", "summer", "autumn"]
    assert Store.objects.get().release == Release.objects.get(name="autumn")


def test_small_package_to_the_letter(package: Package) -> None:
    load(package.folder)
    region, source = Region.objects.get(code="nb"), Source.objects.get(code="cen")
    assert (region.name_zh, region.parent_id, region.valid_from, region.valid_to) == ("旧坡", "N", 1900, 1995)
    assert (region.longitude, Region.objects.get(code="N").latitude) == (None, -10.25)
    assert (source.published_on, source.license, source.note) == ("2000", "free", "printed late")
    assert RegionEvent.objects.get().date.isoformat() == "1995-07-01"
    (target,) = TABLES["targets"]._default_manager.values("value", "baseline_value", "approximate", "action", "note_en")
    assert target == {
        "value": -2.5,
        "baseline_value": -12.5,
        "approximate": False,
        "action": "build",
        "note_en": None,
    }
    assert Observation.objects.get(indicator="density", region="N").note == 'a comma, a "quote"\nand a second line'


def test_releases_are_replayed_in_their_order(package: Package) -> None:
    load(package.folder)
    for order, (name, (added, revised, confirmed, _)) in enumerate(CHANGES.items(), start=1):
        release = Release.objects.get(order=order)
        assert (release.name, release.added, release.revised, release.confirmed) == (name, added, revised, confirmed)
        assert release.in_force_since.isoformat() == f"{release.published_on}T00:00:00+00:00"
    assert (release.title_zh, release.title_en, release.basis_en) == ("秋季", "Autumn", None)


def test_outcomes_say_what_changed(package: Package) -> None:
    for outcome in load(package.folder).outcomes:
        changes = outcome.changes
        found = (changes.added, changes.revised, changes.confirmed, changes.unchanged)
        assert tuple(map(len, found)) == CHANGES[outcome.name]


def test_replay_equals_every_release(package: Package) -> None:
    load(package.folder)
    states = package.oracle().states
    assert [len(state) for state in states] == [8, 9, 11]
    for order, state in enumerate(states, start=1):
        assert cells(order) == expected(state)
    assert set(Observation.objects.current()) == set(Observation.objects.as_of(3))


def test_byte_order_marks_and_windows_line_ends_make_no_difference(package: Package) -> None:
    load(package.folder)
    before = everything()
    for file in FILES:
        if "spring" not in file:  # which has a line end within a cell
            package.write(file, b"\xef\xbb\xbf" + package.text(file).replace("\n", "\r\n").encode())
    assert [outcome.release for outcome in load(package.folder).outcomes] == [None] * 3
    assert everything() == before


def test_small_package_again_changes_nothing(package: Package) -> None:
    load(package.folder)
    before = everything()
    loaded = load(package.folder)
    assert [outcome.release for outcome in loaded.outcomes] == [None] * 3
    assert all((created, updated, kept) == (0, 0, 0) for created, updated, _, kept in counts(loaded).values())
    assert everything() == before


def test_new_release_is_added_to_those_in_force(package: Package) -> None:
    load(package.folder)
    package.append("releases.csv", "winter,4,2004-01-01,冬季,Winter")
    package.write(
        "observations/winter.csv", "indicator,region,year,value,status,source,locator,note\nshare,S,2000,0.5,A,alm,,\n"
    )
    package.describe({**PATHS, "observations-winter": "observations/winter.csv"})
    before = timezone.now()
    outcomes = load(package.folder).outcomes
    assert [outcome.release and outcome.release.order for outcome in outcomes] == [None, None, None, 4]
    assert before <= Release.objects.get(order=4).in_force_since <= timezone.now(), "it is not replayed: it is new here"
    assert cells(4) == expected(package.oracle().states[-1])


@pytest.mark.parametrize(
    ("file", "old", "new", "name", "key", "changed"),
    [
        ("units.csv", "‰", "per 1000", "units", "permille", {"symbol": "per 1000"}),
        ("units.csv", "persons,人", "persons,", "units", "head", {"symbol": None}),
        ("sources.csv", "2001-03", "2001", "sources", "alm", {"published_on": "2001"}),
        ("regions.csv", "N,1995,", "S,1995,2020", "regions", "Nb", {"parent_id": "S", "valid_to": 2020}),
        ("regions.csv", "-10.25", "10.25", "regions", "N", {"latitude": 10.25}),
        ("targets.csv", "-2.5", "0", "targets", "t1", {"value": 0.0}),
        ("indicators.csv", "2,decrease", "3,none", "indicators", "density", {"decimals": 3, "direction": "none"}),
        ("region_events.csv", "1995-07-01", "", "region_events", None, {"date": None}),
    ],
)
def test_changed_cell_updates_exactly_its_row(
    package: Package, file: str, old: str, new: str, name: str, key: str | None, changed: dict[str, Any]
) -> None:
    load(package.folder)
    before = {model: rows(model) for model in REFERENCE_MODELS}
    revision = Store.objects.get().reference_revision
    package.replace(file, old, new)
    loaded = load(package.folder)
    assert {table.name: table.updated for table in loaded.tables if table.updated} == {name: 1}
    assert not any(table.created or table.kept for table in loaded.tables)
    model = TABLES[name]
    primary_key = key or RegionEvent.objects.get().pk
    before[model][primary_key] |= changed
    assert {model: rows(model) for model in REFERENCE_MODELS} == before
    assert Store.objects.get().reference_revision > revision
    assert [outcome.release for outcome in loaded.outcomes] == [None] * 3


def rows(model: type[models.Model]) -> dict[Any, dict[str, Any]]:
    """Rows of a table by primary key."""
    return {row[model._meta.pk.attname]: row for row in model._default_manager.values()}


def test_row_that_the_package_lacks_is_kept(package: Package) -> None:
    load(package.folder)
    package.replace("measures.csv", "m1,build,measure,1,铺路,Pave roads,alm\n", "")
    loaded = load(package.folder)
    assert counts(loaded)["measures"] == (0, 0, 0, 1)
    assert TABLES["measures"]._default_manager.count() == 1


def test_code_that_stands_in_the_store_alone_may_be_referred_to(package: Package) -> None:
    load(package.folder)
    package.replace("units.csv", "head,人,persons,人\n", "")
    assert counts(load(package.folder))["units"] == (0, 0, 1, 1)


def test_release_with_other_figures_is_refused(package: Package) -> None:
    load(package.folder)
    before = everything()
    package.replace("observations/summer.csv", "-7.25", "-7.26")
    (fault,) = faults(package)
    assert fault.startswith("observations/summer.csv: release summer is in force with other figures and never changes")
    assert everything() == before


def test_figures_of_a_release_may_stand_in_another_order(package: Package) -> None:
    load(package.folder)
    header, *lines = package.text("observations/summer.csv").splitlines()
    package.write("observations/summer.csv", "\n".join((header, *reversed(lines))))
    assert [outcome.release for outcome in load(package.folder).outcomes] == [None] * 3


def test_figure_before_the_first_year_warns(package: Package) -> None:
    package.append("observations/summer.csv", "balance,Nb,1990,1,A,alm,,")
    assert list(map(str, load(package.folder).warnings)) == [
        "observations/summer.csv:7 [year]: warning: 1990 is before 1995, the first year of region Nb"
    ]
    assert ("balance", "Nb", 1990) in cells(2)


Told = list[tuple[int, str]]


def assert_told(found: list[str], file: str, told: Told) -> None:
    """The faults are these and no others: of the file, with line, and column or what else is said."""
    assert len(found) == len(told), found
    for fault, (line, part) in zip(found, told, strict=True):
        assert re.match(rf"{re.escape(file)}:{line}\b", fault), fault
        assert part in fault


#: what is wrong -> file, what is replaced by what, and the faults that are told
TABLE_FAULTS: dict[str, tuple[str, str, str, Told]] = {
    "misspelt reference": (
        "indicators.csv",
        "Density,head",
        "Density,haed",
        [(3, "[unit]: 'haed' is not a code of units; did you mean head?")],
    ),
    "dangling parent": ("regions.csv", "island,S", "island,X", [(8, "[parent]: 'X' is not a code of regions")]),
    "parent in another case": ("regions.csv", "island,S", "island,NB", [(8, "[parent]: 'NB' is not a code")]),
    "own parent": ("regions.csv", "state,LM,1900,,70", "state,N,1900,,70", [(3, "itself")]),
    "circle of three": (
        "regions.csv",
        "country,,1900",
        "country,Na,1900",
        [(2, "[parent]: region LM lies"), (3, "[parent]: region N lies"), (5, "[parent]: region Na lies")],
    ),
    "plan its own parent": ("plans.csv", "plan,,", "plan,P1,", [(2, "parent")]),
    "unknown level": (
        "regions.csv",
        "county,island",
        "conty,island",
        [(8, "[level]: 'conty' is not in the code list")],
    ),
    "unknown kind": ("region_events.csv", "recode", "flood", [(2, "[kind]: 'flood' is not in the code list")]),
    "unknown grade": ("sources.csv", "free,A", "free,D", [(2, "[reliability]: 'D' is not in the code list")]),
    "unknown direction": ("targets.csv", "increase", "none", [(2, "[direction]: 'none' is not in the code list")]),
    "empty name": ("units.csv", "permille,千分比", "permille,", [(3, "[name_zh]: is empty")]),
    "code twice": ("units.csv", "cny,元", "head,元", [(4, "'head' stands in line 2 already")]),
    "baseline in the year of the target": (
        "targets.csv",
        ",2005,1999,",
        ",2005,2005,",
        [(2, "baseline_year is not before")],
    ),
    "years reversed": ("regions.csv", "1900,1995", "1996,1995", [(7, "valid_to")]),
    "fraction for a year": (
        "regions.csv",
        "N,1995,",
        "N,1995.5,",
        [(6, "[valid_from]: '1995.5' is not a whole number")],
    ),
    "full-width year": ("regions.csv", "N,1995,", "N,１９９５,", [(6, "[valid_from]: '１９９５' is not a whole")]),
    "negative year": ("regions.csv", "N,1995,", "N,-1995,", [(6, "[valid_from]: ")]),
    "year of five digits": ("regions.csv", "N,1995,", "N,19955,", [(6, "valid_from")]),
    "year beyond a small integer": ("regions.csv", "N,1995,", "N,99999,", [(6, "valid_from")]),
    "latitude off the globe": ("regions.csv", "-10.25", "-91", [(3, "latitude")]),
    "latitude with exponent": ("regions.csv", "-10.25", "1e1", [(3, "[latitude]: '1e1' is not a decimal number")]),
    "target beyond the bound": ("targets.csv", ",-2.5,", ",2000000000000000,", [(2, "value")]),
    "infinite target": ("targets.csv", ",-2.5,", f",{'9' * 400},", [(2, "value")]),
    "infinite baseline": ("targets.csv", "-12.5", "9" * 400, [(2, "baseline_value")]),
    "target of percent": ("targets.csv", ",-2.5,", ",66%,", [(2, "[value]: '66%' is not a decimal number")]),
    "about, but at least": ("targets.csv", "false", "true", [(2, "approx")]),
    "neither true nor false": ("targets.csv", "false", "no", [(2, "[approximate]: 'no' is neither true nor false")]),
    "plan ends before it starts": ("plans.csv", "1999,2005", "2006,2005", [(2, "period_end")]),
    "no such day": ("region_events.csv", "1995-07-01", "1995-02-30", [(2, "[date]: '1995-02-30' is not a day")]),
    "compact day": ("region_events.csv", "1995-07-01", "19950701", [(2, "[date]: '19950701' is not a day")]),
    "no such month": ("sources.csv", "2001-03", "2001-13", [(2, "[published_on]: '2001-13' is not a year, a month")]),
    "overlong code": ("units.csv", "cny,", f"{'x' * 81},", [(4, "[code]: is longer than 80 characters")]),
    "line break": (
        "units.csv",
        ",yuan,",
        ',"yu\nan",',
        [(4, "[name_en]: has a line break, but this column is of one")],
    ),
    "column missing": ("units.csv", "name_zh,", "", [(1, "[name_zh]: column is missing")]),
    "column misspelt": (
        "sources.csv",
        "reliability",
        "reliabilty",
        [(1, "[reliability]: column is missing"), (1, "[reliabilty]: unknown column; did you mean reliability?")],
    ),
    "ragged row": ("units.csv", "yuan,", "yuan,,", [(4, "has 5 cells where the header has 4")]),
    "unbalanced quotes": (
        "units.csv",
        ",cny_symbol",
        ',"cny_symbol',
        [(4, "is not a CSV table: unexpected end of data")],
    ),
    "NUL": ("units.csv", "cny_symbol", "\0", [(4, "holds a NUL character")]),
}


@pytest.mark.parametrize("what", TABLE_FAULTS)
def test_fault_of_a_reference_table(package: Package, what: str) -> None:
    """It alone is told, and nothing is written."""
    package.append("units.csv", "cny,元,yuan,cny_symbol")
    file, old, new, told = TABLE_FAULTS[what]
    package.replace(file, old, new)
    before = everything()
    assert_told(faults(package), file, told)
    assert everything() == before


@pytest.mark.parametrize("file", [name for name in FILES if "/" not in name])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", None], ids=["empty", "not UTF-8", "not there"])
def test_file_that_is_no_table(package: Package, file: str, content: bytes | None) -> None:
    before = everything()
    if content is None:
        (package.folder / file).unlink()
    else:
        package.write(file, content)
    found = faults(package)
    assert all(fault.startswith(file) for fault in found), found
    assert file == "releases.csv" or everything() == before
    assert not Release.objects.exists()


def test_bad_cell_makes_no_faults_in_tables_that_refer_to_its_table(package: Package) -> None:
    package.replace("regions.csv", "island,S,1950", "island,S,195o")
    assert faults(package) == ["regions.csv:8 [valid_from]: '195o' is not a whole number"]


def test_faults_of_all_reference_tables_are_told_at_once(package: Package) -> None:
    before = everything()
    package.replace("units.csv", "permille,千分比", "permille,")
    package.append("units.csv", "rod,竿,rods,,,")
    package.replace("regions.csv", "county,island,S,1950", "moon,island,X,long ago")
    package.replace("targets.csv", "false", "no")
    package.replace("sources.csv", "2001-03", "March")
    found = [re.split(r"\]|: ", fault)[0] for fault in faults(package)]
    assert sorted(found) == [
        "regions.csv:8 [level",
        "regions.csv:8 [parent",
        "regions.csv:8 [valid_from",
        "sources.csv:2 [published_on",
        "targets.csv:2 [approximate",
        "units.csv:3 [name_zh",
        "units.csv:4",
    ]
    assert everything() == before


def test_circle_through_a_region_of_the_store_is_refused(package: Package) -> None:
    """N lies in Na, which the package lacks and which lies in N."""
    load(package.folder)
    before = everything()
    package.replace("regions.csv", "Na,北港,Northhaven,prefecture,city,N,1900,,,\n", "")
    package.replace("regions.csv", "state,LM,1900,,70.5", "state,Na,1900,,70.5")
    assert any(re.match(r"regions\.csv:3\b.*region N lies in itself", fault) for fault in faults(package))
    assert everything() == before


#: what is wrong -> line 7 of summer.csv, and what is told of it
FIGURE_FAULTS: dict[str, tuple[str, list[str]]] = {
    "unknown indicator": ("ballance,N,2001,1,A,alm,,", ["there is no indicator 'ballance'; did you mean balance?"]),
    "unknown region": ("balance,Northhavn,2001,1,A,alm,,", ["there is no region 'Northhavn'; did you mean N"]),
    "unknown source": ("balance,N,2001,1,A,almanac,,", ["[source]: there is no source 'almanac'; did you mean alm?"]),
    "unknown status": ("balance,N,2001,1,Z,alm,,", ["[status]: 'Z' is no status of CL_OBS_STATUS"]),
    "exponent": ("balance,N,2001,1e5,A,alm,,", ["[value]: '1e5' is not a decimal number"]),
    "thousands": ('balance,N,2001,"1,000",A,alm,,', ["[value]: '1,000' is not a decimal number"]),
    "percent": ("balance,N,2001,66%,A,alm,,", ["[value]: '66%' is not a decimal number"]),
    "full-width digits": ("balance,N,2001,６６,A,alm,,", ["[value]: '６６' is not a decimal number"]),
    "NaN": ("balance,N,2001,NaN,A,alm,,", ["[value]: 'NaN' is not a decimal number"]),
    "too many digits": ("balance,N,2001,0.12345678901234567,A,alm,,", ["[value]: '0.12345678901234567' has more"]),
    "beyond": ("balance,N,2001,2000000000000000,A,alm,,", ["[value]: '2000000000000000' is beyond"]),
    "year of two digits": ("balance,N,01,1,A,alm,,", ["[year]: '01' is not a year"]),
    "year below 1000": ("balance,N,0999,1,A,alm,,", ["[year]: '0999' is not a year"]),
    "year with fraction": ("balance,N,2001.5,1,A,alm,,", ["[year]: '2001.5' is not a year"]),
    "after the last year": ("balance,nb,1996,1,A,alm,,", ["[year]: 1996 is after 1995, the last year of region nb"]),
    "cell twice": ("balance,N,1999,1,A,alm,,", ["the same indicator, region and year stand in line 2"]),
    "no value": ("balance,N,2001,,A,alm,,", ["[status]: no value, but status A"]),
    "value missing": ("balance,N,2001,1,L,alm,,", ["[value]: a value, but status L"]),
    "no source": ("balance,N,2001,1,A,,,", ["[source]: a value needs the code of its source"]),
    "ragged": ("balance,N,2001,1,A,alm", ["has 6 cells where the header has 8"]),
    "quote": ('balance,N,2001,1,A,alm,,"', ["is not a CSV table"]),
    "NUL": ("balance,N,2001,1,A,alm,,\0", ["holds a NUL character"]),
    "two codes": ("x1,y1,2001,1,A,alm,,", ["there is no indicator 'x1'", "there is no region 'y1'"]),
    "number and code": ("x1,N,2001,1e5,A,alm,,", ["there is no indicator 'x1'", "[value]: '1e5' is not"]),
}


@pytest.mark.parametrize("what", FIGURE_FAULTS)
def test_fault_of_a_figure(package: Package, what: str) -> None:
    """It is told by file, line and column, and no release is written, not even the one before."""
    line, told = FIGURE_FAULTS[what]
    package.append("observations/summer.csv", line)
    found = sorted(faults(package), key=lambda fault: fault.split(" [")[-1])
    assert_told(found, "observations/summer.csv", [(7, part) for part in told])
    assert not Release.objects.exists()
    assert not Observation.objects.exists()


def test_faults_of_all_observation_files_are_told_at_once(package: Package) -> None:
    package.append("observations/spring.csv", "balance,N,2001,1e5,A,alm,,")
    package.replace("observations/summer.csv", "-0.4,A", "-0.4,Q")
    package.append("observations/summer.csv", "balance,LM")
    package.append("observations/summer.csv", "balance,Q,2001,1,A,alm,,")
    package.replace("observations/autumn.csv", "status,", "")
    assert sorted(fault.split(": ")[0] for fault in faults(package)) == [
        "observations/autumn.csv:1 [status]",
        "observations/spring.csv:11 [value]",
        "observations/summer.csv:2 [value]",
        "observations/summer.csv:7",
        "observations/summer.csv:8 [region]",
    ]
    assert not Release.objects.exists()


#: what is wrong -> what is replaced by what in releases.csv, and the lines that are told
RELEASE_FAULTS: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "order is a word": ("summer,2", "summer,second", (2,)),
    "order is empty": ("summer,2", "summer,", (2,)),
    "order in full-width digits": ("summer,2", "summer,２", (2,)),
    "order zero": ("summer,2", "summer,0", (2,)),
    "order twice": ("autumn,3", "autumn,2", (4,)),
    "no such day": ("2002-07-01", "2002-06-31", (2,)),
    "day of another form": ("2002-07-01", "1.7.2002", (2,)),
    "compact day": ("2002-07-01", "20020701", (2,)),
    "week for a day": ("2002-07-01", "2002-W27-1", (2,)),
    "date is empty": ("2002-07-01", "", (2,)),
    "title is empty": ("夏季", "", (2,)),
    "name is empty": ("summer,", ",", (2,)),
    "name of another": ("autumn,", "summer,", (4,)),
    "ragged row": ("夏季,", "夏季,,", (2,)),
    "column misspelt": (",date", ",day", (1, 1)),
    "two at once": ("2,2002-07-01,夏季,Summer\nspring,1", "x,2002-07-01,夏季,Summer\nspring,y", (2, 3)),
}


@pytest.mark.parametrize("what", RELEASE_FAULTS)
def test_fault_of_an_announcement(package: Package, what: str) -> None:
    old, new, lines = RELEASE_FAULTS[what]
    package.replace("releases.csv", old, new)
    assert_told(faults(package), "releases.csv", [(line, "") for line in lines])
    assert not Release.objects.exists()


@pytest.mark.parametrize("day", ["2000-07-01", "2001-03-31", "2001-04-01", "2003-10-01"])
def test_dates_against_the_order_are_refused_before_the_first_release(package: Package, day: str) -> None:
    package.replace("releases.csv", "2002-07-01", day)
    (fault,) = faults(package)
    assert re.match(r"releases\.csv:[24]\b", fault)
    assert not Release.objects.exists(), "a part of the releases came into force"


def test_release_older_than_those_in_force_is_refused_before_the_first(package: Package) -> None:
    """Of two new releases the second is dated before the last in force: the first does not come in alone."""
    load(package.folder)
    for name, order, day in (("winter", 4, "2004-01-01"), ("older", 5, "2003-10-01")):
        package.append("releases.csv", f"{name},{order},{day},季,Season")
        package.write(f"observations/{name}.csv", FILES["observations/summer.csv"])
    package.describe(PATHS | {f"observations-{name}": f"observations/{name}.csv" for name in ("winter", "older")})
    (fault,) = faults(package)
    assert fault.startswith("releases.csv:6")
    assert Release.objects.count() == 3


@pytest.mark.parametrize("name", ["latest", "x" * 81])
def test_release_name_that_the_store_cannot_hold(package: Package, name: str) -> None:
    package.describe({**PATHS, f"observations-{name}": "observations/summer.csv"})
    package.replace("releases.csv", "summer,", f"{name},")
    (fault,) = faults(package)
    assert fault.startswith("releases.csv:2")
    assert not Release.objects.exists()


@pytest.mark.parametrize("path", ["../units.csv", "/etc/passwd", "observations/../../units.csv", "away/units.csv"])
def test_path_that_leads_out_of_the_package(package: Package, path: str) -> None:
    outside = package.folder.parent / "outside"
    outside.mkdir()
    for folder in (package.folder.parent, outside):
        (folder / "units.csv").write_text(FILES["units.csv"], encoding="utf-8")
    (package.folder / "away").symlink_to(outside)
    package.describe({**PATHS, "units": path})
    assert faults(package) == [f"datapackage.json [units]: path {path!r} leads out of the package"]
    assert not Unit.objects.exists()


def test_missing_resources_are_told_at_once(package: Package) -> None:
    package.describe({name: path for name, path in PATHS.items() if name not in {"units", "targets", "releases"}})
    assert faults(package) == [
        f"datapackage.json: has no resource {name!r}" for name in ("units", "targets", "releases")
    ]
    assert not Region.objects.exists()


def test_missing_observations_are_told_at_once(package: Package) -> None:
    gone = {"observations-spring", "observations-autumn"}
    package.describe({name: path for name, path in PATHS.items() if name not in gone})
    assert faults(package) == [
        f"datapackage.json: has no resource 'observations-{name}', which releases.csv calls for"
        for name in ("spring", "autumn")
    ]
    assert not Release.objects.exists()


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "{}", '{"resources": {}}', '{"resources": [{"name": "units"}]}', '{"resources": [1]}', b"\xff"],
)
def test_description_that_is_none(package: Package, content: str | bytes) -> None:
    package.write("datapackage.json", content)
    (fault, *more) = faults(package)
    assert "datapackage.json" in fault
    assert not more or content == '{"resources": {}}'


@pytest.mark.parametrize("path", ["[]", '["units.csv"]', "1", "null", '"a\\u0000b.csv"'])
def test_path_that_is_none(package: Package, path: str) -> None:
    package.replace("datapackage.json", '"units.csv"', path)
    assert all("units" in fault for fault in faults(package))
    assert not Unit.objects.exists()


def test_description_that_is_not_there(package: Package) -> None:
    (package.folder / "datapackage.json").unlink()
    (fault,) = faults(package)
    assert "No such file or directory" in fault
    assert "a package is a folder with a datapackage.json" in fault


def told(package: Package, *arguments: str) -> tuple[list[str], list[str]]:
    """What the command prints when it loads a package: lines of stdout and of stderr."""
    out, err = StringIO(), StringIO()
    try:
        call_command("load", str(package.folder), *arguments, stdout=out, stderr=err, no_color=True)
    except CommandError as error:
        assert error.returncode == 1  # noqa: PT017 (a command that succeeds is told of too)
        err.write(str(error))
    return out.getvalue().splitlines(), err.getvalue().splitlines()


def test_command_tells_what_it_did(package: Package, capsys: pytest.CaptureFixture[str]) -> None:
    package.append("observations/summer.csv", "balance,Nb,1990,1,A,alm,,")
    out, err = told(package)
    assert err == []
    assert out[:11] == [
        "reference tables: 10 of 10",
        "checking: 3 of 3",
        "comparing release spring: 8 of 8",
        "release spring: 8 of 8",
        "files of release spring: 2 of 2",
        "comparing release summer: 6 of 6",
        "release summer: 8 of 8",
        "files of release summer: 2 of 2",
        "comparing release autumn: 6 of 6",
        "release autumn: 8 of 8",
        "files of release autumn: 2 of 2",
    ]
    assert "warning: 1990 is before 1995" in out[11]
    assert "regions: 7 created, 0 updated, 0 unchanged" in out
    assert out[-3:] == [
        "release spring: 8 added, 0 revised, 0 confirmed, 0 withdrawn, 0 unchanged",
        "release summer: 2 added, 2 revised, 1 confirmed, 0 withdrawn, 1 unchanged",
        "release autumn: 2 added, 2 revised, 1 confirmed, 0 withdrawn, 1 unchanged",
    ]
    assert capsys.readouterr() == ("", "")


def test_command_tells_that_nothing_changed(package: Package) -> None:
    load(package.folder)
    package.replace("measures.csv", "m1,build,measure,1,铺路,Pave roads,alm\n", "")
    out, err = told(package)
    assert err == []
    assert "measures: 0 created, 0 updated, 0 unchanged, 1 in the store only" in out
    assert out[-1] == "release autumn: in force already, with the same figures"


def edited(package: Package) -> None:
    """Load the package, then change it: rows of three tables and a release more."""
    load(package.folder)
    package.replace(
        "regions.csv", "N,北州,North,province,state,LM,1900,,70.5,-10.25", "N,北州,Norð,province,state,LM,1901,,,-10.25"
    )
    package.append("units.csv", "pair,对,pairs,")
    package.append("region_events.csv", "1999,,transfer,N,S,北州,南州")
    package.append("releases.csv", "winter,4,2004-12-01,冬季,Winter")
    package.write("observations/winter.csv", "indicator,region,year,value,status,source\nbalance,N,1999,5,A,alm\n")
    package.describe(PATHS | {"observations-winter": "observations/winter.csv"})


EDITED = [
    "units: 1 created, 0 updated, 2 unchanged",
    "  created: pair",
    "regions: 0 created, 1 updated, 6 unchanged",
    "  updated: N: name_en 'North' -> 'Norð'; valid_from 1900 -> 1901; longitude 70.5 -> nothing",
    "region_events: 1 created, 0 updated, 1 unchanged",
    "  created: 1999 transfer N S",
    "release winter: 0 added, 1 revised, 0 confirmed, 0 withdrawn, 0 unchanged",
]


def everything_stored() -> list[Any]:
    """All rows of all tables, and the revision."""
    models = (*REFERENCE_MODELS, Release, Observation, Store)
    return [sorted(model._default_manager.values_list(), key=repr) for model in models]


def test_command_tells_which_rows_changed(package: Package) -> None:
    edited(package)
    out, err = told(package)
    assert err == []
    assert [line for line in EDITED if line not in out] == []


def test_dry_run_tells_the_same_and_writes_nothing(package: Package) -> None:
    edited(package)
    before = everything_stored()
    out, err = told(package, "--dry-run")
    assert err == []
    assert out[-1] == "Dry run: nothing was written."
    assert everything_stored() == before
    again, _ = told(package)
    assert [line for line in again if not line.startswith("files of")] == out[:-1]
    assert everything_stored() != before


def test_dry_run_of_the_first_load_compares_each_release_with_those_before(package: Package) -> None:
    out, _ = told(package, "--dry-run")
    assert "release autumn: 2 added, 2 revised, 1 confirmed, 0 withdrawn, 1 unchanged" in out
    assert (Release.objects.count(), Unit.objects.count()) == (0, 0)
    package.append("observations/autumn.csv", "balance,Q,2001,1,A,alm,,")
    _, err = told(package, "--dry-run")
    assert "there is no region 'Q'" in err[0]
    assert Unit.objects.count() == 0


def test_report_for_programs(package: Package) -> None:
    edited(package)
    out, _ = told(package, "--json", "--dry-run")
    (line,) = out
    report = json.loads(line)
    assert report["state"] == "planned"
    changed = {"name_en": ["North", "Norð"], "valid_from": [1900, 1901], "longitude": [70.5, None]}
    assert report["tables"]["regions"] == {
        "created": [], "updated": [{"row": "N", "columns": changed}], "unchanged": 6, "kept": 0,
    }  # fmt: skip
    assert report["releases"][-1] == {
        "release": "winter", "state": "published", "added": 0, "revised": 1, "confirmed": 0, "withdrawn": 0,
        "unchanged": 0,
    }  # fmt: skip
    package.append("observations/autumn.csv", "balance,Q,2001,1,A,alm,,")
    refused = json.loads(told(package, "--json")[0][0])
    assert (refused["state"], refused["faults"][0]["line"]) == ("refused", 8)


def test_many_rows_are_counted_unless_all_are_asked_for(package: Package) -> None:
    load(package.folder)
    for number in range(12):
        package.append("units.csv", f"u{number:02},单位,unit,")
    assert "  created: u00, u01, u02, u03, u04, u05, u06, u07, u08, u09 and 2 more" in told(package, "--dry-run")[0]
    every = f"  created: {', '.join(f'u{number:02}' for number in range(12))}"
    assert every in told(package, "--verbosity", "2")[0]
    for number in range(12):
        package.replace("units.csv", f"u{number:02},单位,unit,", f"u{number:02},单位,{'long ' * 20},")
    out, _ = told(package, "--dry-run")
    shown = [line for line in out if line.startswith("  updated: u")]
    assert len(shown) == 10
    assert shown[0] == f"  updated: u00: name_en 'unit' -> '{('long ' * 20)[:58]}…"
    assert "  updated: 2 more; --verbosity 2 lists all" in out


def test_command_leaves_a_store_that_holds_a_release_alone(package: Package) -> None:
    first, again = StringIO(), StringIO()
    call_command("load", str(package.folder), "--if-empty", stdout=first)
    assert "release autumn: 2 added" in first.getvalue()
    Unit.objects.filter(code="head").update(name_en="heads")
    call_command("load", str(package.folder), "--if-empty", stdout=again)
    assert again.getvalue() == "Nothing to do: release autumn is in force.\n"
    assert Unit.objects.get(code="head").name_en == "heads"


def test_command_tells_faults_on_stderr(package: Package) -> None:
    package.append("observations/summer.csv", "balance,N,2001,1e5,A,alm,,")
    package.append("observations/summer.csv", "balance,Nb,1990,1,A,alm,,")
    out, err = told(package)
    assert err[0].startswith("observations/summer.csv:7 [value]: '1e5' is not a decimal number")
    assert err[1].startswith("observations/summer.csv:8 [year]: warning: ")
    assert "mend the lines above and load it again" in err[-1]
    assert not any("release" in line for line in out)


def test_command_counts_the_faults_it_does_not_list(package: Package) -> None:
    for _ in range(250):
        package.append("observations/summer.csv", "balance,N,2001,1e5,A,alm,,")
    _, err = told(package)
    assert len(err) == 202
    assert err[200] == "… and 50 more"
    assert "250 faults" in err[201]


@dataclass(frozen=True)
class OwnDatabase:
    """A database that processes of their own may write: what they commit stays out of the other tests."""

    url: str

    def start(self, *arguments: str, **streams: Any) -> subprocess.Popen[str]:
        """Start a Python process on this database."""
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [sys.executable, "-u", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": self.url,
                "FILES_ROOT": files_of(self.url),
                "DJANGO_SETTINGS_MODULE": "urbanapi.settings",
            },
            text=True,
            **pipes | streams,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, stdout and stderr of a Python process on this database."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        return process.returncode, out, err

    def load(self, package: Package) -> tuple[int, str, str]:
        return self.run("manage.py", "load", str(package.folder))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows, read without any of our code."""
        if self.url.startswith("sqlite"):
            with sqlite3.connect(urlsplit(self.url).path) as database:
                return database.execute(sql).fetchall()
        import psycopg

        with psycopg.connect(self.url) as server:
            return server.execute(sql).fetchall()

    def releases(self) -> list[str]:
        """Names of the releases; the one in force is the last of them, with all its rows in force."""
        names = [name for (name,) in self.query('SELECT name FROM indicators_release ORDER BY "order"')]
        assert self.query("SELECT release_id FROM indicators_store") == [(len(names) or None,)]
        return names

    def in_force(self) -> set[tuple[Any, ...]]:
        """Keys, values and releases of the rows in force."""
        rows = self.query(
            "SELECT indicator_id, region_id, year, value, name FROM indicators_observation "
            'JOIN indicators_release r ON r."order" = release_id WHERE superseded_by_id IS NULL'
        )
        return set(rows)


def state(oracle: Oracle, order: int) -> set[tuple[Any, ...]]:
    """What `OwnDatabase.in_force` must give after a release."""
    return {
        (*key, None if row["value"] is None else float(row["value"]), row["release"])
        for key, row in oracle.states[order - 1].items()
    }


@contextmanager
def postgresql(name: str, template: str = "template0") -> Iterator[OwnDatabase]:
    """A database on the server of the tests, dropped at the end."""
    import psycopg

    url = urlsplit(os.environ["TEST_DATABASE_URL"])
    name = f"urbanapi_{os.getpid()}_{name}"  # its own for each worker of xdist
    with psycopg.connect(url._replace(path="/postgres").geturl(), autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        own = OwnDatabase(url._replace(path=f"/{name}").geturl())
        try:
            yield own
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
            shutil.rmtree(files_of(own.url), ignore_errors=True)  # the next one may have the same name


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    """An empty database, migrated once."""
    folder = tmp_path_factory.mktemp("migrated")
    with nullcontext(OwnDatabase(f"sqlite:///{folder}/own.sqlite3")) if SQLITE else postgresql("migrated") as database:
        assert database.run("manage.py", "migrate", "--verbosity", "0") == (0, "", "")
        yield database


@contextmanager
def copied(database: OwnDatabase, folder: Path) -> Iterator[OwnDatabase]:
    """A copy of a database that nobody is connected to, and of its files."""
    if SQLITE:
        shutil.copy(urlsplit(database.url).path, folder / "own.sqlite3")
        yield _with_files(database, OwnDatabase(f"sqlite:///{folder}/own.sqlite3"))
        return
    with postgresql(f"own_{folder.name}".lower(), urlsplit(database.url).path.removeprefix("/")) as copy:
        yield _with_files(database, copy)


def _with_files(database: OwnDatabase, copy: OwnDatabase) -> OwnDatabase:
    before, after = (Path(files_of(one.url)) for one in (database, copy))
    shutil.rmtree(after, ignore_errors=True)
    if before.is_dir():
        shutil.copytree(before, after)
    return copy


@pytest.fixture
def own(migrated: OwnDatabase, tmp_path: Path) -> Iterator[OwnDatabase]:
    """A copy of the migrated database."""
    with copied(migrated, tmp_path) as copy:
        yield copy


@pytest.fixture
def files(tmp_path: Path) -> Package:
    """The small package on disk, for databases that are empty anyway."""
    return Package(tmp_path / "package")


def test_process_loads_and_exits_with_0(own: OwnDatabase, files: Package) -> None:
    code, out, err = own.load(files)
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == ["reference tables: 10 of 10", "checking: 3 of 3"]
    assert "\r" not in out
    assert own.releases() == ["spring", "summer", "autumn"]
    assert own.in_force() == state(files.oracle(), 3)


def test_process_with_a_bad_package_exits_with_1(own: OwnDatabase, files: Package) -> None:
    files.append("observations/autumn.csv", "balance,N,2001,1e5,A,alm,,")
    files.append("observations/summer.csv", "balance,Q,2001,1,A,alm,,")
    code, out, err = own.load(files)
    assert code == 1
    assert "release" not in out
    assert "observations/autumn.csv:8 [value]: '1e5' is not a decimal number" in err
    assert "observations/summer.csv:7 [region]: there is no region 'Q'" in err
    assert "Traceback" not in err
    assert own.releases() == []


def test_process_without_a_database_exits_with_3(files: Package, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/no/folder/x.sqlite3" if SQLITE else "postgres://postgres@127.0.0.1:1/x"
    code, _, err = OwnDatabase(nowhere).load(files)
    assert code == 3
    assert "Traceback" not in err
    assert "does not answer" in err


def test_process_on_a_terminal_shows_a_bar(own: OwnDatabase, files: Package) -> None:
    terminal, end = pty.openpty()
    termios.tcsetwinsize(end, (24, 100))
    process = own.start("manage.py", "load", str(files.folder), stderr=end)
    out, _ = process.communicate(timeout=60)
    os.close(end)
    shown = os.read(terminal, 100_000).decode()
    os.close(terminal)
    assert process.returncode == 0
    assert "reference tables: 100%" in shown
    assert "release summer: 100%" in shown
    assert "checking: 3 of 3" not in out


#: A load that does something when `summer` has come so far: 3 rows are closed, then 4 rows written.
INTERRUPTED = """
import os, signal, sys
from pathlib import Path
import django
django.setup()
from django.db import connection
from indicators.publishing.package import load

def show(step, done, total):
    if step == "{step}" and done == {done}:
        {action}

load(Path(sys.argv[1]), show)
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
LOSE = "connection.cursor().execute(\"DELETE FROM indicators_indicator WHERE code = 'share'\")"


@pytest.mark.parametrize(
    ("step", "done", "action", "code"),
    [
        ("release summer", 3, KILL, -signal.SIGKILL),
        ("release summer", 7, KILL, -signal.SIGKILL),
        ("files of release summer", 2, KILL, -signal.SIGKILL),
        ("files of release summer", 2, LOSE, 1),
    ],
    ids=["killed after closing", "killed after writing", "killed with files", "foreign key fails at the commit"],
)
def test_interrupted_release_leaves_the_one_before(
    own: OwnDatabase, files: Package, step: str, done: int, action: str, code: int
) -> None:
    """Readers see the release before, whole; the next run goes on where this one stopped."""
    exit_code, _, err = own.run("-c", INTERRUPTED.format(step=step, done=done, action=action), str(files.folder))
    assert exit_code == code, err
    assert ("IntegrityError" in err) == (action == LOSE)
    assert own.releases() == ["spring"]
    assert own.in_force() == state(files.oracle(), 1)
    assert own.query("SELECT count(*) FROM indicators_observation") == [(8,)]
    assert own.load(files)[0] == 0
    assert own.releases() == ["spring", "summer", "autumn"]
    assert own.in_force() == state(files.oracle(), 3)


#: A load that waits inside its transaction until a line comes in.
WAITING = """
import sys
from pathlib import Path
import django
django.setup()
from indicators.publishing.package import load

def show(step, done, total):
    if step == {step!r} and done == total:
        print("waiting")
        sys.stdin.readline()

load(Path(sys.argv[1]), show)
"""


@pytest.mark.parametrize(("step", "committed"), [("reference tables", 0), ("release summer", 1)])
def test_two_loads_at_once_queue_up(own: OwnDatabase, files: Package, step: str, committed: int) -> None:
    """Readers see what is committed meanwhile; both loads succeed, and the second finds everything done."""
    first = own.start("-c", WAITING.format(step=step), str(files.folder))
    assert first.stdout is not None
    assert first.stdout.readline() == "waiting\n"
    second = own.start("manage.py", "load", str(files.folder))
    time.sleep(2)  # for the second to run into the first
    assert second.poll() is None, second.communicate()
    assert own.releases() == ["spring", "summer", "autumn"][:committed]
    assert own.in_force() == (state(files.oracle(), committed) if committed else set())
    assert first.communicate("\n", timeout=60)[1] == ""
    _, err = second.communicate(timeout=60)
    assert (first.returncode, second.returncode, err) == (0, 0, "")
    assert own.releases() == ["spring", "summer", "autumn"]
    assert own.in_force() == state(files.oracle(), 3)
