"""Rows in force as columns are those that plain Python replays, whatever their texts hold."""

from pathlib import Path
from typing import Any

import pyarrow
import pytest

from indicators.models import Observation, Store
from indicators.publishing import standing
from indicators.publishing.figures import Figure, Figures
from indicators.publishing.package import load
from indicators.publishing.snapshot import SCHEMA, in_force, series_in_force
from indicators.publishing.standing import Standing
from tests.oracle import Oracle
from tests.packages import Package, empty_the_store
from tests.questions import NAMES, ORACLE

pytestmark = pytest.mark.django_db


def plain(table: pyarrow.Table, names: list[str]) -> list[tuple[Any, ...]]:
    """The rows, with names of releases."""
    assert table.schema.equals(SCHEMA)
    columns = [table[name].to_pylist() for name in SCHEMA.names]
    columns[-1] = [names[order - 1] for order in columns[-1]]
    return list(zip(*columns, strict=True))


def replayed(oracle: Oracle, order: int, indicators: set[str]) -> list[tuple[Any, ...]]:
    rows = [row for key, row in sorted(oracle.states[order - 1].items()) if key[0] in indicators]
    return [
        tuple(
            None if row[name] is None else float(row[name]) if name == "value" else row[name] for name in SCHEMA.names
        )
        for row in rows
    ]


@pytest.mark.parametrize("order", range(1, len(NAMES) + 1))
def test_every_release_of_the_pack(order: int) -> None:
    every = set(ORACLE.indicators)
    assert plain(in_force(sorted(every, reverse=True), order), NAMES) == replayed(ORACLE, order, every)
    some = {code for code, row in ORACLE.indicators.items() if row["dataset"] == "urbanization"}
    assert plain(in_force([*some, *some], order), NAMES) == replayed(ORACLE, order, some)


@pytest.mark.parametrize("order", range(1, len(NAMES) + 1))
def test_series_of_every_release_of_the_pack(order: int) -> None:
    every = sorted({key[:2] for key in ORACLE.states[-1]})
    for some in (every, every[::7], every[:1], [("grp", "nowhere")]):
        rows = [row for row in replayed(ORACLE, order, set(ORACLE.indicators)) if row[:2] in set(some)]
        assert plain(series_in_force([*reversed(some), *some], order), NAMES) == rows


def test_what_stands_beside_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their own series while these are few, else their indicators: what is beside a figure is the same."""
    known = replayed(ORACLE, len(NAMES), set(ORACLE.indicators))
    some = Figures.of(Figure(1, *row[:8]) for row in known[::50])
    series, codes = {row[:2] for row in known[::50]}, {row[0] for row in known[::50]}
    narrow = Standing(len(NAMES)).beside(some)
    assert [figure.key for figure in narrow] == [row[:3] for row in known if row[:2] in series]
    monkeypatch.setattr(standing, "_SERIES", len(series) - 1)
    read: list[int] = []
    wide = Standing(len(NAMES)).beside(some, read.append)
    assert [figure.key for figure in wide] == [row[:3] for row in known if row[0] in codes]
    assert read[-1] == len(codes)
    assert len(narrow) < len(wide)
    assert list(Standing(len(NAMES)).beside(Figures.of(()))) == []


def test_nothing() -> None:
    assert plain(in_force([], 6), NAMES) == []
    assert plain(series_in_force([], 6), NAMES) == []
    assert plain(in_force(["grp"], 0), NAMES) == []


TEXTS = (
    "",
    " ",
    '"',
    '""',
    "a,b",
    "one\r\ntwo",
    "lone\rreturn",
    "\\N",
    "\\",
    "null",
    "=1+1",
    "表 1-2",
    "é\u2028\U0001f3d9",
)


def test_texts_and_numbers_come_back_as_they_are(tmp_path: Path) -> None:
    empty_the_store()
    package = Package(tmp_path)
    load(package.folder)
    oracle, names = package.oracle(), ["spring", "summer", "autumn"]
    for order in (1, 2, 3):
        assert plain(in_force(["share", "balance", "density"], order), names) == replayed(
            oracle, order, {"share", "balance", "density"}
        ), "ordered by code point: Na, Nb, nb, 岛"
    values = (0.1 + 0.2, 1e15, -1e15, 5e-324, 123456789012345.6, 1e-7, 2.5, 65.53, 1 / 3, 47.0, -0.4, 9.95, 1e14)
    store = Store.objects.get()
    for year, (text, value) in enumerate(zip(TEXTS, values, strict=True), start=3000):
        Observation.objects.create(
            indicator_id="share", region_id="N", year=year, value=value, status="A", source_id="alm", locator=text,
            note=text, release=store.release,
        )  # fmt: skip
    rows = [row for row in plain(in_force(["share"], 3), names) if row[2] >= 3000]
    assert [row[3] for row in rows] == list(values)
    assert [row[6:8] for row in rows] == [(text, text) for text in TEXTS]
