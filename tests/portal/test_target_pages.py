"""The page of a target: what it says against /progress and the CSV files, what it takes, and what it costs."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.models import Release, Store, Target
from indicators.progress.methods import METHODS
from tests.conftest import Api
from tests.oracle import table
from tests.portal.test_pages import LANGUAGES, VERDICTS, Reader, number, reader, words, words_of

__all__ = ["reader"]
CODES = sorted(row["code"] for row in table("targets"))


def facts(page: Any) -> dict[str, str]:
    """What is held against what, by its term."""
    return {words_of(row.query("dt")[0]): words_of(row.query("dd")[0]) for row in page.query(".facts > div")}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_target_has_a_page_with_its_wording_plan_region_and_source(reader: Reader, code: str, lang: str) -> None:
    page = reader.page(f"/targets/{code}?lang={lang}")
    target = next(row for row in table("targets") if row["code"] == code)
    sources = {row["code"]: row for row in table("sources")}
    text = words(page, "main")
    assert target["wording_zh"] in text
    assert (
        words(page, "h1").endswith({"en": f"by {target['year']}", "zh": number(target["value"])}[lang]) or lang == "zh"
    )
    assert {"en": "Shandong Province", "zh": "山东省"}[lang] in text
    assert sources[target["source"]]["title"] in text
    assert target["locator"] in text
    assert "2026-05-31" in text
    assert f"{target['year']}-12-31" in text
    if code in VERDICTS:
        assert VERDICTS[code][LANGUAGES.index(lang)] in words(page, ".answer strong")


def test_it_says_what_is_held_against_what(reader: Reader) -> None:
    page = reader.page("/targets/SD-3Y-01?lang=en")
    assert words(page, ".answer strong") == (
        "Met, one year late: 66.48% in 2024; 65.53% in the target year 2023, 0.47 percentage points short."
    )
    told = facts(page)
    assert told["Starting value"].startswith("63.05% in 2020 low reliability Source: ")
    assert told["Promised"] == "at least 66% by 2023"
    assert told["In the target year"].startswith("65.53% in 2023, 0.47 percentage points short Source: ")
    assert told["Newest figure"].startswith("66.48% in 2024 computed Source: ")
    assert told["Change a year so far"] == "+0.86 percentage points a year"


def test_a_target_on_the_way_says_what_is_needed_and_to_be_expected(reader: Reader) -> None:
    told = facts(reader.page("/targets/SD-3Y-06?lang=en"))
    assert told["In the target year"] == "no figure of 2023 is held"
    assert told["Change a year so far"] == "−0.06 a year"
    assert told["Needed in each year left"] == "−0.005 a year"
    assert told["To be expected if it goes on so"] == "2.14:1 in 2023"
    assert "In the target year" not in facts(reader.page("/targets/SD-NUP-02?lang=en")), "2035 is ahead"


@pytest.mark.parametrize("code", ["SD-3Y-01", "SD-3Y-02", "SD-3Y-06", "SD-URP-01"])
def test_the_table_behind_the_drawing_is_the_path_of_the_api(reader: Reader, api: Api, code: str) -> None:
    page = reader.page(f"/targets/{code}?lang=en")
    (row,) = api.json(f"/targets/{code}/progress?include=path")["results"]
    shown = {
        int(words_of(r.query("th")[0])): [words_of(c) for c in r.query("td")] for r in page.query(".chart tbody tr")
    }
    of_path = {year: cells for year, cells in shown.items() if year >= row["path"][0]["year"]}
    assert sorted(of_path) == [year["year"] for year in row["path"]]
    for year in row["path"]:
        required, observed, _, projected = shown[year["year"]]
        assert observed == ("–" if year["observed"] is None else number(str(year["observed"])))
        for text, value in ((required, year["required"]), (projected, year["projected"])):
            assert (text == "–") == (value is None)
            assert value is None or abs(float(text) - value) <= 0.005


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_method_is_heard(reader: Reader, api: Api, lang: str) -> None:
    rows = reader.page(f"/targets/SD-3Y-06?lang={lang}").query(".methods tbody tr")
    served = {row["method"]: row for row in api.json("/targets/SD-3Y-06/progress?method=all")["results"]}
    titles = [words_of(row.query("th")[0]) for row in rows]
    assert titles == [getattr(method, f"title_{lang}") for method in METHODS.values()]
    for row, code in zip(rows, METHODS, strict=True):
        ratio, status, sentence = (words_of(cell) for cell in row.query("td"))
        assert float(ratio) == round(served[code]["ratio"], 2)
        assert status == {"en": "on its way", "zh": "进展正常"}[lang]
        assert f"{served[code]['ratio']:.0%}" in sentence


def test_a_drawing_shows_the_path_and_what_is_to_be_expected(reader: Reader) -> None:
    page = reader.page("/targets/SD-3Y-06")
    assert [words_of(item) for item in page.query(".legend li")] == [
        "observed", "at most 2.25:1 by 2023", "needed", "to be expected if it goes on so",
    ]  # fmt: skip
    for drawing in page.query("svg"):
        assert len(drawing.query("polyline.required")) == 1
        assert len(drawing.query("polyline.projected")) == 1
        assert words_of(drawing.query(".goal-dot title")[0]) == "at most 2.25:1 by 2023"
    summary = words(reader.page("/targets/SD-USP-02"), ".chart figcaption p")
    assert ": 6701 × 10,000 persons in 2024. " in summary, "what lies before a long gap is in the table, not drawn"
    without_base = reader.page("/targets/SD-2Y-01")
    assert len(without_base.query("svg polyline.required")) == 2, "from the newest figure on, wide and narrow"
    assert len(without_base.query(".chart tbody tr")) == 7, "five years before it, to see where it comes from"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_data_it_says_what_would_be_needed(reader: Reader, lang: str) -> None:
    page = reader.page(f"/targets/SD-3Y-03?lang={lang}")
    assert not page.query("svg, .methods")
    text = words(page, "#why")
    assert {"en": "a published figure of 2023", "zh": "目标年2023年的公布数据"}[lang] in text


def test_other_targets_on_the_same_figures_are_named(reader: Reader) -> None:
    page = reader.page("/targets/SD-3Y-01")
    same = [row["code"] for row in table("targets") if row["indicator"] == "urbanization_rate"]
    found = [a.attrs["href"].rpartition("/")[2] for a in page.query(".others a")]
    assert sorted([*found, "SD-3Y-01"]) == sorted(same)


# The tolerance


def test_about_is_judged_by_the_tolerance_of_the_reader(reader: Reader) -> None:
    page = reader.page("/targets/SD-3Y-02?lang=en&tolerance=0.2")
    assert words(page, ".answer strong") == "Met on time: 0.83 percentage points per year on average, 2020 to 2023."
    assert "It is yours, not the plan’s" in words(page, ".answer")
    assert page.query("input[name=tolerance]")[0].attrs["value"] == "0.2"
    assert page.query("input[name=lang]")[0].attrs["value"] == "en"
    assert any("tolerance=0.2" in a.attrs["href"] for a in page.query("a"))
    assert words(reader.page("/targets/SD-3Y-02?tolerance=0.1"), ".answer strong").startswith("Missed: ")


@pytest.mark.parametrize(
    "query", ["tolerance=x", "tolerance=-1", "tolerance=1e3", "tolerance=０.2", "tolerance=1&tolerance=2"]
)
def test_a_tolerance_that_cannot_be_read_is_told_beside_the_field(reader: Reader, query: str) -> None:
    page = reader.page(f"/targets/SD-3Y-02?lang=en&{query}")
    field = page.query("input[name=tolerance]")[0]
    assert (field.attrs["aria-invalid"], field.attrs["aria-describedby"]) == ("true", "fault")
    assert "Write one number" in words(page, "#fault")
    assert words(page, ".answer strong").startswith("Not judged")


def test_a_tolerance_is_text_and_never_markup(reader: Reader) -> None:
    page = reader.page("/targets/SD-3Y-02?tolerance=%22%3E%3Cscript%3E")
    assert not page.query("script")
    assert page.query("input[name=tolerance]")[0].attrs["value"] == '"><script>'


def test_an_empty_field_is_no_tolerance_and_other_targets_read_none(reader: Reader) -> None:
    assert not reader.page("/targets/SD-3Y-02?tolerance=").query("#fault")
    page = reader.page("/targets/SD-3Y-01?tolerance=x")
    assert not page.query("form")
    assert words(page, ".answer strong").startswith("Met, one year late")


def test_the_tolerance_is_part_of_the_validator(reader: Reader) -> None:
    tags = [reader.response(f"/targets/SD-3Y-02{query}")["ETag"] for query in ("", "?tolerance=0.1", "?tolerance=0.2")]
    assert len(set(tags)) == 3
    reader.response("/targets/SD-3Y-02?tolerance=0.2", 304, **{"if-none-match": tags[2]})
    assert reader.response("/targets/SD-3Y-02?utm_source=mail")["ETag"] == tags[0]


# Addresses, states, cost


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_unknown_target_names_those_that_were_meant(reader: Reader, lang: str) -> None:
    page = reader.page(f"/targets/sd-3y-01?lang={lang}", 404)
    assert page.query(f"main a[href='/targets/SD-3Y-01?lang={lang}']")
    assert {"en": "Did you mean", "zh": "您要找的是否是"}[lang] in words(page, "main")
    reader.response("/targets/SD-3Y-0", 404, **{"if-none-match": "*"})
    for path in ("/targets", "/targets/", "/targets/SD-3Y-01/", "/targets/%00", "/targets/" + "x" * 5000):
        assert "Did you mean" not in words(reader.page(path, 404), "main")


def test_it_is_a_page_whatever_is_accepted(reader: Reader) -> None:
    for accept in ("application/json", "*/*", "text/html"):
        response = reader.response("/targets/SD-3Y-01", accept=accept)
        assert response["Content-Type"].startswith("text/html")
        assert response["Vary"] == "Accept, Accept-Encoding, Accept-Language"


def in_force(name: str) -> None:
    """The release of that name is in force, as if those after it had not been published."""
    Store.objects.update(release=Release.objects.get(name=name))


@pytest.mark.parametrize(
    ("release", "headline"),
    [
        ("2024-12-pre-ec5", "Missed: 65.53% in 2023, 0.47 percentage points short."),
        ("2022-01-plan", "Deadline ahead, "),
        ("2021-06-post-ec4", "Announced after the figures in force, so not judged yet: "),
    ],
)
def test_now_is_the_day_of_the_release(reader: Reader, release: str, headline: str) -> None:
    in_force(release)
    page = reader.page("/targets/SD-3Y-01?lang=en")
    assert words(page, ".answer strong").startswith(headline)
    assert words_of(told(reader)).startswith(headline.partition(":")[0].rstrip(", ."))


def told(reader: Reader) -> Any:
    return next(
        row.query(".verdict strong")[0]
        for row in reader.page("/?lang=en").query("li.target")
        if "/targets/SD-3Y-01?" in row.query(".title a")[0].attrs["href"]
    )


def test_without_a_release_nothing_is_said(reader: Reader) -> None:
    Store.objects.update(release=None)
    page = reader.page("/targets/SD-3Y-01?lang=en")
    assert words(page, ".answer strong") == "No verified figure yet."
    assert not page.query("svg, .methods")


def test_the_queries_do_not_grow_with_the_targets(reader: Reader) -> None:
    def queries(path: str) -> list[str]:
        reader.response(path)
        with CaptureQueriesContext(connection) as captured:
            reader.response(path)
        return [query["sql"] for query in captured]

    before = {path: queries(path) for path in ("/", "/targets/SD-3Y-01")}
    assert len(before["/targets/SD-3Y-01"]) <= 8
    series = [sql for sql in before["/"] if re.search(r"from\W+indicators_observation\b", sql, re.IGNORECASE)]
    assert len(series) <= 3, "the figures, their coverage, and one question of progress for all targets"
    for target in list(Target.objects.all()):
        target.code += "-twin"
        target.save(force_insert=True)
    for path, sql in before.items():
        assert len(queries(path)) == len(sql)
