"""Two ways to the same assessment: the oracle, and the project; tests of methods ask both."""

import datetime
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from indicators.progress.assess import assess
from indicators.progress.case import Case
from indicators.progress.methods import METHODS
from indicators.progress.path import path
from indicators.progress.terms import Point, Terms
from tests.progress.oracle import Cell, Row, assessed

Engine = Callable[..., Row]


def by_project(
    target: Row, region: str, points: list[Cell], now: datetime.date, basis: str, method: str, tolerance: Any
) -> Row:
    """What the project answers."""
    limit = None if tolerance is None else float(tolerance)
    found = assess(terms(target, region), series(points), METHODS[method], now, basis=basis, tolerance=limit)
    whose = {"target": target["code"], "region": region, "basis": basis, "method": method}
    said = {item.name: getattr(found, item.name) for item in fields(found)}
    return {**whose, "method_version": METHODS[method].version, **said, "notes": list(found.notes)}


def series(points: list[Cell]) -> list[Point]:
    """The points of the oracle as the project holds them."""
    return [Point(year, None if value is None else float(value), status) for year, value, status in points]


def terms(target: Row, region: str) -> Terms:
    """A target of the oracle as the project holds it."""
    copied = {name: target[name] for name in ("code", "indicator", "statistic", "comparator", "unit", "direction")}
    start, official = target["baseline_year"], target["baseline_value"]
    return Terms(
        **copied,
        region=region,
        value=float(target["value"]),
        year=int(target["year"]),
        baseline_year=None if start in ("", None) else int(start),
        baseline_value=None if official in ("", None) else float(official),
        first_year=target["first_year"] if start in ("", None) else int(start) + 1,
        known_on=None,
    )


ENGINES: dict[str, Engine] = {"oracle": assessed, "project": by_project}


def target(**differing: Any) -> Row:
    """A target on a share of percent: at least 20 by 2020, from 10 in 2010."""
    plain = {
        "code": "T",
        "indicator": "share",
        "statistic": "level",
        "comparator": "ge",
        "value": "20",
        "unit": "percent",
        "year": "2020",
        "baseline_year": "2010",
        "baseline_value": "",
        "direction": "increase",
        "first_year": 2011,
    }
    return {**plain, **differing}


def said(
    engine: str,
    points: dict[int, Any],
    method: str = "linear_path",
    now: str = "2016-06-01",
    basis: str = "own",
    tolerance: Any = None,
    **differing: Any,
) -> Row:
    """What an engine says of a few points; each is a value, or a value and its status."""
    cells = [(year, *(point if isinstance(point, tuple) else (point, "A"))) for year, point in points.items()]
    day = datetime.date.fromisoformat(now)
    return ENGINES[engine](target(**differing), "R", cells, day, basis, method, tolerance)


def path_by_project(target: Row, region: str, points: list[Cell], basis: str, method: str) -> list[Row]:
    """The path that the project answers."""
    return path(Case.of(terms(target, region), series(points), basis == "own"), METHODS[method])
