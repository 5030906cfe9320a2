"""/observations: a slice goes in, an answer comes out in a format; rows are tuples all the way."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from ..formats import FORMATS
from ..http import cursors
from ..http.asking import Question, ask
from ..http.spool import finished
from ..query.parameters import DEFAULT_PAGE_SIZE, FILTERS, PARAMETERS
from ..query.slice import Slice, complete, conflicts
from .contract import Contract, ContractView, attachment, meta


class Observations(ContractView):
    """Observations: one row for each cell, in force now or as of an earlier release."""

    formats = FORMATS
    tag = "data"

    def contract(self) -> Contract:
        return Contract(
            "list_observations",
            "Observations",
            "One row for each indicator, region and year: as in force now, or as of an earlier release. JSON comes in "
            "pages, the other formats answer the whole slice. Default order: indicator, region, year.",
            self.tag,
            PARAMETERS,
            self.formats,
            None,
            many=True,
        )

    def get(self, request: Request) -> HttpResponseBase:
        question = ask(
            request, PARAMETERS, self.formats, conflicts, lambda asked: len(complete(asked.values.get("sort", ())))
        )
        edition, position = question.edition, question.position
        wanted = Slice.asked(question.asked, edition, position.release if position else None)
        if (response := self.cached(request, question, wanted.release)) is not None:
            return response
        if question.format.paged:
            return self._page(question, wanted)
        whole = self._whole(question, wanted, request.method == "HEAD")
        whole["Content-Disposition"] = attachment(_stem(wanted), question.format)
        return self.finish(whole, question)

    def _whole(self, question: Question, wanted: Slice, headers_only: bool) -> HttpResponseBase:
        f = question.format
        if headers_only:
            return StreamingHttpResponse((), content_type=f.content_type)  # the length is not known
        return finished(f.write(wanted.whole(question.edition)), f.content_type)

    def _page(self, question: Question, wanted: Slice) -> HttpResponse:
        asked, edition, position = question.asked, question.edition, question.position
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        page = wanted.page(edition, size, position.key if position else None)
        count = wanted.count(edition) if asked.values.get("count") else None
        named = {"as_of": wanted.release.name} if wanted.release else {}
        described = meta(question, wanted.release, size, count, [parameter.name for parameter in FILTERS], **named)
        if not page.rows and position is None:
            described["empty_reason"], described["available"] = wanted.why_empty(edition)
        following = None
        if page.next_key is not None:
            following = question.address(cursor=cursors.write(question.path, asked, wanted.release, page.next_key))
        body = b"".join(question.format.write(replace(page, meta=described, next=following)))
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)


def _stem(wanted: Slice) -> str:
    """What a file of the slice is named after: its indicators or dataset, its regions, and the release."""
    values = dict(wanted.filters)
    subject = values.get("indicator") or values.get("dataset") or ("observations",)
    release = wanted.release.name if wanted.release else "empty"
    return "-".join((*subject[:3], *(values.get("region") or ())[:3], release))
