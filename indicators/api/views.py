"""The resources of /api/v1: each view reads a question, answers 304 if it can, and hands an answer to a format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import orjson
from django.conf import settings
from django.db.models import Model, Prefetch, QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer, Serializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from ..formats import FORMATS, REFERENCE_FORMATS, Format
from ..http import caching, cursors
from ..http.asking import Question, ask
from ..http.errors import LONGEST_URI, NotHere
from ..http.problem_types import PROBLEM_TYPES
from ..models import (
    FIRST_YEAR,
    LARGEST_VALUE,
    LAST_YEAR,
    Action,
    Dataset,
    Indicator,
    Measure,
    Plan,
    Region,
    RegionEvent,
    Release,
    Source,
    Target,
    Unit,
)
from ..query import filters
from ..query.edition import Edition, ReleaseRow, coverage
from ..query.grammar import LARGEST_LIST, LONGEST_SEARCH, MOST_WORDS, Term
from ..query.parameters import (
    DEFAULT_PAGE_SIZE,
    FILTERS,
    LARGEST_DATA_PAGE,
    LARGEST_PAGE,
    MOST_PARAMETERS,
    PARAMETERS,
    Parameter,
    shape,
)
from ..query.slice import Slice, complete, conflicts
from . import serializers
from .pagination import behind, key_of, ordered
from .rows import table
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
    serializer: type[BaseSerializer[Any]] | None
    many: bool = False
    example: str = ""


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
        return HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})

    @property
    def allowed_methods(self) -> list[str]:
        return ["GET", "HEAD", "OPTIONS"]

    def cached(self, request: Request, question: Question, release: ReleaseRow | None) -> HttpResponse | None:
        """304 if the client's copy is still good, made without a query for data."""
        self.etag = caching.etag(question.edition, release, question.path, question.asked, question.format.content_type)
        self.last_modified = (
            max(release.in_force_since, question.edition.reference.changed_at)
            if release
            else question.edition.reference.changed_at
        )
        if not caching.unmodified(request, self.etag, self.last_modified):
            return None
        return self.finish(caching.not_modified(), question)

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
    base = settings.PUBLIC_BASE_URL
    found = [f'<{next_page}>; rel="next"'] if next_page else []
    return [
        *found,
        f'<{base}/api/v1/docs>; rel="describedby"',
        f'<{settings.DATA_LICENSE}>; rel="license"',
        f'<{base}/api/v1/openapi.json>; rel="service-desc"',
    ]


def meta(question: Question, release: ReleaseRow | None, page_size: int, count: int | None) -> dict[str, Any]:
    """What every list says of itself; the caller adds what was asked."""
    moment = question.asked.values.get("as_of")
    return {
        "release": release.name if release else None,
        "as_of": moment.text if moment else None,
        "count": count,
        "page_size": page_size,
        "query": {},
        "permalink": question.address(cursor=None, count=None),
        "license": settings.DATA_LICENSE,
        "empty_reason": None,
        "available": None,
    }


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
        answer = wanted.whole(edition)
        streamed = StreamingHttpResponse(question.format.write(answer), content_type=question.format.content_type)
        streamed["Content-Disposition"] = f'attachment; filename="{_file_name(question, wanted)}"'
        return self.finish(streamed, question)

    def _page(self, question: Question, wanted: Slice) -> HttpResponse:
        asked, edition, position = question.asked, question.edition, question.position
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        page = wanted.page(edition, size, position.key if position else None)
        count = wanted.count(edition) if asked.values.get("count") else None
        described = meta(question, wanted.release, size, count)
        described["query"] = asked.echo([parameter.name for parameter in FILTERS] + ["fields", "sort"])
        named = wanted.release and question.address(cursor=None, count=None, as_of=wanted.release.name)
        described["permalink"] = named or described["permalink"]
        if not page.rows and position is None:
            described["empty_reason"], described["available"] = wanted.why_empty(edition)
        following = None
        if page.next_key is not None:
            following = question.address(cursor=cursors.write(question.path, asked, wanted.release, page.next_key))
        answer = type(page)(page.columns, page.rows, described, following)
        body = b"".join(question.format.write(answer))
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)


