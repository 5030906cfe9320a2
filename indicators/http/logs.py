"""Lines of the log, as text or as JSON: no caller can forge one, and each names its request."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

#: The id of the request that is being answered; null outside of one.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

#: C0, DEL, C1, line and paragraph separator, marks that turn the direction of writing, lone surrogates.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escaped(text: str) -> str:
    """Text in which no character moves the cursor, ends a line or talks to a terminal."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class TextFormatter(logging.Formatter):
    """For people: one line, and an indented one for each line of a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_time(record)} {record.levelname} {record.name} [{request_id.get() or '-'}]: {record.getMessage()}"
        fields = (f" {name}={value}" for name, value in _fields(record).items())
        lines = [escaped(head + "".join(fields))]
        if record.exc_info:
            lines += ["    " + escaped(line) for line in self.formatException(record.exc_info).split("\n")]
        return "\n".join(lines)


class JsonFormatter(logging.Formatter):
    """For machines: one JSON object on one line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
            **_fields(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        clean = {name: escaped(value) if isinstance(value, str) else value for name, value in entry.items()}
        return json.dumps(clean, ensure_ascii=False, default=str)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """What a caller added by `extra={"fields": …}`."""
    return getattr(record, "fields", {})
