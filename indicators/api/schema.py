"""What OpenAPI says of the API: made from the parameter tables, the columns, the formats and the serializers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework.serializers import Serializer

from ..formats import Format
from ..http.errors import CONTENT_TYPE
from ..http.problem_types import PROBLEM_TYPES
from ..models import LAST_YEAR
from ..query.columns import Column
from ..query.grammar import CODE, LARGEST_LIST
from ..query.parameters import Parameter, format_parameter
from . import envelopes, serializers
from .links import links

Schema = dict[str, Any]

#: Errors that any address can answer, whatever is asked of it.
_ALWAYS = (400, 406, 414, 429, 500, 503)
_HEADERS: dict[str, tuple[str, Schema, Any]] = {
    "ETag": (
        "Validator; send it back as If-None-Match. Weak where the client may get the answer compressed.",
        {"type": "string", "maxLength": 40},
        'W/"9f2c…"',
    ),
    "Last-Modified": (
        "When what is answered changed last.",
        {"type": "string", "maxLength": 40},
        "Sun, 31 May 2026 00:00:00 GMT",
    ),
    "Cache-Control": ("How long the answer is fresh.", {"type": "string", "maxLength": 100}, "public, max-age=60"),
    "Vary": (
        "Request headers that the answer depends on.",
        {"type": "string", "maxLength": 100},
        "Accept, Accept-Encoding",
    ),
    "Link": (
        "Links `next`, `describedby`, `license`, `service-desc` (RFC 8288).",
        {"type": "string"},
        '<https://…>; rel="next"',
    ),
    "API-Version": ("Version of the API.", {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"}, settings.API_VERSION),
    "Content-Disposition": (
        "Name of the file, for tables.",
        {"type": "string", "maxLength": 200},
        'attachment; filename="urbanization_rate.csv"',
    ),
    "Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 1, "maximum": 86_400}, 5),
    "RateLimit-Policy": (
        "How many requests (`q`) a client may send in how many seconds (`w`), where the service has a limit.",
        {"type": "string", "maxLength": 60},
        '"default";q=600;w=60',
    ),
    "RateLimit": (
        "How many requests remain now (`r`), and in how many seconds all are back (`t`). In an answer with `Age`, "
        "which a shared cache kept, it is what remained for whoever asked first.",
        {"type": "string", "maxLength": 60},
        '"default";r=599;t=1',
    ),
    "X-Request-ID": (
        "Id of the request: the one it came with, or a new one; name it when you report a fault.",
        {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
        "6f1c2d3e4b5a4978a0b1c2d3e4f50617",
    ),
}
_ALL_ANSWERS = ("API-Version", "RateLimit-Policy", "RateLimit", "X-Request-ID")
_VALIDATORS = ("ETag", "Last-Modified", "Cache-Control", "Vary", "Link", *_ALL_ANSWERS)


class ContractSchema(AutoSchema):
    """Describes a `ContractView` operation by operation."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: ComponentRegistry
    ) -> Schema | None:
        self.registry, self.method = registry, method
        self.path, self.path_regex, self.path_prefix = path, path_regex, path_prefix
        contract = self.view.contract()  # type: ignore[attr-defined]
        variable = [name for name in ("code", "name") if f"{{{name}}}" in path]
        grammar = (*contract.parameters, format_parameter([f.name for f in contract.formats]))
        return {
            "operationId": contract.operation_id,
            "summary": contract.summary,
            "description": contract.description,
            "tags": [contract.tag],
            "parameters": [_path_parameter(name, contract.example) for name in variable]
            + [_query_parameter(parameter, contract.formats) for parameter in grammar],
            "responses": self._responses(contract, not_found=bool(variable)),
        }

    def _responses(self, contract: Any, not_found: bool) -> Schema:
        bounded = any(f.bound for f in contract.formats)
        statuses = sorted({*_ALWAYS, *([404] if not_found else []), *([413] if bounded else [])})
        self._component(envelopes.ProblemSerializer)
        followed = links(contract)
        return {
            "200": {
                "description": "The answer.",
                "headers": {name: _header(name) for name in (*_VALIDATORS, "Content-Disposition")},
                "content": {f.media_type: self._content(f, contract) for f in contract.formats},
                **({"links": followed} if followed else {}),
            },
            "304": {
                "description": "The copy that the client has is still good; no body.",
                "headers": {name: _header(name) for name in _VALIDATORS},
            },
            **{str(status): {"$ref": f"#/components/responses/Problem{status}"} for status in statuses},
        }

    def _content(self, f: Format, contract: Any) -> Schema:
        if f.name != "json":
            binary = {"format": "binary"} if f.binary else {}
            return {"schema": {"type": f.json_type, **binary, "description": f.description}}
        row = (
            self._row(contract.row[0], contract.row[1].known)
            if isinstance(contract.row, tuple)
            else self._component(contract.row)
        )
        return {"schema": self._envelope(row) if contract.many else row}

    def _envelope(self, row: Schema) -> Schema:
        name = f"{row['$ref'].rpartition('/')[2]}List"
        schema: Schema = {
            "type": "object",
            "description": "A page of rows, with what the list says of itself and where the next page is.",
            "required": ["meta", "next", "results"],
            "properties": {
                "meta": self._component(envelopes.ListMetaSerializer),
                "next": {
                    "type": ["string", "null"],
                    "format": "uri",
                    "description": "Absolute address of the next page; null on the last.",
                },
                "results": {"type": "array", "items": row, "description": "The rows, in order."},
            },
        }
        return self._named(name, schema)

    def _named(self, name: str, schema: Schema) -> Schema:
        component = ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def _component(self, serializer: type[Serializer[Any]]) -> Schema:
        return dict(self.resolve_serializer(serializer, "response").ref)

    def _row(self, name: str, columns: Mapping[str, Column]) -> Schema:
        schema: Schema = {
            "type": "object",
            "description": "One row. All columns asked for by `fields` are present, in that order.",
            "properties": {column.name: _column(column) for column in columns.values()},
        }
        return self._named(name, schema)

    def _postprocess_serializer_schema(self, schema: Schema, serializer: Any, direction: Any) -> Schema:
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)
        if isinstance(serializer, serializers.RowSerializer):
            schema.pop("required", None)  # `fields` chooses which columns a row has
            for described in schema["properties"].values():
                _forget_storage(described)
        for described in schema["properties"].values():
            described.pop("x-spec-enum-id", None)  # drf-spectacular's own note
        return schema