def _file_name(question: Question, wanted: Slice) -> str:
    """A name that says what the file holds: indicators or dataset, and the release."""
    values = dict(wanted.filters)
    subject = values.get("indicator") or values.get("dataset") or ("observations",)
    stem = "-".join(
        (*subject[:3], *(values.get("region") or ())[:3], wanted.release.name if wanted.release else "empty")
    )
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in stem)
    return f"{safe[:120]}.{question.format.name}"


class ReferenceViewSet(GenericViewSet[Any], ContractView):
    """A reference resource: a filtered, sorted, paged list, and one row by its code."""

    formats = REFERENCE_FORMATS
    lookup_field = lookup_url_kwarg = "code"
    pairs: ClassVar[filters.Pairs] = ()
    vocabulary: ClassVar[str | None] = None
    default_sort: ClassVar[tuple[Term, ...]] = (Term("code"),)
    key: ClassVar[tuple[str, ...]] = ("code",)
    detail_serializer_class: ClassVar[type[Serializer[Any]] | None] = None
    examples: ClassVar[tuple[str, str]] = ("code", "-code")
    code_example: ClassVar[str] = ""
    noun: ClassVar[str] = ""
    tag = "reference"

    def contract(self) -> Contract:
        noun, one = self.noun, self.noun.removesuffix("s")
        if self.action == "list":
            return Contract(
                f"list_{noun.replace(' ', '_')}",
                noun.capitalize(),
                f"{self.__doc__} A page of rows; CSV answers the whole list.",
                self.tag,
                self.list_parameters(),
                self.formats,
                self.serializer_class,
                many=True,
                example=self.code_example,
            )
        return Contract(
            f"get_{one.replace(' ', '_')}",
            f"One {one}",
            f"{self.__doc__} One row, by its code.",
            self.tag,
            self.detail_parameters(),
            self.formats,
            self.detail_serializer_class or self.serializer_class,
            example=self.code_example,
        )

    @classmethod
    def names(cls, detail: bool = False) -> list[str]:
        """The fields of a row, in order."""
        serializer = (detail and cls.detail_serializer_class) or cls.serializer_class
        assert serializer is not None
        assert issubclass(serializer, Serializer)
        return list(serializer().fields)

    @classmethod
    def sortable(cls) -> list[str]:
        """The stored columns of a row; what is computed has no order."""
        stored = {field.name for field in cls.queryset.model._meta.concrete_fields}  # type: ignore[union-attr]
        return [name for name in cls.names() if name in stored]

    @classmethod
    def list_parameters(cls) -> tuple[Parameter, ...]:
        """The grammar of the list."""
        return (*(parameter for parameter, _ in cls.pairs), *shape(cls.names(), cls.sortable(), cls.examples))

    @classmethod
    def detail_parameters(cls) -> tuple[Parameter, ...]:
        """The grammar of one row."""
        return shape(cls.names(detail=True), (), cls.examples)[:1]

    def restricted(self, rows: QuerySet[Any], edition: Edition, kwargs: Mapping[str, str]) -> QuerySet[Any]:
        """The rows that the path itself asks for."""
        return rows

    def list(self, request: Request, **kwargs: str) -> HttpResponse:
        """One page of rows, or the whole list as a table."""
        question = ask(
            request,
            self.list_parameters(),
            self.formats,
            sort_keys=lambda asked: len(self._complete(asked.values.get("sort"))),
        )
        asked, edition, position = question.asked, question.edition, question.position
        sort = self._complete(asked.values.get("sort"))
        release = position.release if position else edition.release
        rows = self.restricted(self._filtered(question), edition, kwargs)
        if (response := self.cached(request, question, release)) is not None:
            return response
        names = asked.values.get("fields", self.names())
        if not question.format.paged:
            return self._table(question, self._serialized(ordered(rows, sort), question, release), names)
        size = asked.values.get("page_size", DEFAULT_PAGE_SIZE)
        found = list(ordered(behind(rows, sort, position.key) if position else rows, sort)[: size + 1])
        described = meta(question, release, size, rows.count())
        described["query"] = asked.echo([parameter.name for parameter, _ in self.pairs] + ["fields", "sort"])
        if not found and position is None:
            described["empty_reason"] = "filtered_out" if described["query"] else "no_such_combination"
        following = None
        if len(found) > size:
            key = key_of(found[size - 1], sort)
            following = question.address(cursor=cursors.write(question.path, asked, release, key))
        results = [{name: row[name] for name in names} for row in self._serialized(found[:size], question, release)]
        body = orjson.dumps({"meta": described, "next": following, "results": results})
        return self.finish(HttpResponse(body, content_type=question.format.content_type), question, following)

    def retrieve(self, request: Request, **kwargs: str) -> HttpResponse:
        """One row by its code."""
        question = ask(request, self.detail_parameters(), self.formats)
        row = self._one(kwargs[self.lookup_field], question)
        release = question.edition.release
        if (response := self.cached(request, question, release)) is not None:
            return response
        serializer = self.detail_serializer_class or self.serializer_class
        assert serializer is not None
        content = serializer(row, context=self._context(question, release)).data
        names = question.asked.values.get("fields", self.names(detail=True))
        if question.format.paged:
            return self.body({name: content[name] for name in names}, question)
        return self._table(question, [content], names)

    def _table(self, question: Question, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> HttpResponse:
        body = b"".join(question.format.write(table(rows, names)))
        response = HttpResponse(body, content_type=question.format.content_type)
        stem = question.path.removeprefix("/api/v1/").replace("/", "-")
        safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in stem)
        response["Content-Disposition"] = f'attachment; filename="{safe}.{question.format.name}"'
        return self.finish(response, question)

    def _complete(self, terms: Sequence[Term] | None) -> tuple[Term, ...]:
        chosen = tuple(terms) if terms else self.default_sort
        named = {term.column for term in chosen}
        return (*chosen, *(Term(column) for column in self.key if column not in named))

    def _filtered(self, question: Question) -> QuerySet[Any]:
        rows = self.get_queryset()
        return filters.filter_set(rows.model, self.pairs)(question.asked.texts, queryset=rows).qs  # type: ignore[no-any-return]

    def _one(self, code: str, question: Question) -> Model:
        vocabulary = question.edition.vocabulary(self.vocabulary or "")
        if code not in vocabulary:
            prefix = question.path[: len(question.path) - len(code)]
            meant = [prefix + near for near in vocabulary.suggest(code)]
            hint = f" Did you mean {meant[0]}?" if meant else ""
            raise NotHere(f"There is no {self.vocabulary} with the code {code[:100]!r}.{hint}", meant)
        return self.get_queryset().get(**{self.lookup_field: code})  # type: ignore[no-any-return]

    def _context(self, question: Question, release: ReleaseRow | None) -> dict[str, Any]:
        held = coverage(release.order) if release and self._shows_coverage() else ({}, {})
        return {"edition": question.edition, "coverage": held}

    @classmethod
    def _shows_coverage(cls) -> bool:
        return "coverage" in cls.names()

    def _serialized(self, rows: Any, question: Question, release: ReleaseRow | None) -> Sequence[Mapping[str, Any]]:
        assert self.serializer_class is not None
        return self.serializer_class(rows, many=True, context=self._context(question, release)).data  # type: ignore[no-any-return]


