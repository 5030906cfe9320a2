"""`/datasets/{code}/data.jsonstat` and the like: formats of which no file is kept, made as the API makes them."""

from __future__ import annotations

from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from ..formats import FORMATS as ALL
from ..http import caching
from ..http.compression import coding_of
from ..http.headers import attachment, service_links
from ..http.meta import issuer
from ..http.spool import Busy, finished
from ..query.edition import Edition
from ..query.limit import TooSlow
from ..query.parameters import NOTHING
from ..query.slice import Slice
from .sending import unavailable

FORMATS = {f.name: f for f in ALL if not f.paged and not f.filed}
_TOO_LARGE = (
    "The dataset has {} rows; {} takes at most {}: fetch /datasets/{}/data.csv instead.\n"
    "该数据集共 {} 行；{} 最多 {} 行，请改为下载 /datasets/{}/data.csv。\n"
)


def answer(request: HttpRequest, edition: Edition, dataset: str, name: str) -> HttpResponseBase:
    """The dataset in a format, as of the release in force."""
    f = FORMATS[name]
    wanted = Slice((("dataset", (dataset,)),), edition.release, f.columns, Slice.complete(()))
    changed = wanted.changed_by(edition)
    tag = caching.etag(request, edition, edition.release, NOTHING, f.content_type)
    changed_at = changed.in_force_since if changed else None
    if caching.unmodified(request, tag, changed_at):
        response: HttpResponseBase = caching.not_modified()
    else:
        try:
            response = _made(request, edition, wanted, name)
        except (TooSlow, Busy) as error:
            return unavailable(f"{request.path}: {error}")
    if response.status_code < 400:
        caching.set_validators(response, tag, changed_at, NOTHING, service_links())
    return response


def _made(request: HttpRequest, edition: Edition, wanted: Slice, name: str) -> HttpResponseBase:
    f, ((_, (dataset,)),) = FORMATS[name], wanted.filters
    size = wanted.count(edition)
    if f.bound is not None and size > f.bound:
        told = (size, name, f.bound, dataset)
        headers = {"Cache-Control": "no-store"}
        return HttpResponse(_TOO_LARGE.format(*told, *told), "text/plain; charset=utf-8", 413, headers=headers)
    release = edition.release.name if edition.release else None
    query = f"as_of={release}&dataset={dataset}&format={name}"
    described = replace(
        wanted.whole(edition),
        meta={
            "release": release,
            "query": {"dataset": [dataset]},
            "permalink": f"{settings.PUBLIC_BASE_URL}/api/v1/observations?{query}",
            "license": settings.DATA_LICENSE,
        },
        issuer=issuer(),
    )
    response = finished(f.write(described), f.content_type, coding_of(request, f.content_type))
    response["Content-Disposition"] = attachment(f"{dataset}-{release}", f.extension)
    return response
