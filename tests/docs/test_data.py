"""Every number in docs/data.md and its translation is that of the pack, counted anew in plain Python."""

import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.docs.documents import paragraphs, tables
from tests.oracle import Oracle, table

DOCUMENTS = (Path("docs/data.md"), Path("docs/data.zh.md"))
PACK = Oracle.of_pack()
CELLS = PACK.as_of(None)
SOURCES = table("sources")
INDICATORS = table("indicators")
SHANDONG = "370000"
#: The columns of text, which differ between the languages, are None.
Expected = list[list[str | None]]


def value(indicator: str, region: str, year: int, day: str) -> str:
    """A figure as it was known on a day, without the zeros that a table pads it with."""
    row = PACK.as_of(day).get((indicator, region, year))
    text = row["value"] if row else "–"
    return text.rstrip("0").rstrip(".") if "." in text else text


def grade(row: dict[str, Any]) -> str | None:
    return PACK.sources[row["source"]]["reliability"] if row["source"] else None


def datasets() -> Expected:
    rows: Expected = []
    for dataset in table("datasets"):
        names = {row["code"] for row in INDICATORS if row["dataset"] == dataset["code"]}
        held = [key for key in CELLS if key[0] in names]
        years = [year for *_, year in held]
        counts = (len(names), len({key[0] for key in held}), len(held), len({key[1] for key in held}))
        rows.append([dataset["code"], None, *(f"{n:,}" for n in counts), f"{min(years)}–{max(years)}"])
    return rows


def grades() -> Expected:
    sources, cells = Counter(row["reliability"] for row in SOURCES), Counter(map(grade, CELLS.values()))
    return [[name, None, f"{sources[name]:,}", f"{cells[name]:,}"] for name in "ABC"]


def statuses() -> Expected:
    counts = Counter(row["status"] for row in CELLS.values())
    assert set(counts) == set("ABEPFUL")
    return [[name, None, f"{counts[name]:,}"] for name in "ABEPFUL"]


def releases() -> Expected:
    rows: Expected = []
    before: dict[Any, Any] = {}
    for release, state in zip(PACK.releases, PACK.states, strict=True):
        name = release["name"]
        fresh = {key: row for key, row in state.items() if row["release"] == name}
        new = len(fresh.keys() - before.keys())
        same = sum(row["value"] == before[key]["value"] for key, row in fresh.items() if key in before)
        counts = (len(fresh), new, len(fresh) - new - same, same, len(state))
        rows.append([name, release["date"], *(f"{n:,}" for n in counts)])
        before = state
    return rows


def accounts() -> Expected:
    days = ("2018-12-31", "2022-01-26", "2026-05-31")
    years = (2004, 2005, 2006, 2017, 2018)
    return [[str(year), *(value("grp", SHANDONG, year, day) for day in days)] for year in years]


def revision() -> Expected:
    rows: Expected = []
    for year in range(2011, 2020):
        then, now = (value("urbanization_rate", SHANDONG, year, day) for day in ("2021-06-30", "2022-01-26"))
        rows.append([str(year), then, now, f"{Decimal(now) - Decimal(then):.2f}"])
    return rows


def missing() -> Expected:
    cells = sorted(key for key, row in CELLS.items() if row["value"] is None)
    assert {region for _, region, _ in cells} == {SHANDONG}
    years = {name: [str(year) for other, _, year in cells if other == name] for name, _, _ in cells}
    return [[name, str(len(found)), ", ".join(found)] for name, found in years.items()]


def events() -> Expected:
    kinds = ("rename", "recode", "upgrade", "merge", "split", "split_off", "transfer")
    counts = Counter(row["kind"] for row in table("region_events"))
    assert set(counts) == set(kinds)
    return [[kind, None, str(counts[kind])] for kind in kinds]


def targets() -> Expected:
    chosen = [t for t in table("targets") if t["indicator"] == "urbanization_rate" and t["statistic"] == "level"]
    assert all(t["region"] == SHANDONG and t["comparator"] in ("ge", "approx") for t in chosen)
    return [[t["code"], t["plan"], t["year"], t["value"]] for t in chosen]


