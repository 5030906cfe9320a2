"""The pages of releases: what they say against the replay of the files, notes, and links to exactly their changes."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import Release, Store
from indicators.portal import releases
from tests.conftest import Api
from tests.oracle import Oracle, table
from tests.portal.test_pages import LANGUAGES, Reader, reader, words
from tests.query.test_limit import endless

__all__ = ["reader"]

ORACLE = Oracle.of_pack()
NAMES = [release["name"] for release in ORACLE.releases]


def listed(page: Any) -> list[str]:
    """The releases of the list in its order."""
    return [words(item, "code") for item in page.query("ol.others > li")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_all_releases_newest_first(reader: Reader, lang: str) -> None:
    page = reader.page(f"/releases?lang={lang}")
    assert listed(page) == NAMES[::-1]
    for release in table("releases"):
        assert release[f"title_{lang}"] in words(page)
        assert release["date"] in words(page)
    assert page.query("link[type='application/atom+xml']")[0].attrs["href"] == f"/releases.atom?lang={lang}"


def test_the_list_goes_on_page_by_page(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "_MOST", 2)
    seen, path = [], "/releases"
    while path:
        page = reader.page(path)
        seen += listed(page)
        path = next((a.attrs["href"] for a in page.query("a[rel='next']")), "")
    assert seen == NAMES[::-1]
    assert len(listed(reader.page("/releases?before=2018-12-pre-ec4&lang=zh"))) == 1
    assert "/releases/2018-12-pre-ec4" in str(reader.page("/releases?before=2018-12", 404).query("main")[0].to_html())


@pytest.mark.parametrize("place", range(len(NAMES)))
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_release_says_what_it_changed(reader: Reader, api: Api, place: int, lang: str) -> None:
    page = reader.page(f"/releases/{NAMES[place]}?lang={lang}")
    release = Release.objects.get(name=NAMES[place])
    title = {"en": release.title_en, "zh": release.title_zh}[lang]
    assert words(page, "h1") == title
    for column, (caption, rows) in enumerate(counted(page).items()):
        total = [sum(int(row[n].replace(",", "")) for row in rows) for n in range(4)]
        assert total == [release.added, release.revised, release.confirmed, release.withdrawn], (column, caption)
    (changes,) = {a.attrs["href"] for a in page.query("main a") if a.attrs["href"].startswith("/api/v1/changes?")
                  and "format" not in a.attrs["href"] and "indicator" not in a.attrs["href"]
                  and "dataset" not in a.attrs["href"]}  # fmt: skip
    counts = api.json(f"{changes}&count=true&page_size=1")
    assert counts["meta"]["count"] == release.added + release.revised + release.confirmed + release.withdrawn
    assert {row["release"] for row in api.json(changes)["results"]} == {NAMES[place]}
    (figures,) = {a.attrs["href"] for a in page.query("main a") if a.attrs["href"].endswith(f"as_of={NAMES[place]}")}
    assert api.json(f"{figures}&count=true&page_size=1")["meta"]["count"] == len(ORACLE.states[place])


def counted(page: Any) -> dict[str, list[list[str]]]:
    """The counts of the tables by their captions."""
    return {
        words(found, "caption"): [
            [" ".join(cell.to_text().split()) for cell in row.query("td")] for row in found.query("tbody tr")
        ]
        for found in page.query("table:not(.cells)")
    }


def test_the_counts_of_an_indicator_are_those_of_its_link(reader: Reader, api: Api) -> None:
    page = reader.page("/releases/2021-06-post-ec4?lang=en")
    rows = [row for row in page.query("tr") if row.query("th a[href*='indicator=']")]
    assert rows
    for row in rows:
        cells = [int(cell.to_text().replace(",", "")) for cell in row.query("td")]
        link = row.query("th a")[0].attrs["href"]
        assert api.json(f"{link}&count=true&page_size=1")["meta"]["count"] == sum(cells)


def test_the_largest_revisions_are_told_old_and_new(reader: Reader, api: Api) -> None:
    page = reader.page("/releases/2026-05-post-ec5?lang=en")
    shown = [tuple(words(row, "td").split()) for row in page.query("table.cells tbody tr")]
    revised = [
        (abs(row["new"]["value"] / row["old"]["value"] - 1), row["old"]["value"], row["new"]["value"])
        for row in api.walk("/changes?page_size=5000")
        if row["op"] == "update"
    ]
    expected = sorted(revised, reverse=True)[:10]
    assert [tuple(map(float, values)) for values in shown] == [(old, new) for _, old, new in expected]


def test_latest_is_the_release_in_force(reader: Reader) -> None:
    assert words(reader.page("/releases/latest"), "h1") == words(reader.page(f"/releases/{NAMES[-1]}"), "h1")
    Store.objects.update(release=3)
    assert NAMES[2] in words(reader.page("/releases/latest"), ".kicker")
    reader.page(f"/releases/{NAMES[-1]}", 404)
    assert listed(reader.page("/releases")) == NAMES[2::-1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_before_the_first_release_the_list_says_what_to_do(reader: Reader, lang: str) -> None:
    Store.objects.update(release=None)
    page = reader.page(f"/releases?lang={lang}")
    assert "python manage.py load fixtures/" in words(page)
    assert reader.page("/releases/latest", 404)


def test_a_release_that_is_not_there_leads_to_those_that_are(reader: Reader) -> None:
    page = reader.page("/releases/2026-05-post-ec?lang=zh", 404)
    assert page.query("main a[href='/releases/2026-05-post-ec5?lang=zh']")


@pytest.mark.parametrize(
    ("zh", "en", "lang", "shown", "tag"),
    [
        ("甲\n\n乙", "One\n\nTwo", "en", ["One", "Two"], "en"),
        ("甲\n\n乙", "One", "zh", ["甲", "乙"], "zh-Hans"),
        ("甲", None, "en", ["甲"], "zh-Hans"),
        (None, "<b>bold</b> & so on", "zh", ["<b>bold</b> & so on"], "en"),
    ],
)
def test_notes_are_paragraphs_in_the_language_that_there_is(
    reader: Reader, zh: str | None, en: str | None, lang: str, shown: list[str], tag: str
) -> None:
    Release.objects.filter(order=6).update(notes_zh=zh, notes_en=en)
    for path in (f"/releases/latest?lang={lang}", f"/releases?lang={lang}"):
        page = reader.page(path)
        (notes,) = page.query(f"article div[lang='{tag}']:not(.scroll)")
        assert [
            words(part) if part.query("body") else " ".join(part.to_text().split()) for part in notes.query("p")
        ] == shown
        assert not page.query("b")


def test_names_with_odd_characters_have_pages(reader: Reader, api: Api) -> None:
    Release.objects.filter(order=5).update(name="年鉴?#%&;'\"<5>")
    page = reader.page("/releases")
    (link,) = [a.attrs["href"] for a in page.query("main h2 a") if "%" in a.attrs["href"]]
    shown = reader.page(link)
    assert "年鉴?#%&;'\"<5>" in words(shown, ".kicker")
    for address in [a.attrs["href"] for a in shown.query("main a") if a.attrs["href"].startswith("/api/v1/")]:
        assert reader.client.get(address).status_code == 200, address


def test_a_page_costs_few_queries_whatever_the_release_holds(reader: Reader) -> None:
    reader.response("/releases/latest")
    with CaptureQueriesContext(connection) as captured:
        reader.response("/releases/latest")
    assert len(captured) <= 4
    tag = reader.response("/releases/latest")["ETag"]
    with CaptureQueriesContext(connection) as captured:
        reader.response("/releases/latest", 304, **{"if-none-match": tag})
    assert len(captured) == 1


def test_the_front_page_and_every_footer_lead_there(reader: Reader) -> None:
    page = reader.page("/?lang=zh")
    assert page.query(f"main a[href='/releases/{NAMES[-1]}?lang=zh']")
    assert page.query("footer a[href='/releases?lang=zh']")


def test_a_count_that_takes_too_long_is_said_so_and_tried_again(reader: Reader, settings: Any) -> None:
    settings.QUERY_SECONDS = 0.1
    with endless():
        assert "try again" in words(reader.page("/releases/latest?lang=en", 503), "main")
    assert reader.page("/releases/latest?lang=en")


@pytest.mark.parametrize("name", NAMES)
def test_a_release_leads_to_its_files(reader: Reader, client: Client, name: str) -> None:
    links = [link.attrs["href"] for link in reader.page(f"/releases/{name}").query("article a")]
    files = [link for link in links if link.startswith(f"/releases/{name}/")]
    assert files[-1] == f"/releases/{name}/manifest.json"
    assert f"/releases/{name}/data.csv" in files
    assert {client.head(file).status_code for file in files} == {200}
