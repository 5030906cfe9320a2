"""The desk's Chinese words are complete and compiled; the API's description stays English whatever a thread speaks."""

import ast
import re
from typing import Any

import polib
import pytest
from django.conf import settings
from django.utils import translation
from django.utils.translation.template import templatize

from indicators.api import description
from indicators.models import REFERENCE_MODELS, Observation, Release, Unit
from indicators.publishing.cells import cell_value
from tests.conftest import ROOT, Api

FOLDER = ROOT / "indicators" / "locale" / "zh_Hans" / "LC_MESSAGES"
CATALOGUE = polib.pofile(str(FOLDER / "django.po"))
MARKS = {"_", "gettext", "gettext_lazy"}
FIRST_ARGUMENT = r"""gettext\(u('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""


def translations(entry: polib.POEntry) -> list[str]:
    """The Chinese of a message; one with a plural may have several."""
    return list(entry.msgstr_plural.values()) or [entry.msgstr]


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)[a-z]|%[a-z]|\{\w*\}|`[^`]+`", text))


def test_every_message_is_translated() -> None:
    for entry in CATALOGUE:
        assert entry.translated(), entry.msgid
        assert not entry.fuzzy
        for text in translations(entry):
            assert placeholders(entry.msgid_plural or entry.msgid) == placeholders(text), entry.msgid


def test_the_compiled_catalogue_is_this_one() -> None:
    compiled = polib.mofile(str(FOLDER / "django.mo"))
    assert {e.msgid: translations(e) for e in compiled} == {e.msgid: translations(e) for e in CATALOGUE}


def marked_in(source: str) -> set[str]:
    """Messages that a module asks a translation of."""
    return {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in MARKS
        and isinstance(node.args[0], ast.Constant)
    }


def marked_in_the_sources() -> set[str]:
    folder = ROOT / "indicators"
    found = {text for path in folder.rglob("*.py") for text in marked_in(path.read_text(encoding="utf-8"))}
    for path in folder.rglob("*.html"):
        calls = templatize(path.read_text(encoding="utf-8"))  # what makemessages hands to xgettext
        found |= {ast.literal_eval(text) for text in re.findall(FIRST_ARGUMENT, calls)}
    return found


def test_the_catalogue_has_the_words_of_the_sources_and_no_others() -> None:
    assert {entry.msgid for entry in CATALOGUE} == marked_in_the_sources(), "run `make messages`"


def test_every_column_is_explained_in_both_languages() -> None:
    for model in (*REFERENCE_MODELS, Observation, Release):
        for field in model._meta.concrete_fields:
            if field.help_text:
                with translation.override("en"):
                    english = str(field.help_text)
                with translation.override("zh-hans"):
                    assert str(field.help_text) != english, field
                    assert str(model._meta.verbose_name) != model._meta.verbose_name_raw


def made_while(language: str) -> tuple[bytes, bytes]:
    for cached in (description.openapi, description.openapi_json, description.openapi_yaml):
        cached.cache_clear()
    with translation.override(language):
        return description.openapi_json(), description.openapi_yaml()


def test_the_description_of_the_api_is_english_whatever_a_thread_speaks(db: None) -> None:
    assert made_while("zh-hans") == made_while("en")


def test_answers_of_the_api_do_not_depend_on_the_language(api: Api) -> None:
    paths = ("/targets", "/meta", "/problems", "/regions?level=moon", "/indicators?direction=up")
    found = []
    for language in ("en", "zh-hans"):
        with translation.override(language):
            found.append([api.client.get(f"/api/v1{path}").content for path in paths])
    assert found[0] == found[1]


def test_rows_are_named_in_the_language_of_the_reader() -> None:
    unit = Unit(code="mu", name_zh="亩", name_en="acre")
    names: dict[str, str] = {}
    for language, _ in settings.LANGUAGES:
        with translation.override(language):
            names[language] = str(unit)
    assert names == {"zh-hans": "mu 亩", "en": "mu acre"}
    assert str(Unit(code="percent", name_zh="", name_en="percent")) == "percent"


def test_faults_of_a_cell_are_told_in_the_language_of_the_reader() -> None:
    field: Any = Unit._meta.get_field("code")
    for language, words in (("en", "codes have no spaces"), ("zh-hans", "代码中不能有空格")):
        with translation.override(language), pytest.raises(ValueError, match=words):
            cell_value("a b", field)
