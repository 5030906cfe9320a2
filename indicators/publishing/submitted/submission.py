"""read_submission(): all files that are handed in at once, read and checked, with every fault of every file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from ...query.edition import Edition
from ..changes import with_unsaid
from ..checks import OF_SUBMISSIONS, Checked, apply, codes_are_known
from ..doubts import DOUBTS, Doubt
from ..faults import Fault, Gathered
from ..figures import Figure, Figures, Key, cells
from ..standing import Standing
from ..words import Said
from ..words import Said as _
from .header import Defaults
from .read import NO_DEFAULTS, Submitted, read_file

#: Columns that a table may lack.
_OPTIONAL = ("locator", "note")
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
        file = read_file(path, defaults, name, partial(progress, name))
        read.append(_checked(file, edition, standing))
    _tell_repeated(read)
    figures = Figures.joined(file.figures.table for file in read)
    return Submission(called, figures, [fault for file in read for fault in file.faults.listed()], standing)


def _checked(file: Submitted, edition: Edition, standing: Standing) -> Submitted:
    """The file, with what the checks find and with what it does not speak of."""
    if file.layout is None:
        return file
    place = file.layout.place
    apply([codes_are_known], Checked(file.name, file.doubtful, edition, place), file.faults)
    checked = Checked(file.name, file.figures, edition, place)
    apply(OF_SUBMISSIONS, checked, file.faults)
    known = standing.beside(file.figures)
    apply([partial(_beside, doubt, known) for doubt in DOUBTS], checked, file.faults)
    unsaid = [name for name in _OPTIONAL if name not in file.layout.columns]
    return replace(file, figures=with_unsaid(file.figures, known, unsaid))


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
                where = _("in %(file)s, line %(line)d, already", file=other.name, line=there.line)
                message = _("the same indicator, region and year stand %(where)s", where=where)
                _tell(file.faults, file, figure, message)


def _tell(faults: Gathered, file: Submitted, figure: Figure, message: Said) -> None:
    assert file.layout is not None
    cell = file.layout.place(figure.line, "value", figure.year)[1]
    faults.add(Fault(file.name, figure.line, "indicator, region, year", message, cell=cell))
