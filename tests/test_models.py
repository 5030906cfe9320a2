"""The database itself refuses wrong states, counts every write to a reference table, and sorts by code point."""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from indicators.models import (
    LARGEST_VALUE,
    REFERENCE_MODELS,
    Observation,
    Region,
    RegionEvent,
    Release,
    ReleaseFile,
    Store,
    Target,
    Unit,
    decimal_text,
)
from indicators.models.references import references
from tests.packages import empty_the_store

pytestmark = pytest.mark.django_db

MODELS = (*REFERENCE_MODELS, Release, Observation, ReleaseFile, Store)
SQLITE = connection.vendor == "sqlite"
#: A year that no row of the pack has.
FREE_YEAR = 1900


def run(sql: str, *parameters: Any) -> None:
    """Run raw SQL in a savepoint, checking foreign keys at its end as a commit would."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        connection.check_constraints()


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table


def release(order: int, published_on: str, name: str = "") -> Release:
    """A release that is not saved."""
    return Release(
        order=order,
        name=name or f"r{order}",
        published_on=datetime.date.fromisoformat(published_on),
        title_zh="发布",
        title_en="Release",
        in_force_since=timezone.now(),
        added=0,
        revised=0,
        confirmed=0,
        withdrawn=0,
        content_sha256="0" * 64,
    )


def observation(**changes: Any) -> Observation:
    """A right observation that is not saved, with changes."""
    row = {"year": FREE_YEAR, "value": 1.5, "status": "A", "source_id": "S01", "release_id": 6}
    return Observation(**{"indicator_id": "urbanization_rate", "region_id": "370000", **row, **changes})


#: name of a constraint -> table, what one row of it is set to, and which row
WRONG: dict[str, tuple[type[models.Model], str, str]] = {
    "indicator_direction_known": (REFERENCE_MODELS[5], "direction = 'sideways'", "code = 'urbanization_rate'"),
    "indicator_bounds_in_order": (REFERENCE_MODELS[5], "minimum = 2, maximum = 1", "code = 'urbanization_rate'"),
    "region_level_known": (Region, "level = 'moon'", "code = '370000'"),
    "region_years_in_order": (Region, "valid_from = 2001, valid_to = 2000", "code = '370000'"),
    "region_not_its_own_parent": (Region, "parent_id = code", "code = '370000'"),
    "region_longitude_degrees": (Region, "longitude = 180.5", "code = '370000'"),
    "region_latitude_degrees": (Region, "latitude = -90.5", "code = '370000'"),
    "region_event_once": (RegionEvent, "year = 2000, kind = 'merge', from_code = '370000', to_code = '370000'", "1=1"),
    "region_event_kind_known": (RegionEvent, "kind = 'flood'", "year = 1997"),
    "source_reliability_known": (REFERENCE_MODELS[2], "reliability = 'D'", "code = 'S01'"),
    "source_published_on_iso": (REFERENCE_MODELS[2], "published_on = '26.1.2022'", "code = 'S01'"),
    "plan_issued_on_iso": (REFERENCE_MODELS[6], "issued_on = '2022-1-4'", "code = 'SD-NUP-2021-2035'"),
    "plan_period_in_order": (REFERENCE_MODELS[6], "period_start = 2036", "code = 'SD-NUP-2021-2035'"),
    "measure_kind_known": (REFERENCE_MODELS[8], "kind = 'wish'", "code = 'M01'"),
    "target_statistic_known": (Target, "statistic = 'median'", "code = 'SD-3Y-01'"),
    "target_comparator_known": (Target, "comparator = 'gt'", "code = 'SD-3Y-01'"),
    "target_direction_known": (Target, "direction = 'none'", "code = 'SD-3Y-01'"),
    "target_value_finite": (Target, "value = 1.1e15", "code = 'SD-3Y-01'"),
    "target_baseline_value_finite": (Target, "baseline_value = 1.1e15", "code = 'SD-3Y-01'"),
    "target_baseline_before_year": (Target, "baseline_year = year", "code = 'SD-3Y-01'"),
    "target_about_is_approx": (Target, "comparator = 'ge'", "approximate"),
    "release_name_not_reserved": (Release, "name = 'latest'", "name = '2022-01-plan'"),
    "release_order_from_one": (Release, "\"order\" = 0, published_on = '1999-01-01'", "name = '2013-12-yearbooks'"),
    "observation_one_in_force": (Observation, "superseded_by_id = NULL", "superseded_by_id IS NOT NULL"),
    "observation_year_four_digits": (Observation, "year = 999", "year = 1953"),
    "observation_value_finite": (Observation, "value = -1.1e15", "value = 65.53"),
    "observation_missing_has_reason": (Observation, "status = 'L'", "value = 65.53"),
    "observation_value_has_source": (Observation, "source_id = NULL", "value = 65.53"),
    "observation_superseded_later": (Observation, "superseded_by_id = release_id", "value = 65.53"),
    "release_file_once": (ReleaseFile, "format = 'csv'", "dataset_id = 'census' AND release_id = 6"),
    "release_file_whole_once": (ReleaseFile, "format = 'csv'", "dataset_id IS NULL AND release_id = 6"),
    "store_one_row": (Store, "id = 2", "id = 1"),
}


def test_every_constraint_is_tried() -> None:
    assert set(WRONG) == {constraint.name for model in MODELS for constraint in model._meta.constraints}


@pytest.mark.parametrize("name", WRONG)
def test_constraint_refuses_the_wrong_state(name: str) -> None:
    model, change, which = WRONG[name]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table_of(model)} WHERE {which}")
        assert cursor.fetchone()[0] >= 1, "no row to try it on"
    with pytest.raises(IntegrityError, match=f"{name}|UNIQUE constraint failed"):
        run(f"UPDATE {table_of(model)} SET {change} WHERE {which}")


def foreign_keys() -> Iterator[Any]:
    for model in MODELS:
        for field in model._meta.concrete_fields:
            if isinstance(field, models.ForeignKey):
                yield pytest.param(model, field, id=f"{model.__name__}.{field.name}")


@pytest.mark.parametrize(("model", "field"), list(foreign_keys()))
def test_reference_to_nothing_is_refused(model: type[models.Model], field: models.ForeignKey[Any, Any]) -> None:
    nothing = 9999 if field.related_model is Release else "nowhere"
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table_of(model)} SET {field.column} = %s", nothing)


@pytest.mark.parametrize("model", [model for model in REFERENCE_MODELS if model is not RegionEvent])
def test_code_stands_once(model: type[models.Model]) -> None:
    columns = ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)
    with pytest.raises(IntegrityError):
        run(f"INSERT INTO {table_of(model)} ({columns}) SELECT {columns} FROM {table_of(model)}")


def test_two_rows_of_a_cell_cannot_be_in_force() -> None:
    observation(release_id=5).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        observation(release_id=6).save(force_insert=True)
    Observation.objects.filter(year=FREE_YEAR).update(superseded_by=6)
    observation(release_id=6).save(force_insert=True)
    assert Observation.objects.current().filter(year=FREE_YEAR).count() == 1


def test_a_release_sets_a_cell_once() -> None:
    observation(release_id=5, superseded_by_id=6).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        observation(release_id=5, value=2.5).save(force_insert=True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"value": None, "status": "Z"},
        {"status": "Z"},
        {"status": ""},
        {"status": "a"},
        *({"status": status} for status in "HKLMOQ"),
        {"source_id": None},
        {"year": 999},
        {"year": 10_000},
        {"value": float("nan")},
        {"value": float("inf")},
        {"value": float("-inf")},
        {"value": LARGEST_VALUE * 1.001},
        {"release_id": 5, "superseded_by_id": 5},
        {"release_id": 5, "superseded_by_id": 4},
    ],
    ids=str,
)
def test_wrong_observation_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        observation(**wrong).save(force_insert=True)


@pytest.mark.parametrize(
    "right",
    [
        {},
        *({"value": None, "status": status} for status in "HKLMOQ"),
        {"value": None, "status": "M", "source_id": None},
        *({"status": status} for status in "ABDEFGIJNPSUVW"),
        {"value": 0.0},
        {"value": LARGEST_VALUE},
        {"value": -LARGEST_VALUE},
        {"year": 1000},
        {"year": 9999},
        {"release_id": 5, "superseded_by_id": 6},
    ],
    ids=str,
)
def test_right_observation_is_taken(right: dict[str, Any]) -> None:
    observation(**right).save(force_insert=True)
    connection.check_constraints()


INFINITIES = ("9e999", "-9e999") if SQLITE else ("'Infinity'::float8", "'-Infinity'::float8", "'NaN'::float8")


@pytest.mark.parametrize("literal", INFINITIES)
@pytest.mark.parametrize(
    ("model", "column"),
    [
        (Observation, "value"),
        (Target, "value"),
        (Target, "baseline_value"),
        (Region, "longitude"),
        (Region, "latitude"),
    ],
)
def test_raw_sql_cannot_store_what_is_no_number(model: type[models.Model], column: str, literal: str) -> None:
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table_of(model)} SET {column} = {literal} WHERE {column} IS NOT NULL")


def test_nan_by_raw_sql_is_refused() -> None:
    """SQLite turns NaN into NULL, which needs a reason."""
    with pytest.raises(IntegrityError):
        run(f"UPDATE {table_of(Observation)} SET value = %s WHERE value = 65.53", float("nan"))


@pytest.mark.parametrize("literal", ["'many'", "x'00'"])
def test_a_value_cannot_be_text(literal: str) -> None:
    """PostgreSQL has typed columns; on SQLite a constraint refuses it."""
    with pytest.raises(DatabaseError):
        run(f"UPDATE {table_of(Observation)} SET value = {literal} WHERE value = 65.53")


@pytest.mark.parametrize("second", [Store(id=1), Store(id=2), Store(id=0)], ids=lambda store: str(store.id))
def test_second_store_row_is_refused(second: Store) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save(force_insert=True)


def test_release_named_latest_is_refused() -> None:
    with pytest.raises(IntegrityError, match="release_name_not_reserved"), transaction.atomic():
        release(7, "2030-01-01", "latest").save(force_insert=True)


@pytest.mark.parametrize(("order", "day"), [(7, "2026-05-31"), (7, "2026-05-30"), (7, "1999-01-01")])
def test_later_release_needs_a_later_date(order: int, day: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        release(order, day).save(force_insert=True)


def test_date_must_increase_within_one_insert() -> None:
    with pytest.raises(IntegrityError, match="published_on must increase"), transaction.atomic():
        Release.objects.bulk_create([release(8, "2030-01-02"), release(7, "2030-01-03")])


def test_release_cannot_be_slipped_in_before_an_older_one() -> None:
    release(9, "2030-01-01").save(force_insert=True)
    with pytest.raises(IntegrityError, match="published_on must increase"), transaction.atomic():
        release(8, "2030-01-02").save(force_insert=True)
    release(8, "2029-12-31").save(force_insert=True)


@pytest.mark.parametrize(("order", "day"), [(1, "2018-12-31"), (3, "2018-12-30"), (3, "2026-06-01"), (6, "2000-01-01")])
def test_date_must_increase_after_an_update(order: int, day: str) -> None:
    with pytest.raises(IntegrityError):
        run(f'UPDATE {table_of(Release)} SET published_on = %s WHERE "order" = %s', day, order)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(order=order).update(published_on=day)


def test_date_may_move_between_its_neighbours() -> None:
    run(f"UPDATE {table_of(Release)} SET published_on = '2019-01-01' WHERE \"order\" = 3")


def revision() -> int:
    return Store.objects.get().reference_revision


@contextmanager
def raises_revision() -> Iterator[None]:
    """What is done inside raises the revision."""
    before = revision()
    yield
    assert revision() > before


def copy_of(model: type[models.Model]) -> models.Model:
    """A row like the first one, under a key that is free, not saved."""
    row = model._default_manager.all()[0]
    row.pk = None if model is RegionEvent else "copy"
    if isinstance(row, RegionEvent):
        row.year = 3000
    row._state.adding = True
    return row


def copies(model: type[models.Model]) -> models.QuerySet[Any]:
    """The copy, once saved."""
    return model._default_manager.filter(**({"year": 3000} if model is RegionEvent else {"pk": "copy"}))


def by_saving(model: type[models.Model]) -> Iterator[Callable[[], Any]]:
    row = copy_of(model)
    yield lambda: row.save(force_insert=True)
    yield lambda: row.save(force_update=True)
    yield row.delete


def by_bulk(model: type[models.Model]) -> Iterator[Callable[[], Any]]:
    row = copy_of(model)
    field = next(field.name for field in model._meta.concrete_fields if isinstance(field, models.TextField))
    yield lambda: model._default_manager.bulk_create([row])
    yield lambda: model._default_manager.bulk_update(copies(model), [field])
    yield lambda: copies(model).update(**{field: "changed"})
    yield lambda: copies(model).delete()


def by_sql(model: type[models.Model]) -> Iterator[Callable[[], Any]]:
    table = table_of(model)
    key, new = ("year", "3000") if model is RegionEvent else ("code", "'copy'")
    others = [f'"{f.column}"' for f in model._meta.concrete_fields if f.column not in {"id", key}]
    rest = ", ".join(others)
    yield lambda: run(f"INSERT INTO {table} ({key}, {rest}) SELECT {new}, {rest} FROM {table} LIMIT 1")
    yield lambda: run(f"UPDATE {table} SET {others[0]} = {others[0]} WHERE {key} = {new}")
    yield lambda: run(f"DELETE FROM {table} WHERE {key} = {new}")


@pytest.mark.parametrize("model", REFERENCE_MODELS)
@pytest.mark.parametrize("way", [by_saving, by_bulk, by_sql])
def test_write_to_a_reference_table_raises_the_revision(
    model: type[models.Model], way: Callable[[type[models.Model]], Iterator[Callable[[], Any]]]
) -> None:
    for write in way(model):
        with raises_revision():
            write()
    assert not copies(model).exists()


@pytest.mark.parametrize("model", [RegionEvent, Target])
def test_truncating_a_reference_table_raises_the_revision(model: type[models.Model]) -> None:
    with raises_revision(), connection.cursor() as cursor:
        cursor.execute(f"{'DELETE FROM' if SQLITE else 'TRUNCATE'} {table_of(model)}")


def test_write_tells_its_instant() -> None:
    before = timezone.now()
    Unit.objects.filter(code="percent").update(symbol="pct")
    changed_at = Store.objects.get().reference_changed_at
    assert changed_at is not None
    rounding = datetime.timedelta(milliseconds=1)
    assert before - rounding <= changed_at <= timezone.now() + rounding


def test_observations_and_releases_leave_the_revision() -> None:
    before = revision()
    release(7, "2030-01-01").save(force_insert=True)
    observation(release_id=6).save(force_insert=True)
    Observation.objects.filter(year=FREE_YEAR).update(superseded_by=7)
    observation(release_id=7).save(force_insert=True)
    run(f"DELETE FROM {table_of(Observation)} WHERE year = %s", FREE_YEAR)
    Store.objects.update(release=7)
    assert revision() == before


def test_revision_is_rolled_back_with_the_write() -> None:
    before = Store.objects.values().get()
    with transaction.atomic():
        with raises_revision():
            Unit.objects.filter(code="percent").update(symbol="pct")
        transaction.set_rollback(True)
    assert Store.objects.values().get() == before


def drop_triggers() -> None:
    """Drop every trigger of our tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
            if SQLITE
            else "SELECT DISTINCT trigger_name, event_object_table FROM information_schema.triggers"
        )
        for name, table in cursor.fetchall():
            cursor.execute(f"DROP TRIGGER {name}" if SQLITE else f"DROP TRIGGER {name} ON {table}")