class Datasets(ReferenceViewSet):
    """Datasets: coherent sets of indicators, the unit that portals harvest."""

    noun = "datasets"
    code_example = "urbanization"
    queryset = Dataset.objects.all()
    serializer_class = serializers.DatasetSerializer
    pairs = filters.DATASET
    vocabulary = "dataset"
    examples = ("code,title_en,coverage", "title_en")


class Indicators(ReferenceViewSet):
    """Indicators: what is measured, in which unit, and which way is better."""

    noun = "indicators"
    code_example = "urbanization_rate"
    queryset = Indicator.objects.all()
    serializer_class = serializers.IndicatorSerializer
    pairs = filters.INDICATOR
    vocabulary = "indicator"
    examples = ("code,name_en,unit,coverage", "theme,code")


class Regions(ReferenceViewSet):
    """Regions: administrative divisions with the years in which their codes were in force."""

    noun = "regions"
    code_example = "370000"
    queryset = Region.objects.all()
    serializer_class = serializers.RegionSerializer
    detail_serializer_class = serializers.RegionDetailSerializer
    pairs = filters.REGION
    vocabulary = "region"
    examples = ("code,name_en,level", "-valid_from,code")


class RegionEvents(ReferenceViewSet):
    """Changes of divisions: renames, recodes, upgrades, mergers, splits and transfers."""

    noun = "region events"
    queryset = RegionEvent.objects.all()
    serializer_class = serializers.RegionEventSerializer
    pairs = filters.REGION_EVENT
    key = ("year", "kind", "from_code", "to_code")
    default_sort = tuple(Term(name) for name in key)
    examples = ("year,kind,from_code,to_code", "-year,from_code")


