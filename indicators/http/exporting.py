"""A slice as a file: what the API answers to the same question, whole, however long it takes."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from ..publishing.folders import sync
from ..query.limit import unlimited
from ..query.problems import BadQuery, Problem
from ..query.slice import Answer
from .asking import Question, read_query
from .resources import Resource, refuse_large

#: Called with how many rows are written, and how many there are.
Written = Callable[[int, int], None]
#: Rows after which progress is told.
_OFTEN = 5_000
#: What file systems say that know no second name for a file.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}


def question_of(resource: Resource, query: str) -> Question:
    """The question that the query of an address asks; raises `BadQuery` with all its problems."""
    raw = query.encode("utf-8", "surrogateescape").decode("latin-1")  # as a server hands it over
    path = f"/api/v1/{resource.noun}"
    question = read_query(
        raw, None, path, resource.parameters, resource.formats, resource.slice.conflicts, resource.sort_keys
    )
    if misplaced := [name for name in ("page_size", "cursor") if name in question.asked.values]:
        detail = "does not go with a file, which holds the whole slice: leave it out."
        raise BadQuery([Problem("conflicting_parameters", f"{name} {detail}", name) for name in misplaced])
    return question


def export(resource: Resource, question: Question, file: BinaryIO, written: Written) -> int:
    """Write the whole slice to an open file and tell how many rows it has; raises `BadQuery` beyond a bound.

    In formats with pages it is all on one.
    """
    with unlimited():
        wanted = resource.slice.asked(question.asked, question.edition)
        refuse_large(question, wanted)
        total = wanted.count(question.edition)
        answer = resource.whole(question, wanted)
        if question.format.paged:
            count = total if question.asked.values.get("count") else None
            described = resource.meta(question, wanted, max(total, 1), count)
            if not total:
                described["empty_reason"], described["available"] = wanted.why_empty(question.edition)
            answer = replace(answer, meta=described)
        counted = replace(answer, rows=_counted(answer, total, written))
        for chunk in question.format.write(counted):
            file.write(chunk)
    written(total, total)
    return total


def _counted(answer: Answer, total: int, written: Written) -> Iterator[tuple[Any, ...]]:
    for done, row in enumerate(answer.rows):
        if done % _OFTEN == 0 and done < total:
            written(done, total)
        yield row


@contextmanager
def aside(path: Path, overwrite: bool) -> Iterator[BinaryIO]:
    """A file that gets its name when it is whole and on the disk; whatever happens before, none of it stays.

    Raises `FileExistsError` where there is one of that name, unless it may be overwritten.
    """
    if path.is_dir() or (path.exists() and not overwrite):
        raise FileExistsError(errno.EEXIST, "is there already", str(path))
    part = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            part.replace(path)
        else:
            _name(part, path)
        sync(path.parent)
    finally:
        part.unlink(missing_ok=True)


def _name(part: Path, path: Path) -> None:
    """Give a file its name, and fail if another has got it meanwhile."""
    try:
        path.hardlink_to(part)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        part.replace(path)
