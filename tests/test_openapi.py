"""OpenAPI: valid by a validator nobody here wrote, equal to the committed copy, and true of the answers."""

import json
from typing import Any

import pytest
import yaml
from django.urls import URLPattern, URLResolver, get_resolver
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.conftest import ROOT, Api

#: Addresses that are documents about the API, not operations of it.
NOT_OPERATIONS = {"/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/docs"}


@pytest.fixture
def document(api: Api) -> Any:
    return api.json("/openapi.json")


def test_it_is_valid(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["security"] == [], "no key is needed, and the document says so"
    OpenAPIV31SpecValidator(document).validate()


def test_the_committed_copy_is_true(document: Any) -> None:
    committed = yaml.safe_load((ROOT / "docs" / "openapi.yaml").read_text(encoding="utf-8"))
    assert committed == document, "the contract changed: run `make openapi` and read the difference"


def test_json_and_yaml_say_the_same(api: Api, document: Any) -> None:
    response = api.get("/openapi.yaml")
    assert response["Content-Type"] == "application/yaml"
    assert yaml.safe_load(response.getvalue()) == document


def addresses(patterns: list[Any], prefix: str = "/") -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found |= addresses(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            found.add(route.replace("<str:", "{").replace(">", "}"))
    return found


def test_every_address_is_described(document: Any) -> None:
    served = {path for path in addresses(get_resolver().url_patterns) if path.startswith("/api")}
    assert served - NOT_OPERATIONS == set(document["paths"])


def operations(document: Any) -> list[tuple[str, Any]]:
    return [(path, item["get"]) for path, item in document["paths"].items()]


def test_everything_is_described_bounded_and_exemplified(document: Any) -> None:
    identifiers = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(identifiers)) == len(identifiers)
    tags = {tag["name"] for tag in document["tags"]}
    for path, operation in operations(document):
        assert operation["summary"], path
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        assert {"200", "304", "400", "406", "414", "429", "500", "503"} <= set(operation["responses"])
        assert ("404" in operation["responses"]) == ("{" in path)
        for parameter in operation["parameters"]:
            where = (path, parameter["name"])
            assert parameter["description"], where
            schema = parameter["schema"]
            assert parameter["name"] == "cursor" or "example" in parameter or schema["examples"], where
            assert schema["type"] != "array" or (parameter["explode"] is False and schema["maxItems"] == 1000), where
            item = schema.get("items", schema)
            bounded = {"enum", "pattern", "maxLength", "maximum"} & set(item) or item["type"] == "boolean"
            assert bounded, where
    for name, schema in document["components"]["schemas"].items():
        for field, described in schema.get("properties", {}).items():
            assert "description" in described or "$ref" in described or "allOf" in described, (name, field)


def query_of(parameter: Any) -> str:
    example = parameter["example"] if "example" in parameter else parameter["schema"]["examples"][0]
    if isinstance(example, list):
        return ",".join(map(str, example))
    return str(example).lower() if isinstance(example, bool) else str(example)


def test_every_example_answers_rows(api: Api, document: Any) -> None:
    for path, operation in operations(document):
        address = path
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                address = address.replace(f"{{{parameter['name']}}}", query_of(parameter))
        for parameter in operation["parameters"]:
            if parameter["in"] == "path" or parameter["name"] == "cursor":
                continue
            query = f"{parameter['name']}={query_of(parameter)}"
            if parameter["name"] == "region_within_self":
                query += "&region_within=370000"
            if parameter["name"] in ("labels", "bom"):
                assert len(api.text(f"{address}?{query}&format=csv").splitlines()) > 1, (address, query)
                continue
            answer = api.json(f"{address}?{query}")
            assert "results" not in answer or answer["results"], (address, query)


def example_address(path: str, operation: Any) -> str:
    return path.format(**{p["name"]: p["example"] for p in operation["parameters"] if p["in"] == "path"})


def resolved(answer: Any, expression: str) -> Any:
    """The value of a runtime expression `$response.body#/…`."""
    for step in expression.removeprefix("$response.body#/").split("/"):
        answer = answer[int(step) if isinstance(answer, list) else step]
    return answer


def test_every_link_leads_to_an_answer(api: Api, document: Any) -> None:
    targets = {operation["operationId"]: (path, operation) for path, operation in operations(document)}
    followed = set()
    for path, operation in operations(document):
        answer = api.json(example_address(path, operation))
        for name, link in operation["responses"]["200"].get("links", {}).items():
            target, described = targets[link["operationId"]]
            ((parameter, expression),) = link["parameters"].items()
            value = resolved(answer, expression)
            if value is None:
                continue  # such as the parent of a country
            known = {p["name"] for p in described["parameters"]}
            assert parameter in known, (path, name)
            api.json(target.format(**{parameter: value}) + ("" if "{" in target else f"?{parameter}={value}"))
            followed.add(link["operationId"])
    rows = {operation for operation in targets if operation.startswith("get_")}
    assert followed == rows - {"get_index", "get_meta", "get_problem"} | {"list_observations"}


def test_no_parameter_has_a_default_that_a_client_would_send(document: Any) -> None:
    """`page_size` sent with a table is a conflict, and `format` would win over the Accept header."""
    assert not [
        (path, parameter["name"])
        for path, operation in operations(document)
        for parameter in operation["parameters"]
        if "default" in parameter["schema"]
    ]


def closed(schema: Any) -> Any:
    """The schema without room for what it does not name: clients must tolerate additions, this release makes none."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    return {**inner, "additionalProperties": False} if isinstance(schema.get("properties"), dict) else inner


def test_objects_are_open_to_additions(document: Any) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert schema.get("additionalProperties") is not False, name


def test_answers_keep_to_their_schema(api: Api, document: Any) -> None:
    schemas = closed(document["components"]["schemas"])
    for path, operation in operations(document):
        address = path
        for parameter in operation["parameters"]:
            if parameter["in"] == "path":
                address = address.replace(f"{{{parameter['name']}}}", query_of(parameter))
        content = operation["responses"]["200"]["content"]["application/json"]["schema"]
        checked = Draft202012Validator({**content, "components": {"schemas": schemas}})
        checked.validate(api.json(address))
    problem = {"$ref": "#/components/schemas/Problem", "components": {"schemas": schemas}}
    for wrong in ("/observations?x=1&year=20&region=1", "/regions/1", "/units?format=x", "/nothing"):
        response = api.client.get(f"/api/v1{wrong}")
        Draft202012Validator(problem).validate(json.loads(response.content))


def test_the_console_asks_nobody_else(api: Api) -> None:
    page = api.get("/docs")
    assert page["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    text = page.getvalue().decode()
    assert "https://" not in text.replace("https://urbanapi.example", "")
    for line in text.splitlines():
        if "<script" in line:
            assert "src=" in line, "no inline script passes the policy"
    assert "urbanapi.example/api/v1/openapi.json" in api.text("/docs?script=")
    api.get("/docs?theme=dark", 400)
