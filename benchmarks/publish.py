"""What it takes to publish a million figures: rows a second, beside a bare INSERT of the same rows, and the memory.

Figures are made up, in a database of their own: SQLite in a temporary folder, or the empty one that DATABASE_URL names.
"""

import argparse
import datetime
import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder, whose names are those of libraries
YEARS = range(1800, 1830)  # which the figures of the pack do not reach
COLUMNS = "indicator_id, region_id, year, value, status, source_id, locator, note, release_id"


def megabytes(process: int | str = "self") -> float:
    """The most memory that a process has taken so far."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(dict(line.split(":", 1) for line in status.splitlines())["VmHWM"].split()[0]) / 1024


def server_seconds() -> float:
    """Processor time of the process that serves this connection, where it is one of this machine."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return 0.0
    connection.ensure_connection()
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat")
    fields = stat.read_text(encoding="ascii").rpartition(")")[2].split() if stat.exists() else ["0"] * 20
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def measured(name: str, rows: int) -> Iterator[None]:
    wall, own, server = time.perf_counter(), time.process_time(), server_seconds()
    yield
    wall, own, server = time.perf_counter() - wall, time.process_time() - own, server_seconds() - server
    processor = f"processor {own:5.1f} s here, {server:5.1f} s in the server"
    print(f"{name:34} {wall:7.1f} s {rows / wall:9,.0f} rows/s; {processor}", flush=True)


def reference(rows: int) -> list[tuple[str, str]]:
    """The real tables, and as many series as the figures need: indicators of the pack, regions made up."""
    from django.core.management import call_command

    from indicators.models import Indicator, Region

    call_command("migrate", verbosity=0)
    call_command("load", ROOT / "fixtures", verbosity=0, stdout=io.StringIO())
    codes = sorted(Indicator.objects.values_list("code", flat=True))
    regions = [f"M{number:05}" for number in range(rows // len(codes) // len(YEARS) + 1)]
    names = {"name_zh": "虚构", "name_en": "Made up", "level": "county", "type": "county", "valid_from": 1800}
    Region.objects.bulk_create(Region(code=code, parent_id="370000", **names) for code in regions)
    return [(indicator, region) for region in regions for indicator in codes]


def made_up(series: list[tuple[str, str]], rows: int) -> list[Any]:
    from indicators.publishing.figures import Figure

    random.seed(7)
    cells = ((*pair, year) for pair in series for year in YEARS)
    return [
        Figure(line, *cell, round(random.uniform(0, 1e5), 2), "A", "S22", None, None)  # noqa: S311
        for line, cell in enumerate(cells, start=2)
        if line < rows + 2
    ]


def bare(figures: list[Any]) -> None:
    """The same rows by the plainest statement, rolled back."""
    from django.db import connection, transaction
    from django.utils import timezone

    from indicators.models import Release

    counts = {
        "added": 0,
        "revised": 0,
        "confirmed": 0,
        "withdrawn": 0,
        "content_sha256": "",
        "title_zh": "",
        "title_en": "",
    }
    with transaction.atomic():
        order = 1 + Release.objects.count()
        Release.objects.create(
            order=order, name="bare", published_on="2999-01-01", in_force_since=timezone.now(), **counts
        )
        with connection.cursor() as cursor:
            insert = f"INSERT INTO indicators_observation ({COLUMNS}) VALUES ({', '.join(['%s'] * 9)})"  # noqa: S608
            for begin in range(0, len(figures), 5_000):
                cursor.executemany(insert, [(*figure[1:], order) for figure in figures[begin : begin + 5_000]])
        connection.check_constraints() if connection.vendor == "postgresql" else None
        transaction.set_rollback(True)


def published(name: str, day: int, figures: list[Any], **options: bool) -> None:
    from indicators.publishing.run import Announcement, publish

    date = datetime.date(2027, 1, 1) + datetime.timedelta(days=day)
    outcome = publish(Announcement(name, date, "测", name), figures, "made-up.csv", **options)
    counts = outcome.changes.counts._asdict().items()
    print(f"  {outcome.state.value}: {', '.join(f'{number} {name}' for name, number in counts if number)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/made_up.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "urbanapi.settings"
        import django

        django.setup()
        measure(chosen.rows)


def measure(rows: int) -> None:
    figures = made_up(reference(rows), rows)
    print(f"{len(figures):,} figures; {megabytes():.0f} MB before the first is published")
    with measured("a bare INSERT of each row", len(figures)):
        bare(figures)
    with measured("the first release", len(figures)):
        published("first", 1, figures)
    with measured("the same again", len(figures)):
        published("first", 1, figures)
    some = set(random.sample(range(len(figures)), len(figures) // 100))
    second = [row._replace(value=row.value + 1) if n in some else row for n, row in enumerate(figures)]
    with measured("a dry run", len(second)):
        published("second", 2, second, dry_run=True)
    with measured("a release that changes 1 % of them", len(second)):
        published("second", 2, second)
    print(f"{megabytes():.0f} MB at most")


if __name__ == "__main__":
    main()
