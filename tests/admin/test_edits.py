"""Every edit at the desk raises the reference revision and shows in the API at once; a refused one does nothing."""

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from indicators.models import (
    REFERENCE_MODELS,
    Action,
    Dataset,
    Indicator,
    Measure,
    Plan,
    Region,
    RegionEvent,
    Source,
    Target,
    Unit,
)
from tests.admin.conftest import address, filled_in, form_of, revision
from tests.conftest import Api

#: model -> the resource, a new row as typed, and the column and text of an edit of it
NEW: dict[Any, tuple[str, dict[str, str], str, str]] = {
    Unit: ("units", {"code": "mu", "name_zh": "亩", "name_en": "mu", "symbol": ""}, "symbol", "亩"),
    Dataset: (
        "datasets",
        {
            "code": "land", "title_zh": "土地", "title_en": "Land", "description_zh": "土地", "description_en": "Land",
            "keywords_zh": "土地", "keywords_en": "land", "theme": "ENVI",
        },
        "title_zh", "土地利用",
    ),
    Source: (
        "sources",
        {
            "code": "S99", "title": "公报", "publisher": "统计局", "published_on": "2022-01", "kind": "communique",
            "url": "", "license": "facts only", "reliability": "A", "note": "",
        },
        "note", "第二次印刷",
    ),
    Region: (
        "regions",
        {
            "code": "370199", "name_zh": "新区", "name_en": "New Area", "level": "county", "type": "district",
            "parent": "370100", "valid_from": "2020", "valid_to": "", "longitude": "117.25", "latitude": "",
        },
        "name_zh", "新城区",
    ),
    RegionEvent: (
        "region-events",
        {
            "year": "2021", "date": "2021-06-01", "kind": "transfer", "from_code": "370102", "to_code": "370103",
            "name_before": "历下区", "name_after": "市中区", "document_no": "", "document_title": "", "url": "",
        },
        "document_no", "鲁政字〔2021〕1号",
    ),
    Indicator: (
        "indicators",
        {
            "code": "parks", "dataset": "urbanization", "name_zh": "公园数", "name_en": "Parks", "definition_zh": "",
            "definition_en": "", "unit": "percent", "decimals": "0", "direction": "increase", "theme": "green",
            "comparability_note_en": "",
        },
        "definition_zh", "年末公园个数",
    ),
    Plan: (
        "plans",
        {
            "code": "P-NEW", "kind": "plan", "parent": "", "title_zh": "新规划", "title_en": "New plan",
            "issuer_zh": "", "issuer_en": "", "document_no": "", "issued_on": "2026", "period_start": "2026",
            "period_end": "2030", "source": "S01",
        },
        "issuer_zh", "省政府",
    ),
    Action: (
        "actions",
        {
            "code": "act", "plan": "SD-NUP-2021-2035", "order": "9", "title_zh": "行动", "title_en": "Action",
            "theme_zh": "", "theme_en": "", "source": "S01", "locator": "",
        },
        "locator", "P9.s1",
    ),
    Measure: (
        "measures",
        {
            "code": "M99", "action": "smart", "kind": "measure", "order": "99", "title_zh": "举措",
            "title_en": "Measure", "source": "S01", "locator": "",
        },
        "title_zh", "新举措",
    ),
    Target: (
        "targets",
        {
            "code": "T99", "plan": "SD-NUP-2021-2035", "action": "", "indicator": "urbanization_rate",
            "region": "370000", "statistic": "level", "comparator": "ge", "value": "70.5", "unit": "percent",
            "year": "2030", "period_start": "", "baseline_year": "", "baseline_value": "", "direction": "increase",
            "scope_zh": "", "scope_en": "", "denominator": "", "wording_zh": "", "note_en": "", "source": "S01",
            "locator": "",
        },
        "wording_zh", "达到70.5%",
    ),
}  # fmt: skip


def answered(api: Api, resource: str, code: str) -> Any:
    """The row as the API answers it; events have no address, so the list is searched."""
    if resource == "region-events":
        found = api.json("/region-events?region=370102")["results"]
        return next((row for row in found if row["year"] == 2021 and row["kind"] == "transfer"), None)
    response = api.client.get(f"/api/v1/{resource}/{code}")
    return response.json() if response.status_code == 200 else None


def test_every_table_is_tried() -> None:
    assert set(NEW) == set(REFERENCE_MODELS)


