"""Clients of the desk, and what a browser would send from a form."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, RequestFactory

from indicators.admin.site import desk
from indicators.models import Store


@pytest.fixture
def steward(db: None) -> Client:
    """A client that is logged in and may do everything."""
    client = Client()
    client.force_login(User.objects.create(username="steward", is_staff=True, is_superuser=True))
    return client


def address(model: Any, page: str, pk: Any = None) -> str:
    """The address of a page of the desk."""
    parts = ["/admin/indicators", model._meta.model_name, *([] if pk is None else [pk]), *([page] if page else [])]
    return "/".join(map(str, parts)) + "/"


def form_of(row: Any) -> Any:
    """The form that the desk shows for a row."""
    request = RequestFactory().get("/admin/")
    request.user = User(is_staff=True, is_superuser=True)
    return desk.get_model_admin(type(row)).get_form(request, row)(instance=row)


def filled_in(row: Any, **changes: str) -> dict[str, str]:
    """What a browser sends when the form of a row is submitted, with changes; no box that is not ticked."""
    form = form_of(row)
    shown = {name: form[name].value() for name in form.fields}
    texts = {name: "" if value is None else str(value) for name, value in shown.items() if value is not False}
    return {name: "on" if text == "True" else text for name, text in texts.items()} | changes


def revision() -> int:
    """The reference revision in force."""
    return int(Store.objects.get(id=1).reference_revision)
