"""What one request sees: the release in force and the reference tables at one revision.

A request reads the store once and keeps to what it found. Releases never change, and the reference tables are
held in memory under their revision, so nothing here is ever invalidated: a new revision is a new key.
"""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.db import models

from ..models import (
    STATUS_ZH,
    Action,
    Dataset,
    Indicator,
    Measure,
    Observation,
    Plan,
    Region,
    Release,
    Source,
    Status,
    Store,
    Target,
    Unit,
)
from .limit import TooSlow, fetch
from .vocabulary import Vocabulary

#: Coverage may take so many times as long as a query: it is computed once, and no filter makes it cheaper.
_COVERAGE_TIMES = 6
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class ReleaseRow:
    """The release that a request answers from; it set `written` rows, and withdrew others without a new one."""

    order: int
    name: str
    published_on: datetime.date
    in_force_since: datetime.datetime
    written: int
    withdrawn: int


@dataclass(frozen=True)
class Coverage:
    """What a release holds of an indicator or a dataset."""

    first_year: int | None = None
    last_year: int | None = None
    regions: int = 0
    observations: int = 0


@dataclass(frozen=True, eq=False)
class Reference:
    """The reference tables at one revision, as dictionaries by code; compared as an object, so that memories are kept.

    `changed_at` is the instant of the last write; `edited_at` of the last that may show in answers about figures.
    """

    revision: int
    changed_at: datetime.datetime
    edited_at: datetime.datetime | None
    vocabularies: Mapping[str, Vocabulary]
    lookups: Mapping[str, Mapping[str, Any]]
    children: Mapping[str, tuple[str, ...]]

    def descendants(self, codes: Iterable[str]) -> set[str]:
        """All regions below the given ones, retired codes and functional zones included, themselves left out."""
        below: set[str] = set()
        waiting = list(codes)
        while waiting:
            for child in self.children.get(waiting.pop(), ()):
                if child not in below:
                    below.add(child)
                    waiting.append(child)
        return below

    def ancestors(self, code: str) -> list[str]:
        """The regions that a region lies in, the outermost first."""
        parent = self.lookups["region.parent"]
        line: list[str] = []
        above = parent[code]
        while above is not None and above not in line:
            line.append(above)
            above = parent[above]
        return line[::-1]

    def codes_where(self, lookup: str, values: Iterable[str]) -> set[str]:
        """Codes whose attribute, such as `region.level`, is one of the values."""
        wanted = set(values)
        return {code for code, value in self.lookups[lookup].items() if value in wanted}


@dataclass(frozen=True)
class Edition:
    """The release in force (None before the first), all releases up to it, and the reference tables."""

    release: ReleaseRow | None
    releases: tuple[ReleaseRow, ...]
    reference: Reference

    def vocabulary(self, name: str) -> Vocabulary:
        """The code list of a resource, such as `region`; `release` lists the names of releases."""
        if name == "release":
            return Vocabulary({row.name: () for row in self.releases})
        return self.reference.vocabularies[name]

    def named(self, name: str) -> ReleaseRow:
        """The release of that name."""
        return next(row for row in self.releases if row.name == name)

    def until(self, release: ReleaseRow | None) -> Edition:
        """The same reference tables, with that release as the newest."""
        last = release.order if release else 0
        return replace(self, release=release, releases=tuple(row for row in self.releases if row.order <= last))

    def as_of(self, day: datetime.date) -> ReleaseRow | None:
        """The last release whose figures were known on that day."""
        known = [row for row in self.releases if row.published_on <= day]
        return known[-1] if known else None

    @property
    def most_rows(self) -> int:
        """What no slice has more rows than: all that releases set, and their withdrawals."""
        return sum(row.written + row.withdrawn for row in self.releases)

    @property
    def changed_at(self) -> datetime.datetime:
        """The instant at which anything a reference answer shows changed last."""
        return max(self.release.in_force_since if self.release else EPOCH, self.reference.changed_at)


def current_edition() -> Edition:
    """Read the store (one query) and return what is in force."""
    row = Store.objects.values_list(
        "release_id",
        "release__name",
        "release__in_force_since",
        "reference_revision",
        "reference_changed_at",
        "reference_edited_at",
    ).first()
    order, name, since, revision, changed_at, edited_at = row or (None, None, None, 0, None, None)
    releases = _releases(order, name, since) if order is not None else ()
    return Edition(releases[-1] if releases else None, releases, _reference(revision, changed_at or EPOCH, edited_at))


@lru_cache(maxsize=8)
def _releases(order: int, name: str, since: datetime.datetime) -> tuple[ReleaseRow, ...]:
    written = models.F("added") + models.F("revised") + models.F("confirmed")
    rows = Release.objects.filter(order__lte=order).order_by("order").annotate(written=written)
    columns = ("order", "name", "published_on", "in_force_since", "written", "withdrawn")
    return tuple(ReleaseRow(*row) for row in rows.values_list(*columns))


