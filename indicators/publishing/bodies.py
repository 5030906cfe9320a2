"""The bytes of the files of a release, each format in its turn, two at a time."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlencode

import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet
from django.conf import settings

from ..formats import Format
from ..formats.kinds import FILE_KINDS, FileKind
from ..query.columns import COLUMNS, DEFAULT_COLUMNS, Column
from ..query.edition import Edition, ReleaseRow
from ..query.problems import BadQuery
from ..query.slice import Answer
from . import layout

#: The columns of the files: those of the API, and what else is told of a figure.
FILE_COLUMNS = (*DEFAULT_COLUMNS, "locator", "note")
#: Rows of one batch, and of one row group of Parquet; bytes of one block that is copied.
_ROWS, _BLOCK = 50_000, 1024 * 1024


@dataclass(frozen=True)
class Content:
    """What files hold: the rows of a dataset, or of all (None), as of the release that last touched them.

    `made_of` is a digest of what they are made of, `made_before` of what they were made of before the release that is
    looked at; None if there were no rows.
    """

    dataset: str | None
    release: ReleaseRow
    indicators: tuple[str, ...]
    made_of: str
    made_before: str | None = None

    def answer(self, kind: FileKind) -> Answer:
        """What a format tells of the file: the same as in an answer of the API with these rows."""
        named = {"dataset": self.dataset} if self.dataset else {}
        query = {"as_of": self.release.name, **named, "fields": ",".join(FILE_COLUMNS), "format": kind.format.name}
        address = f"{settings.PUBLIC_BASE_URL}/api/v1/observations"
        meta = {
            "release": self.release.name,
            "query": {name: [value] for name, value in named.items()},
            "permalink": f"{address}?{urlencode(sorted(query.items()), safe=',:.', quote_via=quote)}",
            "license": settings.DATA_LICENSE,
        }
        return Answer(tuple(COLUMNS[name] for name in FILE_COLUMNS), (), meta)


@dataclass(frozen=True)
class Made:
    """A file that was written."""

    kind: FileKind
    bytes: int
    sha256: str


def shown(table: pyarrow.Table, edition: Edition) -> pyarrow.Table:
    """Rows of the snapshot under the columns of the files."""
    columns = [_column(COLUMNS[name], table[COLUMNS[name].base], edition) for name in FILE_COLUMNS]
    return in_order(pyarrow.table(columns, FILE_COLUMNS))


def in_order(rows: pyarrow.Table) -> pyarrow.Table:
    """The same in one chunk, the dictionary of a column holding each text of it once, in the order in which they come:
    so the same rows make the same bytes, wherever they come from."""
    columns = [_in_order(column.combine_chunks()) for column in rows.unify_dictionaries().columns]
    return pyarrow.table(columns, rows.schema.names)


def _column(column: Column, values: pyarrow.ChunkedArray, edition: Edition) -> pyarrow.ChunkedArray:
    if column.lookup is None:
        return values
    found = column.lookup(edition)
    coded = values if pyarrow.types.is_dictionary(values.type) else values.dictionary_encode()
    chunks = [
        pyarrow.DictionaryArray.from_arrays(
            chunk.indices, pyarrow.array([found[code] for code in chunk.dictionary.to_pylist()], pyarrow.string())
        )
        for chunk in coded.chunks
    ]
    return pyarrow.chunked_array(chunks, pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))


def _in_order(column: pyarrow.Array) -> pyarrow.Array:
    if not pyarrow.types.is_dictionary(column.type):
        return column
    used = pc.unique(column.indices).drop_null()
    texts = column.dictionary.take(used)
    distinct = pc.unique(texts)
    places: list[int | None] = [None] * len(column.dictionary)
    for old, new in zip(used.to_pylist(), pc.index_in(texts, value_set=distinct).to_pylist(), strict=True):
        places[old] = new
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array(places, pyarrow.int32()).take(column.indices), distinct)


def of_dataset(f: Format, content: Content, table: pyarrow.Table, folder: Path) -> list[Made]:
    """The files of a dataset in a format."""
    batches = table.to_batches(max_chunksize=_ROWS)
    return _files(f, content, table.num_rows, f.write_batches(content.answer(FileKind(f)), batches), folder)


def of_whole(f: Format, content: Content, parts: Sequence[Content], rows: int, folder: Path) -> list[Made]:
    """The files of the whole in a format, made of those of the datasets in the format that `source_of_whole` names,
    which stand in the folder already."""
    answer = content.answer(FileKind(f))
    files = [folder / layout.place(part.dataset, source_of_whole(f, content)) for part in parts]
    head = f.head(answer)
    if head is None:
        return _files(f, content, rows, f.write_batches(answer, _batches_of(files)), folder)
    bodies = (block for file in files for block in blocks(file, len(head)))
    return _files(f, content, rows, chain([head], bodies), folder)


def source_of_whole(f: Format, content: Content) -> str:
    """The format of the files of datasets of which the whole is made: its own where tables are joined by their bytes,
    else Parquet, from which rows are read fastest."""
    return "parquet" if f.head(content.answer(FileKind(f))) is None else f.name


_TEXTS = [name for name in FILE_COLUMNS if COLUMNS[name].type == "string"]


def rows_of(file: Path) -> pyarrow.Table:
    """The rows of a Parquet file as they were written."""
    with pyarrow.parquet.ParquetFile(file, read_dictionary=_TEXTS) as opened:  # read_table loads all of its datasets
        rows = opened.read().unify_dictionaries().combine_chunks()
    return pyarrow.table(rows.columns, rows.schema.names)  # without what the file says of its columns


def _batches_of(files: Iterable[Path]) -> Iterator[pyarrow.RecordBatch]:
    """The rows of Parquet files, one after another."""
    for name in files:
        with pyarrow.parquet.ParquetFile(name, read_dictionary=_TEXTS) as file:
            yield from file.iter_batches(_ROWS)


def blocks(file: Path, start: int = 0) -> Iterator[bytes]:
    """The bytes of a file from a place on."""
    with file.open("rb") as opened:
        opened.seek(start)
        while block := opened.read(_BLOCK):
            yield block


def _files(f: Format, content: Content, rows: int, chunks: Iterable[bytes | memoryview], folder: Path) -> list[Made]:
    """The file of a format, and what it is compressed to; none where the format takes no such table."""
    if f.bound is not None and rows > f.bound:
        return []
    made = []
    for kind in (kind for kind in FILE_KINDS if kind.format is f):
        file = folder / layout.place(content.dataset, kind.name)
        if kind.coding:
            chunks = kind.packed(blocks(folder / layout.place(content.dataset, kind.plain.name)))
        try:
            made.append(Made(kind, *_written(file, chunks)))
        except BadQuery:  # the format finds out on the way that it takes no such table
            file.unlink()
            return []
    return made


def _written(file: Path, chunks: Iterable[bytes | memoryview]) -> tuple[int, str]:
    """Write a file; its size and SHA-256."""
    size, digest = 0, hashlib.sha256()
    with file.open("xb") as opened:
        for chunk in chunks:
            opened.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
