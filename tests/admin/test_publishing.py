"""Publishing at the desk: what is shown is what is published, once; faults are told; nobody reaches others' files."""

import csv
import io
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from indicators.admin import examination
from indicators.http.uploads import FilesInto
from indicators.models import Observation, Region, Release
from indicators.publishing.submitted import limits
from tests.conftest import Api
from tests.publishing.workbooks import workbook

COLUMNS = "indicator,region,year,value,status,source,locator,note"
FORM = "/admin/indicators/release/publish/"
LONG = """指标,地区,年份,数值,状态,来源
urbanization_rate,370000,2023,65.53,A,S22
urbanization_rate,370000,2024,66.5,A,S22
urbanization_rate,370100,2025,76.1,A,S22
"""
WIDE = "indicator,region,2024,2025\nurbanization_rate,370000,66.5,67.2\n"
TYPED = {
    "name": "2026-11-yearbook",
    "title_zh": "2026年年鉴",
    "title_en": "Yearbook 2026",
    "published_on": "2026-11-01",
    "basis_en": "",
    "notes_zh": "第一段\r\n\r\n第二段",
    "notes_en": "",
    "status": "",
    "source": "",
}


@pytest.fixture(autouse=True)
def incoming(settings: Any, tmp_path: Path) -> Path:
    """The folder in which files wait."""
    settings.INCOMING_DIR = tmp_path / "incoming"
    return tmp_path / "incoming"


