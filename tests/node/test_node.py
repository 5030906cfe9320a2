"""Linters of the Node world find nothing in the served document, and a TypeScript client works (`make test-node`)."""

import os
import shutil
import subprocess
import urllib.request
from collections.abc import Sequence
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOOLS = HERE / "node_modules" / ".bin"
pytestmark = pytest.mark.server


def run(command: Sequence[str], folder: Path = HERE) -> str:
    """What a tool prints; nothing but the service under test is asked over the network."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=os.environ | quiet, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def document(served: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The served document as a file."""
    path = tmp_path_factory.mktemp("node") / "openapi.json"
    with urllib.request.urlopen(f"{served}/api/v1/openapi.json", timeout=20) as response:  # noqa: S310
        path.write_bytes(response.read())
    return path


def test_spectral_finds_nothing(document: Path) -> None:
    said = run([f"{TOOLS}/spectral", "lint", "--ruleset", ".spectral.yaml", "--fail-severity", "hint", str(document)])
    assert said.strip() == "No results with a severity of 'hint' or higher found!"


def test_redocly_finds_nothing(document: Path) -> None:
    said = run([f"{TOOLS}/redocly", "lint", "--config", "redocly.yaml", "--format", "json", str(document)])
    assert '"errors": 0,' in said
    assert '"warnings": 0,' in said
    assert '"ignored": 0' in said


def test_a_typescript_client_works(served: str, document: Path, tmp_path: Path) -> None:
    """Types are generated, the program is checked strictly with them, and what was compiled asks the real server."""
    for name in ("client.mts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, tmp_path)
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    run([f"{TOOLS}/openapi-typescript", str(document), "--output", str(tmp_path / "api.d.ts")])
    assert run([f"{TOOLS}/tsc", "--noEmit"], tmp_path) == ""
    run([f"{TOOLS}/tsc"], tmp_path)
    steps = run(["node", "client.mjs", served], tmp_path).split("\n")
    assert steps == [f"{step}: right" for step in ("observations", "walk", "targets", "error", "table")] + [""]
