"""BAD: the files that people hand in by mistake and attackers on purpose, made by code, with what must be said of them.

An entry writes one file into a folder; `expected` are parts of the faults that must be told, places included. Heavy
files are those that try to cost time or memory: they are measured in a process of their own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Write = Callable[[Path], None]
HEADER = "indicator,region,year,value,status,source,locator,note"
RIGHT = "urbanization_rate,370000,2023,65.53,A,S01,,"


@dataclass(frozen=True)
class Bad:
    """A bad file: its name, how it is written, and what must be said of it."""

    name: str
    write: Write
    expected: tuple[str, ...]
    heavy: bool = False


BAD: list[Bad] = []


def bad(name: str, *expected: str, heavy: bool = False) -> Callable[[Write], Write]:
    """Put a function that writes a file on the list."""

    def listing(write: Write) -> Write:
        BAD.append(Bad(name, write, expected, heavy))
        return write

    return listing


def content(name: str, data: str | bytes, *expected: str) -> None:
    """Put a file of that content on the list."""
    raw = data.encode() if isinstance(data, str) else data

    @bad(name, *expected)
    def write(path: Path) -> None:
        path.write_bytes(raw)


def rows(name: str, *expected: str, **cells: str) -> None:
    """Put a CSV file on the list whose third line differs from a right one in these cells."""
    columns = HEADER.split(",")
    changed = dict(zip(columns, RIGHT.split(","), strict=True)) | {"year": "2022"} | cells
    quoted = ['"' + changed[column].replace('"', '""') + '"' for column in columns]
    content(name, f"{HEADER}\n{RIGHT}\n{','.join(quoted)}\n", *expected)
