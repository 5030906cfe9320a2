"""Whether the files of releases are those that were published, and hold what the store holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow
import pyarrow.parquet

from ...models import Indicator, Release, ReleaseFile
from .. import layout
from ..inventory import Difference, Fault, differences
from ..proposal import Progress, silent
from ..snapshot import in_force
from ..turn import NotPublished, turn
from .finding import RESTORE, Finding, counted

_REPAIR = "Run manage.py check_store --repair, which makes it anew."
_SWEEP = "Run manage.py check_store --repair, which removes it; the next publication does so, too."
#: Columns of the files that say what rows of the store say; the unit is that of the indicator.
_OF_ROWS = ("indicator", "region", "year", "value", "status", "source", "release", "locator", "note")


def files_are_as_recorded(progress: Progress = silent) -> Iterator[Finding]:
    """Every file is there with its size and SHA-256, every manifest says so, and nothing else is there."""
    found = list(differences(progress))
    left_over = _left_over([difference.path for difference in found if difference.release is None])
    yield from counted(_told(d) for d in found if d.release is not None or d.path in left_over)


def _told(difference: Difference) -> Finding:
    remedy = _SWEEP if difference.fault is Fault.SUPERFLUOUS else _REPAIR
    return Finding(str(difference.path), difference.fault.value, remedy)


def _left_over(paths: list[Path]) -> set[Path]:
    """Those that no publication is about to put in force; one that is under way is waited for."""
    if not paths:
        return set()
    try:
        with turn():
            known = set(map(layout.release_folder, Release.objects.values_list("name", flat=True)))
            return {path for path in paths if path.exists() and path not in known}
    except NotPublished:  # it has been at work for long, and what is there may be its own
        return set()


def files_hold_the_rows() -> Iterator[Finding]:
    """The rows of the Parquet file of a dataset are those of the store as of its release, cell by cell.

    The other formats are made of the same rows; that they are unchanged is what their SHA-256 says.
    """
    yield from counted(finding for file in _each_once() for finding in _compared(file))


def _each_once() -> Iterator[ReleaseFile]:
    """The Parquet files of datasets; of those that are the same, that of the newest release."""
    files = ReleaseFile.objects.filter(format="parquet", dataset__isnull=False).select_related("release")
    seen: set[str] = set()
    for file in files.order_by("-release", "dataset"):
        if file.made_of not in seen:
            seen.add(file.made_of)
            yield file


def _compared(file: ReleaseFile) -> Iterator[Finding]:
    path = layout.file_of(file.release.name, file.dataset_id, file.format)
    if not path.is_file():
        return  # told already
    names = dict(Release.objects.values_list("order", "name"))
    indicators = list(Indicator.objects.filter(dataset=file.dataset_id).order_by("code").values_list("code", flat=True))
    rows = 0
    try:
        for indicator in indicators:
            wanted = [("indicator", "=", indicator)]
            held = pyarrow.parquet.read_table(path, columns=list(_OF_ROWS), filters=wanted, use_threads=False)
            rows += held.num_rows
            if not _plain(held).equals(_plain(_named(in_force([indicator], file.release_id), names))):
                yield Finding(f"{path} {indicator}", f"rows differ from the store as of {file.release.name}", RESTORE)
    except (OSError, pyarrow.ArrowException) as error:
        yield Finding(str(path), f"cannot be read ({str(error).splitlines()[0]})", _REPAIR)
        return
    if rows != file.rows:
        yield Finding(str(path), f"has {rows:,} rows of its indicators, but is recorded with {file.rows:,}", RESTORE)


def _named(rows: pyarrow.Table, names: dict[int, str]) -> pyarrow.Table:
    """Rows of the store with the names of releases, as the files have them."""
    orders = rows.column("release").combine_chunks().dictionary_encode()
    texts = pyarrow.array([names.get(order) for order in orders.dictionary.to_pylist()], pyarrow.string())
    place = rows.schema.get_field_index("release")
    return rows.set_column(place, "release", texts.take(orders.indices)).select(_OF_ROWS)


def _plain(rows: pyarrow.Table) -> pyarrow.Table:
    """The same values in types that do not depend on where they come from."""
    kinds = {"year": pyarrow.int32(), "value": pyarrow.float64()}
    columns = [rows.column(name).cast(kinds.get(name, pyarrow.string())).combine_chunks() for name in _OF_ROWS]
    return pyarrow.table(columns, _OF_ROWS)
