"""The description of the API: /openapi.json, /openapi.yaml, and the console at /docs."""

from __future__ import annotations

import datetime
from functools import cache
from typing import Any

import orjson
from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.request import Request

from ..formats import Format
from ..http import caching
from ..http.asking import Question, ask
from ..query.edition import Edition, ReleaseRow, current_edition
from ..query.grammar import Token
from ..query.parameters import NOTHING, Parameter, parse
from ..query.problems import BadQuery, Problem
from .contract import ContractView, links


@cache
def openapi() -> Any:
    """The OpenAPI document; it depends on the software and its settings alone, so it is made once in a process."""
    with translation.override("en"):  # whatever language a thread has: help texts are translated for the desk
        return SchemaGenerator().get_schema(request=None, public=True)


@cache
def openapi_json() -> bytes:
    """The document as JSON."""
    return orjson.dumps(openapi(), option=orjson.OPT_NON_STR_KEYS)


@cache
def openapi_yaml() -> bytes:
    """The document as YAML."""
    return bytes(OpenApiYamlRenderer().render(openapi(), renderer_context={}))


class Yaml(Format):
    """YAML (RFC 9512), in which only the OpenAPI document is written."""

    name = "yaml"
    media_type = "application/yaml"
    charset = None
    description = "The document as YAML."


class OpenApiJson(ContractView):
    """The OpenAPI document as JSON."""

    schema: Any = None
    document = staticmethod(openapi_json)

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime:
        """It is made of the software alone."""
        return caching.built_at()

    def get(self, request: Request) -> HttpResponse:
        question = ask(request, (), self.formats)
        if (response := self.cached(request, question, None)) is not None:
            return response
        return self.finish(HttpResponse(self.document(), content_type=question.format.content_type), question)


class OpenApiYaml(OpenApiJson):
    """The OpenAPI document as YAML."""

    formats = (Yaml(),)
    document = staticmethod(openapi_yaml)


class Console(SpectacularSwaggerSplitView):
    """A try-it console that asks no other host for anything."""

    schema: Any = None
    title = "UrbanAPI"
    http_method_names = ["get", "head", "options"]
    options = ContractView.options  # type: ignore[assignment]

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        edition = current_edition()
        refuse_parameters(request, edition, "script")  # without a value: it asks for the console's script
        media_type = "application/javascript" if "script" in request.GET else "text/html"
        tag = caching.etag(request, edition, None, NOTHING, media_type)
        self.url = f"{settings.PUBLIC_BASE_URL}/api/v1/openapi.json"
        response: HttpResponse
        if caching.unmodified(request, tag, caching.built_at()):
            response = caching.not_modified()
        else:
            response = page = super().get(request, *args, **kwargs)
            page.data["csrf_token"] = ""  # of no use where nothing is written, and another one in each answer
        caching.set_validators(response, tag, caching.built_at(), NOTHING, links())
        # Swagger UI sets styles on elements; scripts come from this host alone.
        response["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
            f"font-src 'self'; connect-src 'self' {settings.PUBLIC_BASE_URL}; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'"
        )
        return response


def refuse_parameters(request: Request, edition: Edition, *flags: str) -> None:
    """400 for any parameter but the flags, which have no value."""
    grammar = [Parameter(name, Token(), "", "") for name in flags]
    asked = parse(request.META.get("QUERY_STRING", ""), grammar, edition)
    problems = [p for p in asked.problems if not (p.code == "empty_value" and p.parameter in flags)]
    problems += [
        Problem("invalid_value", f"{name} has no value.", name, text[:200]) for name, text in asked.texts.items()
    ]
    if problems:
        raise BadQuery(asked.in_order(problems))
