"""Targets assessed: the lists of progress, and the methods behind them."""

from __future__ import annotations

import datetime
from dataclasses import replace

from ..http import caching
from ..http.asking import Question
from ..http.errors import NotHere
from ..http.resources import PROGRESS, PROGRESS_METHODS, PROGRESS_OF_TARGET
from ..progress.question import Progress
from ..query.edition import ReleaseRow
from ..query.slice import Slice
from .contract import ContractView
from .data import DataView


class ProgressList(DataView):
    """Progress: each target held against the figures of a region, by a method, as of a release."""

    tag = "plan"
    resource = PROGRESS
    row_name = "Progress"
    always_counts = True

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """A release and any edit of reference tables, targets among them, change what is answered."""
        return ContractView.changed_at(self, question, release)


class ProgressOfOneTarget(ProgressList):
    """Progress of one target: in its own region, and in the regions below it."""

    resource = PROGRESS_OF_TARGET
    row_name = "ProgressOfTarget"
    code_example = "SD-3Y-01"

    def wanted(self, question: Question, **kwargs: str) -> Slice:
        code, known = kwargs["code"], question.edition.vocabulary("target")
        if code not in known:
            meant = [f"/api/v1/targets/{near}/progress" for near in known.suggest(code)]
            hint = f" Did you mean {meant[0]}?" if meant else ""
            raise NotHere(f"There is no target with the code {code[:100]!r}.{hint}", meant)
        found = super().wanted(question)
        assert isinstance(found, Progress)
        return replace(found, targets=frozenset({code}))


class ProgressMethods(DataView):
    """Methods by which progress is measured: formula, thresholds, version and citation."""

    tag = "plan"
    resource = PROGRESS_METHODS
    row_name = "MethodOfProgress"  # generators call the values of Progress.method ProgressMethod
    always_counts = True

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """The methods are a part of the software."""
        return max(question.edition.changed_at, caching.built_at())
