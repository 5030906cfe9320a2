"""The reference tables at the desk: what their lists show, search and filter."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..models import Action, Dataset, Indicator, Measure, Plan, Region, RegionEvent, Source, Target, Unit
from .forms import RegionForm, TreeForm
from .reference import ReferenceAdmin
from .site import desk


def plain(column: str) -> Callable[[Any], Any]:
    """A column of codes as the API answers them; what they mean would fill the list, and need a join."""

    @admin.display(description=column.removesuffix("_id"), ordering=column)
    def code(row: Any) -> Any:
        return getattr(row, column)

    return code


@admin.register(Unit, site=desk)
class UnitAdmin(ReferenceAdmin):
    resource = "units"
    list_display = ("code", "name_zh", "name_en", "symbol")
    search_fields = ("code", "name_zh", "name_en", "symbol")


@admin.register(Dataset, site=desk)
class DatasetAdmin(ReferenceAdmin):
    resource = "datasets"
    list_display = ("code", "title_zh", "title_en", "theme")
    list_filter = ("theme",)
    search_fields = ("code", "title_zh", "title_en", "keywords_zh", "keywords_en")


@admin.register(Source, site=desk)
class SourceAdmin(ReferenceAdmin):
    resource = "sources"
    list_display = ("code", "title", "publisher", "published_on", "kind", plain("reliability"))
    list_filter = (("reliability", admin.AllValuesFieldListFilter), "kind")
    search_fields = ("code", "title", "publisher", "note")


@admin.register(Region, site=desk)
class RegionAdmin(ReferenceAdmin):
    resource = "regions"
    form = RegionForm
    list_display = ("code", "name_zh", "name_en", "level", "type", plain("parent_id"), "valid_from", "valid_to")
    list_filter = ("level", "type", ("valid_to", admin.EmptyFieldListFilter))
    search_fields = ("code", "name_zh", "name_en")
    autocomplete_fields = ("parent",)


@admin.register(RegionEvent, site=desk)
class RegionEventAdmin(ReferenceAdmin):
    list_display = (
        "year",
        plain("kind"),
        plain("from_code_id"),
        plain("to_code_id"),
        "name_before",
        "name_after",
        "document_no",
    )
    list_filter = (("kind", admin.AllValuesFieldListFilter), "year")
    search_fields = (
        "name_before", "name_after", "document_no", "document_title", "from_code__code", "to_code__code",
        "from_code__name_en", "to_code__name_en",
    )  # fmt: skip
    autocomplete_fields = ("from_code", "to_code")

    def view_on_site(self, obj: RegionEvent) -> str:
        """An event has no address of its own: those of the region that it is from."""
        return reverse("events-of-region", args=[obj.from_code_id])


@admin.register(Indicator, site=desk)
class IndicatorAdmin(ReferenceAdmin):
    resource = "indicators"
    list_display = ("code", "name_zh", "name_en", plain("dataset_id"), plain("unit_id"), "direction", "theme")
    list_filter = ("dataset", "theme", "direction", "unit")
    search_fields = ("code", "name_zh", "name_en", "definition_zh", "definition_en")
    autocomplete_fields = ("dataset", "unit")


@admin.register(Plan, site=desk)
class PlanAdmin(ReferenceAdmin):
    resource = "plans"
    form = TreeForm
    list_display = ("code", "title_zh", "title_en", "kind", "period_start", "period_end")
    list_filter = ("kind",)
    search_fields = ("code", "title_zh", "title_en", "issuer_zh", "issuer_en", "document_no")
    autocomplete_fields = ("parent", "source")


@admin.register(Action, site=desk)
class ActionAdmin(ReferenceAdmin):
    resource = "actions"
    list_display = ("code", plain("plan_id"), "order", "title_zh", "title_en")
    list_filter = ("plan",)
    search_fields = ("code", "title_zh", "title_en", "theme_zh", "theme_en")
    autocomplete_fields = ("plan", "source")


@admin.register(Measure, site=desk)
class MeasureAdmin(ReferenceAdmin):
    resource = "measures"
    list_display = ("code", plain("action_id"), plain("kind"), "order", "title_zh", "title_en")
    list_filter = (("kind", admin.AllValuesFieldListFilter), "action")
    ordering = ("action", "kind", "order")
    search_fields = ("code", "title_zh", "title_en", "action__title_zh", "action__title_en")
    autocomplete_fields = ("action", "source")


@admin.register(Target, site=desk)
class TargetAdmin(ReferenceAdmin):
    resource = "targets"
    list_display = ("code", "title", plain("plan_id"), plain("region_id"), "year", plain("statistic"))
    list_filter = ("plan", ("statistic", admin.AllValuesFieldListFilter), "comparator", "year")
    list_select_related = ("indicator", "unit")
    search_fields = (
        "code", "wording_zh", "note_en", "scope_zh", "scope_en", "indicator__code", "indicator__name_zh",
        "indicator__name_en", "region__code", "region__name_zh", "region__name_en",
    )  # fmt: skip
    autocomplete_fields = ("plan", "action", "indicator", "region", "unit", "source")

    @admin.display(description=_("title"))
    def title(self, target: Target) -> str:
        """The composed title, in the language of the reader."""
        return target.title_zh if (get_language() or "").startswith("zh") else target.title_en
