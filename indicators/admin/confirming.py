"""The page that shows what tables would change, and publishes exactly that once it is confirmed."""

from __future__ import annotations

import logging
from typing import Any

from django.contrib import messages
from django.contrib.admin.models import ADDITION, LogEntry
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ..models import Release
from ..publishing.run import Outcome, Overtaken, State
from ..publishing.turn import NotPublished
from ..query.edition import current_edition
from .announcing import AnnouncementForm
from .difference import difference
from .examination import Busy, bring_into_force, examine, print_of, what_is_in_force
from .findings import errors_and_warnings
from .handing_in import incoming_of, page
from .incoming import Waiting

logger = logging.getLogger(__name__)

_FORM, _REVIEW = "admin:indicators_release_publish", "admin:indicators_release_review"
_RETRY_SECONDS = "10"


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """What would change (GET); publish it, or give it up (POST)."""
    waiting = incoming_of(request).find(token)
    if waiting is None:
        messages.warning(
            request,
            _("These files no longer wait here: they were replaced, removed, or are over a day old. Choose anew."),
        )
        return redirect(_FORM)
    if waiting.release is not None:
        return _in_force_already(request, waiting.release)
    form = AnnouncementForm(waiting.typed)
    if not form.is_valid():
        return redirect(_FORM)
    if "give_up" in request.POST:
        waiting.give_up()
        messages.info(request, _("The files were removed. Nothing was published."))
        return redirect(_FORM)
    try:
        return _publish(request, waiting, form) if request.method == "POST" else _show(request, waiting, form)
    except Busy:
        return _not_now(request, waiting)
    except NotPublished as error:
        return _not_now(request, waiting, str(error))


def _show(request: HttpRequest, waiting: Waiting, form: AnnouncementForm) -> HttpResponse:
    edition = current_edition()
    seen = what_is_in_force(edition)
    found = examine(waiting, form)
    errors, warnings = errors_and_warnings(found.faults)
    outcome = found.outcome
    content = {
        "title": _("What would change"),
        "subtitle": form.cleaned_data["name"],
        "opts": Release._meta,
        "waiting": waiting,
        "announcement": form.announcement(),
        "withdraw_missing": form.cleaned_data["withdraw_missing"],
        "in_force": edition.release,
        "errors": errors,
        "warnings": warnings,
        "difference": difference(outcome, edition) if outcome else None,
        "state": outcome.state.name if outcome else "",
        "print": print_of(waiting, seen) if outcome and outcome.state is State.PLANNED else "",
    }
    return TemplateResponse(request, "indicators/desk/confirm.html", page(request, content))


def _publish(request: HttpRequest, waiting: Waiting, form: AnnouncementForm) -> HttpResponse:
    """Publish what was shown, or else show what is now: other bytes, another release in force, an edited table."""
    seen = what_is_in_force(current_edition())
    if request.POST.get("print") != print_of(waiting, seen) or not waiting.intact:
        return _anew(request, waiting)
    try:
        found = bring_into_force(waiting, form, seen)
    except Overtaken:
        return _anew(request, waiting)
    outcome = found.outcome
    if outcome is None or outcome.state is State.NOTHING_NEW:
        return _anew(request, waiting)
    waiting.became(outcome.name)
    if outcome.release is None:
        return _in_force_already(request, outcome.name)
    _write_down(request, outcome.release, waiting, outcome)
    address = format_html('<a href="/releases/{}">{}</a>', outcome.name, outcome.name)
    messages.success(request, format_html(_("Release {} is in force: readers see it now."), address))
    return redirect("admin:indicators_release_change", outcome.release.pk)


def _write_down(request: HttpRequest, release: Release, waiting: Waiting, outcome: Outcome) -> None:
    """Who published what, in the history of the release; it is in force, whether this can be written or not."""
    files = "; ".join(f"{file.name} (sha256 {file.sha256})" for file in waiting.files)
    counts = ", ".join(f"{number} {name}" for name, number in outcome.changes.counts._asdict().items())
    logger.info("Release %s was published at the desk by %s: %s", release.name, request.user, counts)
    assert request.user.pk is not None
    try:
        with transaction.atomic():
            LogEntry.objects.log_actions(
                request.user.pk, [release], ADDITION, change_message=f"{counts}. {files}", single_object=True
            )
    except DatabaseError:
        logger.exception("Who published release %s could not be written into its history", release.name)
        messages.warning(request, _("The history of the release could not be written; the log of the server tells it."))


def _in_force_already(request: HttpRequest, name: str) -> HttpResponse:
    """The same was sent twice, or somebody else published it: it is told, and nothing is done."""
    messages.info(
        request, _("Release %(name)s is in force with these figures; nothing was done twice.") % {"name": name}
    )
    return redirect("admin:indicators_release_change", Release.objects.get(name=name).pk)


def _anew(request: HttpRequest, waiting: Waiting) -> HttpResponse:
    text = _("Nothing was published yet: what is in force, or what you handed in, has changed since. Look again.")
    messages.warning(request, text)
    return redirect(_REVIEW, waiting.token)


def _not_now(request: HttpRequest, waiting: Waiting, reason: str = "") -> HttpResponse:
    """Nothing is lost: the files wait."""
    content: dict[str, Any] = {
        "title": _("Not now"), "opts": Release._meta, "waiting": waiting, "reason": reason,
    }  # fmt: skip
    response = TemplateResponse(request, "indicators/desk/not_now.html", page(request, content), status=503)
    response["Retry-After"] = _RETRY_SECONDS
    return response
