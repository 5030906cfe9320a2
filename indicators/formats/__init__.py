"""FORMATS: every representation of an answer, the default first.

To add one, write its file and put it on this list: negotiation, `format=`, OpenAPI, `/meta` and what the tests ask of
every format follow. How it is read back by a program that nobody here wrote is for a test of its own.
"""

from .base import Format
from .csv import Csv
from .json import Json
from .jsonstat import JsonStat
from .ndjson import NdJson
from .parquet import Parquet
from .sdmx_csv import SdmxCsv
from .sdmx_json import SdmxJson
from .xlsx import Xlsx

FORMATS: tuple[Format, ...] = (
    Json(),
    Csv(),
    NdJson(),
    Xlsx(),
    Parquet(),
    JsonStat(),
    SdmxCsv(),
    SdmxJson(),
)
#: What resources of data answer whose rows are no cells of a cube: everything but layouts made for cubes.
DATA_FORMATS: tuple[Format, ...] = tuple(f for f in FORMATS if not f.columns)
#: What reference resources answer.
REFERENCE_FORMATS: tuple[Format, ...] = tuple(f for f in FORMATS if f.name in ("json", "csv"))

__all__ = ["DATA_FORMATS", "FORMATS", "REFERENCE_FORMATS", "Format"]
