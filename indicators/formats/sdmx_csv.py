"""SDMX-CSV 2.0: one line for each observation, components under their ids, codes as ids of SDMX."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..query.slice import Answer
from . import sdmx
from .base import Format, batches, guarded, numbers
from .csv import lines

_HEADER = ("STRUCTURE", "STRUCTURE_ID", "ACTION", *(component.id for component in sdmx.COMPONENTS))
#: Data for information, not an order to change a database.
_INFORMATION = "I"


class SdmxCsv(Format):
    """The whole slice as an SDMX-CSV data message."""

    name = "sdmx-csv"
    media_type = "application/vnd.sdmx.data+csv"
    version = "2.0.0"
    description = (
        "The whole slice as an SDMX-CSV 2.0 data message; a missing value is an empty cell with an observation status."
    )
    columns = sdmx.COLUMNS
    bound = 1_000_000
    extension = "csv"

    def write(self, answer: Answer) -> Iterator[bytes]:
        found = batches(answer)
        batch = next(found, [])  # before the header: a fault here is still an error, not a broken file
        yield lines([_HEADER])
        always = ("dataflow", sdmx.dataflow(answer), _INFORMATION, sdmx.ANNUAL)
        while batch:
            cells = map(_cells, sdmx.COLUMNS, zip(*batch, strict=True))
            yield lines((*always, *row) for row in zip(*cells, strict=True))
            batch = next(found, [])


def _cells(name: str, values: Sequence[Any]) -> Sequence[Any]:
    """A column as cells. Ids never look like a formula to a spreadsheet, so only the text of people is guarded."""
    if name == "year":
        return values
    if name == "value":
        return numbers(values, "")
    if name == "note":
        return ["" if value is None else guarded(value) for value in values]
    return sdmx.identifiers(values)
