"""Releases at the desk: to be read, never edited, because a release never changes once it is in force."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from ..models import Release
from .site import desk


@admin.register(Release, site=desk)
class ReleaseAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """What was published when, and what each release did."""

    list_display = ("name", "published_on", "title_zh", "title_en", "added", "revised", "confirmed", "withdrawn")
    search_fields = ("name", "title_zh", "title_en")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def view_on_site(self, release: Release) -> str:
        """The release as the API answers it."""
        return reverse("releases-detail", args=[release.name])
