"""What requests cost, in one process: each beside a bare WSGI program that runs the same SQL and json.dumps.

Measures the store that DATABASE_URL names, loading --data if it is empty; without one, a SQLite file of its own.
"""

import argparse
import csv
import io
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # not this folder, whose names are those of libraries
NAMES = ("indicator", "region", "year", "value", "unit", "status", "source", "release")

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Cursor = Callable[[str, tuple[Any, ...]], Any]
Clock = Callable[[], float]
CLOCKS: dict[str, Clock] = {"wall": time.perf_counter, "processor": time.process_time}


@dataclass(frozen=True)
class Question:
    """A request, and how the bare program answers the rows of its SQL."""

    name: str
    query: str
    bare: Callable[[Iterable[tuple[Any, ...]]], bytes]
    headers: tuple[tuple[str, str], ...] = ()
    whole: bool = False


def as_json(rows: Iterable[tuple[Any, ...]]) -> bytes:
    return json.dumps({"results": [dict(zip(NAMES, row, strict=False)) for row in rows]}).encode()


def as_csv(rows: Iterable[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(row[: len(NAMES)] for row in rows)
    return text.getvalue().encode()


def as_nothing(rows: Iterable[tuple[Any, ...]]) -> bytes:
    list(rows)
    return b""


def ask(app: App, question: Question) -> tuple[dict[str, str], bytes]:
    environ: dict[str, Any] = {"PATH_INFO": "/api/v1/observations", "QUERY_STRING": question.query}
    setup_testing_defaults(environ)
    environ |= {"HTTP_HOST": "127.0.0.1", **dict(question.headers)}
    told: dict[str, str] = {}
    body = app(environ, lambda status, headers, *_: told.update(headers))
    content = b"".join(body)
    if close := getattr(body, "close", None):
        close()
    return told, content


def statement(app: App, question: Question) -> tuple[str, tuple[Any, ...]]:
    """The SQL that the request runs last; of a whole table the first part, without its limit."""
    from django.db import connection

    seen: list[tuple[str, tuple[Any, ...]]] = []

    def note(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        seen.append((sql.rpartition("; ")[2], tuple(parameters or ())))
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(note):
        ask(app, question)
    if question.whole:
        sql, parameters = next(found for found in seen if found[0].endswith(" LIMIT %s"))
        return sql.removesuffix(" LIMIT %s"), parameters[:-1]
    return seen[-1]


def cursor() -> Cursor:
    """A connection of its own to the same store, and nothing between it and the bare program."""
    from django.db import connection

    if connection.vendor == "sqlite":
        store = sqlite3.connect(connection.settings_dict["NAME"])
        return lambda sql, parameters: store.execute(sql.replace("%s", "?"), parameters)
    import psycopg

    database = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    return lambda sql, parameters: database.execute(sql, parameters)


def bare(question: Question, sql: str, parameters: tuple[Any, ...], run: Cursor) -> App:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = question.bare(run(sql, parameters))
        start_response("200 OK", [("Content-Length", str(len(body)))])
        return [body]

    return app


def fastest(apps: tuple[App, App], question: Question, seconds: float, clock: Clock) -> tuple[float, float]:
    """Milliseconds that the fastest tenth of both took, asked in turn for so many seconds and at least three times.

    What else the machine does makes medians longer, these hardly.
    """
    times: tuple[list[float], list[float]] = ([], [])
    end = time.perf_counter() + seconds
    while len(times[0]) < 3 or time.perf_counter() < end:
        for app, taken in zip(apps, times, strict=True):
            began = clock()
            ask(app, question)
            taken.append((clock() - began) * 1000)
    ours, limit = (sorted(taken)[len(taken) // 10] for taken in times)
    return ours, limit


def questions(app: App) -> list[Question]:
    first = json.loads(ask(app, Question("", "page_size=1", as_json))[1])["results"][0]
    point = f"indicator={first['indicator']}&region={first['region']}&year={first['year']}"
    tag = ask(app, Question("", point, as_json))[0]["ETag"]
    return [
        Question("one cell", point, as_json),
        Question("page of 100", "page_size=100", as_json),
        Question("page of 1,000", "page_size=1000", as_json),
        Question("304", point, as_nothing, (("HTTP_IF_NONE_MATCH", tag),)),
        Question("whole CSV", "format=csv", as_csv, whole=True),
    ]


def measure(data: Path, seconds: float, clock: str) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connection

    call_command("migrate", verbosity=0)
    call_command("load", data, if_empty=True, stdout=io.StringIO())
    app, run = get_wsgi_application(), cursor()
    rows = run("SELECT COUNT(*) FROM indicators_observation", ()).fetchone()[0]
    print(f"{connection.vendor}, {rows:,} rows; ms of {clock} time of the fastest tenth, and the bare program's share:")
    for question in questions(app):
        for _ in range(2):  # what any answer needs is loaded before
            sql, parameters = statement(app, question)
        ours, limit = fastest((app, bare(question, sql, parameters, run)), question, seconds, CLOCKS[clock])
        print(f"  {question.name:14} {ours:9.2f}  bare {limit:9.2f}  ratio {limit / ours:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT / "fixtures")
    parser.add_argument("--seconds", type=float, default=3, help="for each kind of request")
    parser.add_argument("--clock", choices=CLOCKS, default="wall", help="processor: of this process, also where busy")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/requests.sqlite3")
        os.environ["DJANGO_SETTINGS_MODULE"] = "urbanapi.settings"
        measure(chosen.data, chosen.seconds, chosen.clock)


if __name__ == "__main__":
    main()
