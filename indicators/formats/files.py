"""What workbooks and Parquet files have in common: bytes sent on as they come, and what a file says of itself."""

from __future__ import annotations

import io
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from ..query.slice import Answer


class Sink(io.RawIOBase):
    """A file that is never whole: what a library wrote since is taken off and sent on."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._size

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._parts.append(bytes(data))
        self._size += len(data)
        return len(data)

    def taken(self) -> bytes:
        """The bytes written since the last call."""
        found, self._parts = b"".join(self._parts), []
        return found


def about(answer: Answer) -> dict[str, str]:
    """What a file says of itself, so that it can be cited when it has left its address."""
    meta = answer.meta
    resource = PurePosixPath(urlsplit(meta.get("permalink", "")).path).name
    filters = {name: items for name, items in meta.get("query", {}).items() if name not in ("fields", "sort")}
    release = meta.get("release") or ""
    named = [f"{name}={','.join(items)}" for name, items in filters.items()] + (
        [f"release {release}"] if release else []
    )
    return {
        "title": ", ".join([f"UrbanAPI {resource}", *named]),
        "release": release,
        "license": meta.get("license", ""),
        "permalink": meta.get("permalink", ""),
    }
