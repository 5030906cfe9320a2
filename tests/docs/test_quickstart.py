"""The quickstart is true: its Python runs as it stands, and what cannot run here asks for what exists.

The snippets in curl and JavaScript run in tests/node/test_snippets.py, on machines that have those.
"""

import csv
import re
from pathlib import Path

import pytest

from tests.conftest import Api
from tests.docs.documents import BASE, Snippet, snippets
from tests.docs.running import COMMANDS, check, shown

ENGLISH = Path("docs/quickstart.md")
LANGUAGES = {"bash": 5, "python": 4, "r": 3, "javascript": 3, "powerquery": 3}


@pytest.mark.server
@pytest.mark.parametrize("snippet", shown("python"), ids=str)
def test_python_prints_what_is_shown(snippet: Snippet, served: str, tmp_path: Path) -> None:
    check(snippet, served, tmp_path)


def test_every_language_asks_and_every_snippet_that_can_run_shows_its_output() -> None:
    found = snippets(ENGLISH)
    assert {name: len([s for s in found if s.language == name]) for name in LANGUAGES} == LANGUAGES
    assert all(s.output for s in found if s.language in (*COMMANDS, "r"))


def addresses_of_r(code: str) -> list[str]:
    """What `paste0` puts together from names and texts."""
    names = dict(re.findall(r'(\w+) <- "([^"]*)"', code))
    addresses = []
    for name, first, text in re.findall(r'(?:(\w+) <- )?(?:[\w.]+\()*paste0\((\w+), "([^"]*)"\)', code):
        addresses.append(names[first] + text)
        names[name] = addresses[-1]
    return addresses


@pytest.mark.parametrize("snippet", [s for s in snippets(ENGLISH) if s.language == "r"], ids=str)
def test_r_reads_tables_that_are_there(api: Api, snippet: Snippet) -> None:
    addresses = addresses_of_r(snippet.code)
    assert len(addresses) == snippet.code.count("paste0(")
    for address in addresses:
        assert len(api.text(address.removeprefix(BASE)).splitlines()) > 1
        assert address.startswith(f"{BASE}/api/v1/")


@pytest.mark.parametrize("snippet", [s for s in snippets(ENGLISH) if s.language == "powerquery"], ids=str)
def test_power_query_types_the_columns_that_are_there(api: Api, snippet: Snippet) -> None:
    served: dict[str, set[str]] = {}
    for address in re.findall(rf'"{BASE}([^"]+)"', snippet.code):
        response = api.get(address)
        assert response["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(response.getvalue().decode().splitlines()))
        for column in rows[0]:
            served.setdefault(column, set()).update(row[column] for row in rows)
    types = dict(re.findall(r'\{"(\w+)", ([\w. ]+)\}', snippet.code))
    assert types
    for column, kind in types.items():
        numeric = all(re.fullmatch(r"-?\d+(\.\d+)?|", value) for value in served[column])
        assert kind == ("type text" if not numeric or column == "region" else kind)
        assert numeric or kind == "type text", column
    assert types.get("region", "type text") == "type text", "codes are strings"
