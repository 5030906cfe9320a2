"""What everything in SDMX shares here: one data structure, its dataflow, and ids made of our codes.

All datasets are described by one data structure definition, so a slice across datasets is one SDMX data set, and a
dataflow for each dataset may stand beside `DATAFLOW` on the same structure. Versions are semantic (SDMX 3.0).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ..query.slice import Answer

DATAFLOW = "DF_OBSERVATIONS"
DATA_STRUCTURE = "DSD_OBSERVATIONS"
VERSION = "1.0.0"
#: The one code of FREQ: all figures are of calendar years.
ANNUAL = "A"


@dataclass(frozen=True)
class Component:
    """A component of the data structure: its id, its names, and the column of an answer that it is made of."""

    id: str
    name_en: str
    name_zh: str
    column: str = ""

    @property
    def names(self) -> dict[str, str]:
        """Names by language, as SDMX-JSON writes them."""
        return {"en": self.name_en, "zh": self.name_zh}


# Ids of the SDMX cross-domain concepts, where there is one.
FREQ = Component("FREQ", "Frequency of observation", "观测频率")
INDICATOR = Component("INDICATOR", "Indicator", "指标", "indicator")
REF_AREA = Component("REF_AREA", "Reference area", "参考地区", "region")
TIME_PERIOD = Component("TIME_PERIOD", "Time period", "时期", "year")
OBS_VALUE = Component("OBS_VALUE", "Observation value", "观测值", "value")
UNIT_MEASURE = Component("UNIT_MEASURE", "Unit of measure", "计量单位", "unit")
OBS_STATUS = Component("OBS_STATUS", "Observation status", "观测状态", "status")
DATA_SOURCE = Component("DATA_SOURCE", "Source of the figure", "数据来源", "source")
COMMENT_OBS = Component("COMMENT_OBS", "Comment on the observation", "观测说明", "note")

DIMENSIONS = (FREQ, INDICATOR, REF_AREA, TIME_PERIOD)
ATTRIBUTES = (UNIT_MEASURE, OBS_STATUS, DATA_SOURCE, COMMENT_OBS)
#: In the order of the data structure: dimensions, the measure, attributes.
COMPONENTS = (*DIMENSIONS, OBS_VALUE, *ATTRIBUTES)
#: The columns that are asked for.
COLUMNS = tuple(component.column for component in COMPONENTS if component.column)

#: An id of SDMX has letters, digits, _ @ $ - alone. `$` and `@` are kept for us, and a minus in front would be a
#: formula to a spreadsheet.
_FOREIGN = re.compile(r"^-|[^A-Za-z0-9_-]")


def identifier(code: str) -> str:
    """A code as an id of SDMX: any other character as its code point in hexadecimal, so that 岛 is `$5C9B$`.

    No two codes have the same id, and codes of plain letters, digits, - and _ are their own.
    """
    return _FOREIGN.sub(lambda found: f"${ord(found[0]):X}$", code)


def identifiers(codes: Sequence[str | None], missing: str = "") -> list[str]:
    """A column of codes as ids."""
    known = {code: missing if code is None else identifier(code) for code in set(codes)}
    return [known[code] for code in codes]


def dataflow(answer: Answer) -> str:
    """The dataflow of all observations, as data messages name it."""
    return f"{answer.issuer['agency']}:{DATAFLOW}({VERSION})"


def data_structure(answer: Answer) -> str:
    """The data structure definition, as data messages name it."""
    return f"{answer.issuer['agency']}:{DATA_STRUCTURE}({VERSION})"
