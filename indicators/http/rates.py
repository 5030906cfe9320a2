"""A rate such as 600/minute, and the ledger that holds every client to it; nothing here knows of Django."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_SECOND = 1_000_000_000  # nanoseconds, so that nothing is rounded
_PERIODS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
#: Clients that a ledger remembers; the one that was silent for longest is forgotten first.
_MOST_CLIENTS = 65_536


@dataclass(frozen=True)
class Rate:
    """So many requests in so many seconds."""

    requests: int
    period: str

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `600/minute`; raises ValueError that says the form."""
        found = re.fullmatch(r"([1-9][0-9]{0,6})/(second|minute|hour|day)", text)
        if not found:
            raise ValueError(
                f"{text!r} is not a rate: write a number of requests and second, minute, hour or day, as in 600/minute"
            )
        return cls(int(found[1]), found[2])

    def __str__(self) -> str:
        return f"{self.requests}/{self.period}"

    @property
    def seconds(self) -> int:
        """Length of the period."""
        return _PERIODS[self.period]


@dataclass(frozen=True)
class Verdict:
    """Whether a request may pass, how many more may at once, and in how many seconds there is room again."""

    passes: bool
    remaining: int
    seconds_to_full: int
    seconds_to_wait: int = 0


class Ledger:
    """Holds each client to a rate by GCRA: all requests of a period may come at once, and return evenly over it.

    One number is kept for each client: the instant at which it has its whole allowance back.
    """

    def __init__(
        self, rate: Rate, clock: Callable[[], int] = time.monotonic_ns, most_clients: int = _MOST_CLIENTS
    ) -> None:
        self._interval = rate.seconds * _SECOND // rate.requests
        self._allowance = self._interval * rate.requests
        self._clock, self._most_clients = clock, most_clients
        self._full_at: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def spend(self, client: str) -> Verdict:
        """Count one request of a client, if it may pass."""
        with self._lock:
            now = self._clock()
            debt = max(self._full_at.pop(client, now) - now, 0)
            passes = debt + self._interval <= self._allowance
            if passes:
                debt += self._interval
            self._full_at[client] = now + debt
            if len(self._full_at) > self._most_clients:
                self._full_at.popitem(last=False)
        wait = 0 if passes else _seconds(debt + self._interval - self._allowance)
        return Verdict(passes, (self._allowance - debt) // self._interval, _seconds(debt), wait)


def _seconds(nanoseconds: int) -> int:
    """Whole seconds, rounded up."""
    return -(-nanoseconds // _SECOND)
