"""The rows of a dataset, carried from the file of the release before, are those that the store holds."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from indicators.models import Indicator, Observation, Release, ReleaseFile
from indicators.publishing import draft, files, layout
from indicators.publishing.bodies import Content, shown
from indicators.publishing.carrying import carried
from indicators.publishing.changes import Changes
from indicators.publishing.figures import Figure, Figures
from indicators.publishing.inventory import differences
from indicators.publishing.snapshot import in_force
from tests.questions import NAMES

pytestmark = pytest.mark.django_db


def figures(**where: Any) -> Figures:
    names = "indicator", "region", "year", "value", "status", "source", "locator", "note"
    return Figures.of(Figure(0, *row) for row in Observation.objects.filter(**where).values_list(*names))


def changes(order: int) -> Changes:
    """What a release closed and wrote."""
    return Changes(added=figures(release=order), withdrawn=figures(superseded_by=order))


def contents(order: int) -> dict[str | None, Content]:
    edition = files._edition(Release.objects.get(order=order))
    return {content.dataset: content for content in files._parts(edition)}


def parquet(order: int, dataset: str | None) -> Path:
    return layout.release_folder(NAMES[order - 1]) / layout.place(dataset, "parquet")


def steps() -> Iterator[tuple[int, Content, Path | None]]:
    """Every dataset that a release touched, with the file of the release before."""
    for before, order in pairwise(range(len(NAMES) + 1)):
        known = contents(before) if before else {}
        for dataset, content in contents(order).items():
            if content.made_of != content.made_before:
                yield order, content, parquet(before, dataset) if dataset in known else None


def test_every_step_of_the_pack() -> None:
    kinds = set()
    for order, content, before in steps():
        edition = files._edition(Release.objects.get(order=order))
        table = carried(before, changes(order), content, order, edition)
        stored = shown(in_force(content.indicators, order), edition)
        assert table is not None
        assert table.equals(stored)
        for ours, theirs in zip(table.columns, stored.columns, strict=True):
            assert ours.chunk(0).equals(theirs.chunk(0))
            if hasattr(ours.chunk(0), "dictionary"):
                assert ours.chunk(0).dictionary.equals(theirs.chunk(0).dictionary), "of which the bytes are made"
        kinds.add((before is None, len(changes(order).closed) > 0))
    assert kinds == {(True, False), (False, False), (False, True), (True, True)}


def test_what_a_dataset_was_made_of_before_is_what_the_release_before_recorded() -> None:
    seen = 0
    for order, content, before in steps():
        recorded = ReleaseFile.objects.filter(release=order - 1, dataset=content.dataset, format="parquet")
        assert (before is None) == (content.made_before is None)
        assert [file.made_of for file in recorded] == ([] if before is None else [content.made_before])
        seen += before is not None
    assert seen


def test_a_file_that_does_not_fit_the_changes_is_not_used() -> None:
    order, content, before = next(
        step for step in steps() if set(changes(step[0]).closed.distinct("indicator")) & set(step[1].indicators)
    )
    edition = files._edition(Release.objects.get(order=order))
    right = changes(order)
    of_others = next(parquet(order - 1, other) for other in contents(order - 1) if other != content.dataset)
    assert carried(of_others, right, content, order, edition) is None, "what is closed is not there"
    no_longer_closed = Changes(added=right.written)
    assert carried(before, no_longer_closed, content, order, edition) is None, "what is new is there already"


def test_a_file_is_used_only_if_it_is_whole_and_made_of_the_same(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files come about whether the rows are carried or read from the store."""
    release = Release.objects.get(order=len(NAMES))
    expected = {(file.dataset_id, file.format): file.sha256 for file in release.files.all()}
    settings.FILES_ROOT = tmp_path
    used: list[tuple[str | None, bool]] = []

    def noted(before: Path | None, changes: Changes, content: Content, *rest: Any) -> Any:
        used.append((content.dataset, before is not None))
        return carried(before, changes, content, *rest)

    monkeypatch.setattr(draft, "carried", noted)
    made = changes(release.order)
    touched = sorted(c.dataset or "" for o, c, _ in steps() if o == release.order)

    def built() -> dict[tuple[str | None, str], str]:
        used.clear()
        return {(file.dataset_id, file.format): file.sha256 for file in files.build(release, changes=made)}

    assert built() == expected
    assert used == [], "there are no files before"
    for other in Release.objects.order_by("order"):
        files.build(other)
    release.files.filter(dataset__in=touched).delete()
    assert built() == expected
    assert used == [(dataset, True) for dataset in touched]

    spoilt = parquet(release.order - 1, touched[0])
    content = spoilt.read_bytes()
    spoilt.write_bytes(bytes(len(content)))
    release.files.filter(dataset__in=touched).delete()
    assert built() == expected
    assert used == [(dataset, True) for dataset in touched[1:]]
    spoilt.write_bytes(content)
    release.files.filter(dataset__in=touched).delete()

    indicator = Indicator.objects.filter(dataset=touched[0], observation__release__lt=release.order).first()
    assert indicator is not None
    Indicator.objects.filter(pk=indicator.pk).update(unit="years")
    assert built() != expected
    assert used == [(dataset, True) for dataset in touched[1:]], "its unit is another one than in the file"
    assert {difference.release for difference in differences()} <= {None}
