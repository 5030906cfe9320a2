"""Tables read back by programs that nobody here wrote, as rows of plain values."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import openpyxl
import pandas
import pyarrow.parquet

Rows = list[list[Any]]


def cell(value: Any) -> str:
    """A value as a cell of CSV shows it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return "'" + value if value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
    return json.dumps(value)


def guarded(value: Any) -> Any:
    """A value as a workbook shows it."""
    return cell(value) if isinstance(value, str) else value


def read_csv(body: bytes) -> tuple[list[str], Rows]:
    """Header and rows, each cell as text."""
    header, *rows = csv.reader(io.StringIO(body.decode(), newline=""))
    return header, rows


def read_ndjson(body: bytes) -> list[dict[str, Any]]:
    """The objects, one for each line."""
    text = body.decode()
    assert text == "" or text.endswith("}\n")
    return [json.loads(line) for line in text.split("\n")[:-1]]


def read_xlsx(body: bytes, sheet: str = "data") -> tuple[list[str], Rows]:
    """Header and rows of a sheet as openpyxl reads them; days as text."""
    book = openpyxl.load_workbook(io.BytesIO(body), read_only=True)
    header, *rows = book[sheet].iter_rows(values_only=True)
    return list(header), [[plain(value) for value in row] for row in rows]


def read_parquet(body: bytes) -> tuple[list[str], Rows]:
    """Header and rows as pyarrow reads them; days as text."""
    table = pyarrow.parquet.read_table(io.BytesIO(body))
    return table.column_names, by_row([column.to_pylist() for column in table.columns])


def read_parquet_by_duckdb(body: bytes) -> tuple[list[str], Rows]:
    """Header and rows as DuckDB reads them; days as text."""
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        file.write(body)
        file.flush()
        relation = DUCKDB.read_parquet(file.name)
        return relation.columns, [[plain(value) for value in row] for row in relation.fetchall()]


def read_parquet_by_pandas(body: bytes) -> tuple[list[str], Rows]:
    """Header and rows as pandas reads them; days as text, what it calls missing as None."""
    frame = pandas.read_parquet(io.BytesIO(body))
    columns = [[None if value is pandas.NA else value for value in frame[name]] for name in frame]
    return list(frame), by_row([[None if value != value else value for value in column] for column in columns])


DUCKDB = duckdb.connect()
#: The rows of a table, by its format.
ROWS: dict[str, Callable[[bytes], Sequence[Any]]] = {
    "csv": lambda body: read_csv(body)[1],
    "ndjson": read_ndjson,
    "xlsx": lambda body: read_xlsx(body)[1],
    "parquet": lambda body: read_parquet(body)[1],
}


def by_row(columns: Sequence[Sequence[Any]]) -> Rows:
    return [[plain(value) for value in row] for row in zip(*columns, strict=True)]


def plain(value: Any) -> Any:
    """A day as text, an array as a list, anything else as it is."""
    if hasattr(value, "date"):
        value = value.date()
    return value.isoformat() if hasattr(value, "isoformat") else value
