"""Rows of the reference resources: the pack's columns, codes of related rows as plain strings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from ..formats import FORMATS
from ..formats.kinds import KINDS
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
    ReleaseFile,
    Source,
    Target,
    Unit,
)
from ..publishing import layout
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


class FileSerializer(serializers.Serializer[dict[str, Any]]):
    """A way to fetch a whole dataset."""

    format = serializers.CharField(help_text="Name of the format; `csv.zst` is CSV compressed with zstd.")
    media_type = serializers.CharField(help_text="Media type of the answer.")
    url = serializers.URLField(help_text="Address of the whole dataset in the format, as of the release in force.")
    bytes = serializers.IntegerField(
        allow_null=True, help_text="Size of the file; null where it is made when asked for."
    )
    sha256 = serializers.CharField(
        allow_null=True, help_text="SHA-256 of the file; null where it is made when asked for."
    )


class DatasetSerializer(RowSerializer):
    license = serializers.SerializerMethodField(help_text="Licence of the compiled data, as an address.")
    publisher = serializers.SerializerMethodField(help_text="Who publishes the dataset.")
    contact = serializers.SerializerMethodField(help_text="Where to ask about the dataset.")
    update_frequency = serializers.SerializerMethodField(
        help_text="EU frequency code: IRREG, because releases come when the figures are known."
    )
    coverage = serializers.SerializerMethodField(help_text="What the release in force holds of the dataset.")
    files = serializers.SerializerMethodField(
        help_text="Addresses of the whole dataset: the files of the release in force, and what is made when asked for."
    )

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
    def get_files(self, dataset: Dataset) -> list[dict[str, Any]]:
        kept: list[ReleaseFile] = self.context["files"].get(dataset.code, [])
        slices = f"{settings.PUBLIC_BASE_URL}/api/v1/observations?dataset={dataset.code}&format="
        made = [f for f in FORMATS if not f.paged and f.name not in {file.format for file in kept}]
        return [
            {
                "format": file.format,
                "media_type": KINDS[file.format].media_type,
                "url": layout.of_dataset(dataset.code, file.format),
                "bytes": file.bytes,
                "sha256": file.sha256,
            }
            for file in kept
        ] + [
            {"format": f.name, "media_type": f.media_type, "url": slices + f.name, "bytes": None, "sha256": None}
            for f in made
        ]


class IndicatorSerializer(RowSerializer):
    coverage = serializers.SerializerMethodField(help_text="What the release in force holds of the indicator.")

    class Meta:
        model = Indicator
        fields = [
            "code", "dataset", "name_zh", "name_en", "definition_zh", "definition_en", "unit", "decimals", "minimum",
            "maximum", "direction", "theme", "comparability_note_en", "coverage",
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


class ExportSerializer(RowSerializer):
    format = serializers.ChoiceField(
        choices=list(KINDS), help_text="Format of the file; `csv.zst` is CSV compressed with zstd."
    )
    url = serializers.SerializerMethodField(help_text="Address of the file, for good.")
    release: serializers.SlugRelatedField[Release] = serializers.SlugRelatedField(
        slug_field="name",
        read_only=True,
        help_text="Release that the file belongs to; sorted in the order of releases.",
    )

    class Meta:
        model = ReleaseFile
        fields = ["dataset", "format", "url", "bytes", "sha256", "rows", "release"]

    @extend_schema_field(serializers.URLField(help_text="Address of the file, for good."))
    def get_url(self, file: ReleaseFile) -> str:
        return layout.address(file.release.name, layout.path(file.dataset_id, file.format))
