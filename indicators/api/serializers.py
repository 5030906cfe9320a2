"""Rows of the reference resources: the pack's columns, codes of related rows as plain strings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..formats import FORMATS
from ..models import (
    SUCCESSION,
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
from ..query.edition import Coverage


class NumberField(serializers.FloatField):
    """A number in its shortest form: 66, not 66.0."""

    def to_representation(self, value: float) -> float | int:  # type: ignore[override]
        return int(value) if value == int(value) else value


class RowSerializer(serializers.ModelSerializer[Any]):
    """A row of a reference table."""

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        models.FloatField: NumberField,
    }


class UnitSerializer(RowSerializer):
    class Meta:
        model = Unit
        fields = ["code", "name_zh", "name_en", "symbol"]


class CoverageSerializer(serializers.Serializer[Coverage]):
    """What the release in force holds."""

    first_year = serializers.IntegerField(allow_null=True, help_text="First year with a row; null without any.")
    last_year = serializers.IntegerField(allow_null=True, help_text="Last year with a row; null without any.")
    regions = serializers.IntegerField(help_text="Number of regions with a row.")
    observations = serializers.IntegerField(help_text="Number of rows in force, missing values included.")


class FileSerializer(serializers.Serializer[dict[str, str]]):
    """A way to fetch a whole dataset."""

    format = serializers.CharField(help_text="Name of the format, as `format=` takes it.")
    media_type = serializers.CharField(help_text="Media type of the answer.")
    url = serializers.URLField(help_text="Address of the whole dataset in the format.")


class DatasetSerializer(RowSerializer):
    license = serializers.SerializerMethodField(help_text="Licence of the compiled data, as an address.")
    publisher = serializers.SerializerMethodField(help_text="Who publishes the dataset.")
    contact = serializers.SerializerMethodField(help_text="Where to ask about the dataset.")
    update_frequency = serializers.SerializerMethodField(
        help_text="EU frequency code: IRREG, because releases come when the figures are known."
    )
    coverage = serializers.SerializerMethodField(help_text="What the release in force holds of the dataset.")
    files = serializers.SerializerMethodField(help_text="Whole-dataset addresses, one for each unpaged format.")

    class Meta:
        model = Dataset
        fields = [
            "code", "title_zh", "title_en", "description_zh", "description_en", "keywords_zh", "keywords_en", "theme",
            "license", "publisher", "contact", "update_frequency", "coverage", "files",
        ]  # fmt: skip

    @extend_schema_field(serializers.URLField(help_text="Licence of the compiled data, as an address."))
    def get_license(self, _: Dataset) -> str:
        return str(settings.DATA_LICENSE)

    def get_publisher(self, _: Dataset) -> str:
        return str(settings.PUBLISHER_NAME)

    def get_contact(self, _: Dataset) -> str:
        return str(settings.CONTACT_URL)

    def get_update_frequency(self, _: Dataset) -> str:
        return "IRREG"

    @extend_schema_field(CoverageSerializer)
    def get_coverage(self, dataset: Dataset) -> dict[str, Any]:
        return dict(vars(self.context["coverage"][1].get(dataset.code, Coverage())))

    @extend_schema_field(FileSerializer(many=True))
    def get_files(self, dataset: Dataset) -> list[dict[str, str]]:
        address = f"{settings.PUBLIC_BASE_URL}/api/v1/observations?dataset={dataset.code}&format="
        return [{"format": f.name, "media_type": f.media_type, "url": address + f.name} for f in FORMATS if not f.paged]


class IndicatorSerializer(RowSerializer):
    coverage = serializers.SerializerMethodField(help_text="What the release in force holds of the indicator.")

    class Meta:
        model = Indicator
        fields = [
            "code", "dataset", "name_zh", "name_en", "definition_zh", "definition_en", "unit", "decimals", "direction",
            "theme", "comparability_note_en", "coverage",
        ]  # fmt: skip

    @extend_schema_field(CoverageSerializer)
    def get_coverage(self, indicator: Indicator) -> dict[str, Any]:
        return dict(vars(self.context["coverage"][0].get(indicator.code, Coverage())))


class RegionSerializer(RowSerializer):
    class Meta:
        model = Region
        fields = [
            "code", "name_zh", "name_en", "level", "type", "parent", "valid_from", "valid_to", "longitude", "latitude",
        ]  # fmt: skip


class RegionEventSerializer(RowSerializer):
    class Meta:
        model = RegionEvent
        fields = [
            "year", "date", "kind", "from_code", "to_code", "name_before", "name_after", "document_no",
            "document_title", "url",
        ]  # fmt: skip


def _codes(help_text: str) -> Any:
    return extend_schema_field(serializers.ListField(child=serializers.CharField(), help_text=help_text))


class RegionDetailSerializer(RegionSerializer):
    ancestors = serializers.SerializerMethodField()
    children = serializers.SerializerMethodField()
    events = serializers.SerializerMethodField()
    successors = serializers.SerializerMethodField()
    predecessors = serializers.SerializerMethodField()

    class Meta(RegionSerializer.Meta):
        fields = [*RegionSerializer.Meta.fields, "ancestors", "children", "events", "successors", "predecessors"]

    @_codes("Codes of the regions that it lies in, the outermost first.")
    def get_ancestors(self, region: Region) -> list[str]:
        return list(self.context["edition"].reference.ancestors(region.code))

    @_codes("Codes of the regions directly below it, retired ones included.")
    def get_children(self, region: Region) -> list[str]:
        return list(self.context["edition"].reference.children.get(region.code, ()))

    @extend_schema_field(
        RegionEventSerializer(many=True, help_text="Changes of divisions from or to it, with documents.")
    )
    def get_events(self, region: Region) -> list[dict[str, Any]]:
        return list(RegionEventSerializer(self._events(region), many=True).data)

    @_codes("Codes that carry on what a region was, one step on: from all kinds of events but transfer and split_off.")
    def get_successors(self, region: Region) -> list[str]:
        return sorted({e.to_code_id for e in self._succession(region) if e.to_code_id != region.code})

    @_codes("Codes that it carries on, one step back.")
    def get_predecessors(self, region: Region) -> list[str]:
        return sorted({e.from_code_id for e in self._succession(region) if e.from_code_id != region.code})

    def _succession(self, region: Region) -> list[RegionEvent]:
        return [event for event in self._events(region) if event.kind in SUCCESSION]

    def _events(self, region: Region) -> list[RegionEvent]:
        if not hasattr(region, "_all_events"):
            own = models.Q(from_code=region.code) | models.Q(to_code=region.code)
            region._all_events = list(RegionEvent.objects.filter(own))  # type: ignore[attr-defined]
        return region._all_events  # type: ignore[attr-defined, no-any-return]


class SourceSerializer(RowSerializer):
    class Meta:
        model = Source
        fields = ["code", "title", "publisher", "published_on", "kind", "url", "license", "reliability", "note"]


class MeasureSerializer(RowSerializer):
    class Meta:
        model = Measure
        fields = ["code", "action", "kind", "order", "title_zh", "title_en", "source", "locator"]


class ActionSerializer(RowSerializer):
    class Meta:
        model = Action
        fields = ["code", "plan", "order", "title_zh", "title_en", "theme_zh", "theme_en", "source", "locator"]


class ActionWithMeasuresSerializer(ActionSerializer):
    measures = MeasureSerializer(many=True, help_text="Measures, then expected outcomes, in the order of the plan.")

    class Meta(ActionSerializer.Meta):
        fields = [*ActionSerializer.Meta.fields, "measures"]


class TargetSerializer(RowSerializer):
    title_zh = serializers.CharField(
        help_text="Chinese title, composed from indicator, comparator, value, unit and year."
    )
    title_en = serializers.CharField(help_text="English title, composed likewise.")

    class Meta:
        model = Target
        fields = [
            "code", "title_zh", "title_en", "plan", "action", "indicator", "region", "statistic", "comparator", "value",
            "unit", "year", "period_start", "baseline_year", "baseline_value", "direction", "approximate", "scope_zh",
            "scope_en", "denominator", "wording_zh", "note_en", "source", "locator",
        ]  # fmt: skip


class PlanSerializer(RowSerializer):
    class Meta:
        model = Plan
        fields = [
            "code", "kind", "parent", "title_zh", "title_en", "issuer_zh", "issuer_en", "document_no", "issued_on",
            "period_start", "period_end", "source",
        ]  # fmt: skip


class PlanDetailSerializer(PlanSerializer):
    actions = ActionWithMeasuresSerializer(many=True, help_text="Actions of the plan, each with its measures.")
    targets = TargetSerializer(many=True, help_text="Targets that the plan sets.")

    class Meta(PlanSerializer.Meta):
        fields = [*PlanSerializer.Meta.fields, "actions", "targets"]


class ReleaseSerializer(RowSerializer):
    class Meta:
        model = Release
        fields = [
            "name", "order", "published_on", "title_zh", "title_en", "basis_en", "in_force_since", "added", "revised",
            "confirmed", "withdrawn",
        ]  # fmt: skip


class QueryEchoField(serializers.DictField):
    """The parameters that were asked for, each a list of its items in canonical form."""

    child = serializers.ListField(child=serializers.CharField())


class AvailableSerializer(serializers.Serializer[Any]):
    """What does exist near an empty answer."""

    years = serializers.ListField(
        child=serializers.IntegerField(), min_length=2, max_length=2, help_text="First and last year."
    )
    levels = serializers.ListField(child=serializers.CharField(), help_text="Levels of regions, from the country down.")


class ListMetaSerializer(serializers.Serializer[Any]):
    """What a list says of itself."""

    release = serializers.CharField(
        allow_null=True, help_text="Release that the answer is made from; null before the first."
    )
    as_of = serializers.CharField(allow_null=True, help_text="`as_of` as asked for.")
    count = serializers.IntegerField(
        allow_null=True, help_text="Exact number of rows; null on data unless `count=true`."
    )
    page_size = serializers.IntegerField(help_text="Rows on a page.")
    query = QueryEchoField(help_text="Filters, fields and sort as understood.")
    permalink = serializers.URLField(help_text="Address of this answer for good: on data it names the release.")
    license = serializers.URLField(help_text="Licence of the data.")
    empty_reason = serializers.ChoiceField(
        allow_null=True,
        choices=["not_published_yet", "no_such_combination", "outside_period", "filtered_out"],
        help_text="Why there is no row; null if there is one.",
    )
    available = AvailableSerializer(allow_null=True, help_text="What exists instead, if the answer is empty.")


class ProblemItemSerializer(serializers.Serializer[Any]):
    """One problem of a request."""

    code = serializers.CharField(help_text="Kind of problem; /api/v1/problems lists them.")
    parameter = serializers.CharField(allow_null=True, help_text="Parameter or header at fault.")
    value = serializers.CharField(allow_null=True, help_text="Value at fault.")
    detail = serializers.CharField(help_text="What is wrong and what to do.")
    did_you_mean = serializers.ListField(child=serializers.CharField(), help_text="Nearest values that exist.")
    allowed = serializers.ListField(
        child=serializers.CharField(), help_text="All values that are allowed, where they are few."
    )


class ProblemSerializer(serializers.Serializer[Any]):
    """A problem document (RFC 9457)."""

    type = serializers.URLField(help_text="Address of the description of the kind of problem.")
    title = serializers.CharField(help_text="Title of the kind of problem.")
    status = serializers.IntegerField(min_value=400, max_value=599, help_text="HTTP status.")
    detail = serializers.CharField(help_text="What is wrong with this request.")
    instance = serializers.CharField(help_text="The request.")
    code = serializers.CharField(help_text="Code of the first error.")
    errors = ProblemItemSerializer(  # type: ignore[assignment]
        many=True, help_text="Every problem of the request, in the order of the URL."
    )


class FormatSerializer(serializers.Serializer[Any]):
    """A format."""

    name = serializers.CharField(help_text="Name, as `format=` takes it.")
    media_type = serializers.CharField(help_text="Media type.")
    paged = serializers.BooleanField(help_text="Whether it answers pages; others answer the whole slice.")
    description = serializers.CharField(help_text="What it is.")


class LimitsSerializer(serializers.Serializer[Any]):
    """Limits and bounds of requests."""

    page_size_default = serializers.IntegerField(help_text="Rows on a page, unless asked otherwise.")
    page_size_max = serializers.IntegerField(help_text="Most rows on a page of a reference resource.")
    page_size_max_observations = serializers.IntegerField(help_text="Most rows on a page of observations.")
    list_items_max = serializers.IntegerField(help_text="Most items of a comma-separated list.")
    parameters_max = serializers.IntegerField(help_text="Most parameters of a request.")
    uri_bytes_max = serializers.IntegerField(help_text="Longest address, path and query, in bytes.")
    search_characters_max = serializers.IntegerField(help_text="Longest `q`, in characters.")
    search_words_max = serializers.IntegerField(help_text="Most words of `q`.")
    year_min = serializers.IntegerField(help_text="First year that may be asked for.")
    year_max = serializers.IntegerField(help_text="Last year that may be asked for.")
    value_max = serializers.IntegerField(help_text="Largest number that may be asked for, either sign.")


class MetaSerializer(serializers.Serializer[Any]):
    """What the service is."""

    api_version = serializers.CharField(help_text="Version of the API.")
    build = serializers.CharField(help_text="Digest of the software.")
    release = serializers.CharField(allow_null=True, help_text="Release in force.")
    reference_revision = serializers.IntegerField(help_text="Revision of the reference tables.")
    limits = LimitsSerializer(help_text="Limits and bounds.")
    formats = FormatSerializer(many=True, help_text="Formats of observations, the default first.")
    reference_formats = FormatSerializer(many=True, help_text="Formats of reference resources.")
    languages = serializers.ListField(child=serializers.CharField(), help_text="Languages of names and texts.")
    license = serializers.URLField(help_text="Licence of the data.")
    publisher = serializers.CharField(help_text="Who publishes the data.")
    contact = serializers.URLField(help_text="Where to ask.")


class IndexSerializer(serializers.Serializer[Any]):
    """The links of the API."""

    title = serializers.CharField(help_text="Name of the service.")
    api_version = serializers.CharField(help_text="Version of the API.")
    release = serializers.CharField(allow_null=True, help_text="Release in force.")
    links = serializers.DictField(child=serializers.URLField(), help_text="Absolute address of each resource.")


class ProblemTypeSerializer(serializers.Serializer[Any]):
    """A kind of error, in both languages."""

    code = serializers.CharField(help_text="Code of the kind.")
    status = serializers.IntegerField(help_text="HTTP status that it is answered with.")
    title_en = serializers.CharField(help_text="English title.")
    title_zh = serializers.CharField(help_text="Chinese title.")
    description_en = serializers.CharField(help_text="What it means, in English.")
    description_zh = serializers.CharField(help_text="What it means, in Chinese.")


class ProblemTypesSerializer(serializers.Serializer[Any]):
    """All kinds of errors."""

    results = ProblemTypeSerializer(many=True, help_text="The kinds.")
