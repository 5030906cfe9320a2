"""The slow, obvious answer to any assessment: docs/progress.md worked out in plain Python from the CSV files.

Nothing of the project is imported here, so that a mistake in it cannot hide. Numbers are answered as JSON reads them.
"""

import csv
import datetime
from calendar import monthrange
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.progress.case import Cell, Row, shown
from tests.progress.words import Assessed

METHODS = ("cagr_ratio", "dns_trend5", "linear_path", "un_2023")
VERSION = "1.0"


def assessed(
    target: Row,
    region: str,
    points: list[Cell],
    now: datetime.date,
    basis: str = "own",
    method: str = "linear_path",
    tolerance: Any = None,
) -> Row:
    """The row of one target, region and method.

    `target` is a row of targets.csv with `first_year`, the year that the period of the target began.
    """
    case = Assessed(target, points, basis, method, tolerance)
    extended, deadline = case.extended(), case.held(case.end)
    change, unit = case.current, target["unit"]
    projected = None if extended is None else case.measure(extended, case.end)
    return {
        "target": target["code"],
        "region": region,
        "basis": basis,
        "method": method,
        "method_version": VERSION,
        "base": None if case.base is None else {"year": case.start, "value": float(case.base)},
        "current": None
        if change is None
        else {
            "year": case.t,
            "value": shown(change) if case.mean else float(change),
            "status": case.usable[case.t][1],  # type: ignore[index]
        },
        "at_deadline": None
        if deadline is None
        else {
            "year": case.end,
            "value": shown(deadline) if case.mean else float(deadline),
            "gap": shown(case.gap(deadline)),
        },
        "goal": {"year": case.end, "value": float(case.aim), "comparator": case.comparator},
        "gap": shown(case.gap(change)),
        "gap_unit": "percentage_points" if unit == "percent" else unit,
        "observed_annual_change": shown(case.observed()),
        "required_annual_change": shown(case.required()),
        "ratio": shown(case.ratio()),
        "projected": None if projected is None else {"year": case.end, "value": shown(projected)},
        "status": case.status(),
        "deadline_status": case.deadline_status(now),
        "notes": list(case.notes()),
    }


def table(package: Path, name: str) -> list[dict[str, str]]:
    with (package / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def last_day(text: str) -> datetime.date:
    """The day from which a source counts: of a year its 31 December, of a month its last day."""
    parts = [int(part) for part in text.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    return datetime.date(year, month, parts[2] if len(parts) > 2 else monthrange(year, month)[1])


def known_cells(package: Path, release: str) -> tuple[datetime.date, dict[tuple[str, str], dict[int, Cell]]]:
    """The day of a release, and its cells by indicator and region."""
    cells: dict[tuple[str, str], dict[int, Cell]] = {}
    for known in sorted(table(package, "releases"), key=lambda row: int(row["order"])):
        for row in table(package, f"observations/{known['name']}"):
            year = int(row["year"])
            series = cells.setdefault((row["indicator"], row["region"]), {})
            series[year] = (year, row["value"] or None, row["status"])
        if known["name"] == release:
            return datetime.date.fromisoformat(known["date"]), cells
    raise KeyError(release)


def below(regions: list[dict[str, str]], code: str) -> list[str]:
    children = [row["code"] for row in regions if row["parent"] == code]
    return children + [found for child in children for found in below(regions, child)]


def in_force(region: dict[str, str], year: int) -> bool:
    return int(region["valid_from"] or 0) <= year <= int(region["valid_to"] or 9999)


def known_targets(package: Path, now: datetime.date) -> Iterator[Row]:
    """The targets known on a day, each with the year its period began."""
    sources = {row["code"]: row for row in table(package, "sources")}
    plans = {row["code"]: row for row in table(package, "plans")}
    for target in table(package, "targets"):
        known_on = last_day(sources[target["source"]]["published_on"])
        if known_on <= now:
            start = target["period_start"] or plans[target["plan"]]["period_start"] or known_on.year
            yield {**target, "first_year": int(start)}


def rows(
    package: Path, release: str, basis: str = "own", methods: tuple[str, ...] = METHODS, tolerance: Any = None
) -> list[Row]:
    """All rows as of a release, by target, region, method."""
    now, cells = known_cells(package, release)
    regions = table(package, "regions")
    validity = {row["code"]: row for row in regions}
    found = []
    for target in known_targets(package, now):
        places = [(target["region"], "own")] if basis in ("own", "all") else []
        places += [(code, "benchmark") for code in below(regions, target["region"])] if basis != "own" else []
        for code, kind in places:
            points = list(cells.get((target["indicator"], code), {}).values())
            for method in methods:
                row = assessed(target, code, points, now, kind, method, tolerance)
                if not in_force(validity[code], int(target["year"])):
                    row["notes"].append("region_not_in_force")
                found.append({**row, "release": release})
    return sorted(found, key=lambda row: (row["target"], row["region"], row["method"]))
