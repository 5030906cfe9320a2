"""Forms of reference tables: they refuse what the loader of data packages refuses, for the same reasons."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from ..models import Observation, decimal_text
from ..models.fields import Code, Text
from ..publishing.cells import cell_value, runs_over_lines
from ..publishing.tables import circle


class CellField(forms.CharField):
    """A field that reads its text as the loader reads a cell: an empty one is null, nothing is stripped or guessed."""

    def __init__(self, column: models.Field[Any, Any], **kwargs: Any) -> None:
        super().__init__(
            required=not column.null,
            empty_value=None,
            strip=False,
            widget=_widget(column),
            help_text=str(column.help_text),
            **kwargs,
        )
        self.column = column

    def prepare_value(self, value: Any) -> Any:
        """A number as the decimal it was published as: 66, not 66.0."""
        return decimal_text(value) if isinstance(value, float) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if text is None:
            return None
        try:
            return cell_value(text, self.column)
        except ValueError as error:
            raise ValidationError(str(error)) from error


def _widget(column: models.Field[Any, Any]) -> forms.Widget:
    if isinstance(column, models.DateField):
        return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vTextField"})
    if isinstance(column, models.IntegerField):
        return AdminTextInputWidget(attrs={"inputmode": "numeric"})
    if isinstance(column, models.FloatField | Code):
        return AdminTextInputWidget()
    assert isinstance(column, Text)
    if runs_over_lines(column):
        return AdminTextareaWidget(attrs={"rows": 4})
    return AdminTextInputWidget(attrs={"class": "vLargeTextField"})


class TreeForm(forms.ModelForm):  # type: ignore[type-arg]
    """A row that may lie in another of its table, but not in itself, over however many steps."""

    def clean(self) -> dict[str, Any]:
        super().clean()
        values: dict[str, Any] = self.cleaned_data
        code, parent = values.get("code") or self.instance.pk, values.get("parent")
        if code and parent:
            parents = dict(self._meta.model._default_manager.values_list("pk", "parent_id"))
            if reason := circle(self._meta.model, code, parents | {code: parent.pk}):
                self.add_error("parent", reason)
        return values


class RegionForm(TreeForm):
    """A region, which has no figures after its last year."""

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if "valid_to" in self.changed_data and values.get("valid_to"):
            figures = Observation.objects.current().filter(region=self.instance.pk, year__gt=values["valid_to"])
            if newest := figures.aggregate(year=models.Max("year"))["year"]:
                self.add_error("valid_to", _("Figures of the region go on until %(year)s.") % {"year": newest})
        return values
