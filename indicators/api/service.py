"""What the service says of itself: index, meta, kinds of problems."""

from __future__ import annotations

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from ..formats import FORMATS, REFERENCE_FORMATS, Format
from ..http import caching
from ..http.asking import Question, ask
from ..http.errors import LONGEST_URI, NotHere
from ..http.problem_types import PROBLEM_TYPES
from ..models import FIRST_YEAR, LARGEST_VALUE, LAST_YEAR
from ..query.edition import ReleaseRow
from ..query.grammar import LARGEST_LIST, LONGEST_SEARCH, MOST_WORDS
from ..query.parameters import DEFAULT_PAGE_SIZE, LARGEST_DATA_PAGE, LARGEST_PAGE, MOST_PARAMETERS
from . import envelopes
from .contract import Contract, ContractView


class Document(ContractView):
    """A resource that is one object, made of nothing but settings and what is in force."""

    operation: ClassVar[tuple[str, str]]
    document_serializer: ClassVar[type[Serializer[Any]]]
    example: ClassVar[str] = ""

    def contract(self) -> Contract:
        operation_id, summary = self.operation
        text = self.__doc__ or ""
        return Contract(
            operation_id, summary, text, self.tag, (), self.formats, self.document_serializer, example=self.example
        )

    def content(self, question: Question, **kwargs: str) -> Any:
        """The object."""
        raise NotImplementedError

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """The software itself is part of what is answered."""
        return max(question.edition.changed_at, caching.built_at())

    def get(self, request: Request, **kwargs: str) -> HttpResponse:
        question = ask(request, (), self.formats)
        content = self.content(question, **kwargs)
        return self.cached(request, question, question.edition.release) or self.body(content, question)


#: The lists of the API, in the order in which a newcomer meets them.
RESOURCES = (
    "plans", "actions", "measures", "targets", "progress", "progress-methods", "indicators", "regions", "region-events",
    "observations", "series", "vintages", "changes", "releases", "exports", "datasets", "sources", "units",
)  # fmt: skip


class Index(Document):
    """The links of the API."""

    operation = ("get_index", "Index")
    document_serializer = envelopes.IndexSerializer

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        base = f"{settings.PUBLIC_BASE_URL}/api/v1"
        others = ("meta", "problems", "openapi.json", "openapi.yaml", "docs")
        return {
            "title": "UrbanAPI",
            "api_version": settings.API_VERSION,
            "release": question.edition.release.name if question.edition.release else None,
            "links": {name: f"{base}/{name}" for name in (*RESOURCES, *others)},
        }


class Meta(Document):
    """What the service is: versions, the release in force, limits and bounds, formats, languages, licence, contact."""

    operation = ("get_meta", "The service")
    document_serializer = envelopes.MetaSerializer

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        return {
            "api_version": settings.API_VERSION,
            "build": caching.build(),
            "release": question.edition.release.name if question.edition.release else None,
            "reference_revision": question.edition.reference.revision,
            "limits": {
                "page_size_default": DEFAULT_PAGE_SIZE,
                "page_size_max": LARGEST_PAGE,
                "page_size_max_observations": LARGEST_DATA_PAGE,
                "list_items_max": LARGEST_LIST,
                "parameters_max": MOST_PARAMETERS,
                "uri_bytes_max": LONGEST_URI,
                "search_characters_max": LONGEST_SEARCH,
                "search_words_max": MOST_WORDS,
                "year_min": FIRST_YEAR,
                "year_max": LAST_YEAR,
                "value_max": int(LARGEST_VALUE),
                "query_seconds": settings.QUERY_SECONDS,
                "throttle": str(settings.THROTTLE) if settings.THROTTLE else None,
            },
            "formats": [_format(f) for f in FORMATS],
            "reference_formats": [_format(f) for f in REFERENCE_FORMATS],
            "languages": [code for code, _ in settings.LANGUAGES],
            "license": settings.DATA_LICENSE,
            "publisher": settings.PUBLISHER_NAME,
            "contact": settings.CONTACT_URL,
        }


def _format(f: Format) -> dict[str, Any]:
    told = ("name", "media_type", "paged", "bound", "description")
    return {name: getattr(f, name) for name in told}


class Problems(Document):
    """The kinds of errors that the API answers."""

    operation = ("list_problems", "Kinds of errors")
    document_serializer = envelopes.ProblemTypesSerializer

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        return {"results": [vars(kind) for kind in PROBLEM_TYPES.values()]}


class ProblemDetail(Document):
    """One kind of error: where `type` of a problem document points."""

    operation = ("get_problem", "One kind of error")
    document_serializer = envelopes.ProblemTypeSerializer
    example = "unknown_parameter"

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        if kwargs["code"] not in PROBLEM_TYPES:
            raise NotHere("There is no such kind of problem: /api/v1/problems lists them.", ["/api/v1/problems"])
        return vars(PROBLEM_TYPES[kwargs["code"]])