class EventsOfRegion(RegionEvents):
    """Changes of divisions from or to one region."""

    noun = "events of a region"
    code_example = "371200"
    pairs = tuple(pair for pair in filters.REGION_EVENT if pair[0].name != "region")

    def restricted(self, rows: QuerySet[Any], edition: Edition, kwargs: Mapping[str, str]) -> QuerySet[Any]:
        code = kwargs["code"]
        if code not in edition.vocabulary("region"):
            meant = [f"/api/v1/regions/{near}/events" for near in edition.vocabulary("region").suggest(code)]
            raise NotHere(f"There is no region with the code {code[:100]!r}.", meant)
        return rows.filter(filters.event_of([code]))


class Plans(ReferenceViewSet):
    """Plans, with their actions, measures and targets."""

    noun = "plans"
    tag = "plan"
    code_example = "SD-NUP-3Y-2021-2023"
    queryset = Plan.objects.all()
    serializer_class = serializers.PlanSerializer
    detail_serializer_class = serializers.PlanDetailSerializer
    pairs = filters.PLAN
    vocabulary = "plan"
    examples = ("code,title_en,period_start,period_end", "-issued_on")

    def get_queryset(self) -> QuerySet[Plan]:
        plans = super().get_queryset()
        if self.action != "retrieve":
            return plans
        measures = Prefetch("measures", Measure.objects.order_by("kind", "order", "code"))
        actions = Prefetch("actions", Action.objects.order_by("order", "code").prefetch_related(measures))
        return plans.prefetch_related(actions, Prefetch("targets", Target.objects.select_related("indicator", "unit")))


class Actions(ReferenceViewSet):
    """Actions of plans."""

    noun = "actions"
    tag = "plan"
    code_example = "green"
    queryset = Action.objects.all()
    serializer_class = serializers.ActionSerializer
    pairs = filters.ACTION
    vocabulary = "action"
    default_sort = (Term("order"), Term("code"))
    examples = ("code,title_en", "plan,order")


class Measures(ReferenceViewSet):
    """Measures of actions, and the qualitative outcomes expected of them."""

    noun = "measures"
    tag = "plan"
    code_example = "M01"
    queryset = Measure.objects.all()
    serializer_class = serializers.MeasureSerializer
    pairs = filters.MEASURE
    vocabulary = "measure"
    default_sort = (Term("order"), Term("code"))
    examples = ("code,title_en", "action,kind,order")