@pytest.mark.parametrize("model", REFERENCE_MODELS, ids=lambda model: model.__name__)
def test_an_edit_shows_in_the_api_at_once(api: Api, steward: Client, model: Any) -> None:
    resource, typed, column, text = NEW[model]
    code = typed.get("code", "")
    tags, revisions = [api.get(f"/{resource}")["ETag"]], [revision()]

    def done(path: str, data: dict[str, str]) -> Any:
        response = steward.post(path, data)
        assert response.status_code == 302, response.content.decode()
        tags.append(api.get(f"/{resource}")["ETag"])
        revisions.append(revision())
        return answered(api, resource, code)

    added = done(address(model, "add"), typed)
    assert {name: "" if added[name] is None else str(added[name]) for name in typed} == typed
    row = model._default_manager.order_by("pk").last() if model is RegionEvent else model._default_manager.get(pk=code)
    changed = done(address(model, "change", row.pk), filled_in(row, **{column: text}))
    assert changed == added | {name: changed[name] for name in (column, "title_zh", "title_en") if name in changed}
    assert changed[column] == text
    emptied = column in added and added[column] is None
    if emptied:
        done(address(model, "change", row.pk), filled_in(row, **{column: ""}))
        assert model._default_manager.values_list(column, flat=True).get(pk=row.pk) is None, "null, never an empty text"
    assert done(address(model, "delete", row.pk), {"post": "yes"}) is None
    assert revisions == sorted(set(revisions)), "every edit raised it"
    assert len(set(tags)) == len(tags)
    assert LogEntry.objects.count() == len(revisions) - 1, "the history tells of every edit"


def test_an_edit_that_changes_nothing_raises_nothing(steward: Client) -> None:
    before = revision()
    unit = Unit.objects.get(code="percent")
    assert steward.post(address(Unit, "change", "percent"), filled_in(unit)).status_code == 302
    assert revision() == before


@pytest.mark.django_db
@pytest.mark.parametrize("model", REFERENCE_MODELS, ids=lambda model: model.__name__)
def test_opening_and_saving_a_row_keeps_it_to_the_letter(model: Any) -> None:
    for row in model._default_manager.all():
        form = type(form_of(row))(filled_in(row), instance=model._default_manager.get(pk=row.pk))
        assert form.is_valid(), (row, form.errors)
        assert form.changed_data == []
        assert {name: getattr(form.instance, name) for name in filled_in(row)} == {
            name: getattr(row, name) for name in filled_in(row)
        }


