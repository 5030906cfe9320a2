"""The reference resources of /api/v1, one short class each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Prefetch, QuerySet

from ..formats.kinds import KINDS
from ..http.asking import Question
from ..http.errors import NotHere
from ..models import (
    Action,
    Dataset,
    Indicator,
    Measure,
    Plan,
    Region,
    RegionEvent,
    Release,
    ReleaseFile,
    Source,
    Target,
    Unit,
)
from ..query import filters
from ..query.edition import Edition, ReleaseRow
from ..query.grammar import Term
from . import serializers
from .reference import ReferenceViewSet


class Datasets(ReferenceViewSet):
    """Datasets: coherent sets of indicators, the unit that portals harvest."""

    noun = "datasets"
    code_example = "urbanization"
    queryset = Dataset.objects.all()
    serializer_class = serializers.DatasetSerializer
    pairs = filters.DATASET
    vocabulary = "dataset"
    examples = ("code,title_en,coverage", "title_en")

    def _context(self, question: Question, release: ReleaseRow | None) -> dict[str, Any]:
        files: defaultdict[str | None, list[ReleaseFile]] = defaultdict(list)
        if release and "files" in question.asked.values.get("fields", self.names()):
            for file in ReleaseFile.objects.filter(release=release.order).order_by("id"):
                files[file.dataset_id].append(file)
        return {**super()._context(question, release), "files": files}


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

    def _known(self, code: str, question: Question) -> str:
        if code == "latest" and question.edition.release:
            code = question.edition.release.name
        return super()._known(code, question)


class Exports(ReferenceViewSet):
    """Files: what a release is kept as, for each dataset and for the whole (`dataset` is null), newest release first.

    `format` is the format of this list; `file_format` chooses among files.
    """

    noun = "exports"
    tag = "data"
    queryset = ReleaseFile.objects.select_related("release")
    serializer_class = serializers.ExportSerializer
    pairs = filters.exports(tuple(KINDS))
    key = ("release", "dataset", "format")
    default_sort = (Term("release", descending=True), Term("dataset"), Term("format"))
    examples = ("format,url,sha256", "-bytes")

    def _filtered(self, question: Question) -> QuerySet[Any]:
        return super()._filtered(question).filter(release__in=[row.order for row in question.edition.releases])


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
