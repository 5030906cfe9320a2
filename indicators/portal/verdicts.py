"""Words for the codes of /progress: statuses, deadlines, notes and methods, for readers who are no statisticians.

tests/portal/test_verdicts.py holds that every code has its words.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

#: What can be said of a target at a glance, in the order in which a summary counts it: a mark, and words for the
#: summary. Marks differ in shape; the two ways of having met a target share one.
GROUPS: Mapping[str, tuple[str, Any]] = {
    "met": ("✓", _("met by the deadline")),
    "late": ("✓", _("met late")),
    "missed": ("✗", _("missed")),
    "underway": ("→", _("deadline ahead")),
    "unknown": ("?", _("no figure for the target year")),
    "unjudged": ("≈", _("not judged")),
    "without": ("–", _("without a verified figure")),
}

#: `deadline_status` -> group, and what stands in the row of a target.
DEADLINES: Mapping[str, tuple[str, Any]] = {
    "met_early": ("met", _("Met early")),
    "met_on_time": ("met", _("Met on time")),
    "met_late": ("late", _("Met late")),
    "missed": ("missed", _("Missed")),
    "met_then_lost": ("missed", _("Met once, but not kept")),
    "due_no_data": ("unknown", _("No figure for the target year is held")),
    "pending": ("underway", _("Deadline ahead")),
}

#: `status` -> what it means now, before the deadline.
STATUSES: Mapping[str, Any] = {
    "achieved": _("reached"),
    "on_track": _("on its way"),
    "moderate": _("behind, but moving the right way"),
    "insufficient": _("far behind"),
    "wrong_direction": _("moving away from the target"),
    "no_data": _("no verified figure yet"),
    "not_assessable": _("cannot be judged"),
}

#: `notes` -> what a reader should know.
NOTES: Mapping[str, Any] = {
    "approximate": _("The plan says “about” and no official text says how far off still counts, so nothing is judged."),
    "official_baseline": _("The starting value is the one that the plan names; no figure of that year is held."),
    "baseline_revised": _("The figure of the starting year has been revised since the plan named it."),
    "no_baseline": _(
        "The plan names no starting year, or no figure of it is held, so the way since then is not measured."
    ),
    "no_value_since_baseline": _("No figure is newer than the starting year."),
    "baseline_met_goal": _("The starting value met the target already, so there was no way to go."),
    "beyond_goal": _("The newest figure lies beyond the target, which asked for about or exactly that number."),
    "no_growth_rate": _("No rate of growth leads from one of these values to the other."),
    "too_few_values": _("There are fewer than four figures in the last five years."),
    "target_year_reached": _("The target year is reached, so there is nothing left to extend a trend to."),
    "break_in_series": _("The definition, the territory or the accounts changed on the way: compare with care."),
    "computed": _("The newest figure is computed from others, not published as such."),
    "first_release": _("The newest figure is a first release and may be revised."),
    "low_reliability": _("The starting value or the newest figure is of low reliability."),
    "region_not_in_force": _("This code of the region was not in force in the target year."),
}

#: Method -> what its ratio says; `ratio` is the share in percent.
METHODS: Mapping[str, Any] = {
    "linear_path": _("So far %(ratio)s of the change that was due by then on a straight way to the target."),
    "cagr_ratio": _("The yearly rate of change so far is %(ratio)s of the one that leads to the target."),
    "un_2023": _("At the rate so far, the target year sees %(ratio)s of the whole change that is needed."),
    "dns_trend5": _("The trend of the last five years covers %(ratio)s of what is missing."),
}


@dataclass(frozen=True)
class Verdict:
    """What is said at a glance: its group, the mark of the group, and a headline."""

    group: str
    headline: str

    @property
    def mark(self) -> str:
        """A sign that differs in shape, beside the words and never instead of them."""
        return GROUPS[self.group][0]


@dataclass(frozen=True)
class Count:
    """How many targets there are of a group, with its mark and words."""

    group: str
    mark: str
    words: str
    number: int


def tally(verdicts: Sequence[Verdict]) -> list[Count]:
    """How many targets there are of each group that occurs."""
    found = Counter(verdict.group for verdict in verdicts)
    return [Count(group, mark, str(words), found[group]) for group, (mark, words) in GROUPS.items() if found[group]]


def verdict(row: Mapping[str, Any] | None, has_figure: bool, late: int = 0) -> Verdict:
    """The verdict of a row of /progress; None where there is no row. `late` is by how many years it was met late."""
    if not has_figure:
        return Verdict("without", str(_("No verified figure yet")))
    if row is None:
        return Verdict("unjudged", str(_("Announced after the figures in force, so not judged yet")))
    status, deadline = row["status"], row["deadline_status"]
    if deadline is None:
        return Verdict("unjudged", str(_("Not judged, as “about” has no official tolerance")))
    group, words = DEADLINES[deadline]
    if deadline == "met_late" and late:
        words = _("Met, one year late") if late == 1 else _("Met, %(years)s years late") % {"years": late}
    elif deadline == "pending" and status == "not_assessable":
        words = _("Deadline ahead, the way there cannot be measured")
    elif deadline == "pending":
        words = _("Deadline ahead, %(status)s") % {"status": STATUSES[status]}
    elif deadline == "due_no_data":
        words = _("No figure for %(year)s is held") % {"year": row["goal"]["year"]}
    return Verdict(group, str(words))


def explained(method: str, ratio: float | None, notes: tuple[str, ...]) -> str:
    """One sentence on what a method finds, or why it finds nothing."""
    if ratio is not None:
        return str(METHODS[method]) % {"ratio": f"{ratio:.0%}"}
    return next((str(NOTES[note]) for note in notes if note in _REASONS), str(_("It finds no ratio here.")))


#: Notes that say why a method has no ratio, and not only how far to trust it.
_REASONS = frozenset(
    {
        "no_baseline", "no_value_since_baseline", "baseline_met_goal", "no_growth_rate", "too_few_values",
        "target_year_reached",
    }
)  # fmt: skip
