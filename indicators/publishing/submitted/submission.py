"""read_submission(): all files that are handed in at once, read and checked, with every fault of every file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ...query.edition import Edition
from ..checks import OF_SUBMISSIONS, Checked, apply, codes_are_known
from ..doubts import DOUBTS, Doubt
from ..faults import Fault, Gathered
from ..figures import Figure, Figures, Key, cells
from ..standing import Standing
from .header import Defaults
from .read import NO_DEFAULTS, Submitted, read_file

#: Called with the file that is being worked on and the rows read of it.
Progress = Callable[[str, int], None]


def silent(file: str, rows: int) -> None:
    """Report no progress."""


@dataclass(frozen=True)
class Submission:
    """Figures of all files in their order, and what is wrong with them: nothing may be published while there is a fault
    that is no warning."""

    files: Sequence[str]
    figures: Figures
    faults: list[Fault]
    standing: Standing


def read_submission(
    paths: Sequence[Path],
    edition: Edition,
    defaults: Defaults = NO_DEFAULTS,
    names: Sequence[str] | None = None,
    progress: Progress = silent,
) -> Submission:
    """Read and check files; `names` are what they are called in messages, such as the names of uploaded files."""
    called = list(names) if names is not None else [str(path) for path in paths]
    read: list[Submitted] = []
    standing = Standing(edition.release.order if edition.release else 0)
    for path, name in zip(paths, called, strict=True):
        read.append(read_file(path, defaults, name, lambda rows, name=name: progress(name, rows)))  # type: ignore[misc]
        _check(read[-1], edition, standing)
    _tell_repeated(read)
    figures = Figures.joined(file.figures.table for file in read)
    return Submission(called, figures, [fault for file in read for fault in file.faults.listed()], standing)


def _check(file: Submitted, edition: Edition, standing: Standing) -> None:
    if file.layout is None:
        return
    place = file.layout.place
    apply([codes_are_known], Checked(file.name, file.doubtful, edition, place), file.faults)
    checked = Checked(file.name, file.figures, edition, place)
    apply(OF_SUBMISSIONS, checked, file.faults)
    known = standing.of(file.figures.distinct("indicator"))
    apply([partial(_beside, doubt, known) for doubt in DOUBTS], checked, file.faults)


def _beside(doubt: Doubt, known: Figures, checked: Checked) -> Iterator[Fault]:
    return doubt(checked, known)


def _tell_repeated(read: Sequence[Submitted]) -> None:
    """Cells that stand in several files; those that stand twice in one are told already."""
    numbers = pa.concat_arrays(cells(*(file.figures for file in read)))
    if len(read) == 1 or len(pc.unique(numbers)) == len(numbers):
        return
    first: dict[Key, tuple[Submitted, Figure]] = {}
    for file in read:
        for figure in file.figures:
            other, there = first.setdefault(figure.key, (file, figure))
            if other is not file:
                message = f"the same indicator, region and year stand in {other.name}, line {there.line}, already"
                _tell(file.faults, file, figure, message)


def _tell(faults: Gathered, file: Submitted, figure: Figure, message: str) -> None:
    assert file.layout is not None
    cell = file.layout.place(figure.line, "value", figure.year)[1]
    faults.add(Fault(file.name, figure.line, "indicator, region, year", message, cell=cell))
