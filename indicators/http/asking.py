"""From a request to a question: parameters, format and cursor are read together, and all their faults told at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django.conf import settings
from django.http import HttpRequest

from ..formats import Format
from ..query.edition import Edition, current_edition
from ..query.parameters import OPTIONS, Asked, Parameter, format_parameter, parse
from ..query.problems import BadQuery, Problem
from . import cursors, negotiation

#: Parameters that only make sense page by page.
_PAGED = ("page_size", "cursor", "count")
#: Parameters that choose what a format with a layout of its own lays out by itself.
_LAID_OUT = ("fields", "sort")

Check = Callable[[Asked], list[Problem]]


@dataclass(frozen=True)
class Question:
    """What a request asks for: of which edition, with which values, in which format."""

    edition: Edition
    asked: Asked
    format: Format
    path: str
    position: cursors.Position | None = None

    def address(self, **changes: str | None) -> str:
        """The absolute URL of this question, parameters in canonical form; None drops one."""
        items = self.asked.texts | {name: text for name, text in changes.items() if text is not None}
        kept = {name: text for name, text in items.items() if changes.get(name, "") is not None}
        query = urlencode(sorted(kept.items()), safe=",:.", quote_via=quote)
        path = quote(self.path, safe="/:@!$&'()*+,;=~")
        return f"{settings.PUBLIC_BASE_URL}{path}{'?' + query if query else ''}"


def ask(
    request: HttpRequest,
    parameters: Sequence[Parameter],
    formats: Sequence[Format],
    check: Check = lambda asked: [],
    sort_keys: Callable[[Asked], int] = lambda asked: 0,
) -> Question:
    """Read a request; raises `BadQuery` with all its problems, in the order of the URL.

    `check` finds what is wrong between parameters; `sort_keys` counts the keys that a cursor of this list has.
    """
    text, accept = request.META.get("QUERY_STRING", ""), request.META.get("HTTP_ACCEPT")
    return read_query(text, accept, request.path, parameters, formats, check, sort_keys)


def read_query(
    query_string: str,
    accept: str | None,
    path: str,
    parameters: Sequence[Parameter],
    formats: Sequence[Format],
    check: Check,
    sort_keys: Callable[[Asked], int],
) -> Question:
    """The same of the parts of a request that matter."""
    edition = current_edition()
    grammar = (*parameters, format_parameter([f.name for f in formats]))
    asked = parse(query_string, grammar, edition)
    chosen = _format(accept, asked, formats)
    problems = [*asked.problems, *check(asked)]
    if isinstance(chosen, Problem):
        problems.append(chosen)
    else:
        problems += _misplaced(asked, chosen)
    position = None
    if "cursor" in asked.values:
        try:
            position = cursors.read(path, asked, edition, sort_keys(asked), whole=not problems)
        except BadQuery as error:
            problems += error.problems
    if problems:
        raise BadQuery(asked.in_order(problems))
    assert isinstance(chosen, Format)
    return Question(edition, asked, chosen, path, position)


def _format(accept: str | None, asked: Asked, formats: Sequence[Format]) -> Format | Problem:
    by_name = {f.name: f for f in formats}
    if "format" in asked.values:
        return by_name[asked.values["format"]]
    if "format" in asked.places:
        return formats[0]  # its fault is told already
    return negotiation.choose(accept, formats)


def _misplaced(asked: Asked, chosen: Format) -> list[Problem]:
    """Parameters that the format has no use for: told, never ignored."""
    reasons = {} if chosen.paged else dict.fromkeys(_PAGED, "which answers the whole slice")
    if chosen.columns:
        reasons |= dict.fromkeys(_LAID_OUT, "which has columns and an order of its own")
    reasons |= {
        parameter.name: "which does not read it" for parameter in OPTIONS if parameter.name not in chosen.options
    }
    return [
        Problem("conflicting_parameters", f"{name} does not go with {chosen.name}, {why}: leave one of them out.", name)
        for name, why in reasons.items()
        if name in asked.values
    ]
