"""Which file an address names, and what else there is where it names none."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from django.db import InterfaceError, OperationalError
from django.db.models import Min
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views import View

from ..formats.kinds import KINDS
from ..http import caching
from ..http.errors import NoSuchFile
from ..http.headers import attachment, service_links
from ..models import ReleaseFile
from ..publishing import layout
from ..query.edition import ReleaseRow, current_edition
from . import live
from .sending import Served, send, unavailable

#: The files of a release never change.
FOR_GOOD = "public, max-age=31536000, immutable"


class FileView(View):
    """What addresses of files have in common."""

    http_method_names = ["get", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except (OperationalError, InterfaceError) as error:
            return unavailable(f"The database did not answer {request.path}", error)


class ReleaseFileView(FileView):
    """`/releases/{name}/…`: a file of a release for good; that of the one in force under `latest`."""

    def get(self, request: HttpRequest, release: str, below: str) -> HttpResponseBase:
        edition = current_edition()
        named = (row for row in edition.releases if row.name == release)
        found = edition.release if release == "latest" else next(named, None)
        if found is None:
            meant = edition.vocabulary("release").suggest(release) or [row.name for row in edition.releases[-1:]]
            raise NoSuchFile([(layout.local(name, quote(below)), name) for name in meant])
        freshness = caching.LIVE if release == "latest" else FOR_GOOD
        if below == layout.MANIFEST:
            return send(request, _manifest(found, freshness))
        for file in ReleaseFile.objects.filter(release=found.order):
            if unquote(layout.path(file.dataset_id, file.format)) == below:
                return send(request, _served(file, found, freshness))
        raise NoSuchFile(_others(found, below))


class DatasetFile(FileView):
    """`/datasets/{code}/data.…`: the dataset as the release in force has it."""

    def get(self, request: HttpRequest, dataset: str, kind: str) -> HttpResponseBase:
        edition = current_edition()
        if dataset not in edition.vocabulary("dataset"):
            meant = edition.vocabulary("dataset").suggest(dataset)
            raise NoSuchFile([(f"/datasets/{code}/data.{kind}", code) for code in meant])
        if edition.release and kind in live.FORMATS:
            return live.answer(request, edition, dataset, kind)
        order = edition.release.order if edition.release else 0
        files = {file.format: file for file in ReleaseFile.objects.filter(dataset=dataset, release=order)}
        if edition.release is None or kind not in files:
            names = [*files, *live.FORMATS] if files else []
            raise NoSuchFile([(f"/datasets/{dataset}/data.{name}", f"data.{name}") for name in names])
        return send(request, _served(files[kind], edition.release, caching.LIVE))


def _others(release: ReleaseRow, below: str) -> list[tuple[str, str]]:
    """What the release has in place of what was asked for: the other files of the dataset, or those of the whole."""
    paths = [layout.path(f.dataset_id, f.format) for f in ReleaseFile.objects.filter(release=release.order)]
    beside = [path for path in paths if unquote(path).rpartition("/")[0] == below.rpartition("/")[0]]
    found = [layout.MANIFEST, *(beside or [path for path in paths if "/" not in path])] if paths else []
    return [(layout.local(release.name, path), unquote(path)) for path in found]


def _served(file: ReleaseFile, release: ReleaseRow, freshness: str) -> Served:
    same = ReleaseFile.objects.filter(dataset=file.dataset_id, format=file.format, sha256=file.sha256)
    since: datetime = same.aggregate(since=Min("release__in_force_since"))["since"]
    return Served(
        layout.file_of(release.name, file.dataset_id, file.format),
        file.bytes,
        file.sha256,
        KINDS[file.format].content_type,
        attachment(f"{file.dataset_id or 'urbanapi'}-{release.name}", file.format),
        since,
        freshness,
        _links(release),
    )


def _manifest(release: ReleaseRow, freshness: str) -> Served:
    path: Path = layout.release_folder(release.name) / layout.MANIFEST
    if not path.is_file():
        raise NoSuchFile([])
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    links = [link for link in _links(release) if "describedby" not in link]
    name = attachment(f"{release.name}-manifest", "json")
    return Served(path, len(content), digest, "application/json", name, release.in_force_since, freshness, links)


def _links(release: ReleaseRow) -> Sequence[str]:
    return [f'<{layout.address(release.name, layout.MANIFEST)}>; rel="describedby"', *service_links()]
