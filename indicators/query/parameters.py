"""PARAMETERS: the grammar of a slice of observations, one entry for each parameter.

The API, its OpenAPI description, every format, the filter set of django-filter and the compiled SQL read this table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl

from ..models import FIRST_YEAR, LAST_YEAR, Level, Status
from .columns import COLUMNS, SORTABLE
from .conditions import Condition, one_of, within
from .edition import Edition, Reference
from .grammar import (
    FORBIDDEN,
    AsOf,
    Choice,
    Choices,
    Codes,
    Fields,
    Flag,
    FormatName,
    Kind,
    Known,
    Numbers,
    Sort,
    Token,
    Whole,
    Years,
)
from .problems import BadQuery, Problem
from .vocabulary import similar_names

Values = Mapping[str, Any]

DEFAULT_PAGE_SIZE = 100
LARGEST_PAGE = 1_000
LARGEST_DATA_PAGE = 10_000
MOST_PARAMETERS = 100


@dataclass(frozen=True)
class Parameter:
    """One query parameter: its grammar, what it means, an example that answers rows, and the condition it sets."""

    name: str
    kind: Kind
    description: str
    example: str
    condition: Callable[[Values, Reference], Condition] | None = None


def chosen(column: str) -> Callable[[Values, Reference], Condition]:
    """Condition: the column is one of the values of the parameter of its name."""
    return lambda values, _: one_of(column, values[column])


def spanned(column: str, bounds: tuple[int, int] | tuple[()] = ()) -> Callable[[Values, Reference], Condition]:
    """Condition: the column lies in one of the ranges of the parameter."""
    return lambda values, _: within(column, values[column], *bounds)


def looked_up(column: str, lookup: str, name: str) -> Callable[[Values, Reference], Condition]:
    """Condition: the column is a code whose attribute, such as `region.level`, is one of the values."""
    return lambda values, reference: one_of(column, reference.codes_where(lookup, values[name]))


def _of_plan(values: Values, reference: Reference) -> Condition:
    used = reference.lookups["target.indicator"]
    plans = set(values["plan"])
    return one_of(
        "indicator", {used[target] for target, plan in reference.lookups["target.plan"].items() if plan in plans}
    )


def _below(values: Values, reference: Reference) -> Condition:
    codes = reference.descendants(values["region_within"])
    return one_of("region", codes | set(values["region_within"]) if values.get("region_within_self") else codes)


#: What selects observations.
FILTERS: tuple[Parameter, ...] = (
    Parameter("indicator", Codes("indicator"), "Indicators, by code.", "urbanization_rate", chosen("indicator")),
    Parameter(
        "dataset",
        Codes("dataset"),
        "Datasets: all their indicators.",
        "urbanization",
        looked_up("indicator", "indicator.dataset", "dataset"),
    ),
    Parameter(
        "theme",
        Known("indicator.theme"),
        "Themes: all indicators of these themes.",
        "population",
        looked_up("indicator", "indicator.theme", "theme"),
    ),
    Parameter(
        "plan",
        Codes("plan"),
        "Plans: the indicators that their targets use.",
        "SD-NUP-3Y-2021-2023",
        _of_plan,
    ),
    Parameter("region", Codes("region"), "Regions, by code.", "370000,370100", chosen("region")),
    Parameter(
        "region_within",
        Codes("region"),
        "All descendants of these regions by `parent`, retired codes and functional zones included.",
        "370000",
        _below,
    ),
    Parameter("region_within_self", Flag(), "Whether the regions named by `region_within` are meant too.", "true"),
    Parameter(
        "region_level",
        Choices(Level.values),
        "Levels of regions. Without a filter on regions all levels are answered.",
        "prefecture",
        looked_up("region", "region.level", "region_level"),
    ),
    Parameter(
        "region_type",
        Known("region.type"),
        "Types of regions.",
        "county_level_city",
        looked_up("region", "region.type", "region_type"),
    ),
    Parameter(
        "year", Years(), "Years and ranges of years.", "2015..2020,2023", spanned("year", (FIRST_YEAR, LAST_YEAR))
    ),
    Parameter("value", Numbers(), "Values and ranges of values; missing values never match.", "60..", spanned("value")),
    Parameter("status", Choices(Status.values), "Observation statuses (SDMX CL_OBS_STATUS).", "A,E", chosen("status")),
    Parameter("source", Codes("source"), "Sources, by code.", "S22", chosen("source")),
)


def shape(
    fields: Sequence[str], sortable: Sequence[str], example: tuple[str, str], largest_page: int = LARGEST_PAGE
) -> tuple[Parameter, ...]:
    """The parameters that say how an answer is laid out: the same on every list."""
    return (
        Parameter("fields", Fields(fields), "Columns to answer, in this order.", example[0]),
        Parameter(
            "sort",
            Sort(sortable),
            "Columns to sort by; `-` reverses one. Nulls come last both ways, and the order is always completed to a "
            "total one. Codes sort by code point.",
            example[1],
        ),
        Parameter(
            "page_size",
            Whole(1, largest_page),
            # No default in the schema: clients that send it would spoil every format without pages.
            f"Rows on a page, {DEFAULT_PAGE_SIZE} unless asked otherwise; for paged formats only.",
            "50",
        ),
        Parameter(
            "cursor",
            Token(),
            "Where the next page begins: taken from `next`, with every other parameter unchanged. A walk stays on the "
            "release of its first page.",
            "",
        ),
        Parameter(
            "count",
            Flag(),
            "Whether `meta.count` gives the exact number of rows; reference resources always count.",
            "true",
        ),
    )


def format_parameter(names: Sequence[str]) -> Parameter:
    """The parameter that chooses the format; it wins over the Accept header."""
    text = f"Format of the answer; wins over the Accept header. With neither it is {names[0]}."
    return Parameter("format", FormatName(names), text, names[0])


AS_OF = Parameter(
    "as_of",
    AsOf(),
    "The exact name of a release, or a day (YYYY-MM-DD): the data as of the last release that was known then.",
    "2022-01-26",
)

LATEST = Parameter(
    "latest",
    Whole(1, LARGEST_PAGE),
    "Applied last: only so many newest rows with a value of each series (indicator and region) among those that match.",
    "1",
)
SINCE = Parameter(
    "since",
    AsOf(),
    "The name of a release, or a day: changes made by the releases behind it. Without since and until: the changes of "
    "the release in force; without since alone: all up to until.",
    "2022-01-plan",
)
UNTIL = Parameter("until", AsOf(), "The name of a release, or a day: changes up to it, itself included.", "2024-12-31")
INCLUDE = Parameter("include", Choice(("values",)), "values adds `years`, `values` and `statuses`.", "values")

#: Parameters that some formats read; with others they are a conflict.
LABELS = Parameter(
    "labels",
    Choice(("codes", "names", "both")),
    "In tables: codes, the names that they stand for in Chinese and English, or both.",
    "both",
)
BOM = Parameter("bom", Flag(), "Whether the file begins with a byte order mark, as Excel likes it.", "true")
OPTIONS = (LABELS, BOM)


def data_shape(columns: Sequence[str], sortable: Sequence[str], example: tuple[str, str]) -> tuple[Parameter, ...]:
    """The parameters that say how data are laid out."""
    return (*shape(columns, sortable, example, LARGEST_DATA_PAGE), *OPTIONS)


#: The whole grammar of /observations, but for `format`, whose names the formats themselves give.
PARAMETERS: tuple[Parameter, ...] = (
    *FILTERS,
    LATEST,
    AS_OF,
    *data_shape(tuple(COLUMNS), SORTABLE, ("region,region_name_en,year,value", "-year,region")),
)

#: What users of other APIs are likely to have meant.
_ELSEWHERE = {
    "limit": "page_size", "per_page": "page_size", "perpage": "page_size", "size": "page_size", "top": "page_size",
    "offset": "cursor", "page": "cursor", "skip": "cursor", "ordering": "sort", "order_by": "sort", "orderby": "sort",
    "order": "sort", "search": "q", "query": "q", "date": "year", "time": "year", "years": "year", "period": "year",
    "country": "region", "area": "region", "geo": "region", "select": "fields", "columns": "fields", "version": "as_of",
    "release": "as_of", "vintage": "as_of", "asof": "as_of", "level": "region_level", "within": "region_within",
    "time_period": "year", "start": "year", "end": "year", "from": "year", "to": "year", "startperiod": "year",
    "endperiod": "year", "start_year": "year", "end_year": "year", "ref_area": "region", "entity": "region",
    "entities": "region", "regions": "region", "mrv": "latest", "mrnev": "latest", "recent": "latest",
    "lastnobservations": "latest", "updatedafter": "since", "fmt": "format", "f": "format", "output": "format",
    "code": "q", "name": "q", "keyword": "q",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a query string asks for: values by parameter, in canonical form too, and what is wrong with it."""

    values: Values
    canonical: tuple[tuple[str, tuple[str, ...]], ...]
    problems: tuple[Problem, ...] = field(default=(), compare=False)
    places: Mapping[str, int] = field(default_factory=dict, compare=False)

    @property
    def texts(self) -> dict[str, str]:
        """The parameters that were given rightly, as text in canonical form."""
        return {name: ",".join(items) for name, items in self.canonical}

    def in_order(self, problems: Sequence[Problem]) -> list[Problem]:
        """Problems in the order of the URL, each with the value at fault; those of no parameter come last."""
        last = len(self.places)
        texts = self.texts
        told = (
            p if p.value is not None else replace(p, value=texts.get(p.parameter or "", "")[:200] or None)
            for p in problems
        )
        return sorted(
            told,
            key=lambda p: self.places.get(p.parameter or "", last) if p.position is None else p.position,
        )

    def echo(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The canonical items of those parameters that were given, for `meta.query`."""
        return {name: list(items) for name, items in self.canonical if name in names}


#: What a request without parameters asks for.
NOTHING = Asked({}, ())


def parse(query_string: str, parameters: Sequence[Parameter], edition: Edition) -> Asked:
    """Read a query string strictly: every problem is collected, in the order of the URL; nothing is ignored."""
    known = {parameter.name: parameter for parameter in parameters}
    values: dict[str, Any] = {}
    canonical: dict[str, tuple[str, ...]] = {}
    problems: list[Problem] = []
    places: dict[str, int] = {}
    for position, (name, text) in enumerate(_pairs(query_string)):
        if places.setdefault(name, position) != position:
            if name in known:
                once = "put all values into one comma-separated list" if known[name].kind.is_list else "give it once"
                detail = f"{name} is given more than once: {once}."
                problems.append(Problem("repeated_parameter", detail, value=text[:200]).of(name, position))
            continue
        try:
            _refuse(name, text, known)
            values[name] = known[name].kind.parse(text, edition)
        except BadQuery as error:
            problems += [problem.of(name, position) for problem in error.problems]
        else:
            canonical[name] = tuple(known[name].kind.canonical(values[name]))
    return Asked(values, tuple(sorted(canonical.items())), tuple(problems), places)


def _refuse(name: str, text: str, known: Mapping[str, Parameter]) -> None:
    """Raise for what is wrong whatever the kind of the parameter."""
    if name not in known:
        meant = _ELSEWHERE.get(name.lower(), "")
        suggestions = (meant,) if meant in known else similar_names(name, known)
        detail = f"There is no parameter {name[:100]!r} here."
        raise BadQuery(
            [Problem("unknown_parameter", detail, value=text[:200], did_you_mean=suggestions, allowed=tuple(known))]
        )
    if text == "":
        raise BadQuery(
            [Problem("empty_value", f"{name} has no value: give one, or leave the parameter out.", value="")]
        )
    if re.search(f"[{FORBIDDEN}]", text):
        detail = "The value has a control character or is not UTF-8."
        raise BadQuery([Problem("invalid_value", detail, value=text[:200])])


def _pairs(query_string: str) -> list[tuple[str, str]]:
    # WSGI hands the raw bytes over as latin-1 (PEP 3333).
    text = query_string.encode("latin-1", "replace").decode("utf-8", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, errors="replace", max_num_fields=MOST_PARAMETERS)
    except ValueError:
        detail = f"The request has more than {MOST_PARAMETERS} parameters."
        raise BadQuery([Problem("out_of_range", detail)]) from None
