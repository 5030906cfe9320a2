"""The resources of data: a slice goes in, an answer comes out in a format; rows are tuples all the way."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request

from ..formats import DATA_FORMATS, FORMATS
from ..http import caching, cursors
from ..http.asking import Question, ask
from ..http.compression import coding_of
from ..http.headers import attachment
from ..http.spool import finished
from ..models import ReleaseFile
from ..publishing import layout
from ..query.changes import CHANGE_COLUMNS, Changes
from ..query.columns import SORTABLE
from ..query.edition import Edition, ReleaseRow
from ..query.parameters import (
    AS_OF,
    DEFAULT_PAGE_SIZE,
    FILTERS,
    INCLUDE,
    LATEST,
    OPTIONS,
    PARAMETERS,
    SINCE,
    UNTIL,
    Parameter,
    data_shape,
    shape,
)
from ..query.problems import BadQuery, Problem
from ..query.series import SERIES_COLUMNS, SeriesSlice
from ..query.slice import Slice
from ..query.vintages import VINTAGE_COLUMNS, Vintages
from .contract import Contract, ContractView, issuer, meta


class DataView(ContractView):
    """A resource of data: pages of JSON, or the whole slice in another format."""

    tag = "data"
    slice: ClassVar[type[Slice]]
    row_name: ClassVar[str]
    parameters: ClassVar[Sequence[Parameter]]
    noun: ClassVar[str]
    always_counts: ClassVar[bool] = False
    code_example: ClassVar[str] = ""

    def contract(self) -> Contract:
        own = [f.name for f in self.formats if f.columns]
        layouts = f" fields and sort do not go with {', '.join(own)}, which have a layout of their own." if own else ""
        return Contract(
            f"list_{self.noun.replace(' ', '_')}",
            self.noun.capitalize(),
            f"{self.__doc__} JSON comes in pages, the other formats answer the whole slice.{layouts}",
            self.tag,
            self.parameters,
            self.formats,
            (self.row_name, self.slice),
            many=True,
            example=self.code_example,
        )

    def get(self, request: Request, **kwargs: str) -> HttpResponseBase:
        question = ask(request, self.parameters, self.formats, self.slice.conflicts, self._sort_keys)
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
        whole["Content-Disposition"] = attachment(self._stem(question, wanted), question.format.extension)
        return self.finish(whole, question)

    def wanted(self, question: Question, **kwargs: str) -> Slice:
        """The slice that is asked for, also by the path."""
        position = question.position
        return self.slice.asked(question.asked, question.edition, position.release if position else None)

    def changed_at(self, question: Question, release: ReleaseRow | None) -> datetime.datetime | None:
        """When a release changed one of the series last, or, after the first release, what they are called."""
        if self.last_change is None:
            return None
        edited_at = question.edition.reference.edited_at
        return max(self.last_change.in_force_since, edited_at) if edited_at else self.last_change.in_force_since

    def _sort_keys(self, asked: Any) -> int:
        return len(self.slice.complete(asked.values.get("sort", ())))

    def _whole(self, question: Question, wanted: Slice, request: Request) -> HttpResponseBase:
        f = question.format
        coding = coding_of(request, f.content_type)
        if request.method == "HEAD":  # the length is not known, and left out (RFC 9110, 9.3.2)
            headers = {"Content-Encoding": coding} if coding else {}
            return StreamingHttpResponse((), content_type=f.content_type, headers=headers)
        if f.columns:
            wanted = replace(wanted, columns=f.columns, sort=self.slice.complete(()))
        answer = wanted.whole(question.edition)
        options = {parameter.name: question.asked.values.get(parameter.name) for parameter in OPTIONS}
        described = replace(answer, meta=self._meta(question, wanted, 0, None), options=options, issuer=issuer())
        return finished(f.write(described), f.content_type, coding)

    def _page(self, question: Question, wanted: Slice) -> HttpResponse:
        asked, edition, position = question.asked, question.edition, question.position
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        page = wanted.page(edition, size, position.key if position else None)
        count = wanted.count(edition) if self.always_counts or asked.values.get("count") else None
        described = self._meta(question, wanted, size, count)
        if not page.rows and position is None:
            described["empty_reason"], described["available"] = wanted.why_empty(edition)
        following = None
        if page.next_key is not None:
            following = question.address(cursor=cursors.write(question.path, asked, wanted.release, page.next_key))
        body = b"".join(question.format.write(replace(page, meta=described, next=following)))
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)

    def _meta(self, question: Question, wanted: Slice, size: int, count: int | None) -> dict[str, Any]:
        names = [parameter.name for parameter in self.parameters if parameter.name not in _LAYOUT]
        permanent = self._permanent(question.edition, wanted)
        if not question.format.paged:
            permanent["format"] = question.format.name  # also where the Accept header chose it
        return meta(question, wanted.release, size, count, names, **permanent)

    def _permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        """What makes the address of an answer one for good."""
        return {"as_of": wanted.release.name} if wanted.release else {}

    def _stem(self, question: Question, wanted: Slice) -> str:
        """What a file of the slice is named after: its subject, its regions, its years, and the release."""
        items = dict(question.asked.canonical)
        subject, regions = (
            next((items[name] for name in names if name in items), ()) for names in (_SUBJECTS, _REGIONS)
        )
        years = (text.replace("..", "_") for text in items.get("year", ())[:3])
        kind = () if subject and self.noun == "observations" else (self.noun,)
        release = wanted.release.name if wanted.release else "empty"
        return "-".join((*kind, *subject[:3], *regions[:3], *years, release))


#: Filters that a file is named after, the one that says most first.
_SUBJECTS = ("target", "indicator", "dataset", "action", "plan", "theme")
_REGIONS = ("region", "region_within", "region_level", "region_type")
#: What is no part of the question itself; `meta` tells of fields, sort and as_of in its own way.
_LAYOUT = frozenset({"as_of", "fields", "sort", "page_size", "cursor", "count", *(p.name for p in OPTIONS)})


def refuse_large(question: Question, wanted: Slice) -> None:
    """413 for more rows than the format takes; it names the bound, the size, and what to fetch instead."""
    bound = question.format.bound
    if bound is None or question.edition.most_rows <= bound or (size := wanted.count(question.edition)) <= bound:
        return
    file = file_of(question, wanted)
    instead = file or question.address(format="csv")
    detail = (
        f"The slice has {size} rows; {question.format.name} takes at most {bound}. "
        f"Narrow the question, or fetch {'the file' if file else 'it as CSV'}: {instead}"
    )
    raise BadQuery([Problem("too_large", detail, "format", str(size), did_you_mean=(instead,))])


def file_of(question: Question, wanted: Slice) -> str | None:
    """The address of the CSV file that holds the slice: where it is all of a dataset, or of everything."""
    filters = dict(wanted.filters)
    datasets = filters.pop("dataset", (None,))
    if type(wanted) is not Slice or filters or wanted.newest or len(datasets) > 1 or wanted.release is None:
        return None
    kept = ReleaseFile.objects.filter(release=wanted.release.order, dataset=datasets[0], format="csv")
    return layout.address(wanted.release.name, layout.path(datasets[0], "csv")) if kept.exists() else None


class Observations(DataView):
    """Observations: one row for each indicator, region and year, as in force now or as of an earlier release."""

    noun = "observations"
    slice = Slice
    row_name = "Observation"
    parameters = PARAMETERS
    formats = FORMATS


class Series(DataView):
    """Series: one row for each indicator and region, with its years, gaps and last value; what is available."""

    noun = "series"
    slice = SeriesSlice
    row_name = "Series"
    parameters = (
        *FILTERS,
        LATEST,
        AS_OF,
        INCLUDE,
        *shape(tuple(SERIES_COLUMNS), ("indicator", "region"), ("region,first_year,last_year", "region")),
        *OPTIONS,
    )
    formats = DATA_FORMATS


class VintageList(DataView):
    """Vintages: one row for each release that set a cell, and the release that replaced or withdrew it."""

    noun = "vintages"
    slice = Vintages
    row_name = "Vintage"
    parameters = (
        *FILTERS,
        AS_OF,
        *data_shape(tuple(VINTAGE_COLUMNS), SORTABLE, ("year,value,release,superseded_by", "-year,region")),
    )
    formats = DATA_FORMATS


#: Examples of filters that find something among the changes of a single release too.
_CHANGED = {"region_type": "province", "region": "370000,110000"}


class ChangeList(DataView):
    """Changes: what releases inserted, updated and deleted, one row for each release and cell, never netted."""

    noun = "changes"
    slice = Changes
    row_name = "Change"
    parameters = (
        *(replace(parameter, example=_CHANGED.get(parameter.name, parameter.example)) for parameter in FILTERS),
        SINCE,
        UNTIL,
        *data_shape(tuple(CHANGE_COLUMNS), ("indicator", "region", "year", "release"), ("op,year,old,new", "release")),
    )
    formats = DATA_FORMATS

    def _permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        if wanted.release is None:
            return {}
        since = next((row.name for row in edition.releases if row.order == wanted.since), None)
        return {"since": since, "until": wanted.release.name}
