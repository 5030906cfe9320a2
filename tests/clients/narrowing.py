"""What a real client knows: the served OpenAPI document, narrowed to the codes that the API itself lists.

A random text is rightly refused as an unknown code. A generator of requests that is to be answered needs the codes.
"""

import copy
from typing import Any

from tests.serving import get

#: Where the codes of a parameter are listed, and in which column; "" is the list that the parameter belongs to.
LISTED = {
    "indicator": ("/indicators", "code"),
    "dataset": ("/datasets", "code"),
    "region": ("/regions", "code"),
    "region_within": ("/regions", "code"),
    "within": ("/regions", "code"),
    "parent": ("/regions", "code"),
    "source": ("/sources", "code"),
    "unit": ("/units", "code"),
    "plan": ("/plans", "code"),
    "action": ("/actions", "code"),
    "target": ("/targets", "code"),
    "region_type": ("/regions", "type"),
    "type": ("", "type"),
    "kind": ("", "kind"),
    "theme": ("/indicators", "theme"),
    "data_theme": ("", "theme"),
    "as_of": ("/releases", "name"),
    "release": ("/releases", "name"),
    "since": ("/releases", "name"),
    "until": ("/releases", "name"),
}
Document = dict[str, Any]


def narrowed(document: Document, address: str) -> Document:
    """The document with code lists in place of the patterns of codes, and with the link to the next page."""
    narrow = copy.deepcopy(document)
    lists = _Lists(address)
    for path, item in narrow["paths"].items():
        operation = item["get"]
        for parameter in operation["parameters"]:
            schema = parameter["schema"].get("items", parameter["schema"])
            if parameter["in"] == "path":
                _only(schema, lists.column(path.partition("/{")[0], parameter["name"]))
            elif parameter["name"] in LISTED and "enum" not in schema:
                resource, column = LISTED[parameter["name"]]
                _only(schema, lists.column(f"/api/v1{resource}" if resource else path, column))
        if any(parameter["name"] == "cursor" for parameter in operation["parameters"]):
            operation["responses"]["200"].setdefault("links", {})["next"] = _next_page(operation)
    return narrow


class _Lists:
    """The lists of the API, each asked for once."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.rows: dict[str, list[Any]] = {}

    def column(self, path: str, column: str) -> list[str]:
        """All values of a column, each once."""
        if path not in self.rows:
            self.rows[path] = self._walk(f"{self.address}{path}")
        return sorted({row[column] for row in self.rows[path]})

    def _walk(self, page: str | None) -> list[Any]:
        rows: list[Any] = []
        while page:
            answer = get(page)
            rows += answer["results"]
            page = answer.get("next")
        return rows


def _only(schema: Document, values: list[str]) -> None:
    assert values
    for bound in ("minLength", "maxLength", "pattern"):
        del schema[bound]
    schema["enum"] = values


def _next_page(operation: Document) -> Document:
    """`next` is an address; OpenAPI has no expression for a part of a text, schemathesis does."""
    path = {p["name"]: f"$request.path.{p['name']}" for p in operation["parameters"] if p["in"] == "path"}
    return {
        "operationId": operation["operationId"],
        "parameters": {**path, "cursor": "$response.body#/next#regex:cursor=([^&]+)"},
    }
