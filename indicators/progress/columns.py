"""What a row of /progress and of /progress-methods shows, with meaning and unit."""

from __future__ import annotations

from collections.abc import Mapping

from ..models import Comparator, Status
from ..query.columns import COLUMNS, Column, Lookup, by_name
from .assess import NOTES, STATUSES
from .deadline import DEADLINE_STATUSES
from .methods import METHODS

BASES = ("own", "benchmark")
_IN_UNIT = "in the unit of the target"


def _of_target(attribute: str) -> Lookup:
    return lambda edition: edition.reference.lookups[f"target.{attribute}"]


def _year(text: str, example: int) -> Column:
    return Column("year", "integer", "year", text, example)


def _value(text: str, example: float) -> Column:
    return Column("value", "number", "value", text, example)


def _number(name: str, text: str, example: float) -> Column:
    return Column(name, "number", name, text, example, nullable=True)


def _text(name: str, text: str, example: str, choices: tuple[str, ...] = (), nullable: bool = False) -> Column:
    return Column(name, "string", name, text, example, nullable, choices=choices)


def _object(name: str, text: str, *members: Column, nullable: bool = True) -> Column:
    example = {member.name: member.example for member in members}
    return Column(name, "object", name, text, example, nullable, members=members)


_GAP = "{} against the goal in the direction of the target; negative: so much is missing, in gap_unit."
_STATUS = _text("status", "Observation status: SDMX CL_OBS_STATUS.", "E", tuple(Status.values))

PROGRESS_COLUMNS: Mapping[str, Column] = by_name(
    _text("target", "Code of the target.", "SD-3Y-01"),
    _text("region", "Code of the region that is assessed.", "370000"),
    _text("basis", "own: the target is set for this region; benchmark: for one that it lies in.", "own", BASES),
    _text("method", "Method of the ratio; /progress-methods explains each.", "linear_path", tuple(METHODS)),
    _text("method_version", "Version of the method.", "1.0"),
    _object(
        "base",
        "Where progress is measured from: the observation of the baseline year, else the official baseline value, in "
        "the unit of the indicator; null if there is neither.",
        _year("The baseline year.", 2020),
        _value("Value of the baseline year, in the unit of the indicator.", 63.05),
    ),
    _object(
        "current",
        "What is held against the goal: the newest value that is neither missing nor a plan figure; of a mean annual "
        "change, the mean from the baseline year to the newest year not after the target year.",
        _year("Its year.", 2024),
        _value(f"Its value, {_IN_UNIT}.", 66.48),
        _STATUS,
    ),
    _object(
        "at_deadline",
        "The same for the target year; null until its value is known.",
        _year("The target year.", 2023),
        _value(f"Its value, {_IN_UNIT}.", 65.53),
        Column("gap", "number", "gap", _GAP.format("It"), -0.47),
    ),
    _object(
        "goal",
        "What the target demands.",
        _year("Year by which it is to be reached.", 2023),
        _value(f"The number, {_IN_UNIT}.", 66),
        _text("comparator", "ge: at least; le: at most; eq: exactly; approx: about.", "ge", tuple(Comparator.values)),
        nullable=False,
    ),
    _number("gap", _GAP.format("current"), 0.48),
    _text("gap_unit", "Unit of gaps: that of the target; percentage_points where it is percent.", "percentage_points"),
    _number(
        "observed_annual_change",
        "Change of the indicator a year, in its unit: from base to current; of dns_trend5, over the last five years.",
        0.8575,
    ),
    _number(
        "required_annual_change",
        "Change of the indicator that each year left to the target year needs, in its unit; null if none is left.",
        0.65,
    ),
    _number("ratio", "Observed progress as a share of the progress that is needed, as the method defines it.", 0.95),
    _object(
        "projected",
        "The value of the target year if the observed change goes on; null if no year is left.",
        _year("The target year.", 2025),
        _value(f"The value, {_IN_UNIT}.", 67.3),
    ),
    _text("status", "Where the region stands now.", "achieved", STATUSES),
    _text(
        "deadline_status",
        "How the deadline stands; null of benchmarks, and of approximate targets without a tolerance.",
        "met_late",
        DEADLINE_STATUSES,
        nullable=True,
    ),
    Column(
        "notes", "array", "notes", "What else to know of the figures: codes, explained in the documentation.",
        ["computed"], items="string", choices=NOTES,
    ),
    _text("release", "Release that the row is computed from.", "2026-05-post-ec5"),
    Column(
        "indicator", "string", "target", "Code of the indicator.", "urbanization_rate", lookup=_of_target("indicator")
    ),
    Column("plan", "string", "target", "Code of the plan.", "SD-NUP-3Y-2021-2023", lookup=_of_target("plan")),
    Column(
        "title_zh", "string", "target", "Chinese title of the target.", "常住人口城镇化率：到2023年不低于66%",
        lookup=_of_target("title_zh"),
    ),
    Column(
        "title_en", "string", "target", "English title of the target.",
        "Urbanization rate of permanent (resident) population: at least 66% by 2023", lookup=_of_target("title_en"),
    ),
    COLUMNS["region_name_zh"],
    COLUMNS["region_name_en"],
)  # fmt: skip
FURTHER = ("indicator", "plan", "title_zh", "title_en", "region_name_zh", "region_name_en")

PATH = Column(
    "path",
    "array",
    "path",
    "What each year would need, beside what was observed; values in the unit of the indicator.",
    [{"year": 2023, "required": 66, "observed": 65.53, "status": "A", "projected": None}],
    items="object",
    members=(
        _year("The year.", 2023),
        _number("required", "Value that the year would need, by the path that the method sees.", 66),
        _number("observed", "Usable value of the year; null if there is none.", 65.53),
        _text("status", "Its observation status.", "A", tuple(Status.values), nullable=True),
        _number("projected", "Value to expect if the observed change goes on, from the year of current on.", 66.2),
    ),
)

METHOD_COLUMNS: Mapping[str, Column] = by_name(
    _text("code", "Code of the method, as `method` takes it.", "linear_path"),
    _text("version", "Version of the method.", "1.0"),
    _text("title_zh", "Chinese title.", "线性路径"),
    _text("title_en", "English title.", "Linear path"),
    _text("formula", "Formula of the ratio; docs/progress.md says what each letter is.", "ratio = (y - b) / (p - b)"),
    Column(
        "thresholds",
        "array",
        "thresholds",
        "Statuses by ratio, best first; what reaches none of them is wrong_direction.",
        [{"status": "on_track", "ratio": 0.95, "closed": True}],
        items="object",
        members=(
            _text("status", "The status.", "on_track", STATUSES),
            Column("ratio", "number", "ratio", "The ratio from which on it applies.", 0.95),
            Column("closed", "boolean", "closed", "Whether the ratio itself belongs to it.", True),
        ),
    ),
    _text("description_zh", "What it measures, in Chinese.", "…"),
    _text("description_en", "What it measures, in English.", "…"),
    _text("citation", "Where the method comes from.", "Open SDG"),
    _text("url", "Address of its documentation, if one is known.", "https://open-sdg.readthedocs.io/", nullable=True),
)
