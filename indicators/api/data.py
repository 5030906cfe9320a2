"""The resources of data: a slice goes in, an answer comes out in a format; rows are tuples all the way."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import ClassVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from ..http import caching, cursors
from ..http.asking import Question, ask
from ..http.compression import coding_of
from ..http.headers import attachment
from ..http.resources import CHANGES, OBSERVATIONS, SERIES, VINTAGES, Resource, refuse_large
from ..http.spool import finished
from ..query.edition import ReleaseRow
from ..query.parameters import DEFAULT_PAGE_SIZE
from ..query.slice import Slice
from .contract import Contract, ContractView


class DataView(ContractView):
    """A resource of data: pages of JSON, or the whole slice in another format."""

    tag = "data"
    resource: ClassVar[Resource]
    row_name: ClassVar[str]
    always_counts: ClassVar[bool] = False
    code_example: ClassVar[str] = ""

    def contract(self) -> Contract:
        noun, formats = self.resource.noun, self.resource.formats
        own = [f.name for f in formats if f.columns]
        layouts = f" fields and sort do not go with {', '.join(own)}, which have a layout of their own." if own else ""
        return Contract(
            f"list_{noun.replace(' ', '_')}",
            noun.capitalize(),
            f"{self.__doc__} JSON comes in pages, the other formats answer the whole slice.{layouts}",
            self.tag,
            self.resource.parameters,
            formats,
            (self.row_name, self.resource.slice),
            many=True,
            example=self.code_example,
        )

    def get(self, request: Request, **kwargs: str) -> HttpResponseBase:
        resource = self.resource
        question = ask(request, resource.parameters, resource.formats, resource.slice.conflicts, resource.sort_keys)
        wanted = self.wanted(question, **kwargs)
        self.last_change = wanted.changed_by(question.edition)
        if caching.unproved(request):  # what is refused without conditions is refused with them (RFC 9110, 13.2.1)
            refuse_large(question, wanted)
        if (response := self.cached(request, question, wanted.release, question.format.paged)) is not None:
            return response
        if question.format.paged:
            return self._page(question, wanted)
        refuse_large(question, wanted)
        whole = self._whole(question, wanted, request)
        whole["Content-Disposition"] = attachment(resource.stem(question, wanted), question.format.extension)
        return self.finish(whole, question)

    def wanted(self, question: Question, **kwargs: str) -> Slice:
        """The slice that is asked for, also by the path."""
        position = question.position
        return self.resource.slice.asked(question.asked, question.edition, position.release if position else None)

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """When a release changed one of the series last, or, after the first release, what they are called."""
        if self.last_change is None:
            return None
        edited_at = question.edition.reference.edited_at
        return max(self.last_change.in_force_since, edited_at) if edited_at else self.last_change.in_force_since

    def _whole(self, question: Question, wanted: Slice, request: Request) -> HttpResponseBase:
        f = question.format
        coding = coding_of(request, f.content_type)
        if request.method == "HEAD":  # the length is not known, and left out (RFC 9110, 9.3.2)
            headers = {"Content-Encoding": coding} if coding else {}
            return StreamingHttpResponse((), content_type=f.content_type, headers=headers)
        return finished(f.write(self.resource.whole(question, wanted)), f.content_type, coding)

    def _page(self, question: Question, wanted: Slice) -> HttpResponse:
        asked, edition, position = question.asked, question.edition, question.position
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        page = wanted.page(edition, size, position.key if position else None)
        count = wanted.count(edition) if self.always_counts or asked.values.get("count") else None
        described = self.resource.meta(question, wanted, size, count)
        if not page.rows and position is None:
            described["empty_reason"], described["available"] = wanted.why_empty(edition)
        following = None
        if page.next_key is not None:
            following = question.address(cursor=cursors.write(question.path, asked, wanted.release, page.next_key))
        body = b"".join(question.format.write(replace(page, meta=described, next=following)))
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)


class Observations(DataView):
    """Observations: one row for each indicator, region and year, as in force now or as of an earlier release."""

    resource = OBSERVATIONS
    row_name = "Observation"


class Series(DataView):
    """Series: one row for each indicator and region, with its years, gaps and last value; what is available."""

    resource = SERIES
    row_name = "Series"


class VintageList(DataView):
    """Vintages: one row for each release that set a cell, and the release that replaced or withdrew it."""

    resource = VINTAGES
    row_name = "Vintage"


class ChangeList(DataView):
    """Changes: what releases inserted, updated and deleted, one row for each release and cell, never netted."""

    resource = CHANGES
    row_name = "Change"
