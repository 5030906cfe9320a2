"""What a whole slice of a million rows takes: memory of the worker, bytes on the wire and time, for each coding.

Figures are made up, in a SQLite database of their own; the real server answers them. Reads /proc, so it needs Linux.
"""

import argparse
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PORT = 8791
CODINGS = ("identity", "gzip", "br")

#: Figures of the years from 1000 on, which the real ones do not reach, for every indicator and region of the pack.
MADE_UP = """
WITH RECURSIVE y(year) AS (SELECT 1000 UNION ALL SELECT year + 1 FROM y WHERE year < 1899)
    INSERT INTO indicators_observation (indicator_id, region_id, year, release_id, value, status, source_id)
    SELECT i.code, r.code, year, 1, round(abs(random() % 10000000) / 100.0, 2), 'A', 'S01'
    FROM y, indicators_indicator i, indicators_region r LIMIT ?
"""


def environment(database: Path) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{database}",
        "DJANGO_SETTINGS_MODULE": "urbanapi.settings",
        "PYTHONPATH": str(ROOT),
        "QUERY_SECONDS": "60",
    }


def fill(database: Path, rows: int) -> None:
    """The real pack, and so many rows more."""
    for command in (["migrate", "-v0"], ["load", "fixtures/"]):
        serve = [sys.executable, "manage.py", *command]
        subprocess.run(serve, env=environment(database), cwd=ROOT, check=True, capture_output=True)  # noqa: S603
    with closing(sqlite3.connect(database)) as store, store:
        store.execute(MADE_UP, (rows,))


def worker_of(server: int) -> int:
    """The process that answers: the child of the server."""
    children = Path(f"/proc/{server}/task/{server}/children").read_text(encoding="ascii").split()
    return int(children[-1])


def memory(process: int) -> float:
    """MB that a process takes, mapped files and all."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(dict(line.split(":", 1) for line in status.splitlines())["VmRSS"].split()[0]) / 1024


class Watch(threading.Thread):
    """The most that a process takes while somebody looks."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.process, self.most, self.over = process, memory(process), threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.01):
            self.most = max(self.most, memory(self.process))


def ask(path: str, coding: str) -> tuple[int, int]:
    """Bytes of the body as it came, and as the Content-Length told."""
    request = urllib.request.Request(f"http://127.0.0.1:{PORT}{path}", headers={"Accept-Encoding": coding})
    size = 0
    with urllib.request.urlopen(request, timeout=600) as response:  # noqa: S310
        while block := response.read(1 << 16):
            size += len(block)
        return size, int(response.headers["Content-Length"])


def wait() -> None:
    for _ in range(100):
        try:
            ask("/readyz", "identity")
        except OSError:
            time.sleep(0.1)
        else:
            return


def measure(server: int, path: str, rows: int) -> None:
    worker = worker_of(server)
    for coding in CODINGS:  # what any answer needs is loaded before
        ask(f"{path}&indicator=grp&region=370000", coding)
    before = memory(worker)
    print(f"{rows:,} rows and those of the pack; the worker takes {before:.0f} MB before the first whole slice")
    for coding in CODINGS:
        watch = Watch(worker)
        watch.start()
        began = time.perf_counter()
        size, told = ask(path, coding)
        seconds = time.perf_counter() - began
        watch.over.set()
        watch.join()
        assert size == told, "the body is as long as its Content-Length"  # noqa: S101
        print(f"  {coding:8} {size / 1e6:6.1f} MB in {seconds:5.1f} s; at most {watch.most - before:+.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--format", default="csv")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "made_up.sqlite3"
        fill(database, chosen.rows)
        serve = ["-m", "granian", "--interface", "wsgi", "--port", str(PORT), "--workers", "1", "--no-ws"]
        server = subprocess.Popen(  # noqa: S603
            [sys.executable, *serve, "--blocking-threads", "2", "urbanapi.wsgi:application"],
            env=environment(database),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        try:
            wait()
            measure(server.pid, f"/api/v1/observations?format={chosen.format}", chosen.rows)
        finally:
            server.terminate()
            server.wait(timeout=20)


if __name__ == "__main__":
    main()
