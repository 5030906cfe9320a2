"""Slices read back as the oracle answers them, from every table, by readers that nobody here wrote."""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from indicators.query.columns import COLUMNS, DEFAULT_COLUMNS
from tests.conftest import Api
from tests.questions import ORACLE, query_string, questions
from tests.readers import (
    cell,
    guarded,
    read_csv,
    read_ndjson,
    read_parquet,
    read_parquet_by_duckdb,
    read_parquet_by_pandas,
    read_xlsx,
)

#: Rows above which a random slice is left out: the whole pack has a test of its own.
MOST = 2_000


def check(query: str, columns: list[str], expected: list[dict[str, Any]]) -> None:
    """Every table of the slice holds these rows, in this order, under these columns."""
    rows = [list(row.values()) for row in expected]
    body = {
        name: Api().get(f"/observations?{query}&format={name}".replace("?&", "?")).getvalue()
        for name in ("csv", "ndjson", "xlsx", "parquet")
    }
    assert read_csv(body["csv"]) == (columns, [[cell(value) for value in row] for row in rows])
    assert read_ndjson(body["ndjson"]) == expected
    assert read_xlsx(body["xlsx"]) == (columns, [[guarded(value) for value in row] for row in rows])
    for reader in (read_parquet, read_parquet_by_duckdb, read_parquet_by_pandas):
        assert reader(body["parquet"]) == (columns, rows)


@pytest.mark.django_db
@settings(max_examples=300)
@given(question=questions, fields=st.lists(st.sampled_from(list(COLUMNS)), max_size=6, unique=True))
def test_random_slices_read_back_as_the_oracle_answers(question: dict[str, Any], fields: list[str]) -> None:
    columns = fields or list(DEFAULT_COLUMNS)
    found = ORACLE.slice(question)
    assume(len(found) <= MOST)
    query = query_string({**question, "fields": fields} if fields else question)
    check(query, columns, [ORACLE.shown(row, columns) for row in found])


@pytest.mark.django_db
def test_the_whole_pack_in_all_columns() -> None:
    columns = list(COLUMNS)
    check(f"fields={','.join(columns)}", columns, [ORACLE.shown(row, columns) for row in ORACLE.slice({})])