def publisher(name: str = "publisher") -> Client:
    """A client of a steward who may publish, by the role alone."""
    user = User.objects.create(username=name, is_staff=True)
    user.groups.add(Group.objects.get(name="publisher"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def client(db: None) -> Client:
    return publisher()


def table(content: str | bytes = LONG, name: str = "rates.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def hand_in(client: Client, *tables: SimpleUploadedFile, **typed: str) -> Any:
    """Send the form; the answer."""
    return client.post(FORM, {**TYPED, **typed, "tables": list(tables)})


def shown(client: Client, *tables: SimpleUploadedFile, **typed: str) -> tuple[str, str]:
    """The address of the page that shows the difference, and the page."""
    answer = hand_in(client, *(tables or (table(),)), **typed)
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(answer["Location"])
    assert page.status_code == 200
    return answer["Location"], page.content.decode()


def print_in(page: str) -> str:
    """What the button to publish sends along."""
    found = re.search(r'name="print" value="([0-9a-f]{64})"', page)
    assert found is not None, "there is a button to publish"
    return found[1]


def text_of(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


def kept(incoming: Path) -> list[Path]:
    """Everything that was handed in and is still there."""
    return [path for path in incoming.rglob("*") if path.is_file() and path.name != "submission.json"]


# From a table to a release


def test_a_table_is_shown_and_then_published(api: Api, client: Client, incoming: Path) -> None:
    address, page = shown(client)
    assert Release.objects.count() == 6, "nothing is published by looking"
    assert "66.48 66.5" in text_of(page)
    assert "added 1 revised 1 confirmed 1 withdrawn 0 unchanged 0" in text_of(page)
    assert "urbanization_rate Urbanization rate" in text_of(page)
    answer = client.post(address, {"print": print_in(page)})
    release = Release.objects.get(name="2026-11-yearbook")
    assert answer["Location"] == f"/admin/indicators/release/{release.pk}/change/"
    assert "in force: readers see it now" in client.get(answer["Location"]).content.decode()
    told = api.json("/releases/latest")
    assert (told["name"], told["added"], told["revised"], told["confirmed"]) == ("2026-11-yearbook", 1, 1, 1)
    assert (told["notes_zh"], told["notes_en"], told["basis_en"]) == ("第一段\n\n第二段", None, None)
    rows = api.json("/observations?indicator=urbanization_rate&region=370000&year=2024")["results"]
    assert [(row["value"], row["release"]) for row in rows] == [(66.5, "2026-11-yearbook")]
    assert not kept(incoming), "the files are removed"


def test_the_history_tells_who_published_what(client: Client) -> None:
    address, page = shown(client)
    client.post(address, {"print": print_in(page)})
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.object_repr, entry.is_addition()) == (
        "publisher",
        "2026-11-yearbook",
        True,
    )
    assert "1 added, 1 revised, 1 confirmed" in entry.change_message
    assert re.search(r"rates\.csv \(sha256 [0-9a-f]{64}\)", entry.change_message)
    history = client.get(f"/admin/indicators/release/{entry.object_id}/history/").content.decode()
    assert "rates.csv" in history


def test_a_form_that_is_sent_twice_publishes_once(client: Client) -> None:
    address, page = shown(client)
    first = client.post(address, {"print": print_in(page)})
    second = client.post(address, {"print": print_in(page)})
    assert second["Location"] == first["Location"]
    assert "nothing was done twice" in client.get(second["Location"]).content.decode()
    assert Release.objects.count() == 7
    assert client.get(address)["Location"] == first["Location"], "and so with the address"


def test_defaults_stand_for_columns_that_a_wide_table_has_not(api: Api, client: Client) -> None:
    address, page = shown(client, table(WIDE), status="E", source="S22")
    client.post(address, {"print": print_in(page)})
    rows = api.json("/observations?indicator=urbanization_rate&region=370000&year=2024,2025")["results"]
    assert [(row["value"], row["status"], row["source"]) for row in rows] == [(66.5, "E", "S22"), (67.2, "E", "S22")]


def test_several_files_of_several_kinds_make_one_release(api: Api, client: Client, tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", ("urbanization_rate", "370200", 2025, 79.5, "A", "S22"))
    address, page = shown(client, table(), table((tmp_path / "b.xlsx").read_bytes(), "b.xlsx"))
    assert "rates.csv" in page
    assert "b.xlsx" in page
    client.post(address, {"print": print_in(page)})
    assert api.json("/releases/latest")["added"] == 2


def test_what_is_missing_is_listed_and_withdrawn(api: Api, client: Client) -> None:
    in_force = Observation.objects.current().filter(indicator="urbanization_rate").count()
    _, without = shown(client)
    assert "Figures that are withdrawn" not in without
    address, page = shown(client, withdraw_missing="on")
    assert "Figures that are withdrawn" in page
    assert f"withdrawn {in_force - 2} unchanged" in text_of(page)
    assert page.count("<tr>") > in_force - 2 if in_force <= 100 else "withdrawals more" in page
    client.post(address, {"print": print_in(page)})
    assert api.json("/releases/latest")["withdrawn"] == in_force - 2


# What cannot be published


def test_faults_are_told_by_file_and_line_and_there_is_no_button(client: Client, incoming: Path) -> None:
    wrong = LONG.replace("370100", "济南市").replace("66.5", "166.5") + "urbanization_rate,370000,2023,65.53,A,S22\n"
    address, page = shown(client, table(wrong))
    assert 'name="print"' not in page
    assert "faults: nothing can be published" in page
    text = text_of(page)
    assert text.index("rates.csv") < text.index("济南市")
    assert page.index("166.5") > page.index('id="faults"')
    assert Release.objects.count() == 6
    assert client.post(address, {"print": "0" * 64})["Location"] == address, "nor is there a way around it"
    assert Release.objects.count() == 6
    right = hand_in(client, table())
    assert right.status_code == 302
    assert len(kept(incoming)) == 1, "the mended file takes the place of the other"


def test_like_faults_stand_together_and_are_bounded(client: Client) -> None:
    rows = "".join(f"urbanization_rate,37000{n % 3},{1950 + n},x{n % 150},A,S22\n" for n in range(70))
    rows += "".join(f"urbanization_rate,999999,{1950 + n},5,A,S22\n" for n in range(50))
    _, page = shown(client, table(LONG + rows))
    assert page.count("there is no region &#x27;999999&#x27;") == 1
    assert "and 38 more" in text_of(page)


def test_a_cell_of_a_workbook_is_named(client: Client, tmp_path: Path) -> None:
    workbook(tmp_path / "b.xlsx", ("urbanization_rate", "370000", 2025, "67,2", "A", "S22"))
    _, page = shown(client, table((tmp_path / "b.xlsx").read_bytes(), "b.xlsx"))
    assert "1 fault: nothing can be published" in page
    assert "b.xlsx cell D2 value" in text_of(page)


def test_what_is_in_force_already_makes_no_release(api: Api, client: Client) -> None:
    row = api.json("/observations?indicator=urbanization_rate&region=370000&year=2020&fields=" + COLUMNS)["results"][0]
    line = io.StringIO()
    csv.writer(line).writerow("" if value is None else value for value in row.values())
    _, page = shown(client, table(f"{COLUMNS}\n{line.getvalue()}"))
    assert "every figure is in force already" in page
    assert 'name="print"' not in page


def test_a_release_never_changes(client: Client) -> None:
    _, page = shown(client, name="2026-05-post-ec5")
    assert "never changes" in page
    assert 'name="print"' not in page


# What is shown is what is published


def test_another_release_in_between_is_shown_before_anything_is_published(client: Client) -> None:
    address, page = shown(client)
    other = publisher("other")
    there, seen = shown(other, table(WIDE), status="A", source="S22", name="2026-10-other", published_on="2026-10-01")
    other.post(there, {"print": print_in(seen)})
    answer = client.post(address, {"print": print_in(page)})
    assert answer["Location"] == address
    assert Release.objects.count() == 7
    again = client.get(address).content.decode()
    assert "has changed since" in again
    assert "added 1 revised 0 confirmed 1 withdrawn 0 unchanged 1" in text_of(again)
    client.post(address, {"print": print_in(again)})
    assert Release.objects.count() == 8


def test_an_edited_reference_table_is_shown_first(client: Client) -> None:
    address, page = shown(client)
    Region.objects.filter(code="370100").update(valid_to=2024)
    assert client.post(address, {"print": print_in(page)})["Location"] == address
    again = client.get(address).content.decode()
    assert 'name="print"' not in again, "the region has no figures after its last year"


def test_other_bytes_than_those_shown_are_never_published(client: Client, incoming: Path) -> None:
    address, page = shown(client)
    (file,) = kept(incoming)
    file.write_text(LONG.replace("66.5", "66.6"), encoding="utf-8")
    assert client.post(address, {"print": print_in(page)})["Location"] == address
    assert Release.objects.count() == 6


def test_another_announcement_is_shown_first(client: Client) -> None:
    address, page = shown(client)
    assert hand_in(client, title_en="Another title")["Location"] == address, "the files wait where they are"
    assert client.post(address, {"print": print_in(page)})["Location"] == address
    assert Release.objects.count() == 6
    client.post(address, {"print": print_in(client.get(address).content.decode())})
    assert Release.objects.get(name="2026-11-yearbook").title_en == "Another title"


def test_what_comes_into_force_while_a_release_waits_for_its_turn_stops_it(client: Client) -> None:
    """Another edits a table after the print was compared, and before the store is held."""
    address, page = shown(client)
    asked: list[str] = []

    def overtake(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "indicators_store" in sql:
            asked.append(sql)
            if len(asked) == 2:  # the first for the print, the second to read the tables by
                Region.objects.filter(code="370100").update(name_en="Jinan City")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(overtake):
        answer = client.post(address, {"print": print_in(page)})
    assert len(asked) > 2, "the turn came"
    assert answer["Location"] == address
    assert Release.objects.count() == 6


def test_no_transaction_is_open_while_tables_are_read(client: Client) -> None:
    """Else a long publication would hold what else the request touched, and publish() could not end its own."""
    address, page = shown(client)
    outside, depths = len(connection.atomic_blocks), list[int]()

    def look(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT") and "indicators_store" in sql:
            depths.append(len(connection.atomic_blocks) - outside)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        client.post(address, {"print": print_in(page)})
    assert depths[:3] == [0, 0, 1], "the print, the tables, and then the turn"
    assert Release.objects.count() == 7


# The form


def test_the_form_tells_what_to_do_and_keeps_the_files(client: Client, incoming: Path) -> None:
    answer = hand_in(client, table(), name="two words", published_on="31.12.2026", title_zh="")
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "without spaces, commas and slashes" in page
    assert "rates.csv" in page
    assert "need not be chosen again" in page
    assert len(kept(incoming)) == 1
    assert hand_in(client).status_code == 302


@pytest.mark.parametrize("name", ["latest", "2026-11-01", "a,b", "a/b"])
def test_a_name_that_means_another_thing_is_refused(client: Client, name: str) -> None:
    assert hand_in(client, table(), name=name).status_code == 200


def test_without_files_the_form_asks_for_them(client: Client) -> None:
    assert "Choose at least one file" in hand_in(client).content.decode()


def test_the_form_remembers_what_was_typed(client: Client) -> None:
    shown(client)
    page = client.get(FORM).content.decode()
    assert 'value="Yearbook 2026"' in page
    assert "Files that wait" in page


def test_control_characters_are_refused(client: Client) -> None:
    answer = hand_in(client, table(), title_en="a\x0bb", notes_en="a\x0cb")
    assert "control characters" in answer.content.decode()


# Who may, and what a form may be


@pytest.mark.parametrize("role", ["viewer", "editor"])
def test_others_neither_see_the_form_nor_send_files(db: None, incoming: Path, role: str) -> None:
    user = User.objects.create(username=role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    assert client.get(FORM).status_code == 403
    assert hand_in(client, table()).status_code == 403
    assert FORM not in client.get("/admin/").content.decode()
    assert FORM not in client.get("/admin/indicators/release/").content.decode()
    assert not incoming.exists()


def test_strangers_fill_no_disk(db: None, incoming: Path) -> None:
    answer = hand_in(Client(), table(bytes(3_000_000)))
    assert answer.status_code == 302
    assert answer["Location"].startswith("/admin/login/")
    assert not incoming.exists()


def test_publishers_find_the_form(client: Client) -> None:
    for page in ("/admin/", "/admin/indicators/release/"):
        assert f'href="{FORM}"' in client.get(page).content.decode()


def test_a_form_of_another_site_is_refused_and_leaves_no_file(db: None, incoming: Path) -> None:
    user = User.objects.create(username="steward", is_staff=True, is_superuser=True)
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert hand_in(client, table()).status_code == 403
    assert not kept(incoming)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get(FORM).content.decode())
    assert token is not None
    assert hand_in(client, table(), csrfmiddlewaretoken=token[1]).status_code == 302


def test_nobody_reaches_the_files_of_another(client: Client) -> None:
    address, page = shown(client)
    other = publisher("other")
    for answer in (
        other.get(address),
        other.post(address, {"print": print_in(page)}),
        other.post(address, {"give_up": "1"}),
    ):
        assert answer["Location"] == FORM
    assert "rates.csv" not in other.get(FORM).content.decode()
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("token", ["..", "%2e%2e", "0" * 32, "x", "0" * 31 + "/"])
def test_an_address_that_was_never_given_leads_nowhere(client: Client, token: str) -> None:
    assert client.get(f"{FORM}{token}/").status_code in (302, 404)


def test_files_are_private_and_bear_no_name_of_the_sender(client: Client, incoming: Path) -> None:
    shown(client, table(LONG, "../../etc/passwd.csv"))
    (file,) = kept(incoming)
    assert file.name == "1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert file.parent.parent.stat().st_mode & 0o777 == 0o700


def test_giving_up_removes_the_files(client: Client, incoming: Path) -> None:
    address, _ = shown(client)
    assert client.post(address, {"give_up": "1"})["Location"] == FORM
    assert not kept(incoming)
    assert "no longer wait here" in client.get(address, follow=True).content.decode()


def test_files_wait_a_day_at_most(client: Client, incoming: Path) -> None:
    address, page = shown(client)
    (file,) = kept(incoming)
    yesterday = time.time() - 24 * 60 * 60 - 1
    os.utime(file.parent, (yesterday, yesterday))
    assert client.post(address, {"print": print_in(page)})["Location"] == FORM
    assert not kept(incoming)
    assert Release.objects.count() == 6


def test_a_form_that_is_too_large_is_not_read(client: Client, incoming: Path) -> None:
    answer = client.generic(
        "POST", FORM, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=str(limits.MOST_BYTES + 1024**2 + 1)
    )
    assert answer.status_code == 413
    assert "256.0\xa0MB together" in answer.content.decode()
    assert not kept(incoming)


def test_too_many_files_are_told(client: Client, incoming: Path) -> None:
    answer = hand_in(client, *(table(LONG, f"{n}.csv") for n in range(21)))
    assert "at most 20 files" in answer.content.decode()
    assert not kept(incoming)


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_full_disk_is_told(rf: RequestFactory, tmp_path: Path, size: int) -> None:
    """At the end of a small file, whose bytes are held back until then, and in the middle of a long one."""
    (tmp_path / "1").symlink_to("/dev/full")
    request = rf.post(FORM, {"name": "x", "tables": table(b"x" * size), "title_en": "y"})
    handler = FilesInto(tmp_path, 20)
    request.upload_handlers = [handler]
    assert (request.POST["name"], request.POST["title_en"]) == ("x", "y"), "the form is read to its end"
    assert handler.no_room


# When it cannot be done now


def test_busy_is_told_and_nothing_is_lost(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    address, page = shown(client)
    monkeypatch.setattr(examination, "_PATIENCE_SECONDS", 0.01)
    assert examination._ONE.acquire(blocking=False)
    try:
        answer = client.get(address)
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert "Other tables are being looked at" in answer.content.decode()
    finally:
        examination._ONE.release()
    client.post(address, {"print": print_in(page)})
    assert Release.objects.count() == 7


def test_a_database_that_fails_is_told_and_nothing_is_lost(client: Client) -> None:
    address, page = shown(client)

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and '"indicators_release"' in sql:
            raise OperationalError("database is locked")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        answer = client.post(address, {"print": print_in(page)})
    assert answer.status_code == 503
    assert "held the database for too long" in answer.content.decode()
    assert Release.objects.count() == 6
    client.post(address, {"print": print_in(client.get(address).content.decode())})
    assert Release.objects.count() == 7


def test_a_history_that_cannot_be_written_does_not_hide_the_release(client: Client) -> None:
    address, page = shown(client)

    def fail(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT") and "django_admin_log" in sql:
            raise OperationalError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail):
        answer = client.post(address, {"print": print_in(page)})
    told = client.get(answer["Location"]).content.decode()
    assert "in force: readers see it now" in told
    assert "history of the release could not be written" in told
    assert Release.objects.count() == 7