def test_migrate_lays_the_triggers_again() -> None:
    drop_triggers()
    before = revision()
    Unit.objects.filter(code="percent").update(symbol="pct")
    assert revision() == before
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    with raises_revision():
        Unit.objects.filter(code="percent").update(symbol="%")
    with pytest.raises(IntegrityError, match="published_on must increase"), transaction.atomic():
        release(7, "2000-01-01").save(force_insert=True)


def test_migrate_keeps_the_store_and_makes_a_lost_one() -> None:
    before = Store.objects.values().get()
    call_command("migrate", verbosity=0)
    assert Store.objects.values().get() == before
    Store.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert Store.objects.values_list("id", "release", "reference_revision").get() == (1, None, 0)


#: U+FF5E sorts before U+20000 by code point and after it in UTF-16; no locale sorts Z before a.
CODES = ["b", "B", "a", "A", "ab", "aB", "a-b", "a_b", "Z", "z", "é", "甲", "丙", "一", "～", "𠀀", "10", "9", " x"]


def test_text_sorts_by_code_point() -> None:
    empty_the_store()
    Unit.objects.bulk_create([Unit(code=code, name_zh=code, name_en=code, symbol=code) for code in CODES])
    for field in ("code", "name_zh", "symbol"):
        assert list(Unit.objects.order_by(field).values_list(field, flat=True)) == sorted(CODES)
    assert set(Unit.objects.filter(code__gt="Z").values_list("code", flat=True)) == {c for c in CODES if c > "Z"}


