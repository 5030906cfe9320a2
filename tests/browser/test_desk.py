"""The pages of a publication in Debian's Chromium, without scripts: axe finds nothing, they fit, keys suffice."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser.test_pages import RULES, browser
from tests.serving import desk_served

__all__ = ["browser"]

FORM = "/admin/indicators/release/publish/"
PHRASE = "a long pass phrase"
HEADER = "indicator,region,year,value,status,source\n"
TABLES = {
    "right": HEADER + "urbanization_rate,370000,2024,66.5,A,S22\nurbanization_rate,370100,2025,76.1,A,S22\n",
    "wrong": HEADER + "urbanization_rate,370000,2024,166.5,A,S22\nurbanization_rate,nowhere,2025,76.1,A,S22\n",
}
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with a superuser."""
    with desk_served(tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("incoming"), PHRASE) as address:
        yield address


def steward(browser: Browser, base: str, **options: Any) -> Page:
    """A page of a steward who has logged in."""
    page = browser.new_page(**options)
    page.goto(f"{base}/admin/login/?next={FORM}")
    page.fill("#id_username", "steward")
    page.fill("#id_password", PHRASE)
    page.press("#id_password", "Enter")
    page.wait_for_url(f"**{FORM}")
    return page


def filled_in(page: Page, folder: Path, table: str, name: str) -> None:
    file = folder / f"{table}.csv"
    file.write_text(TABLES[table], encoding="utf-8")
    page.set_input_files("#id_tables", file)
    page.fill("#id_name", name)
    page.fill("#id_title_zh", "试验")
    page.fill("#id_title_en", "Test")
    page.fill("#id_published_on", "2026-11-01")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_pages_are_accessible_and_fit(browser: Browser, base: str, tmp_path: Path, lang: str, width: int) -> None:
    page = steward(browser, base, viewport={"width": width, "height": 800}, locale=LANGUAGES[lang])
    checked(page, width)
    filled_in(page, tmp_path, "right", "two words")
    page.click("#release_form .submit-row button")
    assert page.query_selector(".errornote")
    checked(page, width)
    for table, faulty in (("wrong", True), ("right", False)):
        page.goto(base + FORM)
        filled_in(page, tmp_path, table, "2026-11-test")
        page.click("#release_form .submit-row button")
        assert (page.query_selector("#faults") is not None) is faulty
        checked(page, width)
    page.click("[name=give_up]")
    checked(page, width)
    page.close()


def checked(page: Page, width: int) -> None:
    """Within the content: what surrounds it is Django's."""
    found = Axe().run(page, context="#content", options={"runOnly": {"type": "tag", "values": RULES}})
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_release_is_published_by_the_keyboard_without_scripts(browser: Browser, base: str, tmp_path: Path) -> None:
    page = steward(browser, base, java_script_enabled=False)
    filled_in(page, tmp_path, "right", "2026-11-keys")
    page.focus("#id_name")
    page.keyboard.press("Enter")
    page.wait_for_selector("[name=publish]")
    reached = None
    for _ in range(60):
        page.keyboard.press("Tab")
        reached = page.evaluate("document.activeElement.name")
        if reached == "publish":
            break
    assert reached == "publish"
    page.keyboard.press("Enter")
    page.wait_for_url("**/change/")
    assert "2026-11-keys" in page.inner_text(".messagelist")
    page.goto(f"{base}/releases/latest?lang=en")
    assert page.inner_text("h1") == "Test"
    page.close()
