"""The documents' snippets in curl and JavaScript print what the documents show."""

from pathlib import Path

import pytest

from tests.docs.documents import Snippet
from tests.docs.running import check, shown


@pytest.mark.server
@pytest.mark.parametrize("snippet", shown("bash", "javascript"), ids=str)
def test_snippet_prints_what_is_shown(snippet: Snippet, served: str, tmp_path: Path) -> None:
    check(snippet, served, tmp_path)