def test_every_text_column_has_the_collation_c() -> None:
    """The order must not hang on the locale of the server; SQLite compares bytes unless told otherwise."""
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute("SELECT sql FROM sqlite_master WHERE sql LIKE '%%COLLATE%%'")
            assert cursor.fetchall() == []
            return
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'indicators_%%' "
            "AND data_type IN ('text', 'character varying') AND collation_name IS DISTINCT FROM 'C' "
            "AND column_name NOT IN ('status', 'content_sha256')"
        )
        assert cursor.fetchall() == []


def test_case_counts_in_codes() -> None:
    Unit.objects.bulk_create([Unit(code=code, name_zh="x", name_en="x") for code in ("Copy", "copy")])
    assert Unit.objects.filter(code="copy").count() == Unit.objects.filter(code="Copy").count() == 1


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 15))
def test_decimal_text_is_the_published_figure(digits: int, places: int) -> None:
    figure = Decimal(digits).scaleb(-places)
    text = decimal_text(float(figure))
    assert re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]*[1-9])?", text)
    assert text != "-0"
    assert Decimal(text) == figure


def test_current_is_as_of_the_last_release() -> None:
    current = set(Observation.objects.current().values_list("indicator", "region", "year", "release"))
    assert current == set(Observation.objects.as_of(6).values_list("indicator", "region", "year", "release"))
    assert not Observation.objects.as_of(0).exists()


def test_titles_of_targets() -> None:
    target = Target.objects.select_related("indicator", "unit").get(code="SD-3Y-01")
    assert target.title_zh == "常住人口城镇化率：到2023年不低于66%"
    assert target.title_en == "Urbanization rate of permanent (resident) population: at least 66% by 2023"
    change = Target.objects.get(code="SD-3Y-02")
    assert "年均变化" in change.title_zh
    assert ", mean annual change: about 1" in change.title_en


@pytest.mark.parametrize("model", MODELS)
def test_rows_say_what_they_are(model: type[models.Model]) -> None:
    row = model._default_manager.all()[0]
    assert str(row.pk if not isinstance(row, (Release, Observation, RegionEvent, Store)) else row)


def test_what_observations_refer_to_cannot_go() -> None:
    for column, table, key in references():
        wanted = f"SELECT {column} FROM {table_of(Observation)} WHERE {column} IS NOT NULL"
        with connection.cursor() as cursor:
            cursor.execute(f"{wanted} LIMIT 1")
            (code,) = cursor.fetchone()
        with pytest.raises(IntegrityError):
            run(f'DELETE FROM {table} WHERE "{key}" = %s', code)
