"""What a file would change: its figures against the rows in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..models import Observation
from .figures import Figure, Key


@dataclass(frozen=True)
class Changes:
    """Figures by what they do to the rows in force."""

    added: list[Figure] = field(default_factory=list)
    revised: list[Figure] = field(default_factory=list)
    confirmed: list[Figure] = field(default_factory=list)
    unchanged: list[Figure] = field(default_factory=list)

    @property
    def written(self) -> list[Figure]:
        """Figures that make a new vintage."""
        return self.added + self.revised + self.confirmed

    @property
    def replaced(self) -> list[Figure]:
        """Figures whose cell has a row in force that is to be closed."""
        return self.revised + self.confirmed


def compare(figures: Sequence[Figure]) -> Changes:
    """Sort figures by what they do: a revision changes the value, a confirmation something else of the row."""
    changes = Changes()
    in_force = _in_force({figure.indicator for figure in figures})
    for figure in figures:
        before = in_force.get(figure.key)
        if before is None:
            changes.added.append(figure)
        elif before[0] != figure.value:
            changes.revised.append(figure)
        elif before != figure.content:
            changes.confirmed.append(figure)
        else:
            changes.unchanged.append(figure)
    return changes


def _in_force(indicators: set[str]) -> dict[Key, tuple[float | None, str, str | None, str | None, str | None]]:
    rows = Observation.objects.current().filter(indicator__in=indicators)
    columns = ("indicator_id", "region_id", "year", "value", "status", "source_id", "locator", "note")
    return {
        (indicator, region, year): tuple(content)
        for indicator, region, year, *content in rows.values_list(*columns).iterator(chunk_size=10_000)
    }
