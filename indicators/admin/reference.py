"""How every reference table is edited: one writer at a time, all or nothing, and nothing that is in use is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models, transaction
from django.forms import Field
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..models import Store
from .forms import CellField

#: How many rows that stand in the way of a deletion are named.
_NAMED = 5

View = TypeVar("View", bound=Callable[..., Any])


def _writing(view: View) -> View:
    """A POST waits for its turn, before it looks at anything; all of it is in force afterwards, or nothing."""

    @wraps(view)
    def wrapper(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method != "POST":
            return view(self, request, *args, **kwargs)
        with transaction.atomic():
            Store.hold()
            return view(self, request, *args, **kwargs)

    return wrapper  # type: ignore[return-value]


class ReferenceAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A reference table: columns under their own names, read as cells of the data package."""

    list_per_page = 100
    search_help_text = gettext_lazy("Code, name or text, in Chinese or English.")
    #: Name of the API's resource.
    resource = ""

    changelist_view = _writing(admin.ModelAdmin.changelist_view)
    changeform_view = _writing(admin.ModelAdmin.changeform_view)
    delete_view = _writing(admin.ModelAdmin.delete_view)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """All columns in their order, the code first even where it is not edited."""
        return tuple(field.name for field in self.model._meta.concrete_fields if field.name != "id")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A code was published when its row was added, so it never changes."""
        return ("code",) if obj and obj._meta.pk.name == "code" else ()

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> Field | None:
        if not (db_field.is_relation or db_field.choices or isinstance(db_field, models.BooleanField)):
            return CellField(db_field, label=db_field.name)
        field: Field | None = super().formfield_for_dbfield(db_field, request, label=db_field.name, **kwargs)
        if field and isinstance(field.widget, RelatedFieldWidgetWrapper):
            field.widget.can_delete_related = False  # the row that is edited refers to it
        return field

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Each code with what it means."""
        shown = [(code, text if text == code else f"{code}: {text}") for code, text in db_field.choices]
        return super().formfield_for_choice_field(db_field, request, choices=[("", "---------"), *shown], **kwargs)

    def view_on_site(self, obj: Any) -> str:
        """The row as the API answers it."""
        return reverse(f"{self.resource}-detail", args=[obj.pk])

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write what was changed alone; what was not leaves the reference revision as it is."""
        if not change:
            obj.save(force_insert=True)
        elif form.changed_data:
            obj.save(update_fields=form.changed_data)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """What a deletion would remove; if other rows refer to it, how many they are, without fetching them all."""
        if in_the_way := referring(self.model, [obj.pk for obj in objs]):
            return [str(obj) for obj in objs], {}, set(), in_the_way
        return super().get_deleted_objects(objs, request)


def referring(model: type[models.Model], keys: Iterable[Any]) -> list[str]:
    """The rows that refer to rows of a model: their number, and the names of a few."""
    found = []
    for relation in model._meta.related_objects:
        others = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": keys})
        if count := others.count():
            names = ", ".join(map(str, others.order_by("pk")[:_NAMED]))
            table = relation.related_model._meta.verbose_name_plural
            words = {"table": table, "column": relation.field.name, "count": count, "names": names}
            found.append(_("%(table)s, by %(column)s: %(count)d, such as %(names)s") % words)
    return found
