"""What a publication tells a person: made at one time in English, shown at another in the language active there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Self


class Said(str):
    """A message: English as a text, in comparisons and in JSON, and with `str()` in the language that is active.

    Parameters are plain values, messages, or lists of them. Modules import this as `_`, by which `make messages` finds
    the templates. The process that reads workbooks makes messages too, but knows neither Django nor languages: those
    are asked when a message is shown.
    """

    template: str
    parameters: dict[str, Any]

    def __new__(cls, template: str, **parameters: object) -> Self:
        said = super().__new__(
            cls, template % {name: _filled(value, str.__str__) for name, value in parameters.items()}
        )
        said.template, said.parameters = template, parameters
        return said

    def __str__(self) -> str:
        from django.conf import settings
        from django.utils.translation import gettext

        if not settings.configured:
            return super().__str__()
        separator = gettext("%(one)s, %(other)s") % {"one": "", "other": ""}
        shown = {name: _filled(value, str, separator) for name, value in self.parameters.items()}
        return gettext(self.template) % shown

    def __format__(self, specification: str) -> str:
        return format(str(self), specification)

    def __reduce__(self) -> tuple[Callable[[Any], Said], tuple[Any]]:
        return unpacked, (packed(self),)


def _filled(value: object, shown: Callable[[str], str], separator: str = ", ") -> object:
    """A parameter as it goes into a template."""
    if isinstance(value, list | tuple):
        return separator.join(shown(part) if isinstance(part, str) else str(part) for part in value)
    return shown(value) if isinstance(value, Said) else value


def packed(value: Any) -> Any:
    """A message as tuples, lists and plain values, which `marshal` takes; other values as they are."""
    if isinstance(value, Said):
        return value.template, {name: packed(parameter) for name, parameter in value.parameters.items()}
    return list(map(packed, value)) if isinstance(value, list | tuple) else value


def unpacked(value: Any) -> Any:
    """The message that was packed."""
    if isinstance(value, tuple):
        template, parameters = value
        return Said(template, **{name: unpacked(parameter) for name, parameter in parameters.items()})
    return list(map(unpacked, value)) if isinstance(value, list) else value


_ = Said


def either(names: Sequence[str]) -> str:
    """One of some names: a or b or c."""
    return reduce(lambda one, other: _("%(one)s or %(other)s", one=one, other=other), names)


def both(names: Sequence[str]) -> str:
    """All of some names: a and b."""
    return reduce(lambda one, other: _("%(one)s and %(other)s", one=one, other=other), names)
