"""Archives are read by programs of others, and hold what was written, however it was cut."""

import io
import random
import zipfile
from collections.abc import Iterable

import pytest

from indicators.formats.archive import Archive


def archived(files: dict[str, Iterable[bytes]]) -> bytes:
    archive, parts = Archive(), []
    for name, pieces in files.items():
        with archive.file(name) as file:
            for piece in pieces:
                file.write(piece)
                parts.append(archive.taken())
    archive.close()
    return b"".join([*parts, archive.taken()])


def cut(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


CONTENT = b"".join(b'<c r="A%d"><v>%d</v></c>' % (n, n * n) for n in range(60_000))


def test_files_come_back() -> None:
    noise = random.Random(1).randbytes(1_000_000)
    files = {"empty": b"", "a/short.xml": b"x", "a/long.xml": CONTENT, "noise": noise, "zeros": bytes(3_000_000)}
    held = archived({name: cut(content, 100_001) for name, content in files.items()})
    with zipfile.ZipFile(io.BytesIO(held)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == list(files)
        assert {name: archive.read(name) for name in files} == files
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert len(held) < 1_700_000


@pytest.mark.parametrize("size", [1_000, 65_536, 262_144, 262_145, 10**9])
def test_the_same_content_is_the_same_archive_however_it_comes(size: int) -> None:
    assert archived({"data": cut(CONTENT, size)}) == archived({"data": [CONTENT]})
    assert archived({"data": map(memoryview, cut(CONTENT, size))}) == archived({"data": [CONTENT]})


def test_nothing_but_an_end() -> None:
    with zipfile.ZipFile(io.BytesIO(archived({}))) as archive:
        assert archive.namelist() == []
