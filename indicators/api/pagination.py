"""Keyset pagination of reference resources: in a total order, nulls last both ways, stable under inserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from ..query.grammar import Term


def ordered(rows: QuerySet[Any], sort: Sequence[Term]) -> QuerySet[Any]:
    """Rows in the order of the terms."""
    return rows.order_by(
        *(
            F(term.column).desc(nulls_last=True) if term.descending else F(term.column).asc(nulls_last=True)
            for term in sort
        )
    )


def behind(rows: QuerySet[Any], sort: Sequence[Term], key: Sequence[Any]) -> QuerySet[Any]:
    """Rows that come after the row with that sort key."""
    clause = Q(pk__in=[])
    for position, (term, value) in enumerate(zip(sort, key, strict=True)):
        if value is None:
            continue  # nulls come last: nothing lies behind a null on this key alone
        equal = Q()
        for before, earlier in zip(sort[:position], key[:position], strict=True):
            equal &= Q(**{f"{before.column}__isnull": True}) if earlier is None else Q(**{before.column: earlier})
        beyond = Q(**{f"{term.column}__{'lt' if term.descending else 'gt'}": value})
        clause |= equal & (beyond | Q(**{f"{term.column}__isnull": True}))
    return rows.filter(clause)


def key_of(row: Model, sort: Sequence[Term]) -> list[Any]:
    """The sort key of a row, as JSON takes it."""
    values = [row.serializable_value(term.column) for term in sort]
    return [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