class Targets(ReferenceViewSet):
    """Targets: numbers that a plan promises for a region and a year, in their official wording."""

    noun = "targets"
    tag = "plan"
    code_example = "SD-3Y-01"
    queryset = Target.objects.select_related("indicator", "unit")
    serializer_class = serializers.TargetSerializer
    pairs = filters.TARGET
    vocabulary = "target"
    examples = ("code,title_en,value,unit,year", "year,code")


class Releases(ReferenceViewSet):
    """Releases: publications of figures, newest first; `latest` is the release in force."""

    noun = "releases"
    tag = "data"
    code_example = "latest"
    queryset = Release.objects.all()
    serializer_class = serializers.ReleaseSerializer
    pairs = filters.RELEASE
    vocabulary = "release"
    lookup_field = lookup_url_kwarg = "name"
    key = ("name",)
    default_sort = (Term("published_on", descending=True),)
    examples = ("name,published_on,revised", "published_on")

    def _filtered(self, question: Question) -> QuerySet[Any]:
        return self.get_queryset().filter(order__in=[row.order for row in question.edition.releases])

    def _one(self, code: str, question: Question) -> Model:
        if code == "latest" and question.edition.release:
            code = question.edition.release.name
        return super()._one(code, question)


class Sources(ReferenceViewSet):
    """Sources: where figures and targets were published, and how reliable they are."""

    noun = "sources"
    code_example = "S01"
    queryset = Source.objects.all()
    serializer_class = serializers.SourceSerializer
    pairs = filters.SOURCE
    vocabulary = "source"
    examples = ("code,title,publisher", "-published_on")


class Units(ReferenceViewSet):
    """Units of measurement."""

    noun = "units"
    code_example = "percent"
    queryset = Unit.objects.all()
    serializer_class = serializers.UnitSerializer
    pairs = filters.UNIT
    vocabulary = "unit"
    examples = ("code,symbol", "-code")


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

    def get(self, request: Request, **kwargs: str) -> HttpResponse:
        question = ask(request, (), self.formats)
        content = self.content(question, **kwargs)
        return self.cached(request, question, question.edition.release) or self.body(content, question)


#: The lists of the API, in the order in which a newcomer meets them.
RESOURCES = (
    "plans", "actions", "measures", "targets", "indicators", "regions", "region-events", "observations", "releases",
    "datasets", "sources", "units",
)  # fmt: skip


class Index(Document):
    """The links of the API."""

    operation = ("get_index", "Index")
    document_serializer = serializers.IndexSerializer

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
    document_serializer = serializers.MetaSerializer

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
            },
            "formats": [_format(f) for f in FORMATS],
            "reference_formats": [_format(f) for f in REFERENCE_FORMATS],
            "languages": [code for code, _ in settings.LANGUAGES],
            "license": settings.DATA_LICENSE,
            "publisher": settings.PUBLISHER_NAME,
            "contact": settings.CONTACT_URL,
        }


def _format(f: Format) -> dict[str, Any]:
    return {"name": f.name, "media_type": f.media_type, "paged": f.paged, "description": f.description}


class Problems(Document):
    """The kinds of errors that the API answers."""

    operation = ("list_problems", "Kinds of errors")
    document_serializer = serializers.ProblemTypesSerializer

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        return {"results": [vars(kind) for kind in PROBLEM_TYPES.values()]}


class ProblemDetail(Document):
    """One kind of error: where `type` of a problem document points."""

    operation = ("get_problem", "One kind of error")
    document_serializer = serializers.ProblemTypeSerializer
    example = "unknown_parameter"

    def content(self, question: Question, **kwargs: str) -> dict[str, Any]:
        if kwargs["code"] not in PROBLEM_TYPES:
            raise NotHere("There is no such kind of problem: /api/v1/problems lists them.", ["/api/v1/problems"])
        return vars(PROBLEM_TYPES[kwargs["code"]])
