"""Figures that a file no longer holds are withdrawn where that is asked for, and what a release changes is told."""

from typing import Any

import pytest

from indicators.models import Observation, Release, Store
from indicators.publishing.changes import Counts, Revision
from indicators.publishing.faults import BadData
from indicators.publishing.figures import Figure
from indicators.publishing.run import Outcome, State, publish
from indicators.publishing.store.check import check_store
from indicators.query.edition import coverage, current_edition
from tests.conftest import Api
from tests.publishing.test_publish import announcement, cells, everything, figure, package

pytestmark = pytest.mark.django_db
__all__ = ["package"]  # the reference tables of every test

NORTH, SOUTH = figure(), figure(3, region="S")
SHARE = figure(4, indicator="share", region="S")


def withdrawn(number: int, *rows: Figure, **options: Any) -> Outcome:
    return publish(announcement(number), rows, "file.csv", withdraw_missing=True, **options)


@pytest.fixture
def three() -> None:
    """Two cells of one indicator and one of another."""
    publish(announcement(1), [NORTH, SOUTH, SHARE], "file.csv")


@pytest.mark.usefixtures("three")
def test_what_the_file_lacks_of_its_indicators_is_withdrawn() -> None:
    outcome = withdrawn(2, NORTH._replace(value=2.0), figure(5, year=2001))
    assert outcome.changes.withdrawn == [SOUTH._replace(line=0)]
    assert outcome.changes.counts == Counts(added=1, revised=1, withdrawn=1)
    release = Release.objects.get(order=2)
    assert (release.added, release.revised, release.confirmed, release.withdrawn) == (1, 1, 0, 1)
    assert set(cells(1)) == {NORTH.key, SOUTH.key, SHARE.key}
    assert set(cells(2)) == {NORTH.key, ("balance", "N", 2001), SHARE.key}
    assert Observation.objects.get(indicator="balance", region="S").superseded_by == release


@pytest.mark.usefixtures("three")
def test_nothing_is_withdrawn_unless_that_is_asked_for() -> None:
    outcome = publish(announcement(2), [NORTH._replace(value=2.0)], "file.csv")
    assert outcome.changes.withdrawn == []
    assert set(cells(2)) == set(cells(1))


@pytest.mark.usefixtures("three")
def test_a_release_may_do_nothing_but_withdraw() -> None:
    assert withdrawn(2, NORTH).changes.counts == Counts(withdrawn=1, unchanged=1)
    assert publish(announcement(3), [SOUTH], "file.csv").changes.counts == Counts(added=1), "published anew"
    assert [set(cells(order)) for order in (1, 2, 3)] == [
        {NORTH.key, SOUTH.key, SHARE.key}, {NORTH.key, SHARE.key}, {NORTH.key, SOUTH.key, SHARE.key},
    ]  # fmt: skip


@pytest.mark.usefixtures("three")
def test_thousands_are_withdrawn() -> None:
    many = [figure(9 + year, region="Na", year=year) for year in range(2000, 8000)]
    publish(announcement(2), many, "file.csv")
    outcome = withdrawn(3, NORTH, SOUTH, many[-1])
    assert outcome.changes.counts == Counts(withdrawn=5999, unchanged=3)
    assert len(cells(3)) == 4


@pytest.mark.usefixtures("three")
def test_a_file_without_figures_withdraws_nothing() -> None:
    before = everything()
    assert withdrawn(2).state is State.NOTHING_NEW
    assert everything() == before


@pytest.mark.usefixtures("three")
def test_the_same_withdrawal_again_changes_nothing() -> None:
    withdrawn(2, NORTH)
    before = everything()
    assert withdrawn(2, NORTH).state is State.REPEATED
    assert withdrawn(3, NORTH).state is State.NOTHING_NEW
    assert everything() == before


@pytest.mark.usefixtures("three")
def test_a_release_that_withdrew_nothing_does_not_do_so_later() -> None:
    publish(announcement(2), [NORTH._replace(value=2.0)], "file.csv")
    before = everything()
    with pytest.raises(BadData, match="left 1 other cells of their indicators in force; it never changes"):
        withdrawn(2, NORTH._replace(value=2.0))
    assert everything() == before


@pytest.mark.usefixtures("three")
def test_a_dry_run_tells_the_same_and_writes_nothing() -> None:
    before = everything()
    rows = [NORTH._replace(value=2.0), figure(5, year=2001)]
    planned = withdrawn(2, *rows, dry_run=True)
    assert (planned.state, planned.release) == (State.PLANNED, None)
    assert everything() == before
    done = withdrawn(2, *rows)
    assert (done.state, done.changes) == (State.PUBLISHED, planned.changes)
    assert withdrawn(2, *rows, dry_run=True).state is State.REPEATED
    with pytest.raises(BadData, match="is dated 2001-01-02, not after 2001-01-03"):
        publish(announcement(1, "other"), [figure(value=9.0)], "file.csv", dry_run=True)


@pytest.mark.parametrize("name", ["r2", "another"])
def test_the_same_figures_under_another_name_make_no_release(name: str) -> None:
    publish(announcement(1), [NORTH, SOUTH], "file.csv")
    before = everything()
    outcome = publish(announcement(2, name), [SOUTH], "file.csv")
    assert (outcome.state, outcome.release) == (State.NOTHING_NEW, None)
    assert outcome.changes.counts == Counts(unchanged=1)
    assert everything() == before


