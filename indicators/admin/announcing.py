"""The form in which a steward announces a release."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ..models import STATUS_ZH, Source, Status
from ..publishing.run import Announcement, name_fault
from ..publishing.submitted.header import Defaults

_LONGEST_TITLE, _LONGEST_NOTES = 300, 20_000
_ONE_LINE = RegexValidator(r"\A[^\x00-\x1f\x7f]*\Z", _("Write it in one line, without control characters."))
_LINES = RegexValidator(r"\A[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*\Z", _("Leave the control characters out."))


class ManyFiles(forms.FileInput):
    """A field that takes several files; the view has them already."""

    allow_multiple_selected = True


def _line(label: Any, help_text: Any = "", required: bool = True) -> forms.CharField:
    widget = AdminTextInputWidget(attrs={"class": "vLargeTextField"})
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=_LONGEST_TITLE,
        validators=[_ONE_LINE],
        widget=widget,
    )


def _lines(label: Any, help_text: Any = "") -> forms.CharField:
    widget = AdminTextareaWidget(attrs={"rows": 5})
    return forms.CharField(
        label=label, help_text=help_text, required=False, max_length=_LONGEST_NOTES, validators=[_LINES], widget=widget
    )


def _statuses() -> list[tuple[str, str]]:
    chinese = (get_language() or "").startswith("zh")
    words = [(status.value, STATUS_ZH[status] if chinese else str(status.label)) for status in Status]
    return [("", "---------"), *((code, f"{code}: {text}") for code, text in words)]


class AnnouncementForm(forms.Form):
    """What a release says of itself, and how its tables are read."""

    tables = forms.Field(
        label=_("Files"),
        required=False,
        widget=ManyFiles(attrs={"accept": ".csv,.txt,.xlsx,.parquet", "multiple": True}),
        help_text=_(
            "CSV, XLSX or Parquet, one or several: a row for each figure, or a column for each year. Nothing is "
            "published before you have seen what would change."
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        widget=AdminTextInputWidget,
        help_text=_("Stands in addresses and never changes, such as 2026-11-yearbook; no spaces, commas or slashes."),
    )
    title_zh = _line(_("Chinese title"))
    title_en = _line(_("English title"))
    published_on = forms.DateField(
        label=_("Date"),
        initial=lambda: timezone.now().date(),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vTextField"}),
        help_text=_("Day from which the figures are deemed known; after that of the last release."),
    )
    basis_en = _line(_("Basis"), _("Why the release bears this date, in English."), required=False)
    notes_zh = _lines(_("Notes in Chinese"), _("What readers should know; a blank line begins a paragraph."))
    notes_en = _lines(_("Notes in English"))
    status = forms.ChoiceField(
        label=_("Status of figures"), choices=_statuses, required=False, help_text=_("For tables without that column.")
    )
    source = forms.ModelChoiceField(
        Source.objects.order_by("code"),
        label=_("Source of figures"),
        required=False,
        empty_label="---------",
        help_text=_("For tables without that column."),
    )
    withdraw_missing = forms.BooleanField(
        label=_("Withdraw what is missing"),
        required=False,
        help_text=_(
            "The tables hold all that is known of their indicators: what is in force of them, and not in the tables, "
            "is withdrawn."
        ),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name_fault(name):
            raise ValidationError(
                _("Write 1 to 80 characters without spaces, commas and slashes; neither “latest” nor a date alone.")
            )
        return name

    def typed(self) -> dict[str, str]:
        """What was typed, to be shown and read again."""
        return {name: str(self.data[name]) for name in self.fields if name != "tables" and name in self.data}

    def announcement(self) -> Announcement:
        """The announcement that a valid form makes."""
        values: dict[str, Any] = {
            name: self.cleaned_data[name] or None for name in ("basis_en", "notes_zh", "notes_en")
        }
        notes = {name: text and text.replace("\r\n", "\n") for name, text in values.items()}
        required: dict[str, Any] = {
            name: self.cleaned_data[name] for name in ("name", "published_on", "title_zh", "title_en")
        }
        return Announcement(**required, **notes)

    def defaults(self) -> Defaults:
        """Status and source of tables without these columns."""
        source: Source | None = self.cleaned_data["source"]
        return Defaults(self.cleaned_data["status"] or None, source.code if source else None)
