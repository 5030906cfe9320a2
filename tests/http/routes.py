"""Every address of the API in each of its formats, read from the map of addresses; and the pages."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern

from indicators.api.urls import urlpatterns

#: What to ask of the resources of data; and, where the view gives no example, what stands for a variable.
_FILTERS = {
    "observations": "indicator=grp&region=370000",
    "series": "indicator=grp&region=370000&include=values",
    "vintages": "indicator=grp&region=370000",
    "changes": "indicator=grp&region=370000&since=2013-12-yearbooks",
    "progress": "plan=SD-NUP-3Y-2021-2023",
    "progress-of-target": "method=all&include=path",
}
_EXAMPLES = {"problem": "unknown_code"}


def _address(pattern: URLPattern, view: Any) -> str:
    begin, variable, rest = f"/api/v1{pattern.pattern}".partition("<")
    code = (_EXAMPLES.get(pattern.name or "") or view.code_example) if variable else ""
    query = _FILTERS.get(pattern.name or "")
    return f"{begin}{code}{rest.partition('>')[2]}{'?' + query if query else ''}"


def _addresses() -> Iterator[str]:
    """Each address in each of its formats."""
    for pattern in urlpatterns:
        view: Any = pattern.callback.cls  # type: ignore[attr-defined]
        address = _address(pattern, view)
        yield address
        for f in getattr(view, "formats", ())[1:]:
            yield f"{address}{'&' if '?' in address else '?'}format={f.name}"


API = list(_addresses())
DATA = [address for address in API if any(query in address for query in _FILTERS.values())]
METHODS = [address for address in API if "/progress-methods" in address]
PAGES = [
    "/", "/?lang=zh", "/docs", "/docs/quickstart", "/releases", "/releases/latest?lang=zh", "/releases.atom",
    "/api/v1/docs?script",
]  # fmt: skip
