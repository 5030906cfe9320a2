"""What a publication tells is English as a text, and is shown in the language that is active when it is shown."""

import ast
import json
import marshal
import pickle
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from indicators.publishing.faults import BadData, Fault
from indicators.publishing.proposal import State
from indicators.publishing.submitted.submission import read_submission
from indicators.publishing.turn import NotPublished
from indicators.publishing.words import Said, both, either, packed, unpacked
from indicators.query.edition import current_edition
from tests.serving import ROOT

from . import corpus_cells, corpus_files, corpus_parquet, corpus_workbooks
from .corpus import BAD, Bad

SOURCES = (corpus_cells, corpus_files, corpus_parquet, corpus_workbooks)
FOLDER = ROOT / "indicators" / "publishing"
CHINESE = re.compile("[\u3001\u4e00-\u9fff]")

PLAIN = Said("is empty")
NESTED = Said("%(text)r %(reason)s", text="50%", reason=Said("has %(what)s: write %(number)s", what=PLAIN, number="50"))
LISTED = Said("; known are %(known)s", known=["A", "B"])
SAID = (PLAIN, NESTED, LISTED, either(["a", "b", "c"]), Said("cell %(cell)s", cell=None))


def chinese(told: object) -> str:
    with translation.override("zh-hans"):
        return str(told)


def test_a_message_is_shown_in_the_language_that_is_active_then() -> None:
    with translation.override("zh-hans"):
        made = Said("in line %(line)d already", line=1234)
        assert (str(made), f"{made}", "{}".format(made)) == ("已在第 1234 行出现",) * 3  # noqa: UP032
    with translation.override("en"):
        assert str(made) == f"{made}" == "in line 1234 already"
    with translation.override(None):
        assert str(made) == "in line 1234 already"


def test_parameters_are_shown_in_that_language_too() -> None:
    assert chinese(NESTED) == "'50%' 含有为空：请写作 50"
    assert str(NESTED) == "'50%' has is empty: write 50"
    assert (chinese(LISTED), str(LISTED)) == ("；可用的有：A、B", "; known are A, B")
    signs = both([Said("a sign of percent"), Said("separators of thousands")])
    assert (chinese(signs), str(signs)) == ("百分号、千位分隔符", "a sign of percent and separators of thousands")
    assert str(either(["a", "b", "c"])) == "a or b or c"
    assert either(["a"]) == "a"


@pytest.mark.parametrize("said", SAID, ids=str)
def test_a_message_travels_whole(said: Said) -> None:
    pickled = pickle.loads(pickle.dumps(said))  # noqa: S301 (our own)
    for arrived in (pickled, unpacked(marshal.loads(marshal.dumps(packed(said))))):  # noqa: S302
        assert type(arrived) is Said
        assert (arrived, hash(arrived), chinese(arrived)) == (said, hash(said), chinese(said))
        assert packed(arrived) == packed(said)


def test_as_a_text_and_in_json_a_message_is_english() -> None:
    with translation.override("zh-hans"):
        assert PLAIN == "is empty"
        assert json.loads(json.dumps(vars(Fault("a.csv", 3, "year", PLAIN))))["message"] == "is empty"


def test_without_settings_messages_are_english_and_the_child_knows_no_django() -> None:
    script = (
        "import sys, indicators.publishing.submitted.child\n"
        "assert not [name for name in sys.modules if name.partition('.')[0] == 'django']\n"
        "from indicators.publishing.words import Said\n"
        "print(Said('rows %(first)d to %(last)d are blank', first=2, last=3))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env={}, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("rows 2 to 3 are blank\n", "")


def test_a_fault_tells_its_place_in_both_languages() -> None:
    fault = Fault("a.xlsx", 3, "year", PLAIN, warning=True, cell="D3")
    assert str(fault) == "a.xlsx:3 [year, cell D3]: warning: is empty"
    assert chinese(fault) == "a.xlsx:3 [year, 单元格 D3]: 提醒：为空"
    assert str(BadData([fault])) == str(fault)


def test_states_and_failures_are_told_in_both_languages() -> None:
    for state in State:
        assert CHINESE.search(chinese(state.value))
        assert not CHINESE.search(str(state.value))
    failed = NotPublished(Said("is empty"), OSError("disk"))
    assert (str(failed), chinese(failed)) == ("is empty (disk)", "为空（disk）")


def parts(said: Said) -> Iterator[Said]:
    """A message and all that it is made of."""
    yield said
    for value in said.parameters.values():
        for part in value if isinstance(value, list | tuple) else [value]:
            if isinstance(part, Said):
                yield from parts(part)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", [bad for bad in BAD if not bad.heavy], ids=lambda bad: bad.name)
def test_nothing_of_a_bad_file_is_left_in_english(tmp_path: Path, bad: Bad) -> None:
    path = tmp_path / bad.name
    bad.write(path)
    faults = read_submission([path], current_edition(), names=[bad.name]).faults
    assert faults
    for fault in faults[:50]:
        assert isinstance(fault.message, Said), fault
        assert CHINESE.search(chinese(fault.message)), fault
        for part in parts(fault.message):
            words = re.sub(r"%\(\w+\)[a-z]|%%", "", part.template)
            shown = chinese(Said(part.template, **dict.fromkeys(part.parameters, 0)))
            assert CHINESE.search(shown) or not re.search("[A-Za-z]{2}", words), part.template


def test_no_message_of_a_fault_is_a_bare_text() -> None:
    """`Said` alone has two languages."""
    told = [
        (path.name, node.lineno, node.args[place])
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and (place := {"Fault": 3, "Trouble": 0, "Notice": 0}.get(node.func.id)) is not None
    ]
    assert len(told) > 60
    assert not [(name, line) for name, line, text in told if isinstance(text, ast.Constant | ast.JoinedStr)]
