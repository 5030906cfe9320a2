"""LISTS: the lists of data, each a slice with its parameters and formats; every door answers them from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..formats import DATA_FORMATS, FORMATS, REFERENCE_FORMATS, Format
from ..models import ReleaseFile
from ..progress.parameters import METHOD_PARAMETERS, PROGRESS_OF_TARGET_PARAMETERS, PROGRESS_PARAMETERS
from ..progress.question import MethodList, Progress, ProgressOfTarget
from ..publishing import layout
from ..query.changes import CHANGE_COLUMNS, Changes
from ..query.columns import SORTABLE
from ..query.edition import Edition
from ..query.parameters import (
    AS_OF,
    FILTERS,
    INCLUDE,
    LATEST,
    OPTIONS,
    PARAMETERS,
    SINCE,
    UNTIL,
    Parameter,
    data_shape,
    shape,
)
from ..query.problems import BadQuery, Problem
from ..query.series import SERIES_COLUMNS, SeriesSlice
from ..query.slice import Answer, Slice
from ..query.vintages import VINTAGE_COLUMNS, Vintages
from .asking import Question
from .meta import issuer, meta

#: Filters that a file is named after, the one that says most first.
_SUBJECTS = ("target", "indicator", "dataset", "action", "plan", "theme")
_REGIONS = ("region", "region_within", "region_level", "region_type")
#: What is no part of the question itself; `meta` tells of fields, sort and as_of in its own way.
_LAYOUT = frozenset({"as_of", "fields", "sort", "page_size", "cursor", "count", *(p.name for p in OPTIONS)})


@dataclass(frozen=True)
class Resource:
    """A list of data: which rows a question is about, what may be asked, and in which formats it is answered."""

    noun: str
    slice: type[Slice]
    parameters: Sequence[Parameter]
    formats: Sequence[Format]

    def sort_keys(self, asked: Any) -> int:
        """How many keys a cursor of the list has."""
        return len(self.slice.complete(asked.values.get("sort", ())))

    def whole(self, question: Question, wanted: Slice) -> Answer:
        """All rows of the slice, with everything that a format may tell of them."""
        f = question.format
        if f.columns:
            wanted = replace(wanted, columns=f.columns, sort=self.slice.complete(()))
        answer = wanted.whole(question.edition)
        options = {parameter.name: question.asked.values.get(parameter.name) for parameter in OPTIONS}
        return replace(answer, meta=self.meta(question, wanted, 0, None), options=options, issuer=issuer())

    def meta(self, question: Question, wanted: Slice, size: int, count: int | None) -> dict[str, Any]:
        """What an answer says of itself."""
        names = [parameter.name for parameter in self.parameters if parameter.name not in _LAYOUT]
        permanent = self.permanent(question.edition, wanted)
        if not question.format.paged:
            permanent["format"] = question.format.name  # also where the Accept header chose it
        return meta(question, wanted.release, size, count, names, **permanent)

    def permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        """What makes the address of an answer one for good."""
        return {"as_of": wanted.release.name} if wanted.release else {}

    def stem(self, question: Question, wanted: Slice) -> str:
        """What a file of the slice is named after: its subject, its regions, its years, and the release."""
        items = dict(question.asked.canonical)
        subject, regions = (
            next((items[name] for name in names if name in items), ()) for names in (_SUBJECTS, _REGIONS)
        )
        years = (text.replace("..", "_") for text in items.get("year", ())[:3])
        kind = () if subject and self.noun == "observations" else (self.noun,)
        release = wanted.release.name if wanted.release else "empty"
        return "-".join((*kind, *subject[:3], *regions[:3], *years, release))


class _Changes(Resource):
    def permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        if wanted.release is None:
            return {}
        since = next((row.name for row in edition.releases if row.order == wanted.since), None)
        return {"since": since, "until": wanted.release.name}


class _OfTarget(Resource):
    def stem(self, question: Question, wanted: Slice) -> str:
        assert isinstance(wanted, Progress)
        assert wanted.targets is not None
        return "-".join(("progress", *wanted.targets, wanted.release.name if wanted.release else "empty"))


class _Methods(Resource):
    def permanent(self, edition: Edition, wanted: Slice) -> dict[str, str | None]:
        """They are the same whatever the release."""
        return {}

    def stem(self, question: Question, wanted: Slice) -> str:
        return "progress-methods"


def refuse_large(question: Question, wanted: Slice) -> None:
    """413 for more rows than the format takes; it names the bound, the size, and what to fetch instead."""
    bound = question.format.bound
    if bound is None or question.edition.most_rows <= bound or (size := wanted.count(question.edition)) <= bound:
        return
    file = file_of(question, wanted)
    instead = file or question.address(format="csv")
    detail = (
        f"The slice has {size} rows; {question.format.name} takes at most {bound}. "
        f"Narrow the question, or fetch {'the file' if file else 'it as CSV'}: {instead}"
    )
    raise BadQuery([Problem("too_large", detail, "format", str(size), did_you_mean=(instead,))])


def file_of(question: Question, wanted: Slice) -> str | None:
    """The address of the CSV file that holds the slice: where it is all of a dataset, or of everything."""
    filters = dict(wanted.filters)
    datasets = filters.pop("dataset", (None,))
    if type(wanted) is not Slice or filters or wanted.newest or len(datasets) > 1 or wanted.release is None:
        return None
    kept = ReleaseFile.objects.filter(release=wanted.release.order, dataset=datasets[0], format="csv")
    return layout.address(wanted.release.name, layout.path(datasets[0], "csv")) if kept.exists() else None


#: Examples of filters that find something among the changes of a single release too.
_CHANGED = {"region_type": "province", "region": "370000,110000"}

OBSERVATIONS = Resource("observations", Slice, PARAMETERS, FORMATS)
SERIES = Resource(
    "series",
    SeriesSlice,
    (
        *FILTERS,
        LATEST,
        AS_OF,
        INCLUDE,
        *shape(tuple(SERIES_COLUMNS), ("indicator", "region"), ("region,first_year,last_year", "region")),
        *OPTIONS,
    ),
    DATA_FORMATS,
)
VINTAGES = Resource(
    "vintages",
    Vintages,
    (
        *FILTERS,
        AS_OF,
        *data_shape(tuple(VINTAGE_COLUMNS), SORTABLE, ("year,value,release,superseded_by", "-year,region")),
    ),
    DATA_FORMATS,
)
CHANGES = _Changes(
    "changes",
    Changes,
    (
        *(replace(parameter, example=_CHANGED.get(parameter.name, parameter.example)) for parameter in FILTERS),
        SINCE,
        UNTIL,
        *data_shape(tuple(CHANGE_COLUMNS), ("indicator", "region", "year", "release"), ("op,year,old,new", "release")),
    ),
    DATA_FORMATS,
)
PROGRESS = Resource("progress", Progress, PROGRESS_PARAMETERS, REFERENCE_FORMATS)
PROGRESS_OF_TARGET = _OfTarget(
    "progress of a target", ProgressOfTarget, PROGRESS_OF_TARGET_PARAMETERS, REFERENCE_FORMATS
)
PROGRESS_METHODS = _Methods("progress methods", MethodList, METHOD_PARAMETERS, REFERENCE_FORMATS)
#: Those whose address is their name alone.
LISTS: Mapping[str, Resource] = {r.noun: r for r in (OBSERVATIONS, SERIES, VINTAGES, CHANGES, PROGRESS)}
