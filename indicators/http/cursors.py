"""Cursors: where a walk goes on, and on which release; opaque, signed, and good for one query only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing

from ..query.edition import Edition, ReleaseRow
from ..query.parameters import Asked
from ..query.problems import BadQuery, Problem

_SIGNER = "indicators.cursor"


@dataclass(frozen=True)
class Position:
    """The release of the walk's first page, and the sort key of the last row that was answered."""

    release: ReleaseRow | None
    key: tuple[Any, ...]


def write(path: str, asked: Asked, release: ReleaseRow | None, key: Sequence[Any]) -> str:
    """The cursor of the page behind `key`."""
    content = [_query(path, asked), release.order if release else 0, release.name if release else "", list(key)]
    return signing.Signer(salt=_SIGNER).sign_object(content, compress=True)


def read(path: str, asked: Asked, edition: Edition, length: int, whole: bool) -> Position:
    """The position that the cursor of a request names; `length` is the number of sort keys it must have.

    Where the request has other faults (not `whole`), it is not held against the cursor that the query differs.
    """
    try:
        query, order, name, key = signing.Signer(salt=_SIGNER).unsign_object(asked.values["cursor"])
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _invalid("The cursor is not one that this service gave out") from error
    if whole and (query != _query(path, asked) or len(key) != length):
        raise _invalid("The cursor was given out for another query: keep every other parameter as it was")
    releases = {row.order: row for row in edition.releases}
    if order and (order not in releases or releases[order].name != name):
        raise _invalid("The release that the cursor walks on is not known here")
    return Position(releases.get(order), tuple(key))


def _query(path: str, asked: Asked) -> str:
    rest = tuple(pair for pair in asked.canonical if pair[0] != "cursor")
    return hashlib.sha256(repr((path, rest)).encode()).hexdigest()[:16]


def _invalid(detail: str) -> BadQuery:
    return BadQuery([Problem("invalid_cursor", f"{detail}. Begin again from the first page.", "cursor")])
