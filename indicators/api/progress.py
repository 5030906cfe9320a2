"""Targets assessed: the lists of progress, and the methods behind them."""

from __future__ import annotations

import datetime
from dataclasses import replace

from ..formats import REFERENCE_FORMATS
from ..http import caching
from ..http.asking import Question
from ..http.errors import NotHere
from ..progress.assess import STATUSES
from ..progress.columns import BASES, METHOD_COLUMNS
from ..progress.deadline import DEADLINE_STATUSES
from ..progress.methods import METHODS
from ..progress.question import REGIONS, SORTABLE, MethodList, Progress, ProgressOfTarget
from ..query.edition import Edition, ReleaseRow
from ..query.filters import TARGET_BUT_REGION
from ..query.grammar import Amount, Choice, Choices, Numbers
from ..query.parameters import AS_OF, BOM, Parameter, shape
from ..query.slice import Slice
from .contract import ContractView
from .data import DataView

#: Regions that have targets of their own, or lie above one that has.
_EXAMPLES = {"region": "370000", "region_within": "000000", "region_level": "province"}
_REGIONS = tuple(replace(parameter, example=_EXAMPLES.get(parameter.name, parameter.example)) for parameter in REGIONS)
_ASSESSMENT = (
    Parameter(
        "basis",
        Choice((*BASES, "all")),
        "own: the region that a target is set for; benchmark: the regions below it, held against the same value; all: "
        "both. Without it: own.",
        "all",
    ),
    Parameter(
        "method",
        Choices((*METHODS, "all")),
        "Methods of the ratio, by code, or all; without it linear_path. /progress-methods explains each.",
        "all",
    ),
    Parameter("status", Choices(STATUSES), "Statuses that are meant.", "achieved,no_data"),
    Parameter("deadline_status", Choices(DEADLINE_STATUSES), "Statuses of deadlines that are meant.", "met_late"),
    Parameter("gap", Numbers(), "Gaps and ranges of gaps; without a gap a row never matches.", "..0"),
    Parameter("ratio", Numbers(), "Ratios and ranges of ratios; without a ratio a row never matches.", "0.6.."),
    Parameter(
        "tolerance",
        Amount(),
        "What about means, in the unit of the target: so far a value may lie from the goal of an approximate target. "
        "Without it such targets are not assessed; other targets do not read it.",
        "0.2",
    ),
    AS_OF,
)
_INCLUDE = Parameter(
    "include",
    Choice(("path",)),
    "path adds `path`: what each year would need, beside what was observed and is to be expected.",
    "path",
)


class ProgressList(DataView):
    """Progress: each target held against the figures of a region, by a method, as of a release."""

    noun = "progress"
    tag = "plan"
    slice = Progress
    row_name = "Progress"
    formats = REFERENCE_FORMATS
    always_counts = True
    parameters = (
        *(parameter for parameter, _ in TARGET_BUT_REGION),
        *_REGIONS,
        *_ASSESSMENT,
        *shape(tuple(Progress.known), SORTABLE, ("target,title_en,status,gap", "-gap")),
        BOM,
    )

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """A release and any edit of reference tables, targets among them, change what is answered."""
        return ContractView.changed_at(self, question, release)


class ProgressOfOneTarget(ProgressList):
    """Progress of one target: in its own region, and in the regions below it."""

    noun = "progress of a target"
    slice = ProgressOfTarget
    row_name = "ProgressOfTarget"
    code_example = "SD-3Y-01"
    parameters = (
        *_REGIONS,
        *(replace(p, example="achieved") if p.name == "status" else p for p in _ASSESSMENT if p.name != "gap"),
        next(replace(p, example="0..") for p in _ASSESSMENT if p.name == "gap"),
        _INCLUDE,
        *shape(tuple(ProgressOfTarget.known), SORTABLE, ("region,status,path", "-gap")),
        BOM,
    )

    def wanted(self, question: Question, **kwargs: str) -> Slice:
        code, known = kwargs["code"], question.edition.vocabulary("target")
        if code not in known:
            meant = [f"/api/v1/targets/{near}/progress" for near in known.suggest(code)]
            hint = f" Did you mean {meant[0]}?" if meant else ""
            raise NotHere(f"There is no target with the code {code[:100]!r}.{hint}", meant)
        found = super().wanted(question)
        assert isinstance(found, Progress)
        return replace(found, targets=frozenset({code}))

    def _stem(self, question: Question, wanted: Slice) -> str:
        assert isinstance(wanted, Progress)
        assert wanted.targets is not None
        return "-".join(("progress", *wanted.targets, wanted.release.name if wanted.release else "empty"))


class ProgressMethods(DataView):
    """Methods by which progress is measured: formula, thresholds, version and citation."""

    noun = "progress methods"
    tag = "plan"
    slice = MethodList
    row_name = "MethodOfProgress"  # generators call the values of Progress.method ProgressMethod
    formats = REFERENCE_FORMATS
    always_counts = True
    parameters = (*shape(tuple(METHOD_COLUMNS), ("code", "version"), ("code,formula,thresholds", "-code")), BOM)

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """The methods are a part of the software."""
        return max(question.edition.changed_at, caching.built_at())

    def _permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        """They are the same whatever the release."""
        return {}

    def _stem(self, question: Question, wanted: Slice) -> str:
        return "progress-methods"
