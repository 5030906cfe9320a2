"""What a version of v1 once offered is still offered: addresses, parameters, fields and their types, kinds of errors.

tests/promises/ holds one file for each published version, and no file is ever edited. Write that of a new version with
`python -m tests.test_promises > tests/promises/VERSION.json`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from indicators.http.problem_types import PROBLEM_TYPES
from urbanapi import __version__

ROOT = Path(__file__).resolve().parent.parent
PUBLISHED = sorted((ROOT / "tests" / "promises").glob("*.json"))


def fields(schema: Any, schemas: Any, name: str = "") -> Iterator[str]:
    """Dotted names of all fields of an answer, each with its type; `[]` stands for the items of a list."""
    schema = {**schema, **schemas.get(schema.get("$ref", "").rpartition("/")[2], {})}
    for part in schema.get("allOf", ()):
        yield from fields(part, schemas, name)
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        yield f"{name}: {' or '.join(sorted(kinds))}"
    for field, described in schema.get("properties", {}).items():
        yield from fields(described, schemas, f"{name}.{field}")
    if "items" in schema:
        yield from fields(schema["items"], schemas, f"{name}[]")


def offered() -> dict[str, list[str]]:
    """What docs/openapi.yaml, which is what the service serves, and the table of errors offer now."""
    document = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    found = {"errors": sorted(f"{kind.code}: {kind.status}" for kind in PROBLEM_TYPES.values())}
    for path, item in document["paths"].items():
        answer = item["get"]["responses"]["200"]
        found[path] = [
            *(f"parameter {parameter['name']}" for parameter in item["get"]["parameters"]),
            *(f"format {media_type}" for media_type in answer["content"]),
            *(f"header {name}" for name in answer["headers"]),
            *fields(answer["content"]["application/json"]["schema"], document["components"]["schemas"], "answer"),
        ]
    return found


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: path.stem)
def test_nothing_that_was_promised_is_gone(path: Path) -> None:
    now = offered()
    promised = json.loads(path.read_text(encoding="utf-8"))
    gone = {name: sorted(set(items) - set(now.get(name, ()))) for name, items in promised.items()}
    assert not {name: items for name, items in gone.items() if items}, (
        "v1 cannot take back what a version of it offered"
    )


def test_this_version_is_on_record() -> None:
    assert __version__ in [path.stem for path in PUBLISHED]


if __name__ == "__main__":
    json.dump(offered(), sys.stdout, ensure_ascii=False, indent=1)
