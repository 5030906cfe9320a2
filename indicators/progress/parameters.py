"""What may be asked of progress: which targets and regions, by which method, and how results are narrowed."""

from __future__ import annotations

from dataclasses import replace

from ..query.filters import TARGET_BUT_REGION
from ..query.grammar import Amount, Choice, Choices, Numbers
from ..query.parameters import AS_OF, BOM, Parameter, shape
from .assess import STATUSES
from .columns import BASES, METHOD_COLUMNS
from .deadline import DEADLINE_STATUSES
from .methods import METHODS
from .question import REGIONS, SORTABLE, Progress, ProgressOfTarget

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
PROGRESS_PARAMETERS: tuple[Parameter, ...] = (
    *(parameter for parameter, _ in TARGET_BUT_REGION),
    *_REGIONS,
    *_ASSESSMENT,
    *shape(tuple(Progress.known), SORTABLE, ("target,title_en,status,gap", "-gap")),
    BOM,
)
PROGRESS_OF_TARGET_PARAMETERS: tuple[Parameter, ...] = (
    *_REGIONS,
    *(replace(p, example="achieved") if p.name == "status" else p for p in _ASSESSMENT if p.name != "gap"),
    next(replace(p, example="0..") for p in _ASSESSMENT if p.name == "gap"),
    _INCLUDE,
    *shape(tuple(ProgressOfTarget.known), SORTABLE, ("region,status,path", "-gap")),
    BOM,
)
METHOD_PARAMETERS: tuple[Parameter, ...] = (
    *shape(tuple(METHOD_COLUMNS), ("code", "version"), ("code,formula,thresholds", "-code")),
    BOM,
)
