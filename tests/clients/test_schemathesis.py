"""Schemathesis against the real server: every check, in every phase, finds nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from indicators.formats import FORMATS
from tests.clients.narrowing import narrowed
from tests.serving import ROOT, get

#: They try the document, which is one for all engines; PostgreSQL is asked what nobody thought of.
PHASES = ["examples,coverage", "fuzzing", "stateful"] if connection.vendor == "sqlite" else ["fuzzing"]


@pytest.mark.server
@pytest.mark.parametrize("phases", PHASES)
def test_it_finds_nothing(served: str, tmp_path: Path, phases: str) -> None:
    document = narrowed(get(f"{served}/api/v1/openapi.json"), served)
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    told = {f.name: {"options": sorted(f.options), "laid_out": bool(f.columns)} for f in FORMATS}
    run = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file"),
            *("tests/clients/schemathesis.toml", "run", str(tmp_path / "openapi.json")),
            *("--url", served, "--phases", phases, "--continue-on-failure"),
        ],
        cwd=ROOT, capture_output=True, text=True, env=os.environ | {"FORMATS": json.dumps(told)},
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-20_000:] + run.stderr
    assert "No issues found" in run.stdout
    assert not re.search(r"WARNINGS|Warnings:|❌|⚠", run.stdout), run.stdout[-20_000:]
    tested = re.search(r"([0-9]+) generated, \1 passed", run.stdout)
    assert tested, "every request that was made is judged right"
    assert int(tested[1]) > 1_000
    if phases != "stateful":
        assert f"Tested: {len(document['paths'])}" in run.stdout
