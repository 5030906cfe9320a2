"""What is asked to be published, and what would come of it: checked and compared, with nothing written."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

from ..models import Release
from ..query.edition import current_edition
from .changes import Changes, compare
from .checks import check
from .faults import BadData, Fault, stop_on_errors
from .figures import Figures, digest
from .standing import Standing
from .words import Said
from .words import Said as _

#: Called with the name of a step, what is done of it, and its total.
Progress = Callable[[str, int, int], None]


def silent(step: str, done: int, total: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Announcement:
    """What a release says of itself."""

    name: str
    published_on: datetime.date
    title_zh: str
    title_en: str
    basis_en: str | None = None
    in_force_since: datetime.datetime | None = None  # now, unless the release is replayed
    notes_zh: str | None = None
    notes_en: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A release that somebody wants to publish, and the name of its file, to say in messages."""

    announcement: Announcement
    figures: Figures
    file: str
    withdraw_missing: bool = False
    standing: Standing | None = None  # rows in force that were read already

    def fault(self, message: Said, *, warning: bool = False) -> Fault:
        """A fault of the whole."""
        return Fault(self.file, None, None, message, warning)


class State(Enum):
    """What became of a proposal, in words to follow the name of the release."""

    PUBLISHED = _("in force")
    PLANNED = _("can be published; nothing was written")
    REPEATED = _("in force already, with the same figures")
    NOTHING_NEW = _("not made: every figure is in force already")


@dataclass(frozen=True)
class Outcome:
    """What a publication did, or would do; `release` is None where none was made."""

    name: str
    release: Release | None
    changes: Changes
    warnings: Sequence[Fault] = ()
    state: State = State.PUBLISHED


def prepare(proposal: Proposal, progress: Progress = silent) -> Outcome:
    """Check and compare a proposal; raises `BadData` with every fault.

    It is held against what was known on its day. That is the release in force, unless others were published since:
    then it can have no part in what followed, but that there is nothing new in it is no fault.
    """
    announcement, figures = proposal.announcement, proposal.figures
    existing = Release.objects.filter(name=announcement.name).first()
    if existing and existing.content_sha256 == digest(figures):
        return _repeated(proposal, existing)
    edition = current_edition()
    faults = check(proposal.file, figures, edition)
    late = _out_of_order(proposal)
    if reason := name_fault(announcement.name) or _taken(existing):
        faults.insert(0, proposal.fault(reason))
    elif late and faults:
        faults.insert(0, late)
    warnings = stop_on_errors(faults)
    known = edition.as_of(announcement.published_on)
    changes = compare(
        figures,
        _rows_in_force(proposal, known.order if known else 0, progress),
        withdraw_missing=proposal.withdraw_missing,
    )
    if changes.nothing:
        return Outcome(announcement.name, None, changes, warnings, State.NOTHING_NEW)
    stop_on_errors([late] if late else [])
    return Outcome(announcement.name, None, changes, warnings, State.PLANNED)


def name_fault(name: str) -> Said | None:
    """Why a release cannot bear that name, or None: it stands in addresses, and `as_of` takes it beside dates."""
    if name in ("latest", ".", "..") or re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        return _("%(name)r cannot be the name of a release: it means another thing in addresses", name=name)
    if not re.fullmatch(r"[^\s,/]{1,80}", name):
        return _("%(name)r is not a name of 1 to 80 characters without spaces, commas and slashes", name=name[:100])
    return None


def _taken(existing: Release | None) -> Said | None:
    if existing is None:
        return None
    return _(
        "release %(name)s is in force with other figures and never changes: give this one another name",
        name=existing.name,
    )


def _out_of_order(proposal: Proposal) -> Fault | None:
    announcement, last = proposal.announcement, Release.objects.order_by("-order").first()
    if last is None or announcement.published_on > last.published_on:
        return None
    return proposal.fault(
        _(
            "release %(name)s is dated %(date)s, not after %(last_date)s, the date of the last release %(last)s: "
            "releases are published in the order of their dates",
            name=announcement.name,
            date=announcement.published_on,
            last_date=last.published_on,
            last=last.name,
        )
    )


def _rows_in_force(proposal: Proposal, order: int, progress: Progress = silent) -> Figures:
    """The rows that a release left in force of what the figures are about."""
    standing = proposal.standing
    if standing is None or standing.order != order:
        standing = Standing(order)
    indicators, step = proposal.figures.distinct("indicator"), f"comparing release {proposal.announcement.name}"
    total = len(proposal.figures)

    def read(done: int) -> None:
        if done < len(indicators):
            progress(step, total * done // len(indicators), total)

    found = standing.of(indicators, read) if proposal.withdraw_missing else standing.beside(proposal.figures, read)
    progress(step, total, total)
    return found


def _repeated(proposal: Proposal, existing: Release) -> Outcome:
    """The same figures under the same name: nothing is done, and what they are announced with may differ."""
    announcement, figures = proposal.announcement, proposal.figures
    left: Sequence[object] = ()
    if proposal.withdraw_missing:
        left = compare(figures, _rows_in_force(proposal, existing.order), withdraw_missing=True).withdrawn
    if left:
        message = _(
            "release %(name)s is in force with these figures and left %(left)d other cells of their indicators in "
            "force; it never changes: withdraw them by a release of another name",
            name=existing.name,
            left=len(left),
        )
        raise BadData([proposal.fault(message)])
    differing = [
        proposal.fault(
            _(
                "release %(name)s is in force with %(column)s %(ours)r and never changes: %(theirs)r is not taken over",
                name=existing.name,
                column=name,
                ours=ours,
                theirs=theirs,
            ),
            warning=True,
        )
        for name in ("published_on", "title_zh", "title_en", "basis_en", "notes_zh", "notes_en")
        if (ours := _text(existing, name)) != (theirs := _text(announcement, name))
    ]
    return Outcome(existing.name, None, Changes(unchanged=figures), differing, State.REPEATED)


def _text(source: Release | Announcement, name: str) -> str | None:
    value = getattr(source, name)
    return None if value is None else str(value)