def _forget_storage(described: Schema) -> None:
    """Drop the bounds that are those of the database engine's integers, not of the contract."""
    if described.get("maximum", 0) > LAST_YEAR:
        described.pop("maximum")
    if described.get("format") == "int64":
        described.pop("format")


def _column(column: Column) -> Schema:
    kind = "string" if column.type == "date" else column.type
    schema: Schema = {"type": [kind, "null"] if column.nullable else kind, "description": column.description}
    if column.type == "date":
        schema["format"] = "date"
    if column.choices and column.type != "array":
        schema["enum"] = [*column.choices, *([None] if column.nullable else [])]
    members = {
        "required": [member.name for member in column.members],
        "properties": {member.name: _column(member) for member in column.members},
    }
    if column.type == "array" and column.members:
        schema["items"] = {"type": "object", **members}
    elif column.type == "array":
        schema["items"] = {"type": [column.items, "null"] if column.items == "number" else column.items}
        if column.choices:
            schema["items"]["enum"] = list(column.choices)
    elif column.members:
        schema |= members
    return {**schema, "examples": [column.example]}


def _header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def _path_parameter(name: str, example: str) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": "Code of the row; case-sensitive." if name == "code" else "Name of the release, or `latest`.",
        "schema": dict(CODE),
        "example": example,
    }


def _query_parameter(parameter: Parameter, formats: Sequence[Format]) -> Schema:
    described: Schema = {"name": parameter.name, "in": "query", "required": False, "description": parameter.description}
    if readers := [f.name for f in formats if parameter.name in f.options]:
        described["description"] += f" For {', '.join(readers)}."
    schema = parameter.kind.schema()
    if parameter.kind.is_list:
        schema = {"type": "array", "items": schema, "minItems": 1, "maxItems": LARGEST_LIST}
        described |= {"style": "form", "explode": False}
        described["description"] += " A list: separated by commas in an address, one item a line in the console."
    if parameter.example:
        described["description"] += f" Example: `{parameter.example}`."
        # In the schema, not beside it: a console would fill in all examples at once, and the answer would be empty.
        schema = {**schema, "examples": [_example(parameter, schema)]}
    return {**described, "schema": schema}


def _example(parameter: Parameter, schema: Schema) -> Any:
    if parameter.kind.is_list:
        return parameter.example.split(",")
    if schema["type"] == "integer":
        return int(parameter.example)
    return parameter.example == "true" if schema["type"] == "boolean" else parameter.example


def add_shared_components(result: Schema, **_: Any) -> Schema:
    """Postprocessing hook: what every operation refers to, and that none asks for a key."""
    result["security"] = []
    components = result.setdefault("components", {})
    components["headers"] = {
        name: {"description": text, "schema": schema, "example": example}
        for name, (text, schema, example) in _HEADERS.items()
    }
    statuses = sorted({kind.status for kind in PROBLEM_TYPES.values()})
    used = [status for status in statuses if f"Problem{status}" in str(result["paths"])]
    components["responses"] = {f"Problem{status}": _problem_response(status) for status in used}
    return result


def _problem_response(status: int) -> Schema:
    kinds = [kind for kind in PROBLEM_TYPES.values() if kind.status == status]
    headers: Sequence[str] = (*_ALL_ANSWERS, "Retry-After") if status in (429, 503) else _ALL_ANSWERS
    codes = ", ".join(f"`{kind.code}`" for kind in kinds)
    return {
        "description": f"{codes}. {kinds[0].description_en if len(kinds) == 1 else 'errors lists every problem.'}",
        "headers": {name: _header(name) for name in headers},
        "content": {
            CONTENT_TYPE: {
                "schema": {"$ref": "#/components/schemas/Problem"},
                "example": _problem_example(kinds[0].code, status),
            }
        },
    }


def _problem_example(code: str, status: int) -> Schema:
    kind = PROBLEM_TYPES[code]
    return {
        "type": f"{settings.PUBLIC_BASE_URL}/api/v1/problems/{code}",
        "title": kind.title_en,
        "status": status,
        "detail": kind.description_en,
        "instance": "/api/v1/observations?yaer=2020",
        "code": code,
        "errors": [
            {
                "code": code,
                "parameter": "yaer" if status == 400 else None,
                "value": "2020" if status == 400 else None,
                "detail": kind.description_en,
                "did_you_mean": ["year"] if status == 400 else [],
                "allowed": [],
            }
        ],
    }
