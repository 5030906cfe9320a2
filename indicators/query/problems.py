"""What can be wrong with a question, told so that the asker knows what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

#: Position of what is wrong with a header: behind everything that stands in the URL.
BEHIND_THE_URL = 1_000_000


@dataclass(frozen=True)
class Problem:
    """One fault of a request: its code, the parameter and value at fault, and what would be right."""

    code: str
    detail: str
    parameter: str | None = None
    value: str | None = None
    did_you_mean: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    position: int | None = None  # of the parameter in the URL

    def of(self, parameter: str, position: int | None = None) -> Problem:
        """The same problem, said of that parameter, which stands at that place in the URL."""
        return replace(self, parameter=parameter, position=position)


class BadQuery(Exception):
    """A request that cannot be answered as asked; carries every problem, in the order of the URL."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.detail for problem in problems))
        self.problems = tuple(problems)