def test_what_was_in_force_on_its_day_is_nothing_new_however_late_it_comes() -> None:
    """A package is loaded again, of which one release had nothing in it."""
    publish(announcement(1), [NORTH], "file.csv")
    publish(announcement(5), [NORTH._replace(value=2.0)], "file.csv")
    before = everything()
    assert publish(announcement(3), [NORTH], "file.csv").state is State.NOTHING_NEW
    assert withdrawn(3, NORTH).state is State.NOTHING_NEW
    assert everything() == before


def test_other_words_of_a_release_in_force_are_told() -> None:
    publish(announcement(1), [NORTH], "file.csv")
    before = everything()
    announced = announcement(2, "r1")
    outcome = publish(announced, [NORTH], "file.csv")
    assert outcome.state is State.REPEATED
    assert [str(fault) for fault in outcome.warnings] == [
        "file.csv: warning: release r1 is in force with published_on '2001-01-02' and never changes: '2001-01-03' is "
        "not taken over",
        "file.csv: warning: release r1 is in force with title_zh '第1次' and never changes: '第2次' is not taken over",
        "file.csv: warning: release r1 is in force with title_en 'No. 1' and never changes: 'No. 2' is not taken over",
    ]
    assert everything() == before


def test_a_cell_that_a_program_hands_over_twice_is_told() -> None:
    with pytest.raises(BadData) as raised:
        publish(announcement(1), [NORTH, SOUTH, NORTH._replace(value=3.0)], "file.csv")
    assert list(map(str, raised.value.faults)) == [
        "file.csv:2 [indicator, region, year]: the same indicator, region and year stand here twice"
    ]
    assert Store.objects.get().release is None


def test_what_changes_is_counted_by_indicator_and_dataset() -> None:
    publish(announcement(1), [NORTH, SOUTH, SHARE], "file.csv")
    rows = [NORTH._replace(value=2.0), SHARE._replace(status="P"), figure(6, indicator="density", year=1999)]
    changes = withdrawn(2, *rows, dry_run=True).changes
    assert changes.by_indicator() == {
        "balance": Counts(revised=1, withdrawn=1), "density": Counts(added=1), "share": Counts(confirmed=1),
    }  # fmt: skip
    assert changes.by_dataset({"balance": "b", "density": "a", "share": "b"}) == {
        "a": Counts(added=1), "b": Counts(revised=1, confirmed=1, withdrawn=1),
    }  # fmt: skip


def test_the_largest_revisions() -> None:
    before = [figure(n, year=2000 + n, value=value) for n, value in enumerate((0.0, 1.0, -200.0, 10.0, 50.0))]
    publish(announcement(1), before, "file.csv")
    after = [row._replace(value=value) for row, value in zip(before, (5.0, 4.0, -220.0, 9.0, 50.0), strict=True)]
    after[3] = after[3]._replace(value=None, status="L")
    changes = publish(announcement(2), after, "file.csv", dry_run=True).changes
    assert changes.largest(2) == [Revision(after[2], -200.0), Revision(after[0], 0.0)]
    assert changes.largest(9) == [Revision(after[2], -200.0), Revision(after[0], 0.0), Revision(after[1], 1.0)], (
        "a value that goes missing has no size"
    )
    assert changes.largest(9, relative=True) == [Revision(after[1], 1.0), Revision(after[2], -200.0)]


def test_every_answer_knows_of_a_withdrawal() -> None:
    publish(announcement(1), [NORTH, SOUTH, figure(5, region="S", year=2001)], "file.csv")
    before = coverage(current_edition().releases[-1])
    withdrawn(2, NORTH, SOUTH)
    api = Api()
    (change,) = api.walk("/changes")
    assert (change["op"], change["region"], change["year"]) == ("delete", "S", 2001)
    assert (change["old"], change["new"]) == ({"value": 1.5, "status": "A", "source": "alm"}, None)
    assert api.walk("/releases")[0]["withdrawn"] == 1
    asked = "/series?indicator=balance&fields=region,first_year,last_year,count"
    assert [tuple(row.values()) for row in api.walk(asked)] == [("N", 2000, 2000, 1), ("S", 2000, 2000, 1)]
    assert api.walk(f"{asked}&as_of=r1")[1] == {"region": "S", "first_year": 2000, "last_year": 2001, "count": 2}
    now = coverage(current_edition().releases[-1])
    assert [(found["balance"].observations, found["balance"].last_year) for found, _ in (before, now)] == [
        (3, 2001), (2, 2000),
    ]  # fmt: skip
    assert len(api.walk("/observations?as_of=r1")) == 3
    assert len(api.walk("/observations")) == 2


@pytest.mark.usefixtures("three")
def test_a_cell_may_be_withdrawn_and_come_back_and_the_store_is_clean() -> None:
    withdrawn(2, figure(2, region="Na"))
    publish(announcement(3), [NORTH._replace(value=7.0), SOUTH], "file.csv")
    withdrawn(4, NORTH._replace(value=7.0, note="read again"))
    columns = ("added", "revised", "confirmed", "withdrawn")
    assert list(Release.objects.order_by("order").values_list(*columns)) == [
        (3, 0, 0, 0),
        (1, 0, 0, 2),
        (2, 0, 0, 0),
        (0, 0, 1, 2),
    ]
    assert check_store() == []