EXPECTED = (datasets, grades, statuses, releases, accounts, revision, missing, events, targets)


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
@pytest.mark.parametrize("place", range(len(EXPECTED)), ids=[expected.__name__ for expected in EXPECTED])
def test_table_is_that_of_the_pack(path: Path, place: int) -> None:
    shown = list(tables(path).values())
    assert len(shown) == len(EXPECTED)
    rows, expected = shown[place][1:], EXPECTED[place]()
    if EXPECTED[place] is targets:  # by year; the wording around the number differs between the languages
        rows = sorted([*row[:3], "".join(re.findall(r"\d+", row[3]))] for row in rows)
        expected = sorted(expected)
    assert len(rows) == len(expected)
    for row, wanted in zip(rows, expected, strict=True):
        assert [cell if text is not None else None for cell, text in zip(row, wanted, strict=True)] == wanted
        assert all(row)


def counted() -> dict[str, str]:
    """What the text around the tables says in numbers."""
    statuses_of = Counter((row["indicator"], row["status"]) for row in CELLS.values())
    levels = Counter(PACK.regions[region]["level"] for _, region, _ in CELLS)
    values: dict[Any, set[str]] = {}
    for state in PACK.states:
        for key, row in state.items():
            values.setdefault(key, set()).add(row["value"] and f"{float(row['value'])}")
    held = {indicator for indicator, _, _ in CELLS}
    old, current = (
        [Decimal(value("grp", SHANDONG, y, day)) for y in (2004, 2005)] for day in ("2018-12-31", "2026-05-31")
    )
    numbers = {
        "cells": len(CELLS),
        "with a value": sum(row["value"] is not None for row in CELLS.values()),
        **{level: levels[level] for level in ("country", "province", "prefecture", "county")},
        "without a source": sum(row["source"] is None for row in CELLS.values()),
        "read through copies": sum("secondary copy" in row["licence"] + row["note"] for row in SOURCES),
        "sources": len(SOURCES),
        "releases": len(PACK.releases),
        "urbanization rates of low reliability": statuses_of["urbanization_rate", "U"],
        "computed shares of the census": statuses_of["urbanization_rate_census", "E"],
        "vintages": sum(len(table(f"observations/{release['name']}")) for release in PACK.releases),
        "cells revised": sum(len(found) > 1 for found in values.values()),
        "provinces with a break of GRP": sum(
            row["status"] == "B" for k, row in CELLS.items() if k[::2] == ("grp", 2005)
        ),
        "breaks of territory": sum("territory" in (r["note"] or "") for r in CELLS.values() if r["status"] == "B"),
        "indicators without figures": len(INDICATORS) - len(held),
    }
    return {name: f"{number:,}" for name, number in numbers.items()} | {
        "growth in the old state": f"{(old[1] / old[0] - 1) * 100:.1f}",
        "growth across the break": f"{(current[1] / current[0] - 1) * 100:.1f}",
        "country 2019, then": value("urbanization_rate", "000000", 2019, "2021-06-30"),
        "country 2019, now": value("urbanization_rate", "000000", 2019, "2022-01-26"),
        "Shandong 2020": value("urbanization_rate", SHANDONG, 2020, "2021-06-30"),
        "Shandong 2020, census": value("urbanization_rate_census", SHANDONG, 2020, "2026-05-31"),
    }


#: Numbers in the text that count nothing: licence version, 0 for a missing value, the base unit of GRP.
NO_COUNTS = {"4.0", "0", "100"}


@pytest.mark.parametrize("path", DOCUMENTS, ids=str)
def test_numbers_in_the_text_are_those_of_the_pack(path: Path) -> None:
    in_tables = {cell for rows in tables(path).values() for row in rows for cell in row}
    plain = [p.text for p in paragraphs(path) if p.text not in in_tables]
    text = re.sub("|".join(re.escape(c) for p in paragraphs(path) for c in p.codes), " ", " ".join(plain))
    text = re.sub(r"\d{4}-\d\d(-\d\d|-[a-z]\S*)?|\d{1,2} (January|May|November|December)|\d+ (月|日|年)", " ", text)
    found = {n for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text) if not re.fullmatch(r"(19|20)\d\d|370000", n)}
    assert found - NO_COUNTS == set(counted().values())
