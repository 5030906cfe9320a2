"""What every list says of itself, and who says it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from ..query.edition import ReleaseRow
from .asking import Question


def meta(
    question: Question,
    release: ReleaseRow | None,
    page_size: int,
    count: int | None,
    filters: Sequence[str],
    **permanent: str | None,
) -> dict[str, Any]:
    """What every list says of itself; `permanent` are parameters that make its address one for good."""
    moment = question.asked.values.get("as_of")
    return {
        "release": release.name if release else None,
        "as_of": moment.text if moment else None,
        "count": count,
        "page_size": page_size,
        "query": question.asked.echo([*filters, "fields", "sort"]),
        "permalink": question.address(cursor=None, count=None, **permanent),
        "license": settings.DATA_LICENSE,
        "empty_reason": None,
        "available": None,
    }


def issuer() -> dict[str, str]:
    """Who answers, for formats that name their sender."""
    return {"name": settings.PUBLISHER_NAME, "contact": settings.CONTACT_URL, "agency": settings.SDMX_AGENCY}
