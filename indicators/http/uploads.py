"""No form takes a file: strangers would fill the temporary folder through the form in which stewards log in."""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParserError


class NoFiles(FileUploadHandler):
    """Ends the reading of a form at its first file: 400. A view that takes files sets `request.upload_handlers`."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise MultiPartParserError("No file is taken here: send the form without one.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise AssertionError("no file was begun")

    def file_complete(self, file_size: int) -> None:
        return None
