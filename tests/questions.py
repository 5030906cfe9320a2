"""Random questions about the real pack, as hypothesis draws them, and as the grammar of the API spells them."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.oracle import Oracle, shortest

ORACLE = Oracle.of_pack()
NAMES = [release["name"] for release in ORACLE.releases]
DAYS = ["2000-01-01", "2013-12-30", "2013-12-31", "2018-12-30", "2019-06-01", "2022-01-25", "2022-01-26", "2026-11-01"]
VALUES = sorted({float(row["value"]) for row in ORACLE.states[-1].values() if row["value"] is not None})


def lists(values: Any, most: int = 4) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.sampled_from(sorted(values)), min_size=1, max_size=most, unique=True)


def ranges(numbers: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    pair = st.tuples(numbers, numbers).map(sorted).map(tuple)
    point = numbers.map(lambda n: (n, n))
    return st.lists(
        st.one_of(pair, point, numbers.map(lambda n: (n, None)), numbers.map(lambda n: (None, n))),
        min_size=1,
        max_size=3,
    )


subjects = st.one_of(
    st.fixed_dictionaries({"indicator": lists(ORACLE.indicators)}),
    st.fixed_dictionaries({"dataset": lists({row["dataset"] for row in ORACLE.indicators.values()}, 1)}),
    st.fixed_dictionaries({"region": lists(ORACLE.regions)}),
    st.fixed_dictionaries({"year": ranges(st.integers(1950, 2030))}),
)
narrowings = st.fixed_dictionaries(
    {},
    optional={
        "indicator": lists(ORACLE.indicators, 12),
        "dataset": lists({row["dataset"] for row in ORACLE.indicators.values()}, 2),
        "region": lists(ORACLE.regions),
        "region_within": lists(["000000", "370000", "370100", "371200", "110000", "371300"], 2),
        "region_level": lists({row["level"] for row in ORACLE.regions.values()}, 3),
        "region_type": lists({row["type"] for row in ORACLE.regions.values()}, 3),
        "year": ranges(st.integers(1950, 2030)),
        "value": ranges(st.sampled_from(VALUES)),
        "status": lists(["A", "B", "E", "P", "F", "U", "L"], 3),
        "source": lists(ORACLE.sources),
        "as_of": st.sampled_from(NAMES + DAYS),
    },
)
questions = st.tuples(subjects, narrowings).map(lambda pair: {**pair[1], **pair[0]})


def query_string(question: dict[str, Any]) -> str:
    """The question in the grammar of the API."""
    parts = []
    for name, value in question.items():
        if name in ("year", "value"):
            text = ",".join(spelled(low, high) for low, high in value)
        elif isinstance(value, bool):
            text = str(value).lower()
        else:
            text = value if isinstance(value, str) else ",".join(value)
        parts.append(f"{name}={quote(text, safe=',.')}")
    return "&".join(parts)


def spelled(low: Any, high: Any) -> str:
    low, high = (None if n is None else shortest(format(Decimal(repr(n)), "f")) for n in (low, high))
    return low if low == high else f"{low or ''}..{high or ''}"
