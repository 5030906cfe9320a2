"""The desk itself: what it is called, who works at it, and in which order it lists the tables."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from ..models import REFERENCE_MODELS


class Desk(AdminSite):
    """Django's admin site under our name."""

    site_header = site_title = "UrbanAPI"
    index_title = _("The stewards' desk")
    index_template = "indicators/desk/index.html"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Our tables first, each after those it refers to; then the users."""
        order = {model: place for place, model in enumerate(REFERENCE_MODELS)}
        listed = super().get_app_list(request, app_label)
        for app in listed:
            app["models"].sort(key=lambda entry: order.get(entry["model"], len(order)))
        return sorted(listed, key=lambda app: app["app_label"] != "indicators")


desk = Desk()
desk.register(User, UserAdmin)
desk.register(Group, GroupAdmin)
