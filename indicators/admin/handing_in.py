"""The page where tables are handed in, with what their release is to be called; nothing is published by it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from ..http.uploads import FilesInto
from ..models import Release
from ..publishing.submitted.limits import MOST_BYTES
from .announcing import AnnouncementForm
from .incoming import Incoming, Waiting, sweep
from .roles import PUBLISH
from .site import desk

#: Files of one release, and bytes of a form: the files together may be as large as one of them may be.
MOST_FILES = 20
MOST_FORM_BYTES = MOST_BYTES + 1024**2

_FIELDSETS: list[tuple[Any, dict[str, list[str]]]] = [
    (None, {"fields": ["tables"]}),
    (gettext_lazy("The release"), {"fields": ["name", "title_zh", "title_en", "published_on", "basis_en"]}),
    (gettext_lazy("What readers should know"), {"fields": ["notes_zh", "notes_en"]}),
    (gettext_lazy("How the tables are read"), {"fields": ["status", "source", "withdraw_missing"]}),
]


def incoming_of(request: HttpRequest) -> Incoming:
    """What the steward has handed in; nobody else than those who may publish has anything."""
    if not request.user.has_perm(f"indicators.{PUBLISH}"):
        raise PermissionDenied
    assert request.user.pk is not None
    sweep()
    return Incoming(request.user.pk)


@csrf_exempt  # the token is in the body, which is read when it is settled who may send one
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest) -> HttpResponse:
    """The form; what is sent goes into a folder of its own, and to the page that shows what would change."""
    incoming = incoming_of(request)
    if request.method != "POST":
        waiting = incoming.waiting()
        return _form(request, AnnouncementForm(initial=dict(waiting.typed) if waiting else None), waiting)
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_FORM_BYTES:
        return _too_large(request, incoming.waiting())
    folder = incoming.begin()
    try:
        handler = FilesInto(folder, MOST_FILES)
        request.upload_handlers = [handler]
        return _handed_in(request, incoming, folder, handler)
    finally:
        if incoming.find(folder.name) is None:
            shutil.rmtree(folder)


@csrf_protect
def _handed_in(request: HttpRequest, incoming: Incoming, folder: Path, handler: FilesInto) -> HttpResponse:
    form = AnnouncementForm(request.POST)
    waiting = incoming.waiting()
    taken = not (handler.too_many or handler.no_room)
    if handler.received and taken:
        waiting = incoming.receive(folder, form.typed(), handler.received)
    elif waiting is not None and not handler.received:
        waiting = waiting.retyped(form.typed())
    for fault in _faults_of_files(handler, waiting):
        form.add_error("tables", fault)
    if waiting is None or not form.is_valid():
        return _form(request, form, waiting)
    return redirect("admin:indicators_release_review", waiting.token)


def _faults_of_files(handler: FilesInto, waiting: Waiting | None) -> list[str]:
    if handler.no_room:
        return [_("The server has no room for these files now. Tell its operator, and try again.")]
    if handler.too_many:
        return [_("Choose at most %(most)d files; put the others into a release of their own.") % {"most": MOST_FILES}]
    return [] if waiting else [_("Choose at least one file.")]


def _too_large(request: HttpRequest, waiting: Waiting | None) -> HttpResponse:
    """The files are not read, so what was typed beside them is not known either."""
    most = filesizeformat(MOST_BYTES)
    fault = _("The files are larger than %(most)s together. Choose fewer, or divide them into two releases.")
    form = AnnouncementForm(initial=dict(waiting.typed) if waiting else None)
    return _form(request, form, waiting, fault % {"most": most}, 413)


def _form(
    request: HttpRequest, form: AnnouncementForm, waiting: Waiting | None, fault: str = "", status: int = 200
) -> HttpResponse:
    content = {
        "title": _("Publish a release"),
        "opts": Release._meta,
        "form": form,
        "adminform": AdminForm(form, _FIELDSETS, {}),  # type: ignore[arg-type]  # any form will do
        "fault": fault,
        "waiting": waiting,
        "most": MOST_BYTES,
        "most_files": MOST_FILES,
    }
    return TemplateResponse(request, "indicators/desk/hand_in.html", page(request, content), status=status)


def page(request: HttpRequest, content: dict[str, Any]) -> dict[str, Any]:
    """What the template of a page of the desk shows."""
    return {**desk.each_context(request), **content}
