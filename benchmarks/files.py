"""What it takes to write a million figures in each format that releases keep: from rows, as answers of the API are
written, and from columns, as files are; on one core, without the database and without the disk. CSV as Arrow alone
writes it is the bare limit; the sheet of the workbook is compressed by ISA-L and by zlib. Figures are made up.
"""

import argparse
import io
import os
import random
import sys
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder, whose names are those of libraries
BATCH = 50_000


def written(chunks: Iterable[bytes | memoryview]) -> int:
    return sum(map(len, chunks))


def timed(work: Callable[[], int]) -> tuple[float, int]:
    began = time.perf_counter()
    size = work()
    return time.perf_counter() - began, size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "urbanapi.settings")
    import django

    django.setup()
    import pyarrow
    import pyarrow.csv
    from isal import isal_zlib

    from indicators.formats import FORMATS
    from indicators.publishing.bodies import FILE_COLUMNS
    from indicators.query.columns import COLUMNS
    from indicators.query.slice import Answer

    pyarrow.set_cpu_count(1)
    random.seed(7)
    places = range(chosen.rows)
    columns = {
        "indicator": [f"indicator_{n // 6_000}" for n in places],
        "region": [f"{370000 + n % 6_000 // 2}" for n in places],
        "year": [2010 + n % 2 * 10 for n in places],
        "value": [round(random.uniform(0, 100_000), random.randrange(3)) for n in places],  # noqa: S311
        "unit": ["persons"] * chosen.rows,
        "status": ["A"] * chosen.rows,
        "source": ["S22"] * chosen.rows,
        "release": ["2026-11-census" if n % 100 else "2026-12-census" for n in places],
        "locator": [None] * chosen.rows,
        "note": [None] * chosen.rows,
    }
    table = pyarrow.table({name: columns[name] for name in FILE_COLUMNS})
    for name in FILE_COLUMNS:
        if COLUMNS[name].type == "string":
            coded = table.column(name).cast(pyarrow.string()).dictionary_encode()
            table = table.set_column(table.schema.get_field_index(name), name, coded)
    batches = table.to_batches(max_chunksize=BATCH)
    answer = Answer(tuple(COLUMNS[name] for name in FILE_COLUMNS), (), {"release": "2026-12-census"})
    rows = list(zip(*columns.values(), strict=True))
    print(f"{'':10}{'by rows, s':>12}{'by columns, s':>15}{'MB':>8}")
    for f in FORMATS:
        if f.filed:
            slow, _ = timed(lambda f=f: written(f.write(replace(answer, rows=iter(rows)))))
            fast, size = timed(lambda f=f: written(f.write_batches(answer, batches)))
            print(f"{f.name:10}{slow:12.2f}{fast:15.2f}{size / 1e6:8.0f}")
    target = io.BytesIO()
    limit, size = timed(lambda: pyarrow.csv.write_csv(table, target) or target.tell())
    print(f"{'bare CSV':10}{'':12}{limit:15.2f}{size / 1e6:8.0f}")
    workbook = b"".join(next(f for f in FORMATS if f.name == "xlsx").write_batches(answer, batches))
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        sheet = archive.read("xl/worksheets/data.xml")
    for name, library in (("ISA-L", isal_zlib), ("zlib", zlib)):
        packer = library.compressobj(1, zlib.DEFLATED, -15)
        seconds, size = timed(lambda packer=packer: len(packer.compress(sheet)) + len(packer.flush()))
        print(f"{name:10}{'':12}{seconds:15.2f}{size / 1e6:8.0f}")


if __name__ == "__main__":
    main()
