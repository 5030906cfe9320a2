"""What releases did, counted from the vintages, against the replay of the files; also where figures were withdrawn."""

import datetime
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Release
from indicators.publishing.figures import Figure
from indicators.publishing.package import load
from indicators.publishing.run import Announcement, publish
from indicators.query import difference as module
from indicators.query.difference import EXAMPLES, Counts, difference
from indicators.query.edition import current_edition
from tests.oracle import Oracle
from tests.packages import Package, empty_the_store

pytestmark = pytest.mark.django_db


def told_by(oracle: Oracle, place: int) -> tuple[dict[str, Counts], list[Any]]:
    """The counts of each indicator, and the changes themselves, as the oracle finds them."""
    names = [release["name"] for release in oracle.releases]
    asked = {"until": names[place], **({"since": names[place - 1]} if place else {})}
    changes = oracle.changes(asked)
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for change in changes:
        kind = {"insert": "added", "delete": "withdrawn"}.get(change["op"], "confirmed")
        if change["op"] == "update" and change["old"]["value"] != change["new"]["value"]:
            kind = "revised"
        found[change["indicator"]][kind] += 1
    return {code: Counts(**counts) for code, counts in found.items()}, changes


def largest(changes: list[Any]) -> list[float]:
    """The largest revisions beside the value before."""
    values = [(c["old"]["value"], c["new"]["value"]) for c in changes if c["op"] == "update"]
    sizes = [abs(new - old) / abs(old) for old, new in values if old and new is not None and new != old]
    return sorted(sizes, reverse=True)[:EXAMPLES]


@pytest.mark.parametrize("most", [0, 10**9])
def test_every_release_of_the_pack(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Through the index of cells, and through that of releases."""
    monkeypatch.setattr(module, "_MANY", most)
    oracle = Oracle.of_pack()
    for place, row in enumerate(current_edition().releases):
        counts, changes = told_by(oracle, place)
        found = difference(row)
        assert found.indicators == counts
        assert list(found.indicators) == sorted(counts)
        release = Release.objects.get(order=row.order)
        total = [sum(column) for column in zip(*found.indicators.values(), strict=True)]
        assert total == [release.added, release.revised, release.confirmed, release.withdrawn]
        sizes = [abs(cell.new - cell.old) / abs(cell.old) for cell in found.revisions]  # type: ignore[operator,arg-type]
        assert sizes == pytest.approx(largest(changes))
        assert not found.withdrawals


def test_what_was_withdrawn_also_after_it_came_back(tmp_path: Path) -> None:
    empty_the_store()
    package = Package(tmp_path / "package")
    load(package.folder)
    day = datetime.date(2004, 1, 1)
    kept = Figure(2, "balance", "N", 1999, -0.5, "A", "alm", None, None)
    for number, figures in enumerate([[kept], [kept._replace(year=2000)], [kept._replace(year=1999, value=7.0)]]):
        name = f"late-{number}"
        announcement = Announcement(name, day + datetime.timedelta(days=number), name, name)
        publish(announcement, figures, "late.csv", withdraw_missing=True)
    first, second, third = (difference(row) for row in current_edition().releases[-3:])
    assert first.indicators == {"balance": Counts(revised=1, withdrawn=3)}
    assert [(cell.region, cell.year, cell.old, cell.new) for cell in first.withdrawals] == [
        ("LM", 1999, -12.5, None),
        ("Na", 2000, -3.0, None),
        ("S", 2000, -7.25, None),
    ]
    assert not first.revisions, "there is no proportion to 0"
    assert second.indicators == {"balance": Counts(added=1, withdrawn=1)}
    assert third.indicators == {"balance": Counts(added=1, withdrawn=1)}


def test_it_is_asked_once() -> None:
    row = current_edition().releases[-1]
    with CaptureQueriesContext(connection) as first:
        difference(row)
    with CaptureQueriesContext(connection) as again:
        difference(row)
    assert (len(first) <= 4, len(again)) == (True, 0)
