"""publish() brings a release into force wholly or not at all, and every release can be seen again as it was."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.models import Indicator, Observation, Release, Status, Store
from indicators.publishing.changes import compare
from indicators.publishing.checks import CHECKS, check
from indicators.publishing.faults import BadData
from indicators.publishing.figures import COLUMNS, Figure, Figures, figures
from indicators.publishing.package import load
from indicators.publishing.readers import Row, Table
from indicators.publishing.run import Announcement, Outcome, publish, replayed
from indicators.publishing.standing import Standing
from indicators.query.edition import current_edition
from tests.packages import FILES, Package, empty_the_store

pytestmark = pytest.mark.django_db

DAY = datetime.date(2001, 1, 1)


@pytest.fixture(autouse=True)
def package(db: None, tmp_path: Path) -> Package:
    """The reference tables of the small package, without a release."""
    empty_the_store()
    package = Package(tmp_path / "package")
    package.write("releases.csv", FILES["releases.csv"].splitlines()[0])
    load(package.folder)
    return package


def figure(line: int = 2, **changes: Any) -> Figure:
    """A right figure, with changes."""
    right = Figure(line, "balance", "N", 2000, 1.5, "A", "alm", None, None)
    return right._replace(**changes)


def announcement(number: int = 1, name: str = "") -> Announcement:
    day = DAY + datetime.timedelta(days=number)
    return Announcement(name or f"r{number}", day, f"第{number}次", f"No. {number}", "a basis")


def published(number: int, *rows: Figure) -> Outcome:
    return publish(announcement(number), rows, "file.csv")


def refusal(number: int, *rows: Figure, name: str = "") -> list[str]:
    """The faults for which a release is refused, after which everything is as before."""
    before = everything()
    with pytest.raises(BadData) as raised:
        publish(announcement(number, name), rows, "file.csv")
    assert everything() == before
    return [str(fault) for fault in raised.value.faults]


def everything() -> list[Any]:
    """All rows that a publication may touch."""
    return [list(model.objects.order_by("pk").values_list()) for model in (Store, Release, Observation)]


def cells(order: int) -> dict[tuple[str, str, int], tuple[Any, ...]]:
    """What is in force as of a release."""
    rows = Observation.objects.as_of(order).values_list(
        "indicator", "region", "year", "value", "status", "source", "locator", "note", "release__name"
    )
    found = {row[:3]: row[3:] for row in rows}
    assert len(found) == len(rows), "two rows for a cell"
    return found


def counts(outcome: Outcome) -> tuple[int, int, int, int]:
    changes = outcome.changes
    return len(changes.added), len(changes.revised), len(changes.confirmed), len(changes.unchanged)


def test_release_comes_into_force() -> None:
    before = timezone.now()
    outcome = published(1, figure(), figure(3, region="S", value=-2.0, locator="p. 1", note="odd"))
    release = Release.objects.get()
    assert outcome.release == release == Store.objects.get().release
    assert (release.order, release.name, release.published_on) == (1, "r1", datetime.date(2001, 1, 2))
    assert (release.title_zh, release.title_en, release.basis_en) == ("第1次", "No. 1", "a basis")
    assert before <= release.in_force_since <= timezone.now()
    assert (release.added, release.revised, release.confirmed, release.withdrawn) == (2, 0, 0, 0)
    assert cells(1) == {
        ("balance", "N", 2000): (1.5, "A", "alm", None, None, "r1"),
        ("balance", "S", 2000): (-2.0, "A", "alm", "p. 1", "odd", "r1"),
    }


def test_replayed_release_came_into_force_at_midnight() -> None:
    publish(replayed(announcement()), [figure()], "file.csv")
    assert Release.objects.get().in_force_since == datetime.datetime(2001, 1, 2, tzinfo=datetime.UTC)


def test_no_release_came_into_force_in_the_future() -> None:
    publish(replayed(Announcement("later", datetime.date(2999, 1, 1), "后", "Later")), [figure()], "file.csv")
    assert Release.objects.get().in_force_since <= timezone.now()


def test_a_release_came_into_force_when_its_rows_were_written() -> None:
    written: list[datetime.datetime] = []
    publish(announcement(), [figure()], "file.csv", lambda *progress: written.append(timezone.now()))
    assert Release.objects.get().in_force_since >= written[-1]


def test_revision_leaves_the_old_row_and_closes_it() -> None:
    published(1, figure())
    published(2, figure(value=-1.5))
    published(3, figure(value=None, status="L", source=None))
    published(4, figure())
    rows = Observation.objects.order_by("release").values_list("release", "superseded_by", "value", "status")
    assert list(rows) == [(1, 2, 1.5, "A"), (2, 3, -1.5, "A"), (3, 4, None, "L"), (4, None, 1.5, "A")]
    assert [cells(order)["balance", "N", 2000][-1] for order in (1, 2, 3, 4)] == ["r1", "r2", "r3", "r4"]
    assert cells(0) == {}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({}, {}, (0, 0, 0, 1)),
        ({}, {"value": 1.6}, (0, 1, 0, 0)),
        ({}, {"value": -1.5}, (0, 1, 0, 0)),
        ({"value": 0.0}, {"value": -0.0}, (0, 0, 0, 1)),
        ({}, {"value": 0.0}, (0, 1, 0, 0)),
        ({}, {"value": None, "status": "M"}, (0, 1, 0, 0)),
        ({"value": None, "status": "M"}, {"value": 0.0}, (0, 1, 0, 0)),
        ({"value": None, "status": "M"}, {"value": None, "status": "L"}, (0, 0, 1, 0)),
        ({"status": "P"}, {}, (0, 0, 1, 0)),
        ({}, {"source": "cen"}, (0, 0, 1, 0)),
        ({}, {"locator": "p. 1"}, (0, 0, 1, 0)),
        ({"note": "odd"}, {}, (0, 0, 1, 0)),
        ({}, {"value": 9.0, "status": "B"}, (0, 1, 0, 0)),
        ({}, {"year": 2001}, (1, 0, 0, 0)),
        ({}, {"region": "S"}, (1, 0, 0, 0)),
        ({}, {"indicator": "share"}, (1, 0, 0, 0)),
        ({"region": "Nb"}, {"region": "nb", "year": 1990}, (1, 0, 0, 0)),
    ],
    ids=str,
)
def test_what_a_figure_changes(
    before: dict[str, Any], after: dict[str, Any], expected: tuple[int, int, int, int]
) -> None:
    published(1, figure(**before))
    outcome = published(2, figure(**after))
    assert counts(outcome) == expected
    assert Release.objects.count() == (2 if any(expected[:3]) else 1), "a release with nothing in it is not made"
    for release in Release.objects.filter(order=2):
        assert (release.added, release.revised, release.confirmed) == expected[:3]
    assert Observation.objects.filter(release=2).count() == sum(expected[:3])
    assert Observation.objects.filter(superseded_by=2).count() == sum(expected[1:3])


def test_comparison_alone_writes_nothing() -> None:
    published(1, figure())
    before = everything()
    north, south = figure(value=2.0), figure(3, region="S")
    changes = compare(Figures.of([south, north]), Standing(1).of(["balance"]))
    assert (changes.added, changes.revised, changes.before.to_pylist()) == ([south], [north], [1.5])
    assert (changes.written, changes.closed) == ([north, south], [north])
    assert everything() == before


def test_same_content_again_makes_no_second_release() -> None:
    rows = [figure(), figure(3, region="S")]
    published(1, *rows)
    before = everything()
    outcome = published(1, *[row._replace(line=9 - row.line) for row in reversed(rows)])
    assert outcome.release is None
    assert counts(outcome) == (0, 0, 0, 2)
    assert everything() == before
    published(2, figure(value=7.0))
    before = everything()
    assert published(1, *rows).release is None
    assert everything() == before


def test_other_content_under_a_name_in_force_is_refused() -> None:
    published(1, figure())
    assert refusal(1, figure(value=2.0)) == [
        "file.csv: release r1 is in force with other figures and never changes: give this one another name"
    ]


@pytest.mark.parametrize("number", [1, 0, 2])
def test_release_must_be_later_than_the_last(number: int) -> None:
    published(2, figure())
    (fault,) = refusal(number, figure(value=9.0), name="other")
    assert f"release other is dated {DAY + datetime.timedelta(days=number)}, not after 2001-01-03" in fault
    assert "the date of the last release r2" in fault


@pytest.mark.parametrize("name", ["latest", "x" * 81, "", ".", ".."])
def test_name_that_the_store_cannot_hold_is_refused(name: str) -> None:
    """As a fault, not as an error of the database."""
    before = everything()
    with pytest.raises(BadData):
        publish(Announcement(name, DAY, "名", "Name"), [figure()], "file.csv")
    assert everything() == before


def test_faults_of_announcement_and_figures_are_told_together() -> None:
    published(2, figure())
    found = refusal(1, figure(indicator="ballance"))
    assert len(found) == 2
    assert "is dated" in found[0]
    assert "file.csv:2 [indicator]" in found[1]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"indicator": "balanse"}, ["2 [indicator]: there is no indicator 'balanse'; did you mean balance"]),
        ({"indicator": "Balance"}, ["2 [indicator]: there is no indicator 'Balance'; did you mean balance"]),
        ({"indicator": "Density"}, ["2 [indicator]: there is no indicator 'Density'; did you mean density"]),
        ({"indicator": "~~"}, ["2 [indicator]: there is no indicator '~~'"]),
        ({"region": "Northavn"}, ["2 [region]: there is no region 'Northavn'; did you mean N or Na"]),
        ({"region": "北港"}, ["2 [region]: there is no region '北港'; did you mean Na"]),
        ({"region": "NB"}, ["2 [region]: there is no region 'NB'; did you mean Nb"]),
        ({"source": "Almanac"}, ["2 [source]: there is no source 'Almanac'; did you mean alm"]),
        ({"status": "Z"}, ["2 [status]: 'Z' is no status of CL_OBS_STATUS; known are A, B, D"]),
        ({"status": "a"}, ["2 [status]: 'a' is no status of CL_OBS_STATUS"]),
        ({"value": None}, ["2 [status]: no value, but status A: a missing value has one of the statuses H, K, L"]),
        ({"value": None, "status": "Z"}, ["2 [status]: 'Z' is no status"]),
        ({"status": "L"}, ["2 [value]: a value, but status L says that it is missing"]),
        ({"source": None}, ["2 [source]: a value needs the code of its source"]),
        ({"region": "nb", "year": 1996}, ["2 [year]: 1996 is after 1995, the last year of region nb"]),
        (
            {"indicator": "x", "region": "y", "source": "z", "status": "!"},
            ["no indicator 'x'", "no region 'y'", "no source 'z'", "'!' is no status"],
        ),
    ],
    ids=str,
)
def test_faulty_figure_is_refused(changes: dict[str, Any], expected: list[str]) -> None:
    published(1, figure())
    found = refusal(2, figure(**changes), figure(3, region="S"))
    assert len(found) == len(expected), found
    for fault, part in zip(found, expected, strict=True):
        assert fault.startswith("file.csv:2 [")
        assert part in fault


def test_all_faults_in_the_order_of_the_file() -> None:
    found = refusal(
        1,
        figure(2, status="L"),
        figure(3, region="Q"),
        figure(4, region="Nb", year=1990),
        figure(5, region="S", source=None),
        figure(6, region="S"),
        figure(7, indicator="x"),
    )
    assert [fault.split(": ")[0] for fault in found] == [
        "file.csv:2 [value]",
        "file.csv:3 [region]",
        "file.csv:4 [year]",
        "file.csv:5 [source]",
        "file.csv:6 [indicator, region, year]",
        "file.csv:7 [indicator]",
    ]
    assert "warning: 1990 is before 1995, the first year of region Nb" in found[2]
    assert "the same indicator, region and year stand in line 5 already" in found[4]


def test_year_before_the_region_warns() -> None:
    outcome = published(1, figure(region="Nb", year=1990), figure(3, region="nb", year=1995))
    assert list(map(str, outcome.warnings)) == [
        "file.csv:2 [year]: warning: 1990 is before 1995, the first year of region Nb"
    ]
    assert len(cells(1)) == 2


@pytest.mark.parametrize("status", Status.values)
def test_every_status_of_the_code_list_is_taken(status: str) -> None:
    missing = status in "HKLMOQ"
    published(1, figure(status=status, value=None if missing else 0.0, source=None if missing else "alm"))
    assert cells(1)["balance", "N", 2000][1] == status


def test_every_check_finds_nothing_in_right_figures() -> None:
    rows = [figure(), figure(3, region="S")]
    assert len(CHECKS) >= 6
    assert check("file.csv", Figures.of(rows), current_edition()) == []


SMUGGLED = {
    "not a number": figure(9, region="S", value=float("nan")),
    "infinite": figure(9, region="S", value=float("inf")),
    "beyond the bound": figure(9, region="S", value=2e15),
    "year of three digits": figure(9, region="S", year=999),
    "the same cell, in the same line": figure(value=8.0),
}


@pytest.mark.parametrize("row", SMUGGLED.values(), ids=SMUGGLED)
def test_failure_in_the_middle_leaves_the_old_release_in_force(row: Figure) -> None:
    """What passes the checks and not the constraints fails after rows were closed and others written."""
    published(1, figure(), figure(3, indicator="share"))
    before, steps = everything(), []
    with pytest.raises((IntegrityError, BadData)):
        publish(
            announcement(2),
            [figure(value=7.0), figure(3, indicator="share", status="P"), row],
            "file.csv",
            lambda *step: steps.append(step),
        )
    assert everything() == before
    assert not steps or steps[-1][1] >= 2, "the failure came after rows were closed"
    assert counts(published(2, figure(value=7.0))) == (0, 1, 0, 0)


def test_failure_after_the_last_row_leaves_the_old_release_in_force() -> None:
    """An indicator vanishes while its figures are written: the foreign key fails."""
    published(1, figure())
    before = everything()

    def lose_an_indicator(step: str, done: int, total: int) -> None:
        if step.startswith("files of") and done == total:
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM indicators_indicator WHERE code = 'share'")

    @transaction.atomic
    def publish_and_commit() -> None:
        publish(announcement(2), [figure(value=7.0), figure(3, indicator="share")], "file.csv", lose_an_indicator)
        connection.check_constraints()  # what a commit does; the test runs inside a transaction

    with pytest.raises(DatabaseError):
        publish_and_commit()
    assert everything() == before
    assert Indicator.objects.filter(code="share").exists()


def test_progress_is_told_to_its_end() -> None:
    published(1, figure(), figure(3, region="S"))
    steps: list[tuple[str, int, int]] = []
    rows = [figure(value=2.0), figure(3, region="S", status="P"), figure(4, region="Na"), figure(5, region="LM")]
    publish(announcement(2), rows, "file.csv", lambda *step: steps.append(step))
    assert steps == [
        ("comparing release r2", 4, 4), ("release r2", 2, 6), ("release r2", 6, 6),
        ("files of release r2", 0, 2), ("files of release r2", 1, 2), ("files of release r2", 2, 2),
    ]  # fmt: skip


def test_thousands_of_figures() -> None:
    """More than one batch, of which the second closes and writes too."""
    many = [figure(line, year=year, region=region) for line, (year, region) in enumerate(grid(), start=2)]
    assert counts(published(1, *many)) == (len(many), 0, 0, 0)
    revised = [row._replace(value=row.year / 4) for row in many]
    assert counts(published(2, *revised)) == (0, len(many), 0, 0)
    assert Observation.objects.current().count() == len(many)
    assert {key: row[0] for key, row in cells(2).items()} == {row.key: row.value for row in revised}


def grid() -> list[tuple[int, str]]:
    return [(year, region) for year in range(1950, 4460) for region in ("N", "S")]


texts = st.sampled_from([None, "p. 1", "注"])
numbers = st.one_of(
    st.sampled_from(["0", "-0", "0.0", "-0.00", "-1", "1", "1.0", "-1.50", "999999999999999", "0.000001"]),
    st.decimals(-1000, 1000, places=2).map(str),
)
with_value = st.tuples(numbers, st.sampled_from("ABEP"), st.sampled_from(["alm", "cen"]), texts, texts)
without = st.tuples(st.none(), st.sampled_from("LMO"), st.sampled_from([None, "alm"]), texts, texts)
keys = st.tuples(st.sampled_from(["balance", "share"]), st.sampled_from(["N", "岛"]), st.sampled_from([1999, 2000]))
releases = st.dictionaries(keys, st.one_of(with_value, without), max_size=6)
Content = tuple[str | None, str, str | None, str | None, str | None]
Cube = dict[tuple[str, str, int], Content]


def submitted(cube: Cube) -> Figures:
    """The figures of a release, by way of the text of a file."""
    rows = [
        Row(line, dict(zip(COLUMNS, (*key[:2], str(key[2]), *content), strict=True)))
        for line, (key, content) in enumerate(cube.items(), start=2)
    ]
    found, wrong = figures(Table("file.csv", COLUMNS, rows))
    assert wrong == []
    return found


def exact(content: tuple[Any, ...]) -> tuple[Any, ...]:
    """Content with its value as an exact number."""
    value, *rest = content
    return (None if value is None else Decimal(str(value)), *rest)


def replay(history: list[tuple[Cube, bool]]) -> list[dict[tuple[str, str, int], tuple[Any, ...]]]:
    """What is in force after each release, in a plain dict; what changes nothing makes no release."""
    states: list[dict[tuple[str, str, int], tuple[Any, ...]]] = []
    state: dict[tuple[str, str, int], tuple[Any, ...]] = {}
    for number, (cube, withdraw_missing) in enumerate(history, start=1):
        before, indicators = state, {key[0] for key in cube}
        state = {k: v for k, v in before.items() if not withdraw_missing or k in cube or k[0] not in indicators}
        for key, content in cube.items():
            if key not in state or state[key][:-1] != exact(content):
                state[key] = (*exact(content), f"r{number}")
        if state != before:
            states.append(state)
    return states


@settings(max_examples=60)
@given(st.lists(st.tuples(releases, st.booleans()), min_size=1, max_size=5))
def test_any_history_can_be_seen_as_of_every_release(history: list[tuple[Cube, bool]]) -> None:
    with transaction.atomic():
        for number, (cube, withdraw) in enumerate(history, start=1):
            publish(announcement(number), submitted(cube), "file.csv", withdraw_missing=withdraw)
        states = replay(history)
        assert Release.objects.count() == len(states)
        for order, state in enumerate(states, start=1):
            before = states[order - 2] if order > 1 else {}
            assert {key: exact(row) for key, row in cells(order).items()} == state
            rows_set = Observation.objects.filter(release=order).count()
            release = Release.objects.get(order=order)
            assert release.added + release.revised + release.confirmed == rows_set
            assert (release.added, release.withdrawn) == (len(state.keys() - before), len(before.keys() - state))
        assert Observation.objects.current().count() == (len(states[-1]) if states else 0)
        transaction.set_rollback(True)
