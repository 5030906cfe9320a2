"""Files in forms are taken only where a view says so: strangers would fill the disk through the form of the login."""

from __future__ import annotations

import errno
import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, NoReturn

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http.multipartparser import MultiPartParserError

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class NoFiles(FileUploadHandler):
    """Ends the reading of a form at its first file: 400. A view that takes files sets `request.upload_handlers`."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise MultiPartParserError("No file is taken here: send the form without one.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise AssertionError("no file was begun")

    def file_complete(self, file_size: int) -> None:
        return None


@dataclass(frozen=True)
class Received:
    """A file as it came: the name that the sender gave it, which is for people alone, and its place in the folder."""

    name: str
    place: str
    size: int
    sha256: str


class FilesInto(FileUploadHandler):
    """Writes files into a folder while they come, under numbers; `too_many` and `no_room` tell what was left out.

    The view bounds the bytes: it looks at Content-Length, and no more is ever read.
    """

    def __init__(self, folder: Path, most: int) -> None:
        super().__init__()
        self.folder, self.most = folder, most
        self.received: list[Received] = []
        self.too_many = self.no_room = False
        self.file: IO[bytes] | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if len(self.received) >= self.most:
            self.too_many = True
            raise SkipFile
        self.place, self.digest = str(len(self.received) + 1), hashlib.sha256()
        try:
            self.file = open(self.folder / self.place, "wb", opener=_for_the_owner)  # noqa: SIM115 (closed when complete)
        except OSError as error:
            self._skip(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        assert self.file is not None
        self.digest.update(raw_data)
        try:
            self.file.write(raw_data)
        except OSError as error:
            self._skip(error)

    def file_complete(self, file_size: int) -> UploadedFile[bytes]:
        assert self.file is not None
        try:
            self.file.close()
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            self.no_room = True
        name = UploadedFile(name=self.file_name).name or self.place
        self.received.append(Received(name, self.place, file_size, self.digest.hexdigest()))
        return UploadedFile(name=name, size=file_size)

    def _skip(self, error: OSError) -> NoReturn:
        if error.errno not in _NO_ROOM:
            raise error
        self.no_room = True
        raise SkipFile from error


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
