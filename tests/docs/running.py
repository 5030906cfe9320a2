"""Runs a snippet of a document against the real server and compares what it prints with what the document shows."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.docs.documents import BASE, Snippet, markdown_files, snippets

COMMANDS = {
    "python": [sys.executable, "-W", "error", "-"],
    "bash": ["bash", "-euo", "pipefail", "-s"],
    "javascript": ["node", "--input-type=module", "-"],
}


def shown(*languages: str) -> list[Snippet]:
    """The snippets in one of these languages, in any document, whose output is shown; translations repeat them."""
    originals = [path for path in markdown_files() if not path.name.endswith(".zh.md")]
    return [s for path in originals for s in snippets(path) if s.language in languages and s.output]


def check(snippet: Snippet, served: str, folder: Path) -> None:
    """Text is compared to the letter, JSON by its content; figures that the snippet draws must be there."""
    environment = os.environ | {"MPLBACKEND": "Agg", "PYTHONUTF8": "1", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run(
        COMMANDS[snippet.language], input=snippet.code.replace(BASE, served), cwd=folder, env=environment,
        capture_output=True, encoding="utf-8", timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    printed = done.stdout.replace(served, BASE)
    if snippet.output_language == "json":
        assert json.loads(printed) == json.loads(snippet.output)
    else:
        assert printed.replace("\r\n", "\n") == snippet.output
    for figure in re.findall(r'savefig\("([^"]+)"\)', snippet.code):
        assert (folder / figure).read_bytes().startswith(b"\x89PNG")
