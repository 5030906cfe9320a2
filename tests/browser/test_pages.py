"""The pages in Debian's Chromium: axe finds nothing, no console error, no foreign request, no sideways scrolling.

Run by `make test-browser`; CHROMIUM names the browser if it is not /usr/bin/chromium.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

PATHS = (
    "/", "/docs", "/docs/quickstart", "/docs/data", "/docs/api-stability", "/targets/SD-3Y-01", "/targets/SD-3Y-02",
    "/targets/SD-3Y-03",
    "/releases", "/releases/latest", "/releases/2013-12-yearbooks", "/nothing",
)  # fmt: skip
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def heard() -> list[str]:
    """What a page must not do: errors, and requests to other hosts."""
    return []


def opened(browser: Browser, base: str, address: str, heard: list[str], **options: Any) -> Page:
    page = browser.new_page(**options)
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(base) else heard.append(request.url))
    page.goto(base + address)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("path", PATHS)
def test_a_page_is_accessible_quiet_and_fits(
    browser: Browser, served: str, heard: list[str], path: str, lang: str, width: int, scheme: Any
) -> None:
    page = opened(
        browser, served, f"{path}?lang={lang}", heard, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    for details in page.query_selector_all("details"):
        details.evaluate("element => element.open = true")
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert not found.response["violations"], found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("getComputedStyle(document.body).fontFamily").startswith("system-ui")
    page.close()
    expected = ["Failed to load resource: the server responded with a status of 404 (Not Found)"]
    assert [text for text in heard if path != "/nothing" or text not in expected] == []


def test_the_page_is_read_without_scripts_and_reflows_at_320_pixels_with_large_text(
    browser: Browser, served: str, heard: list[str]
) -> None:
    page = opened(
        browser, served, "/?lang=zh", heard, viewport={"width": 320, "height": 800}, java_script_enabled=False
    )
    assert "66.48" in page.inner_text("#plan")
    page.close()
    for path in ("/", "/targets/SD-3Y-02"):
        page = opened(browser, served, f"{path}?lang=en", heard, viewport={"width": 640, "height": 800})
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 640
        page.close()
    assert heard == []


def test_the_keyboard_alone_reaches_every_link_in_order(browser: Browser, served: str, heard: list[str]) -> None:
    page = opened(browser, served, "/?lang=en", heard, viewport={"width": 1280, "height": 800})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#main")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Quickstart"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.close()


def test_switching_the_language_and_coming_back(browser: Browser, served: str, heard: list[str]) -> None:
    page = opened(browser, served, "/", heard, locale="en-GB")
    page.click("text=简体中文")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    page.click("text=快速上手 >> nth=0")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    page.click(".brand")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    page.go_back()
    page.go_back()
    page.go_back()
    assert page.get_attribute("html", "lang") == "en"
    page.close()
    assert heard == []


def test_a_tolerance_is_asked_for_and_judged_by_without_scripts(
    browser: Browser, served: str, heard: list[str]
) -> None:
    page = opened(browser, served, "/targets/SD-3Y-02?lang=zh", heard, java_script_enabled=False)
    page.fill("#tolerance", "about 0.2")
    page.click("button")
    assert page.get_attribute("#tolerance", "aria-describedby") == "fault"
    assert "0.2" in page.inner_text("#fault")
    page.fill("#tolerance", "0.2")
    page.press("#tolerance", "Enter")
    assert page.get_attribute("html", "lang") == "zh-Hans"
    assert "按期达成" in page.inner_text(".answer")
    page.close()
    assert heard == []
