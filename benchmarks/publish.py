"""What it takes to publish a million figures, from the file that is handed in to the files that are served.

Runs `manage.py publish` itself, beside a bare INSERT (on PostgreSQL, COPY) of the same rows: a first release, one of
the 1 % that change handed in alone, and one of all figures of which 1 % change. Readers ask a server meanwhile; their
times are told beside those of before. Figures are made up, or those of --file; the database is SQLite in a temporary
folder, or the empty one that DATABASE_URL names.
"""

import argparse
import csv
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder, whose names are those of libraries
YEARS = range(1800, 1830)  # which the figures of the pack do not reach
HEADER = ("indicator", "region", "year", "value", "status", "source")
COLUMNS = "indicator_id, region_id, year, value, status, source_id, release_id"
READERS = 4
#: Seconds between an answer and the next question: together they ask some two hundred times a second. That is a busy
#: day, no test of load.
PAUSE = 0.02
#: What readers ask in turn: a cell, a page, a series, an aggregate of metadata.
QUESTIONS = (
    "observations?indicator=urbanization_rate&region=370000&year=2023",
    "observations?indicator=urbanization_rate&page_size=100",
    "series?region=370100&include=values",
    "releases?page_size=5",
)
IDLE_SECONDS = 10

Row = tuple[str, str, int, float]


def reference(rows: int, package: Path) -> list[tuple[str, str]]:
    """The tables of a package, and as many series as the figures need: its indicators, regions made up."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        call_command("load", package, stdout=nowhere, verbosity=0)
    from indicators.models import Indicator, Region

    codes = sorted(Indicator.objects.values_list("code", flat=True))
    regions = [f"M{number:05}" for number in range(rows // len(codes) // len(YEARS) + 1)]
    names = {"name_zh": "虚构", "name_en": "Made up", "level": "county", "type": "county", "valid_from": 1800}
    Region.objects.bulk_create(Region(code=code, parent_id="370000", **names) for code in regions)
    return [(indicator, region) for indicator in codes for region in regions]


def made_up(series: Sequence[tuple[str, str]], rows: int) -> list[Row]:
    cells = ((*pair, year) for pair in series for year in YEARS)
    return [(*cell, round(random.uniform(50, 60), 2)) for cell, _ in zip(cells, range(rows), strict=False)]  # noqa: S311


def handed_in(path: Path, rows: Sequence[Row]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows((*row, "A", "S22") for row in rows)
    return path


def bare(rows: Sequence[Row]) -> float:
    """Seconds that the same rows take by the plainest statement, rolled back."""
    from django.db import connection, transaction

    from indicators.models import Release

    counts = dict.fromkeys(("added", "revised", "confirmed", "withdrawn"), 0)
    began = time.perf_counter()
    with transaction.atomic():
        order = 1 + Release.objects.count()
        Release.objects.create(
            order=order, name="bare", published_on="2999-01-01", in_force_since="2999-01-01T00:00:00Z", title_zh="",
            title_en="", content_sha256="", **counts,
        )  # fmt: skip
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY indicators_observation ({COLUMNS}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row((*row, "A", "S22", order))
            else:
                insert = f"INSERT INTO indicators_observation ({COLUMNS}) VALUES ({', '.join(['%s'] * 7)})"  # noqa: S608
                for begin in range(0, len(rows), 5_000):
                    cursor.executemany(insert, [(*row, "A", "S22", order) for row in rows[begin : begin + 5_000]])
        transaction.set_rollback(True)
    seconds = time.perf_counter() - began
    connection.close()
    return seconds


class Readers:
    """Threads that ask one question after the other, and keep how long each answer took."""

    def __init__(self, base: str) -> None:
        self.base, self.times, self.stop = base, list[float](), threading.Event()

    def ask(self, number: int) -> None:
        while not self.stop.is_set():
            began = time.perf_counter()
            address = f"{self.base}/api/v1/{QUESTIONS[number % len(QUESTIONS)]}"
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310
                answer.read()
            self.times.append(time.perf_counter() - began)
            number += 1
            self.stop.wait(PAUSE)

    @contextmanager
    def reading(self) -> Iterator[list[float]]:
        self.times, self.stop = [], threading.Event()
        threads = [threading.Thread(target=self.ask, args=(number,)) for number in range(READERS)]
        for thread in threads:
            thread.start()
        yield self.times
        self.stop.set()
        for thread in threads:
            thread.join()


def percentile(times: Sequence[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))] * 1000


def told(times: Sequence[float]) -> str:
    return f"readers p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms of {len(times):,}"


@contextmanager
def server() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, ROOT / "manage.py", "serve"]
    environment = os.environ | {"PORT": str(port), "THROTTLE": ""}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"{base}/readyz", timeout=5).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        process.terminate()
        process.wait()


def publish(table: Path, name: str, day: int) -> tuple[float, float]:
    """Seconds and megabytes of `manage.py publish`."""
    command = [sys.executable, "manage.py", "publish", table, "--name", name, "--title", name]
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(  # noqa: S603
            [*command, "--published-on", f"2027-01-{day:02}"], cwd=ROOT, stdout=output, stderr=output
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        lines = output.read().strip().splitlines()
    if process.returncode:
        raise SystemExit("\n".join(lines[-5:]))
    print(f"  {lines[-1]}")
    return time.perf_counter() - began, used.ru_maxrss / 1024


def measure(rows: list[Row], folder: Path) -> None:
    some = set(random.sample(range(len(rows)), len(rows) // 100))
    second = [(*row[:3], round(row[3] * 0.99, 2)) if number in some else row for number, row in enumerate(rows)]
    third = [(*row[:3], round(row[3] * 0.99, 2)) if number in some else row for number, row in enumerate(second)]
    tables = {
        "the first": handed_in(folder / "first.csv", rows),
        "1 % changed, handed in alone": handed_in(folder / "some.csv", [second[number] for number in sorted(some)]),
        "1 % changed, handed in whole": handed_in(folder / "whole.csv", third),
    }
    seconds = bare(rows)
    print(f"{len(rows):,} figures; bare: {seconds:.1f} s, {len(rows) / seconds:,.0f} a second")
    first = 0.0
    with server() as base:
        readers = Readers(base)
        with readers.reading() as idle:
            time.sleep(IDLE_SECONDS)
        print(f"before: {told(idle)}")
        for day, (what, table) in enumerate(tables.items(), start=1):
            with readers.reading() as times:
                taken, memory = publish(table, f"release-{day}", day)
            first = first or taken
            speed = f"{len(rows) / taken:,.0f} figures a second" if day == 1 else f"{taken / first:.2f} of the first"
            worse = percentile(times, 0.99) / percentile(idle, 0.99)
            print(f"{what}: {taken:.1f} s, {speed}, {memory:.0f} MB; {told(times)}, {worse:.1f} times that of before")


def given(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return [(row["indicator"], row["region"], int(row["year"]), float(row["value"])) for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="figures that are made up")
    parser.add_argument(
        "--package", type=Path, default=ROOT / "fixtures", help="data package with the reference tables"
    )
    parser.add_argument("--file", type=Path, help="figures to publish, as CSV with the columns of an observation file")
    chosen = parser.parse_args()
    random.seed(7)
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/made_up.sqlite3")
        os.environ |= {"DJANGO_SETTINGS_MODULE": "urbanapi.settings", "FILES_ROOT": f"{folder}/files"}
        series: Any = reference(chosen.rows, chosen.package)
        measure(given(chosen.file) if chosen.file else made_up(series, chosen.rows), Path(folder))


if __name__ == "__main__":
    main()
