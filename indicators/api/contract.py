"""What every resource has in common: read-only, strict, cacheable, and described to OpenAPI."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import orjson
from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from ..formats import FORMATS, Format
from ..http import caching
from ..http.asking import Question
from ..http.headers import service_links
from ..query.edition import ReleaseRow
from ..query.parameters import Parameter
from ..query.slice import Slice
from .schema import ContractSchema

JSON: tuple[Format, ...] = FORMATS[:1]

AnyResponse = TypeVar("AnyResponse", bound=HttpResponseBase)


@dataclass(frozen=True)
class Contract:
    """What OpenAPI says of one operation."""

    operation_id: str
    summary: str
    description: str
    tag: str
    parameters: Sequence[Parameter]
    formats: Sequence[Format]
    row: type[BaseSerializer[Any]] | tuple[str, type[Slice]] | None
    many: bool = False
    example: str = ""
    row_operation: str = ""  # of a list: the operation that answers one of its rows


class ContractView(APIView):
    """What every resource has in common: read-only, strict, cacheable."""

    http_method_names = ["get", "head", "options"]
    schema: Any = ContractSchema()
    formats: ClassVar[Sequence[Format]] = JSON
    tag: ClassVar[str] = "service"

    def contract(self) -> Contract:
        """The operation as OpenAPI describes it."""
        raise NotImplementedError

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """The methods of the resource; browsers ask before they read across origins."""
        response = HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})
        del response["Content-Type"]  # of nothing (RFC 9110, 8.3)
        return response

    @property
    def allowed_methods(self) -> list[str]:
        return ["GET", "HEAD", "OPTIONS"]

    def cached(
        self, request: Request, question: Question, release: ReleaseRow | None, pages: bool = False
    ) -> HttpResponse | None:
        """304 if the client's copy is still good, made without a query for data.

        Caches put its headers in place of those that they hold. Of `pages` it names no links, as it does not know
        whether there is a next one.
        """
        representation = question.format.content_type
        self.etag = caching.etag(request, question.edition, release, question.asked, representation)
        self.last_modified = self.changed_at(question, release)
        if not caching.unmodified(request, self.etag, self.last_modified):
            return None
        response = self.finish(caching.not_modified(), question)
        if pages:
            del response["Link"]
        return response

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """The instant at which what is answered changed last; None if that cannot be said."""
        changed_at = question.edition.reference.changed_at
        return max(release.in_force_since, changed_at) if release else changed_at

    def finish(self, response: AnyResponse, question: Question, next_page: str | None = None) -> AnyResponse:
        """Add validators and links."""
        caching.set_validators(response, self.etag, self.last_modified, question.asked, links(next_page))
        return response

    def body(self, content: Any, question: Question) -> HttpResponse:
        """An object as JSON, with validators and links."""
        response = HttpResponse(orjson.dumps(content), content_type=question.format.content_type)
        return self.finish(response, question)


def links(next_page: str | None = None) -> list[str]:
    """The Link header (RFC 8288)."""
    found = [f'<{next_page}>; rel="next"'] if next_page else []
    return [*found, f'<{settings.PUBLIC_BASE_URL}/api/v1/docs>; rel="describedby"', *service_links()]