#: what is typed into the form of a row (None: a new one), and words of the error
WRONG: dict[str, tuple[Any, str | None, dict[str, str], str]] = {
    "code with a space": (Unit, None, {"code": "a b"}, "'a b' is not a code: codes have no spaces"),
    "code with a comma": (Unit, None, {"code": "a,b"}, "codes have no spaces, commas or slashes"),
    "code with a slash": (Unit, None, {"code": "a/b"}, "codes have no spaces, commas or slashes"),
    "code with a blank at its end": (Unit, None, {"code": "mu "}, "'mu ' is not a code"),
    "code too long": (Unit, None, {"code": "x" * 81}, "is longer than 80 characters"),
    "code twice": (Unit, None, {"code": "percent"}, "Unit with this Code already exists."),
    "no name": (Unit, "percent", {"name_zh": ""}, "This field is required."),
    "NUL": (Unit, "percent", {"name_zh": "a\0b"}, "Null characters are not allowed."),
    "line break": (Unit, "percent", {"name_zh": "a\r\nb"}, "has a line break, but this column is of one line"),
    "type with a space": (Region, "370100", {"type": "big city"}, "'big city' is not a code"),
    "year of five digits": (Region, "370100", {"valid_from": "20200"}, "less than or equal to 9999"),
    "full-width digits": (Region, "370100", {"valid_from": "２０２０"}, "is not a whole number"),
    "half a year": (Region, "370100", {"valid_from": "2020.5"}, "is not a whole number"),
    "years reversed": (Region, "371200", {"valid_from": "2019"}, "valid_to is before valid_from"),
    "figures after the last year": (Region, "370100", {"valid_to": "2015"}, "Figures of the region go on until"),
    "exponent": (Region, "370100", {"longitude": "1e2"}, "&#x27;1e2&#x27; is not a decimal number"),
    "not a number": (Target, "SD-3Y-01", {"value": "nan"}, "is not a decimal number"),
    "beyond what is stored": (Target, "SD-3Y-01", {"value": "1" * 17}, "is beyond ±1000000000000000"),
    "off the globe": (Region, "370100", {"longitude": "180.5"}, "longitude goes from -180 to 180 degrees"),
    "unknown level": (Region, "370100", {"level": "moon"}, "moon is not one of the available choices"),
    "unknown parent": (Region, "370100", {"parent": "37"}, "That choice is not one of the available choices"),
    "its own parent": (Region, "370100", {"parent": "370100"}, "region 370100 lies in itself"),
    "a circle of parents": (Region, "370000", {"parent": "370102"}, "region 370000 lies in itself"),
    "a new row in itself": (Region, None, {"parent": "370199"}, "That choice is not one of the available choices"),
    "a circle of plans": (Plan, "SD-NUP-2021-2035", {"parent": "SD-NUP-2021-2035"}, "lies in itself"),
    "a month that is none": (Plan, "SD-NUP-2021-2035", {"issued_on": "2022-13"}, "is not a year, a month or a day"),
    "a day that is none": (RegionEvent, None, {"date": "2021-02-30"}, "is not a day such as 2022-01-26"),
    "a date in another form": (RegionEvent, None, {"date": "2021/02/20"}, "is not a day such as 2022-01-26"),
    "period reversed": (Plan, "SD-NUP-2021-2035", {"period_end": "2020"}, "period_end is before period_start"),
    "about, but at least": (Target, "SD-3Y-01", {"approximate": "on"}, "has the comparator approx"),
    "order below zero": (Action, "smart", {"order": "-1"}, "greater than or equal to 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_edit_is_refused_and_does_nothing(steward: Client, name: str) -> None:
    model, code, changes, words = WRONG[name]
    rows = list(model._default_manager.order_by("pk").values())
    before = revision()
    if code is None:
        response = steward.post(address(model, "add"), NEW[model][1] | changes)
    else:
        response = steward.post(
            address(model, "change", code), filled_in(model._default_manager.get(pk=code), **changes)
        )
    assert response.status_code == 200
    text = response.content.decode().replace("&#x27;", "'")
    assert words.replace("&#x27;", "'") in text
    assert revision() == before
    assert list(model._default_manager.order_by("pk").values()) == rows
    assert not LogEntry.objects.exists()


def test_an_event_stands_once(steward: Client) -> None:
    typed = NEW[RegionEvent][1]
    assert steward.post(address(RegionEvent, "add"), typed).status_code == 302
    again = steward.post(address(RegionEvent, "add"), typed)
    assert "already exists" in again.content.decode()


def test_a_code_never_changes(steward: Client) -> None:
    data = filled_in(Unit.objects.get(code="percent"), code="other", symbol="％")
    assert steward.post(address(Unit, "change", "percent"), data).status_code == 302
    assert Unit.objects.get(code="percent").symbol == "％"
    assert not Unit.objects.filter(code="other").exists()


def test_texts_are_kept_as_typed(steward: Client) -> None:
    typed = NEW[Source][1] | {"title": " 公报 ", "note": "one\r\ntwo"}
    assert steward.post(address(Source, "add"), typed).status_code == 302
    source = Source.objects.get(code="S99")
    assert source.title == " 公报 ", "blanks as the loader keeps them"
    assert source.note == "one\ntwo", "browsers send CRLF"


@pytest.mark.parametrize("bulk", [False, True], ids=["one", "several"])
def test_what_others_refer_to_is_not_deleted(steward: Client, bulk: bool) -> None:
    before = revision()
    selected = {"action": "delete_selected", "_selected_action": ["370100", "370200"], "post": "yes"}
    path = address(Region, "") if bulk else address(Region, "delete", "370100")
    page = steward.post(path, selected if bulk else {"post": "yes"})
    assert page.status_code == 200
    text = page.content.decode()
    assert "observations, by region: " in text
    assert "region events, by to_code: " in text
    assert len(text) < 20_000, "a page that can be read, however many there are"
    assert revision() == before
    assert Region.objects.filter(code__in=["370100", "370200"]).count() == 2


def test_several_rows_are_deleted_together(steward: Client) -> None:
    Unit.objects.bulk_create(Unit(code=f"u{n}", name_zh="甲", name_en="a") for n in range(3))
    before = revision()
    data = {"action": "delete_selected", "_selected_action": ["u0", "u1", "u2"], "post": "yes"}
    assert steward.post(address(Unit, ""), data).status_code == 302
    assert not Unit.objects.filter(code__startswith="u0").exists()
    assert revision() > before
    assert LogEntry.objects.count() == 3


def test_rows_that_are_gone_already_are_no_fault(steward: Client) -> None:
    data = {"action": "delete_selected", "_selected_action": ["gone"], "post": "yes"}
    before = revision()
    assert steward.post(address(Unit, ""), data).status_code in (200, 302)
    assert revision() == before