#: vocabulary name -> model and the texts, beside the code, that name a row.
_NAMED: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "unit": (Unit, ("name_zh", "name_en")),
    "dataset": (Dataset, ("title_zh", "title_en")),
    "indicator": (Indicator, ("name_zh", "name_en")),
    "region": (Region, ("name_zh", "name_en")),
    "source": (Source, ("title",)),
    "plan": (Plan, ("title_zh", "title_en")),
    "action": (Action, ("title_zh", "title_en")),
    "measure": (Measure, ("title_zh", "title_en")),
}
#: lookups that answers and filters use: name -> attribute of the row of that vocabulary.
_ATTRIBUTES = {
    "indicator": (
        "dataset_id",
        "unit_id",
        "theme",
        "name_zh",
        "name_en",
        "decimals",
        "minimum",
        "maximum",
        "comparability_note_en",
    ),
    "unit": ("name_zh", "name_en"),
    "region": ("level", "type", "parent_id", "name_zh", "name_en", "valid_from", "valid_to"),
    "source": ("reliability", "kind", "title", "published_on"),
    "dataset": ("theme", "title_zh", "title_en"),
    "plan": ("kind", "period_start"),
    "measure": ("kind",),
}


#: The same of targets, whose titles are composed.
_TARGET_ATTRIBUTES = (
    "plan_id", "indicator_id", "region_id", "source_id", "unit_id", "statistic", "comparator", "value", "year",
    "period_start", "baseline_year", "baseline_value", "direction", "title_zh", "title_en",
)  # fmt: skip


@lru_cache(maxsize=4)
def _reference(revision: int, changed_at: datetime.datetime, edited_at: datetime.datetime | None) -> Reference:
    while True:  # until no write fell between the tables that were read
        before = _revision()
        vocabularies, lookups = _read_reference()
        if _revision() == before:
            break
    children: dict[str, list[str]] = {}
    for code, parent in sorted(lookups["region.parent"].items()):
        if parent is not None:
            children.setdefault(parent, []).append(code)
    below = {parent: tuple(codes) for parent, codes in children.items()}
    return Reference(revision, changed_at, edited_at, vocabularies, lookups, below)


def _revision() -> int | None:
    return Store.objects.values_list("reference_revision", flat=True).first()


def _read_reference() -> tuple[dict[str, Vocabulary], dict[str, dict[str, Any]]]:
    vocabularies: dict[str, Vocabulary] = {}
    lookups: dict[str, dict[str, Any]] = {"status.name_en": dict(Status.choices), "status.name_zh": STATUS_ZH}
    for name, (model, texts) in _NAMED.items():
        attributes = _ATTRIBUTES.get(name, ())
        rows = list(model._default_manager.order_by("pk").values_list("pk", *texts, *attributes))
        vocabularies[name] = Vocabulary({row[0]: tuple(t for t in row[1 : 1 + len(texts)] if t) for row in rows})
        for position, attribute in enumerate(attributes, start=1 + len(texts)):
            lookups[f"{name}.{attribute.removesuffix('_id')}"] = {row[0]: row[position] for row in rows}
    targets = list(Target.objects.select_related("indicator", "unit"))
    vocabularies["target"] = Vocabulary(
        {target.code: (target.title_zh, target.title_en, target.wording_zh or "") for target in targets}
    )
    for attribute in _TARGET_ATTRIBUTES:
        name = f"target.{attribute.removesuffix('_id')}"
        lookups[name] = {target.code: getattr(target, attribute) for target in targets}
    return vocabularies, lookups


Covered = tuple[Mapping[str, Coverage], Mapping[str, Coverage]]
#: One thread computes, the others wait for it.
_computing = threading.Lock()
#: Releases whose coverage took too long, until when that is believed, and what was said.
_given_up: dict[ReleaseRow, tuple[float, TooSlow]] = {}
_BELIEVED_SECONDS = 60


def coverage(release: ReleaseRow) -> Covered:
    """Coverage by indicator and by dataset as of a release; computed once in a process.

    The figures of a release never change, so neither does this. Raises `TooSlow`, for a minute without trying again.
    """
    with _computing:
        until, reason = _given_up.get(release, (0.0, None))
        if reason is not None and time.monotonic() < until:
            raise TooSlow(reason.seconds, reason.advice, reason.parameter)
        try:
            return _coverage(release)
        except TooSlow as error:
            _given_up[release] = time.monotonic() + _BELIEVED_SECONDS, error
            raise


@lru_cache(maxsize=8)
def _coverage(release: ReleaseRow) -> Covered:
    rows = Observation.objects.as_of(release.order)
    counts = {
        "first_year": models.Min("year"),
        "last_year": models.Max("year"),
        "regions": models.Count("region", distinct=True),
        "observations": models.Count("*"),
    }

    def by(field: str) -> dict[str, Coverage]:
        grouped = rows.order_by(field).values(field).annotate(**counts).values_list(field, *counts)
        sql, parameters = grouped.query.sql_with_params()
        return {code: Coverage(*figures) for code, *figures in fetch(sql, parameters, _COVERAGE_TIMES)}

    try:
        return by("indicator_id"), by("indicator__dataset_id")
    except TooSlow as error:
        advice = "Leave the column coverage out: name the columns you need, such as fields=code."
        raise TooSlow(error.seconds, advice, "fields") from error


def forget() -> None:
    """Drop what is held in memory; for tests that roll the database back to an earlier revision."""
    for cached in (_releases, _reference, _coverage):
        cached.cache_clear()
    _given_up.clear()
