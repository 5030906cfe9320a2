"""What each role may at every page of the desk, and that the roles are what they are after every migration."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client

from indicators.admin.site import desk
from indicators.models import Release, Unit
from tests.admin.conftest import address, filled_in

ROLES = ("viewer", "editor", "publisher")
TABLES = [model for model in desk._registry if model._meta.app_label == "indicators"]
PUBLISH = "/admin/indicators/release/publish/"


def steward(role: str) -> Client:
    user = User.objects.create(username=f"a {role}", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def pages(model: Any) -> dict[str, set[str]]:
    """The pages of a table, each with the roles that may open it."""
    pk = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    all_roles, writers = set(ROLES), {"editor", "publisher"}
    found = {address(model, ""): all_roles, address(model, "change", pk): all_roles}
    found[address(model, "history", pk)] = all_roles
    found[address(model, "add")] = found[address(model, "delete", pk)] = set() if model is Release else writers
    return found


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("model", TABLES, ids=lambda model: model.__name__)
def test_a_role_opens_the_pages_that_it_may(model: Any, role: str) -> None:
    client = steward(role)
    for path, roles in pages(model).items():
        assert client.get(path).status_code == (200 if role in roles else 403), path


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_a_role_writes_what_it_may(role: str) -> None:
    client = steward(role)
    data = filled_in(Unit.objects.get(code="percent"), symbol="％")
    status = 403 if role == "viewer" else 302
    assert client.post(address(Unit, "change", "percent"), data).status_code == status
    assert Unit.objects.get(code="percent").symbol == ("%" if role == "viewer" else "％")
    assert client.post(address(Release, "change", 1), {"name": "x"}).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_publishers_alone_publish_and_none_sees_users(role: str) -> None:
    client = steward(role)
    for path in (PUBLISH, f"{PUBLISH}{'0' * 32}/"):
        assert (client.get(path).status_code == 403) is (role != "publisher"), path
        assert (client.post(path).status_code == 403) is (role != "publisher"), path
    assert client.get("/admin/").status_code == 200
    for path in ("/admin/auth/user/", "/admin/auth/group/", "/admin/auth/user/add/"):
        assert client.get(path).status_code == 403


@pytest.mark.django_db
def test_without_a_role_nothing_is_seen() -> None:
    client = Client()
    client.force_login(User.objects.create(username="new", is_staff=True))
    assert client.get(address(Unit, "")).status_code == 403
    assert client.get(PUBLISH).status_code == 403


@pytest.mark.django_db
def test_a_steward_of_a_role_who_is_not_staff_stays_outside() -> None:
    user = User.objects.create(username="former")
    user.groups.add(Group.objects.get(name="publisher"))
    client = Client()
    client.force_login(user)
    assert client.get(PUBLISH)["Location"].startswith("/admin/login/")


@pytest.mark.django_db
def test_roles_are_laid_anew_and_other_groups_are_left_alone() -> None:
    everything = {role: set(_permissions(role)) for role in ROLES}
    viewer, own = Group.objects.get(name="viewer"), Group.objects.create(name="our own")
    own.permissions.set(Permission.objects.filter(codename="view_unit"))
    viewer.permissions.add(*Permission.objects.filter(codename="publish_release"))
    Group.objects.get(name="editor").permissions.clear()
    Group.objects.get(name="publisher").delete()
    call_command("migrate", verbosity=0)
    assert {role: set(_permissions(role)) for role in ROLES} == everything
    assert _permissions("our own") == ["view_unit"]
    assert "publish_release" not in everything["viewer"] | everything["editor"]
    assert everything["viewer"] < everything["editor"] < everything["publisher"]


def _permissions(group: str) -> list[str]:
    return list(Permission.objects.filter(group__name=group).values_list("codename", flat=True))
