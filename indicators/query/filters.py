"""Filter sets of django-filter: the readable twin of the grammar.

`ObservationFilter` is made from PARAMETERS; requests for observations run the compiled path instead, and a test
proves both equal. The reference resources run on the filter sets below.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ..models import (
    FIRST_YEAR,
    LAST_YEAR,
    Comparator,
    Direction,
    EventKind,
    Level,
    MeasureKind,
    Observation,
    Reliability,
    Statistic,
    Target,
)
from .conditions import Condition, within
from .edition import Edition, coverage, current_edition
from .grammar import Choices, Codes, Flag, Known, Search, Years
from .parameters import FILTERS, Parameter
from .problems import BadQuery

#: A condition for the ORM, from all values of the request.
Clause = Callable[[Mapping[str, Any], Edition], Q]


class GrammarField(forms.CharField):
    """A form field that reads its text by the grammar of the parameter."""

    def __init__(self, parameter: Parameter, edition: Edition, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "strip": False, "help_text": parameter.description, **kwargs})
        self.parameter, self.edition = parameter, edition

    def clean(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return self.parameter.kind.parse(value, self.edition)
        except BadQuery as error:
            raise ValidationError([problem.detail for problem in error.problems]) from error


class GrammarFilter(django_filters.Filter):
    """A filter that sets the condition of a parameter."""

    def __init__(self, parameter: Parameter, clause: Clause | None) -> None:
        super().__init__(label=parameter.name)
        self.parameter, self.clause = parameter, clause

    @property
    def field(self) -> GrammarField:
        if not hasattr(self, "_field"):
            self._field = GrammarField(self.parameter, self.parent.edition, label=self.label)
        return self._field

    def filter(self, qs: models.QuerySet[Any], value: Any) -> models.QuerySet[Any]:
        if value is None or self.clause is None:
            return qs
        return qs.filter(self.clause(self.parent.form.cleaned_data, self.parent.edition))


class GrammarFilterSet(django_filters.FilterSet):
    """A filter set that answers from one edition: that of the request, or the one in force."""

    def __init__(self, *args: Any, edition: Edition | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.edition = edition or current_edition()


Pairs = tuple[tuple[Parameter, Clause | None], ...]


@cache
def filter_set(model: type[models.Model], pairs: Pairs) -> type[GrammarFilterSet]:
    """A filter set with one filter for each parameter."""
    attributes: dict[str, Any] = {parameter.name: GrammarFilter(parameter, clause) for parameter, clause in pairs}
    attributes["Meta"] = type("Meta", (), {"model": model, "fields": []})
    return type(f"{model.__name__}Filter", (GrammarFilterSet,), attributes)


def _of_condition(condition: Callable[[Any, Any], Condition]) -> Clause:
    return lambda values, edition: condition(values, edition.reference).as_q()


ObservationFilter = filter_set(
    Observation,
    tuple((p, _of_condition(p.condition) if p.condition else None) for p in FILTERS),
)


def _one_of(path: str, name: str) -> Clause:
    return lambda values, _: Q(**{f"{path}__in": values[name]})


def _years(path: str, name: str = "year") -> Clause:
    return lambda values, _: within(path, values[name], FIRST_YEAR, LAST_YEAR).as_q()


def _matching(vocabulary: str) -> Clause:
    return lambda values, edition: Q(pk__in=edition.vocabulary(vocabulary).matching(values["q"]))


def _by(name: str, path: str, example: str, vocabulary: str | None = None) -> tuple[Parameter, Clause]:
    vocabulary = vocabulary or name
    parameter = Parameter(name, Codes(vocabulary), f"Codes of the {vocabulary}s that are meant.", example)
    return parameter, _one_of(path, name)


def _choice(name: str, choices: Sequence[str] | str, example: str, path: str | None = None) -> tuple[Parameter, Clause]:
    kind = Known(choices) if isinstance(choices, str) else Choices(choices)
    return Parameter(name, kind, f"Values of `{path or name}` that are meant.", example), _one_of(path or name, name)


def _search(
    vocabulary: str, example: str, where: str = "in the code and in Chinese and English names"
) -> tuple[Parameter, Clause]:
    text = f"Words that must all occur {where}; case and width do not matter."
    return Parameter("q", Search(), text, example), _matching(vocabulary)


def _in_force(values: Mapping[str, Any], edition: Edition) -> Q:
    lookups = edition.reference.lookups
    last = lookups["region.valid_to"]
    ranges = [(low or FIRST_YEAR, high or LAST_YEAR) for low, high in values["valid_in"]]
    highs = [high for _, high in ranges]

    def holds(code: str, first: int) -> bool:
        position = bisect_left(highs, first)  # the first range that ends in or after the region's first year
        return position < len(ranges) and ranges[position][0] <= (last[code] or LAST_YEAR)

    return Q(pk__in=[code for code, first in lookups["region.valid_from"].items() if holds(code, first)])


def _below(values: Mapping[str, Any], edition: Edition) -> Q:
    return Q(pk__in=edition.reference.descendants(values["within"]))


def _has_observations(values: Mapping[str, Any], edition: Edition) -> Q:
    held = Q(pk__in=coverage(edition.release)[0] if edition.release else ())
    return held if values["has_observations"] else ~held


def event_of(codes: Sequence[str]) -> Q:
    """Events from or to one of the regions."""
    return Q(from_code__in=codes) | Q(to_code__in=codes)


DATASET: Pairs = (_choice("data_theme", "dataset.theme", "POP", "theme"), _search("dataset", "人口"))
INDICATOR: Pairs = (
    _by("dataset", "dataset", "urbanization"),
    _choice("theme", "indicator.theme", "population"),
    _by("unit", "unit", "percent"),
    _choice("direction", Direction.values, "increase"),
    (
        Parameter(
            "has_observations", Flag(), "Whether the release in force holds an observation of the indicator.", "false"
        ),
        _has_observations,
    ),
    _search("indicator", "城镇化率"),
)
REGION: Pairs = (
    _choice("level", Level.values, "prefecture"),
    _choice("type", "region.type", "county_level_city"),
    _by("parent", "parent", "370000", "region"),
    (Parameter("within", Codes("region"), "All descendants of these regions, at any depth.", "370000"), _below),
    (
        Parameter("valid_in", Years(), "Years: regions whose code was in force in at least one of them.", "2021"),
        _in_force,
    ),
    _search("region", "济南"),
)
REGION_EVENT: Pairs = (
    (
        Parameter("region", Codes("region"), "Events from or to one of these regions.", "371200"),
        lambda values, _: event_of(values["region"]),
    ),
    _choice("kind", EventKind.values, "merge"),
    (Parameter("year", Years(), "Years of the approval, and ranges of years.", "2018..2020"), _years("year")),
)
PLAN: Pairs = (_choice("kind", "plan.kind", "action_plan"), _search("plan", "三年行动"))
ACTION: Pairs = (_by("plan", "plan", "SD-NUP-3Y-2021-2023"), _by("action", "pk", "green"))
MEASURE: Pairs = (
    _by("plan", "action__plan", "SD-NUP-3Y-2021-2023"),
    _by("action", "action", "green"),
    _choice("kind", MeasureKind.values, "outcome"),
)
TARGET: Pairs = (
    _by("plan", "plan", "SD-NUP-3Y-2021-2023"),
    _by("action", "action", "green"),
    _by("indicator", "indicator", "urbanization_rate"),
    _by("region", "region", "370000"),
    (Parameter("year", Years(), "Target years, and ranges of years.", "2023"), _years("year")),
    _choice("statistic", Statistic.values, "level"),
    _choice("comparator", Comparator.values, "ge"),
    _search("target", "雨污合流", "in the code, the titles and the official wording"),
)
#: What selects targets whatever the region in question.
TARGET_BUT_REGION: Pairs = (
    _by("target", "pk", "SD-3Y-01"),
    *(pair for pair in TARGET if pair[0].name != "region"),
)


def targets_meant(texts: Mapping[str, str], edition: Edition) -> frozenset[str]:
    """The codes of the targets that filters, those of regions left out, select; one query."""
    rows = filter_set(Target, TARGET_BUT_REGION)(texts, queryset=Target.objects.all(), edition=edition).qs
    return frozenset(rows.values_list("pk", flat=True))


SOURCE: Pairs = (
    _choice("kind", "source.kind", "communique"),
    _choice("reliability", Reliability.values, "A"),
    _search("source", "统计公报", "in the code and the title"),
)
UNIT: Pairs = (_search("unit", "percent"),)
RELEASE: Pairs = ()


def exports(kinds: Sequence[str]) -> Pairs:
    """The filters of files; `format` is that of the answer, so the one of the files has a name of its own."""
    return (
        _by("release", "release__name", "2024-12-pre-ec5"),
        _by("dataset", "dataset", "urbanization"),
        _choice("file_format", kinds, "csv,parquet", "format"),
    )
