"""Lists and choices at the desk: found in both languages, and as quick with 3,000 regions as with ten."""

from typing import Any

import pytest
from django.contrib.admin.utils import quote
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.models import REFERENCE_MODELS, Indicator, Measure, Region, RegionEvent, Source, Target, Unit
from tests.admin.conftest import address


def listed(client: Client, model: Any, query: str) -> int:
    """How many rows a list finds."""
    response = client.get(f"{address(model, '')}?{query}")
    assert response.status_code == 200
    return int(response.context["cl"].result_count)


@pytest.mark.parametrize(
    ("model", "query", "code"),
    [
        (Region, "q=济南市", "370100"),
        (Region, "q=jinan", "370100"),
        (Region, "q=370100", "370100"),
        (Indicator, "q=城镇化率", "urbanization_rate"),
        (Indicator, "q=Urbanization+rate", "urbanization_rate"),
        (Unit, "q=%25", "percent"),
        (Source, "q=三年行动", "S01"),
        (Target, "q=三星级", "SD-3Y-03"),
        (Target, "q=Shandong+urbanization+rate", "SD-3Y-01"),
        (Measure, "q=基础设施", "M01"),
        (Region, "level__exact=prefecture", "370100"),
        (Region, "valid_to__isempty=1", "370100"),
        (Indicator, "dataset__code__exact=urbanization", "urbanization_rate"),
    ],
)
def test_lists_are_searched_and_filtered(steward: Client, model: Any, query: str, code: str) -> None:
    assert 0 < listed(steward, model, query) < model._default_manager.count()
    assert f"/{quote(code)}/change/" in steward.get(f"{address(model, '')}?{query}").content.decode()
    assert listed(steward, model, "q=nothingofthename") == 0


def test_events_are_found_by_the_names_before_and_after(steward: Client) -> None:
    assert 0 < listed(steward, RegionEvent, "q=莱芜市") < 10
    assert listed(steward, RegionEvent, "q=372500") == 1
    assert 0 < listed(steward, RegionEvent, "kind=merge") < RegionEvent.objects.count()


def test_choices_are_searched_and_named_in_the_language_of_the_reader(steward: Client) -> None:
    query = "/admin/autocomplete/?app_label=indicators&model_name=target&field_name=region&term="
    for language, term, text in (("en", "jinan", "370100 Jinan"), ("zh-CN", "济南", "370100 济南市")):
        found = steward.get(query + term, headers={"Accept-Language": language}).json()["results"]
        assert {"id": "370100", "text": text} in found


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("model", REFERENCE_MODELS, ids=lambda model: model.__name__)
def test_a_list_asks_no_question_for_each_row(steward: Client, model: Any) -> None:
    pk = model._default_manager.order_by("pk").values_list("pk", flat=True).first()
    everything = queries(steward, address(model, ""))
    assert everything <= 12
    assert queries(steward, f"{address(model, '')}?pk__exact={pk}") <= everything


def test_three_thousand_regions_are_no_burden(steward: Client) -> None:
    page, form = address(Region, ""), address(Region, "change", "370102")
    before = [queries(steward, path) for path in (page, form)]
    Region.objects.bulk_create(
        Region(code=f"R{n}", name_zh="村", name_en="Village", level="county", type="district", parent_id="370100",
               valid_from=2000)
        for n in range(3_000)
    )  # fmt: skip
    assert [queries(steward, path) for path in (page, form)] == before
    for path in (page, form, address(Target, "add"), address(Region, "delete", "370100")):
        assert len(steward.get(path).content) < 120_000, path
    assert listed(steward, Region, "q=R29") == 111
