"""What is known: the tables, with constraints that make wrong states impossible."""

from .decimals import decimal_text
from .fields import FIRST_YEAR, LAST_YEAR
from .observations import (
    LARGEST_VALUE,
    MISSING,
    STATUS_ZH,
    Observation,
    Release,
    ReleaseFile,
    Status,
    Store,
)
from .plans import Action, Comparator, Measure, MeasureKind, Plan, Statistic, Target
from .reference import (
    SUCCESSION,
    Dataset,
    Direction,
    EventKind,
    Indicator,
    Level,
    Region,
    RegionEvent,
    Reliability,
    Source,
    Unit,
)

__all__ = [
    "FIRST_YEAR",
    "LARGEST_VALUE",
    "LAST_YEAR",
    "MISSING",
    "REFERENCE_MODELS",
    "STATUS_ZH",
    "SUCCESSION",
    "Action",
    "Comparator",
    "Dataset",
    "Direction",
    "EventKind",
    "Indicator",
    "Level",
    "Measure",
    "MeasureKind",
    "Observation",
    "Plan",
    "Region",
    "RegionEvent",
    "Release",
    "ReleaseFile",
    "Reliability",
    "Source",
    "Statistic",
    "Status",
    "Store",
    "Target",
    "Unit",
    "decimal_text",
]

#: The reference tables, each after those it refers to.
REFERENCE_MODELS = (Unit, Dataset, Source, Region, RegionEvent, Indicator, Plan, Action, Measure, Target)
