"""Observations keyed by codes against integers with dictionaries: what a page of rows costs in SQLite, side by side."""

import sqlite3
import statistics
import time

INDICATORS, REGIONS, YEARS = 60, 1_000, 15
PAGE = 1_000
ROUNDS = 200


def table(name: str, kind: str, rows: list[tuple[object, ...]], store: sqlite3.Connection) -> None:
    store.execute(
        f"CREATE TABLE {name} (indicator {kind}, region {kind}, year INT, release INT, superseded INT, value REAL, "
        "status TEXT, source TEXT, PRIMARY KEY (indicator, region, year, release))"
    )
    store.executemany(f"INSERT INTO {name} VALUES (?, ?, ?, 1, NULL, ?, 'A', 'S22')", rows)  # noqa: S608


def main() -> None:
    codes = [f"indicator_of_city_{n:03}" for n in range(INDICATORS)], [f"{370000 + n}" for n in range(REGIONS)]
    cells = [(i, r, y) for i in range(INDICATORS) for r in range(REGIONS) for y in range(2010, 2010 + YEARS)]
    store = sqlite3.connect(":memory:")
    table("by_code", "TEXT", [(codes[0][i], codes[1][r], y, i * r / 7) for i, r, y in cells], store)
    table("by_integer", "INT", [(i, r, y, i * r / 7) for i, r, y in cells], store)
    indicators, regions = dict(enumerate(codes[0])), dict(enumerate(codes[1]))
    sql = (
        "SELECT indicator, region, year, value, status, source FROM {} WHERE release <= 1 AND superseded IS NULL "
        "AND indicator = ? AND (indicator, region, year) > (?, ?, ?) ORDER BY indicator, region, year LIMIT ?"
    )

    def by_code(n: int) -> list[tuple[object, ...]]:
        code = codes[0][n % INDICATORS]
        return store.execute(sql.format("by_code"), (code, code, codes[1][n], 2012, PAGE)).fetchall()

    def by_integer(n: int) -> list[tuple[object, ...]]:
        key = n % INDICATORS
        rows = store.execute(sql.format("by_integer"), (key, key, n, 2012, PAGE)).fetchall()
        return [(indicators[i], regions[r], *rest) for i, r, *rest in rows]

    times: dict[str, list[float]] = {"by_code": [], "by_integer": []}
    for n in range(ROUNDS):
        results = []
        for name, ask in (("by_code", by_code), ("by_integer", by_integer)):
            began = time.perf_counter()
            results.append(ask(n))
            times[name].append(time.perf_counter() - began)
        assert results[0] == results[1]  # noqa: S101
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    print(f"{len(cells):,} rows, pages of {PAGE}, median of {ROUNDS}:")
    for name, median in medians.items():
        print(f"  {name:11} {median * 1e6:7.0f} µs")
    print(f"  by_code / by_integer = {medians['by_code'] / medians['by_integer']:.2f}")


if __name__ == "__main__":
    main()
