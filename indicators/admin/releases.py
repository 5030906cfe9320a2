"""Releases at the desk: read and published, never edited, because a release never changes once it is in force."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.csrf import csrf_exempt

from ..models import Release
from .site import desk


# What publishes is loaded when it is first asked for: Arrow takes 50 MB, which only workers pay that publish.
@csrf_exempt  # it looks for the token itself, once it is settled who may send a body
def hand_in(request: HttpRequest) -> HttpResponse:
    """The form in which tables are handed in."""
    from .handing_in import hand_in

    return hand_in(request)


def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page that shows what would change."""
    from .confirming import confirm

    return confirm(request, token)


@admin.register(Release, site=desk)
class ReleaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was published when, and what each release did."""

    change_list_template = "indicators/desk/releases.html"
    list_display = ("name", "published_on", "title_zh", "title_en", "added", "revised", "confirmed", "withdrawn")
    search_fields = ("name", "title_zh", "title_en")

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("publish/", desk.admin_view(hand_in), name="indicators_release_publish"),
            path("publish/<str:token>/", desk.admin_view(confirm), name="indicators_release_review"),
        ]
        return [*own, *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def view_on_site(self, release: Release) -> str:
        """The release as the API answers it."""
        return reverse("releases-detail", args=[release.name])
