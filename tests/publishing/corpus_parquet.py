"""Bad Parquet files: types that are no figures, damage, and compression that unpacks to far more."""

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from .corpus import bad

RIGHT = {
    "indicator": "urbanization_rate",
    "region": "370000",
    "year": 2023,
    "value": 65.53,
    "status": "A",
    "source": "S01",
}


def table(rows: int = 1, **columns: Any) -> pa.Table:
    """Right rows, with columns that are not."""
    return pa.table({name: pa.array([value] * rows) for name, value in RIGHT.items()} | columns)


def column(name: str, expected: str, **columns: Any) -> None:
    """Put a file on the list of which a column is wrong."""

    @bad(name, expected)
    def write(path: Path) -> None:
        pq.write_table(table(**columns), path)


column("nested.parquet", "column 'value' has the type list<", value=pa.array([[1.0, 2.0]]))
column("struct.parquet", "column 'note' has the type struct<", note=pa.array([{"a": 1}]))
column("map.parquet", "column 'note' has the type map<", note=pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int64())))
column("date.parquet", "column 'year' holds dates (date32[day])", year=pa.array([datetime.date(2022, 12, 31)]))
column("time.parquet", "column 'year' holds dates (timestamp[us])", year=pa.array([datetime.datetime(2022, 12, 31)]))
column("float32.parquet", "column 'value' has the type float, which keeps less", value=pa.array([65.53], pa.float32()))
column("bool.parquet", "column 'value' has the type bool; expected is text or a number", value=pa.array([True]))
column("binary.parquet", "column 'region' has the type binary", region=pa.array([b"370000"]))
column("nan.parquet", "nan.parquet:1 [value]: nan is not a finite number", value=pa.array([float("nan")]))
column("inf.parquet", "inf.parquet:1 [value]: -inf is not a finite number", value=pa.array([float("-inf")]))
column("half_year.parquet", ":1 [year]: '2022.5' is not a year of four digits", year=pa.array([2022.5]))
column("large.parquet", ":1 [value]: 18446744073709551615 is beyond", value=pa.array([2**64 - 1], pa.uint64()))
column("decimal.parquet", ":1 [value]: 165.53 is impossible", value=pa.array([Decimal("165.53")]))
column("null.parquet", ":1 [region]: is empty", region=pa.array([None], pa.string()))
column("utf8.parquet", "utf8.parquet: ", region=pa.array([b"\xff\xfe"]).cast(pa.binary()).view(pa.string()))
column("surplus.parquet", "unknown column 'colour'", colour=pa.array(["red"]))
column("unknown.parquet", ":1 [region]: there is no region '370001'", region=pa.array([370001]))


@bad("twice.parquet", "column value stands twice")
def twice(path: Path) -> None:
    whole = table()
    pq.write_table(pa.Table.from_arrays([*whole.columns, whole["value"]], [*whole.column_names, "数值"]), path)


@bad("cut.parquet", "cut.parquet: is a damaged or cut off Parquet file")
def cut(path: Path) -> None:
    pq.write_table(table(1_000), path)
    path.write_bytes(path.read_bytes()[:-500])


@bad("renamed.parquet", "renamed.parquet: is a damaged or cut off Parquet file")
def renamed(path: Path) -> None:
    path.write_bytes(b"PAR1" + bytes(1_000) + b"PAR1")


@bad("flipped.parquet", "flipped.parquet: is a damaged or cut off Parquet file")
def flipped(path: Path) -> None:
    pq.write_table(table(1_000), path, compression="none", write_page_checksum=True, use_dictionary=False)
    data = bytearray(path.read_bytes())
    data[100:200] = bytes(100)
    path.write_bytes(data)


@bad("many_columns.parquet", "has 1006 columns; a table has at most 300")
def many_columns(path: Path) -> None:
    pq.write_table(table(**{f"c{n}": pa.array([1.0]) for n in range(1_000)}), path)


@bad("rows.parquet", "has 3,000,000 rows; a file has at most 2,000,000: divide it", heavy=True)
def rows(path: Path) -> None:
    pq.write_table(pa.table({"value": pa.nulls(3_000_000, pa.float64())}), path)


@bad("repeated_text.parquet", "there is no region 'xxx", "faults more, not listed", heavy=True)
def repeated_text(path: Path) -> None:
    pq.write_table(table(100_000, region=pa.array(["x" * 30_000] * 100_000).dictionary_encode()), path)


@bad("bomb.parquet", "bomb.parquet: ", heavy=True)
def bomb(path: Path) -> None:
    texts = pa.array(["x" * 1024**2 + str(n) for n in range(900)])
    pq.write_table(table(900, note=texts), path, compression="zstd", use_dictionary=False, data_page_size=2**30)


@bad("fat_cell.parquet", "fat_cell.parquet", heavy=True)
def fat_cell(path: Path) -> None:
    pq.write_table(table(note=pa.array(["x" * 600 * 1024**2])), path, compression="zstd")
