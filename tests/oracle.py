"""The slow, obvious answer to any slice: the CSV files of the pack replayed in plain Python.

Nothing of the project is imported here, so that a mistake in it cannot hide.
"""

import csv
import datetime
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"
Row = dict[str, Any]


def table(name: str) -> list[dict[str, str]]:
    """A reference table as the file has it."""
    with (FIXTURES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Oracle:
    """Releases in order, each with the rows that were in force then."""

    releases: list[dict[str, str]] = field(default_factory=list)
    states: list[dict[tuple[str, str, int], Row]] = field(default_factory=list)
    indicators: dict[str, dict[str, str]] = field(default_factory=dict)
    regions: dict[str, dict[str, str]] = field(default_factory=dict)
    sources: dict[str, dict[str, str]] = field(default_factory=dict)
    dates: dict[str, str] = field(default_factory=dict)
    targets: list[dict[str, str]] = field(default_factory=list)

    @classmethod
    def of_pack(cls) -> "Oracle":
        oracle = cls()
        oracle.indicators = {row["code"]: row for row in table("indicators")}
        oracle.regions = {row["code"]: row for row in table("regions")}
        oracle.sources = {row["code"]: row for row in table("sources")}
        oracle.targets = table("targets")
        for release in sorted(table("releases"), key=lambda row: int(row["order"])):
            oracle.replay(release, table(f"observations/{release['name']}"))
        return oracle

    def replay(self, release: dict[str, str], rows: Iterable[dict[str, str]]) -> None:
        state = dict(self.states[-1]) if self.states else {}
        for row in rows:
            key = (row["indicator"], row["region"], int(row["year"]))
            content = {name: row[name] or None for name in ("value", "status", "source", "locator", "note")}
            before = state.get(key)
            if before and all(same(before[name], content[name], name) for name in content):
                continue
            state[key] = {
                **dict(zip(("indicator", "region", "year"), key, strict=True)),
                **content,
                "release": release["name"],
            }
        self.releases.append(release)
        self.dates[release["name"]] = release["date"]
        self.states.append(state)

    def as_of(self, moment: str | None) -> dict[tuple[str, str, int], Row]:
        """The rows in force as of a release name or a day; the newest without one."""
        if moment is None:
            return self.states[-1]
        names = [release["name"] for release in self.releases]
        if moment in names:
            return self.states[names.index(moment)]
        day = datetime.date.fromisoformat(moment)
        known = [n for n, r in enumerate(self.releases) if datetime.date.fromisoformat(r["date"]) <= day]
        return self.states[known[-1]] if known else {}

    def below(self, codes: Iterable[str]) -> set[str]:
        """All descendants by parent."""
        found: set[str] = set()
        front = set(codes)
        while front:
            front = {code for code, row in self.regions.items() if row["parent"] in front} - found
            found |= front
        return found

    def slice(self, question: dict[str, Any]) -> list[Row]:
        """Rows that match, in the default order. Lists are lists; ranges are pairs (low, high), None is open."""
        below = self._below(question)
        matching = [row for row in self.as_of(question.get("as_of")).values() if self._matches(row, question, below)]
        matching.sort(key=lambda row: (row["indicator"], row["region"], row["year"]))
        return newest(matching, question["latest"]) if "latest" in question else matching

    def series(self, question: dict[str, Any]) -> list[Row]:
        """One row for each indicator and region of the rows that match."""
        order = {release["name"]: n for n, release in enumerate(self.releases)}
        rows = []
        for pair, found in groupby(self.slice(question), key=lambda row: (row["indicator"], row["region"])):
            cells = list(found)
            years = [row["year"] for row in cells]
            values = [None if row["value"] is None else json.loads(shortest(row["value"])) for row in cells]
            rows.append(
                {
                    "indicator": pair[0],
                    "region": pair[1],
                    "first_year": years[0],
                    "last_year": years[-1],
                    "count": len(years),
                    "gaps": sorted(set(range(years[0], years[-1])) - set(years)),
                    "last_value": values[-1],
                    "last_status": cells[-1]["status"],
                    "release": max((row["release"] for row in cells), key=order.__getitem__),
                    "years": years,
                    "values": values,
                    "statuses": [row["status"] for row in cells],
                }
            )
        return rows

    def upto(self, moment: str | None) -> int:
        """How many releases were known as of a release name or a day; all without one."""
        names = [release["name"] for release in self.releases]
        if moment is None:
            return len(names)
        if moment in names:
            return names.index(moment) + 1
        return sum(release["date"] <= moment for release in self.releases)

    def vintages(self, question: dict[str, Any]) -> list[Row]:
        """Every row that a release set, with the release that replaced or withdrew it, as known then."""
        below = self._below(question)
        known = self.states[: self.upto(question.get("as_of"))]
        found = []
        for n, state in enumerate(known):
            for key, row in state.items():
                if row["release"] == self.releases[n]["name"] and self._matches(row, question, below):
                    end = next((m for m in range(n + 1, len(known)) if known[m].get(key) is not row), None)
                    found.append({**row, "superseded_by": None if end is None else self.releases[end]["name"]})
        order = {release["name"]: n for n, release in enumerate(self.releases)}
        return sorted(found, key=lambda r: (r["indicator"], r["region"], r["year"], order[r["release"]]))

    def changes(self, question: dict[str, Any]) -> list[Row]:
        """What each release behind `since` up to `until` did to each cell that matches."""
        below = self._below(question)
        until = self.upto(question.get("until"))
        since = self.upto(question["since"]) if "since" in question else 0
        if "since" not in question and "until" not in question:
            since = until - 1
        found = []
        for n in range(since, until):
            before, after = (self.states[n - 1] if n else {}), self.states[n]
            for key in before.keys() | after.keys():
                old, new = before.get(key), after.get(key)
                if old is not new and self._matches(new or old or {}, question, below):
                    op = "insert" if old is None else "delete" if new is None else "update"
                    cell = dict(zip(("indicator", "region", "year"), key, strict=True))
                    found.append({"release": n, "op": op, **cell, "old": state_of(old), "new": state_of(new)})
        found.sort(key=lambda r: (r["indicator"], r["region"], r["year"], r["release"]))
        return [{**row, "release": self.releases[row["release"]]["name"]} for row in found]

    def _below(self, question: dict[str, Any]) -> set[str]:
        below = self.below(question.get("region_within", ()))
        return below | set(question["region_within"]) if question.get("region_within_self") else below

    def used_by(self, plans: Iterable[str]) -> set[str]:
        """The indicators that the targets of plans use."""
        return {target["indicator"] for target in self.targets if target["plan"] in plans}

    def _matches(self, row: Row, question: dict[str, Any], below: set[str]) -> bool:
        for name in ("indicator", "region", "status", "source"):
            if name in question and row[name] not in question[name]:
                return False
        indicator = self.indicators[row["indicator"]]
        if any(name in question and indicator[name] not in question[name] for name in ("dataset", "theme")):
            return False
        if "plan" in question and row["indicator"] not in self.used_by(question["plan"]):
            return False
        region = self.regions[row["region"]]
        for name in ("level", "type"):
            if f"region_{name}" in question and region[name] not in question[f"region_{name}"]:
                return False
        if "region_within" in question and row["region"] not in below:
            return False
        if "year" in question and not inside(row["year"], question["year"]):
            return False
        if "value" in question:
            return row["value"] is not None and inside(float(row["value"]), question["value"])
        return True

    def shown(self, row: Row, columns: Iterable[str]) -> Row:
        """A row as the API answers it: numbers as JSON reads them, related facts looked up in the files."""
        region, indicator = self.regions[row["region"]], self.indicators[row["indicator"]]
        source = self.sources.get(row["source"] or "")
        known = {
            **row,
            "value": None if row["value"] is None else json.loads(shortest(row["value"])),
            "unit": indicator["unit"],
            "dataset": indicator["dataset"],
            "indicator_name_zh": indicator["name_zh"],
            "indicator_name_en": indicator["name_en"],
            "region_name_zh": region["name_zh"],
            "region_name_en": region["name_en"],
            "region_level": region["level"],
            "region_type": region["type"],
            "reliability": source and source["reliability"],
            "published_on": self.dates[row["release"]],
        }
        return {name: known[name] for name in columns}


def newest(rows: list[Row], most: int) -> list[Row]:
    """Of each series the newest rows with a value; rows come by indicator, region, year."""
    kept: list[Row] = []
    for _, found in groupby(rows, key=lambda row: (row["indicator"], row["region"])):
        kept += [row for row in found if row["value"] is not None][-most:]
    return kept


def state_of(row: Row | None) -> Row | None:
    """What a change shows of a figure."""
    if row is None:
        return None
    value = None if row["value"] is None else json.loads(shortest(row["value"]))
    return {"value": value, "status": row["status"], "source": row["source"]}


def same(before: str | None, after: str | None, name: str) -> bool:
    """Whether two cells say the same; values are compared as numbers."""
    if name == "value" and before is not None and after is not None:
        return float(before) == float(after)
    return before == after


def inside(number: float, ranges: Iterable[tuple[float | None, float | None]]) -> bool:
    """Whether a number lies in one of the ranges, both ends included."""
    return any((low is None or low <= number) and (high is None or number <= high) for low, high in ranges)


def shortest(text: str) -> str:
    """A decimal without trailing zeros: 66.0 is 66, 47.60 is 47.6."""
    return text.rstrip("0").rstrip(".") if "." in text else text
