"""manage.py serve: it says where it is, stops at Ctrl-C, and never shares a port."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.serving import ROOT, empty_database, environment_of, free_port, get


@pytest.mark.server
def test_it_serves_until_it_is_interrupted_and_refuses_a_port_in_use(tmp_path: Path) -> None:
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with empty_database(tmp_path) as database:
        variables = environment_of(database, base, HOST="127.0.0.1", PORT=str(port))
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=variables, cwd=ROOT, check=True)
        command = [sys.executable, "manage.py", "serve", "--workers", "2"]
        log = (tmp_path / "log").open("w+", encoding="utf-8")
        with (
            log,
            subprocess.Popen(
                command, env=variables, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            ) as server,
        ):
            wait_for(f"{base}/livez")
            second = subprocess.run(command, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert f"Nothing can listen at 127.0.0.1:{port}" in second.stderr
            assert f"PORT={port + 1000} make run" in second.stderr
            os.killpg(server.pid, signal.SIGINT)  # as a terminal does
            assert server.wait(timeout=15) == 0
            log.seek(0)
            assert f"page     {base}/" in log.read()
        third = subprocess.Popen(command, env=variables, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with third:
            wait_for(f"{base}/livez")  # the port is free again at once
            third.send_signal(signal.SIGTERM)
            assert third.wait(timeout=15) == 0


def wait_for(address: str) -> None:
    for _ in range(200):
        try:
            get(address)
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)
