"""Who may sit at the desk, in which language, and that the public answers know nothing of it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from indicators.admin.site import desk
from indicators.models import REFERENCE_MODELS, Region, Release, Store, Unit
from tests.admin.conftest import address, filled_in
from tests.conftest import Api
from tests.test_settings import started

REGISTERED = [model for model in desk._registry if model._meta.app_label == "indicators"]


def staff(*permissions: str) -> Client:
    """A client of a steward who may do some things."""
    user = User.objects.create(username="helper", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def pages(model: Any) -> list[str]:
    pk = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    listed = [address(model, ""), address(model, "change", pk), address(model, "history", pk)]
    return listed if model is Release else [*listed, address(model, "add"), address(model, "delete", pk)]


def test_every_reference_table_and_the_releases_are_there() -> None:
    assert set(REGISTERED) == {*REFERENCE_MODELS, Release}


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model.__name__)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_opens_and_runs_no_script_of_its_own(steward: Client, model: Any, language: str) -> None:
    for path in pages(model):
        response = steward.get(path, headers={"Accept-Language": language})
        assert response.status_code == 200, path
        text = response.content.decode()
        assert not re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style| style=| on[a-z]+=", text)


def test_strangers_are_asked_to_log_in(db: None) -> None:
    client = Client()
    for path in ("/admin/", "/admin/indicators/unit/percent/change/", "/admin/nothing"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/admin/login/?next=/admin/")
    assert client.get("/admin")["Location"] == "/admin/"
    assert client.get("/administration").status_code == 404


def test_logging_in_and_out(db: None) -> None:
    phrase = "a long pass phrase"
    User.objects.create_superuser("steward", password=phrase)
    client = Client()
    wrong = client.post("/admin/login/?next=/admin/", {"username": "steward", "password": "another"})
    assert wrong.status_code == 200
    right = client.post("/admin/login/?next=/admin/", {"username": "steward", "password": phrase})
    assert right["Location"] == "/admin/"
    for name, same_site in (("sessionid", "Lax"), ("csrftoken", "Strict")):
        cookie = client.cookies[name]
        assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, same_site)
    assert client.get("/admin/").status_code == 200
    saved = client.post(address(Unit, "change", "percent"), filled_in(Unit.objects.get(code="percent"), symbol="％"))
    assert saved.status_code == 302, "and the next page tells it by a message"
    assert {name: cookie["path"] for name, cookie in client.cookies.items()} == {
        "sessionid": "/admin/",
        "csrftoken": "/admin/",
    }
    client.post("/admin/logout/")
    assert client.get("/admin/").status_code == 302


def test_staff_do_what_they_may(db: None) -> None:
    client = staff("view_region", "change_unit", "view_unit")
    assert client.get(address(Region, "")).status_code == 200
    assert client.get(address(Region, "change", "370100")).status_code == 200
    assert client.post(address(Region, "change", "370100"), {"name_zh": "x"}).status_code == 403
    assert client.get(address(Region, "add")).status_code == 403
    data = filled_in(Unit.objects.get(code="percent"), symbol="％")
    assert client.post(address(Unit, "change", "percent"), data).status_code == 302
    assert client.post(address(Unit, "delete", "percent"), {"post": "yes"}).status_code == 403
    assert client.get("/admin/indicators/source/").status_code == 403
    assert client.get("/admin/auth/user/").status_code == 403


def test_a_release_is_read_only(steward: Client) -> None:
    release = Release.objects.get(order=1)
    assert steward.get(address(Release, "change", 1)).status_code == 200
    assert steward.post(address(Release, "change", 1), {"title_zh": "x"}).status_code == 403
    assert steward.get(address(Release, "add")).status_code == 403
    assert steward.post(address(Release, "delete", 1), {"post": "yes"}).status_code == 403
    assert Release.objects.get(order=1).title_zh == release.title_zh


def test_forms_need_their_token(db: None) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create(username="steward", is_staff=True, is_superuser=True))
    data = filled_in(Unit.objects.get(code="percent"), symbol="％")
    path = address(Unit, "change", "percent")
    assert client.post(path, data).status_code == 403
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode())
    assert token is not None
    assert client.post(path, data | {"csrfmiddlewaretoken": token[1]}).status_code == 302


def test_no_form_takes_a_file(steward: Client, tmp_path: Path) -> None:
    """Not even from strangers: the form is not read beyond the beginning of the first file."""
    for client in (Client(), steward):
        for path in ("/admin/login/", "/admin/indicators/unit/add/"):
            with override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path)):
                file = SimpleUploadedFile("x", bytes(4_000_000))
                refused = Client.post(client, path, {"username": "x", "file": file})
            assert refused.status_code in (302, 400)
            assert refused["Cache-Control"] == "private, no-store"
            assert not list(tmp_path.iterdir())
    assert Client().post("/admin/login/", {"file": SimpleUploadedFile("x", b"x")}).status_code == 400


def test_a_form_has_a_largest_size(db: None) -> None:
    assert Client().post("/admin/login/", {"username": "x" * 1_100_000}).status_code == 400
    assert Client().post("/admin/login/", {f"f{n}": "" for n in range(1_100)}).status_code == 400


def test_nothing_of_the_desk_is_public(steward: Client) -> None:
    for response in (
        steward.get("/admin/"),
        steward.get("/admin"),
        Client().get("/admin/login/"),
        steward.options("/admin/"),
    ):
        assert not [name for name in response.headers if name.startswith("Access-Control")]
        assert response["Cache-Control"] == "private, no-store"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["X-Frame-Options"] == "DENY"
        policy = response["Content-Security-Policy"]
        assert "script-src 'self'; style-src 'self';" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/api/v1", "/api/v1/units", "/api/v1/units/x", "/api/v1/docs", "/livez"])
def test_public_answers_know_no_session(api: Api, steward: Client, path: str) -> None:
    stranger = Client()
    for client in (stranger, steward):
        response = client.get(path, headers={"Accept-Language": "zh-CN"})
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert "Accept-Language" not in response.get("Vary", "")
        assert "Content-Language" not in response
        assert response["Access-Control-Allow-Origin"] == "*"
        assert not hasattr(response.wsgi_request, "session")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        steward.get(path)
    assert not [query for query in queries if "session" in query["sql"] or "auth_user" in query["sql"]]


def test_the_desk_ends_where_its_name_does(db: None) -> None:
    assert Client().get("/admins")["Access-Control-Allow-Origin"] == "*"


def test_other_addresses_stay_read_only(api: Api) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/api/v1/units")
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert client.post("/livez").status_code == 405
    assert client.post("/api/v1/nothing").status_code == 404


def test_the_desk_speaks_the_language_of_the_browser(steward: Client) -> None:
    words = {"en": ("Units", "change only by the publication"), "zh-CN": ("计量单位", "只能随新版本的发布而变更")}
    for language, expected in words.items():
        response = steward.get("/admin/", headers={"Accept-Language": language})
        assert response["Content-Language"] == {"en": "en", "zh-CN": "zh-hans"}[language]
        for word in expected:
            assert word in response.content.decode()
        assert translation.get_language() == "en", "nothing is left behind in the thread"
    typed = filled_in(Region.objects.get(code="370100"), valid_from="1e3", parent="370100")
    page = steward.post(address(Region, "change", "370100"), typed, headers={"Accept-Language": "zh"}).content.decode()
    for word in (
        "代码启用的首年。",
        "不是整数",
        "地区 370100 的上级最终指向它自己",
        "prefecture: 地级",
        "370100 济南市",
    ):
        assert word in page


def test_an_edit_is_all_or_nothing(steward: Client) -> None:
    """The history cannot be written: the edit before it is taken back."""
    before = Store.objects.get().reference_revision
    steward.raise_request_exception = False
    with connection.execute_wrapper(_refuse_the_history):
        data = filled_in(Unit.objects.get(code="percent"), symbol="％")
        assert steward.post(address(Unit, "change", "percent"), data).status_code == 500
    assert Store.objects.get().reference_revision == before
    assert Unit.objects.get(code="percent").symbol == "%"


def _refuse_the_history(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.startswith("INSERT") and "django_admin_log" in sql:
        raise OSError("the disk is full")
    return execute(sql, params, many, context)


def test_cookies_of_production_need_tls() -> None:
    code = "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.CSRF_TRUSTED_ORIGINS)"
    production = {"PRODUCTION": "true", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a.example"}
    assert started(code, **production, PUBLIC_BASE_URL="https://a.example/data").stdout == (
        "True True ['https://a.example']\n"
    )
    assert started(code).stdout == "False False ['http://127.0.0.1:8000']\n"
    assert settings.SESSION_COOKIE_PATH == "/admin/"
