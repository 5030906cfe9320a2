"""One cell of a reference table: the loader and the admin forms read it by the same rules."""

from __future__ import annotations

import datetime
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from ..models import LARGEST_VALUE, decimal_text
from ..models.fields import Code
from ..query.vocabulary import similar_names

_PARTIAL_DATES = {"published_on", "issued_on"}
#: Columns whose texts may run over several lines.
_LONG = ("comparability", "definition", "description", "note", "scope", "wording")


def runs_over_lines(field: models.Field[Any, Any]) -> bool:
    """Whether a text of this column may have line breaks."""
    return field.name.startswith(_LONG)


def cell_value(text: str, field: models.Field[Any, Any]) -> Any:
    """The cell as the field takes it; raises ValueError with what was expected."""
    text = text.replace("\r\n", "\n")  # of browsers and of Windows
    if field.choices:
        _check_choice(text, [value for value, _label in field.choices])
    if isinstance(field, models.BooleanField):
        if text not in ("true", "false"):
            raise ValueError(_("%(text)r is neither true nor false") % {"text": text})
        return text == "true"
    if isinstance(field, models.IntegerField):
        return _whole(text, field)
    if isinstance(field, models.FloatField):
        return _decimal(text)
    if isinstance(field, models.DateField):
        return day(text)
    if field.name in _PARTIAL_DATES:
        _check_partial_date(text)
    elif isinstance(field, Code) and not re.fullmatch(r"[^\s,/]+", text):
        raise ValueError(_("%(text)r is not a code: codes have no spaces, commas or slashes") % {"text": text})
    elif re.search(r"[\n\r]", text) and not runs_over_lines(field):
        raise ValueError(_("has a line break, but this column is of one line"))
    if field.max_length and len(text) > field.max_length:
        raise ValueError(_("is longer than %(limit)d characters") % {"limit": field.max_length})
    return text


def _check_choice(text: str, known: list[str]) -> None:
    if text in known:
        return
    meant = similar_names(text, known)
    hint = (
        _("; did you mean %(meant)s?") % {"meant": meant[0]}
        if meant
        else _("; known are %(known)s") % {"known": ", ".join(known)}
    )
    raise ValueError(_("%(text)r is not in the code list%(hint)s") % {"text": text, "hint": hint})


def _whole(text: str, field: models.Field[Any, Any]) -> int:
    if not re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII):
        raise ValueError(_("%(text)r is not a whole number") % {"text": text[:50]})
    try:
        field.run_validators(int(text))
    except ValidationError as error:
        raise ValueError(" ".join(error.messages)) from error
    return int(text)


def _decimal(text: str) -> float:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text, re.ASCII):
        raise ValueError(_("%(text)r is not a decimal number") % {"text": text[:50]})
    if abs(float(text)) > LARGEST_VALUE:
        raise ValueError(_("%(text)r is beyond ±%(limit)s") % {"text": text[:50], "limit": decimal_text(LARGEST_VALUE)})
    return float(text) + 0.0  # -0.0 becomes 0.0


def day(text: str) -> datetime.date:
    """A day in the form YYYY-MM-DD; raises ValueError with what was expected."""
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
            return datetime.date.fromisoformat(text)
    except ValueError:
        pass  # a day that no month has: told below
    raise ValueError(_("%(text)r is not a day such as 2022-01-26") % {"text": text})


def _check_partial_date(text: str) -> None:
    year, month, last = (*text.split("-"), "01", "01")[:3]
    try:
        if re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
            datetime.date(int(year), int(month), int(last))
            return
    except ValueError:
        pass  # a day that no month has: told below
    raise ValueError(
        _("%(text)r is not a year, a month or a day, such as 2022, 2022-01 or 2022-01-26") % {"text": text}
    )
