"""A client that openapi-python-client generates from the served document asks the real server real questions."""

import importlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.serving import get

pytestmark = pytest.mark.server
PACKAGE = "urbanapi_client"


@pytest.fixture(scope="module")
def document(served: str) -> Any:
    return get(f"{served}/api/v1/openapi.json")


@pytest.fixture(scope="module", autouse=True)
def _generated(served: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The package, importable; a warning of the generator is an error, so no operation is left out."""
    folder = tmp_path_factory.mktemp("client")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the generator calls ruff
    subprocess.run(
        [
            *(sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"),
            *("--url", f"{served}/api/v1/openapi.json", "--output-path", str(folder / PACKAGE)),
        ],
        env=os.environ | {"PATH": path}, check=True, capture_output=True,
    )  # fmt: skip
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]


def comma_separated(request: httpx.Request) -> None:
    """The generator repeats a parameter for each item of a list, whatever `explode` says: put them together."""
    pairs = request.url.params.multi_items()
    joined = {name: ",".join(value for other, value in pairs if other == name) for name, _ in pairs}
    request.url = request.url.copy_with(params=joined)


def operation(name: str, tag: str) -> ModuleType:
    return importlib.import_module(f"{PACKAGE}.api.{tag}.{name}")


def models() -> Any:
    return importlib.import_module(f"{PACKAGE}.models")


def make_client(address: str, **options: Any) -> Any:
    client: Any = importlib.import_module(PACKAGE).Client
    return client(base_url=address, raise_on_unexpected_status=True, **options)


@pytest.fixture
def client(served: str) -> Iterator[Any]:
    with make_client(served, httpx_args={"event_hooks": {"request": [comma_separated]}}) as client:
        yield client


def test_every_operation_is_a_function_that_answers_a_model(served: str, client: Any, document: Any) -> None:
    for template, item in document["paths"].items():
        described = item["get"]
        path = {p["name"]: p["example"] for p in described["parameters"] if p["in"] == "path"}
        function = operation(described["operationId"], described["tags"][0])
        response = function.sync_detailed(*path.values(), client=client)
        assert response.status_code == 200
        assert not isinstance(response.parsed, models().Problem)
        assert response.parsed == type(response.parsed).from_dict(get(f"{served}{template.format(**path)}"))


def test_observations_are_typed(client: Any) -> None:
    column = models().ListObservationsFieldsItem
    page = operation("list_observations", "data").sync(
        client=client,
        indicator=["urbanization_rate"],
        region=["370000", "370100"],
        year=["2021", "2023..2024"],
        fields=[column.REGION, column.YEAR, column.VALUE, column.STATUS, column.PUBLISHED_ON],
        sort=[models().ListObservationsSortItem.VALUE_DESCENDING],
        count=True,
    )
    assert page.meta.count == len(page.results)
    assert {row.region for row in page.results} == {"370000", "370100"}
    assert page.meta.query.additional_properties["region"] == ["370000", "370100"]
    assert page.meta.empty_reason is None
    values = [row.value for row in page.results]
    assert values == sorted(values, reverse=True)
    latest = next(row for row in page.results if (row.region, row.year) == ("370000", 2024))
    assert latest.value == 66.48
    assert latest.status == "E"
    assert isinstance(latest.published_on, date)


def test_an_earlier_release_is_asked_by_name_or_day(client: Any) -> None:
    page = operation("list_observations", "data").sync(
        client=client, indicator=["urbanization_rate"], region=["370000"], year=["2020"], as_of="2022-01-26"
    )
    release = operation("get_release", "data").sync(page.meta.release, client=client)
    assert [row.value for row in page.results] == [63.05]
    assert release.published_on == date(2022, 1, 26)
    assert release.in_force_since.tzinfo is not None


def test_a_row_by_its_code_is_typed(client: Any) -> None:
    region = operation("get_region", "reference").sync("370100", client=client)
    assert region.level is models().RegionDetailLevel.PREFECTURE
    assert region.ancestors == ["000000", "370000"]
    assert region.events[0].kind is models().RegionEventKind.MERGE
    target = operation("get_target", "plan").sync("SD-3Y-01", client=client)
    assert (target.indicator, target.year) == ("urbanization_rate", 2023)
    assert target.comparator is models().TargetComparator.GE
    dataset = operation("get_dataset", "reference").sync("urbanization", client=client)
    assert dataset.coverage.observations > dataset.coverage.regions > 0


def test_a_walk_by_next_answers_every_row_once(client: Any) -> None:
    ask = operation("list_observations", "data").sync
    question: dict[str, Any] = {"indicator": ["urbanization_rate"], "page_size": 70, "count": True}
    page = ask(client=client, **question)
    rows, pages = list(page.results), 1
    while page.next_:
        page = ask(client=client, **question, cursor=parse_qs(urlsplit(page.next_).query)["cursor"][0])
        rows += page.results
        pages += 1
    assert pages > 2
    assert len(rows) == page.meta.count
    assert len({(row.region, row.year) for row in rows}) == len(rows)


def test_an_error_is_a_problem(client: Any) -> None:
    problem = operation("list_observations", "data").sync(client=client, region=["Jinan"], year=["20"])
    assert isinstance(problem, models().Problem)
    assert (problem.status, problem.code) == (400, "unknown_code")
    assert [(error.parameter, error.code) for error in problem.errors] == [
        ("region", "unknown_code"), ("year", "out_of_range"),
    ]  # fmt: skip
    assert problem.errors[0].did_you_mean[0] == "370100"
    missing = operation("get_region", "reference").sync_detailed("1", client=client)
    assert missing.status_code == 404
    assert missing.parsed.code == "not_found"


def test_a_list_that_is_repeated_is_refused_with_the_way_out(served: str) -> None:
    """What a user of the generated client reads who has not put the items together."""
    with make_client(served) as client:
        problem = operation("list_regions", "reference").sync(client=client, parent=["370000", "370100"])
    assert problem.code == "repeated_parameter"
    assert "comma-separated" in problem.detail


def test_a_table_is_content(client: Any) -> None:
    kwargs = operation("list_units", "reference")._get_kwargs(format_=models().ListUnitsFormat.CSV)
    response = client.get_httpx_client().request(**kwargs)
    assert response.headers["Content-Type"].startswith("text/csv")
    assert response.text.startswith("code,name_zh,name_en,symbol\r\n")
