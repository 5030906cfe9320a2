"""manage.py export: the bytes that the API answers to the same question, and never half a file."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from indicators.formats import DATA_FORMATS, FORMATS
from indicators.models import Observation
from tests.conftest import FIXTURES, Api
from tests.publishing.test_load import OwnDatabase, migrated
from tests.serving import ROOT

__all__ = ["migrated"]

CITY = "indicator=urbanization_rate,grp&region_within=370000&region_within_self=true"
QUESTIONS = [
    *(("observations", f"{CITY}&year=2015..2020&format={f.name}") for f in FORMATS if not f.paged),
    ("observations", "format=csv"),
    ("observations", f"{CITY}&sort=-year,region&fields=region,year,value&labels=both&bom=true&format=csv"),
    ("observations", f"{CITY}&as_of=2022-01-plan&latest=2&format=ndjson"),
    ("observations", "region=370000&year=1000&format=csv"),
    *(("series", f"{CITY}&include=values&format={f.name}") for f in DATA_FORMATS if not f.paged),
    ("vintages", f"{CITY}&format=csv"),
    ("changes", f"{CITY}&since=2021-06-post-ec4&format=ndjson"),
    ("progress", "basis=all&method=all&sort=-gap&format=csv"),
]


def export(*arguments: str) -> str:
    out = StringIO()
    call_command("export", *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "query"), QUESTIONS)
def test_a_file_has_the_bytes_of_the_answer(api: Api, tmp_path: Path, name: str, query: str) -> None:
    path = tmp_path / "slice"
    export(query, "--resource", name, "--output", str(path))
    assert path.read_bytes() == api.get(f"/{name}?{query}").getvalue()
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["observations", "series", "vintages", "changes", "progress"])
def test_json_holds_all_pages(api: Api, tmp_path: Path, name: str) -> None:
    query = "region_within=000000" if name == "progress" else CITY
    path = tmp_path / "slice.json"
    export(query, "--resource", name, "--output", str(path))
    written = json.loads(path.read_bytes())
    assert written["results"] == api.walk(f"/{name}?{query}")
    assert (written["next"], written["meta"]["page_size"]) == (None, len(written["results"]))


def test_json_on_one_page_has_the_bytes_of_the_answer(api: Api, tmp_path: Path) -> None:
    query = "indicator=urbanization_rate&region=370000&year=2015..2020&count=true&format=json"
    path = tmp_path / "slice"
    export(query, "--output", str(path))
    written = json.loads(path.read_bytes())
    answer = api.json(f"/observations?{query}")
    assert written == answer | {"meta": answer["meta"] | {"page_size": 6}}
    export(f"{query}&year=1000".replace("&year=2015..2020", ""), "--output", str(path), "--overwrite")
    assert json.loads(path.read_bytes())["meta"]["empty_reason"] == "outside_period"


def test_arguments_may_be_told_apart_and_the_ending_names_the_format(api: Api, tmp_path: Path) -> None:
    path = tmp_path / "年.csv"
    said = export("indicator=urbanization_rate", "region=370000", "year=2015..2020", "--output", str(path))
    answer = api.get("/observations?indicator=urbanization_rate&region=370000&year=2015..2020&format=csv").getvalue()
    assert path.read_bytes() == answer
    assert said.splitlines()[-1] == f"{path}: 6 rows, {len(answer)} bytes, release 2026-05-post-ec5"
    own = tmp_path / "other"
    own.touch()
    assert path.stat().st_mode == own.stat().st_mode, "not that of a temporary file"


def test_faults_are_told_as_the_api_tells_them(api: Api, tmp_path: Path) -> None:
    path, out = tmp_path / "x.csv", StringIO()
    arguments = ("indicator=urbanisation_rate", "regoin=370000", "page_size=5", "year=2020,,2021")
    with pytest.raises(CommandError, match="4 faults in the question") as raised:
        call_command("export", *arguments, "--output", str(path), stdout=out, stderr=out)
    assert raised.value.returncode == 1
    assert (
        out.getvalue()
        .splitlines()[0]
        .startswith(
            "indicator: There is no indicator with the code 'urbanisation_rate'. Did you mean urbanization_rate or "
        )
    )
    problems = api.json(f"/observations?{'&'.join(arguments)}&format=csv", 400)["errors"]
    assert [line.partition(":")[0] for line in out.getvalue().splitlines()] == [p["parameter"] for p in problems]
    assert all(p["detail"] in out.getvalue() for p in problems)
    assert not path.exists()


@pytest.mark.parametrize("parameter", ["page_size=10", "cursor=x"])
def test_a_file_has_no_pages(db: None, tmp_path: Path, parameter: str) -> None:
    with pytest.raises(CommandError, match="Nothing was written: 1 fault in the question"):
        export(parameter, "--output", str(tmp_path / "x.json"))


def test_more_than_a_format_takes_is_refused(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(next(f for f in FORMATS if f.name == "xlsx")), "bound", 10)
    out = StringIO()
    with pytest.raises(CommandError) as raised:
        call_command("export", "region=370000", "--output", str(tmp_path / "x.xlsx"), stdout=out, stderr=out)
    assert raised.value.returncode == 1
    assert "xlsx takes at most 10" in out.getvalue()
    assert list(tmp_path.iterdir()) == []


def test_there_is_no_limit_of_time(db: None, tmp_path: Path, settings: object) -> None:
    settings.QUERY_SECONDS = 0.000_001  # type: ignore[attr-defined]
    path = tmp_path / "x.csv"
    export("--output", str(path))
    assert path.read_bytes().count(b"\r\n") == 1 + Observation.objects.current().count()


def test_a_file_that_is_there_is_left_alone(db: None, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(CommandError, match="is there already; name another, or add --overwrite") as raised:
        export("region=370000", "--output", str(path))
    assert (raised.value.returncode, path.read_text(encoding="utf-8")) == (4, "mine")
    export("region=370000", "--output", str(path), "--overwrite")
    assert path.read_text(encoding="utf-8").startswith("indicator,region,year")
    with pytest.raises(CommandError, match="name another"):
        export("region=370000", "--format", "csv", "--output", str(tmp_path), "--overwrite")
    with pytest.raises(CommandError, match="No such file or directory"):
        export("region=370000", "--output", str(tmp_path / "nowhere" / "x.csv"))
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_without_an_ending_needs_a_format(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Add --format: json, csv, ndjson") as raised:
        export("region=370000", "--output", str(tmp_path / "data"))
    assert raised.value.returncode == 2


@pytest.fixture(scope="module")
def loaded(migrated: OwnDatabase) -> OwnDatabase:
    """The real pack in a database that other processes see."""
    assert migrated.run("manage.py", "load", str(FIXTURES))[0] == 0
    return migrated


def test_the_standard_output_gets_the_bytes_alone(loaded: OwnDatabase) -> None:
    code, out, err = loaded.run("manage.py", "export", "region=370000", "--format", "csv", "--output", "-")
    assert (code, err) == (0, "")
    assert out.startswith("indicator,region,year,value,unit,status,source,release\n")


def test_a_reader_that_goes_away_ends_it_without_a_traceback(loaded: OwnDatabase) -> None:
    process = loaded.start("manage.py", "export", "--format", "csv", "--output", "-")
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == "CommandError: The reader of the output has closed it.\n"
    assert process.wait(timeout=30) == 4
    process.stdin.close() if process.stdin else None


def test_a_full_disk_leaves_no_half_file(loaded: OwnDatabase, tmp_path: Path) -> None:
    """Files may grow to 100 KB."""
    path = tmp_path / "x.csv"
    command = ["bash", "-c", 'ulimit -f 100; exec "$0" manage.py export --output "$1"', sys.executable, str(path)]
    variables = {**os.environ, "DATABASE_URL": loaded.url, "DJANGO_SETTINGS_MODULE": "urbanapi.settings"}
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert done.stderr == f"CommandError: Nothing was written: {path}: File too large.\n"
    assert list(tmp_path.iterdir()) == []
