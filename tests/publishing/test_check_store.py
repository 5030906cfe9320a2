"""manage.py check_store on stores that are broken on purpose, each in one way, and on the real pack, which is not.

A store is broken as a restore without constraints, a hand or a fault may break it: in the transaction of the test, with
what would refuse it switched off.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction

from indicators.models import Observation, Region, Store
from indicators.publishing.files import remove_left_over
from indicators.publishing.store.check import FILE_CHECKS, FOUNDATIONS, STORE_CHECKS
from indicators.publishing.store.finding import LISTED
from tests.conftest import Api
from tests.publishing.test_load import OwnDatabase, copied, migrated

__all__ = ["migrated"]

SQLITE = connection.vendor == "sqlite"
OBSERVATIONS = "indicators_observation"
UPDATE = f"UPDATE {OBSERVATIONS} SET"
#: A cell that one release set, and one that three did: the second, the third and the last.
ONCE = "indicator_id = 'urbanization_rate' AND region_id = '370000' AND year = 2021"
THRICE = "indicator_id = 'grp' AND region_id = '110000' AND year = 2006"
ONCE_NAME, THRICE_NAME = "urbanization_rate 370000 2021", "grp 110000 2006"
INFINITE = "9e999" if SQLITE else "'NaN'"

Found = set[tuple[str, str, str]]


class Broken(NamedTuple):
    """A way to break a store: statements, what is to be found, and the constraint that would refuse them."""

    statements: tuple[str, ...]
    expected: Found
    constraint: str = ""


def of_row(cell: str, release: int, what: str) -> tuple[str, str, str]:
    return "rows_keep_their_constraints", f"{OBSERVATIONS} {cell} {release}", what


def of_counts(release: str, says: int, column: str, rows: int) -> tuple[str, str, str]:
    return "counts_agree_with_rows", f"release {release}", f"says {says:,} {column}, but its rows are {rows:,}"


def of_codes(column: str, code: str, table: str) -> tuple[str, str, str]:
    what = f"1 rows refer to {code}, which indicators_{table} does not have"
    return "codes_exist", f"{OBSERVATIONS}.{column}", what


SECOND, THIRD, FOURTH, LAST = "2018-12-pre-ec4", "2021-06-post-ec4", "2022-01-plan", "2026-05-post-ec5"
ADDED_ONE_MORE = {of_counts(LAST, 1721, "added", 1722), of_counts(LAST, 558, "revised", 557)}
VINTAGE = "vintages_follow_each_other", f"{OBSERVATIONS} {THRICE_NAME}"
ROWS = {
    "two rows in force": Broken(
        ("DROP INDEX observation_one_in_force", f"{UPDATE} superseded_by_id = NULL WHERE {THRICE} AND release_id = 3"),
        {
            ("constraints_exist", OBSERVATIONS, "constraint observation_one_in_force is missing"),
            (*VINTAGE, f"the row of release {THIRD} is in force beside that of release {LAST}"),
            *ADDED_ONE_MORE,
        },
    ),
    "two rows as of a release": Broken(
        (f"{UPDATE} superseded_by_id = 4 WHERE {THRICE} AND release_id = 2",),
        {
            (*VINTAGE, f"the row of release {SECOND} stays in force until {FOURTH}, beside that of release {THIRD}"),
            of_counts(THIRD, 619, "added", 620),
            of_counts(THIRD, 402, "revised", 401),
            of_counts(FOURTH, 0, "withdrawn", 1),
        },
    ),
    "a gap that is no withdrawal": Broken(
        (f"{UPDATE} superseded_by_id = 4 WHERE {THRICE} AND release_id = 3",),
        {of_counts(FOURTH, 0, "withdrawn", 1), *ADDED_ONE_MORE},
    ),
    "closed by its own release": Broken(
        (f"{UPDATE} superseded_by_id = release_id WHERE {THRICE} AND release_id = 6",),
        {
            of_row(THRICE_NAME, 6, "the row is superseded by its own release or one before"),
            of_counts(LAST, 0, "withdrawn", 1),
        },
        "observation_superseded_later",
    ),
    "closed by no release": Broken(
        (f"{UPDATE} superseded_by_id = 99 WHERE {THRICE} AND release_id = 6",),
        {of_codes("superseded_by_id", "99", "release")},
    ),
    "set by no release": Broken(
        (f"{UPDATE} release_id = 99 WHERE {ONCE}",),
        {of_codes("release_id", "99", "release"), of_counts("2024-12-pre-ec5", 4491, "added", 4490)},
    ),
    "a region that does not exist": Broken(
        (f"{UPDATE} region_id = '370001' WHERE {ONCE}",), {of_codes("region_id", "'370001'", "region")}
    ),
    "an indicator that does not exist": Broken(
        (f"{UPDATE} indicator_id = 'urban' WHERE {ONCE}",), {of_codes("indicator_id", "'urban'", "indicator")}
    ),
    "a source that does not exist": Broken(
        (f"{UPDATE} source_id = 's1' WHERE {ONCE}",), {of_codes("source_id", "'s1'", "source")}
    ),
    "a value that is no number": Broken(
        (f"{UPDATE} value = {INFINITE} WHERE {ONCE}",),
        {of_row(ONCE_NAME, 5, "the value is no number that can be stored")},
        "observation_value_finite",
    ),
    "no value and no reason": Broken(
        (f"{UPDATE} value = NULL WHERE {ONCE}",),
        {of_row(ONCE_NAME, 5, "status and value do not agree, or the status is not in the code list")},
        "observation_missing_has_reason",
    ),
    "a value that is missing": Broken(
        (f"{UPDATE} status = 'M' WHERE {ONCE}",),
        {of_row(ONCE_NAME, 5, "status and value do not agree, or the status is not in the code list")},
        "observation_missing_has_reason",
    ),
    "an unknown status": Broken(
        (f"{UPDATE} status = 'X' WHERE {ONCE}",),
        {of_row(ONCE_NAME, 5, "status and value do not agree, or the status is not in the code list")},
        "observation_missing_has_reason",
    ),
    "no source": Broken(
        (f"{UPDATE} source_id = NULL WHERE {ONCE}",),
        {of_row(ONCE_NAME, 5, "the value has no source")},
        "observation_value_has_source",
    ),
    "a year of three digits": Broken(
        (f"{UPDATE} year = 202 WHERE {ONCE}",),
        {of_row("urbanization_rate 370000 202", 5, "the year has not four digits")},
        "observation_year_four_digits",
    ),
}
RELEASES = {
    "dated before the one before": Broken(
        ("UPDATE indicators_release SET published_on = '2022-01-01' WHERE \"order\" = 5",),
        {
            (
                "releases_follow_each_other",
                "release 2024-12-pre-ec5",
                "is dated 2022-01-01, not after 2022-01-26, the date of 2022-01-plan",
            )
        },
    ),
    "in force before the one before": Broken(
        ("UPDATE indicators_release SET in_force_since = '2022-01-01 00:00:00+00:00' WHERE \"order\" = 5",),
        {
            (
                "releases_follow_each_other",
                "release 2024-12-pre-ec5",
                "came into force at 2022-01-01T00:00:00+00:00, before 2022-01-26T00:00:00+00:00, when 2022-01-plan did",
            )
        },
    ),
    "one is lost": Broken(
        (
            'UPDATE indicators_release SET "order" = 7 WHERE "order" = 6',
            f"{UPDATE} release_id = 7 WHERE release_id = 6",
            f"{UPDATE} superseded_by_id = 7 WHERE superseded_by_id = 6",
            "UPDATE indicators_releasefile SET release_id = 7 WHERE release_id = 6",
            "UPDATE indicators_store SET release_id = 7",
        ),
        {("releases_follow_each_other", f"release {LAST}", "is number 7, behind number 5: others are lost")},
    ),
    "an older one is in force": Broken(
        ("UPDATE indicators_store SET release_id = 5",),
        {
            (
                "the_newest_release_is_in_force",
                "store",
                f"release 2024-12-pre-ec5 is in force, but the newest is release {LAST}",
            )
        },
    ),
    "none is in force": Broken(
        ("UPDATE indicators_store SET release_id = NULL",),
        {("the_newest_release_is_in_force", "store", f"no release is in force, but the newest is release {LAST}")},
    ),
    "the store is gone": Broken(
        ("DELETE FROM indicators_store",),
        {("the_newest_release_is_in_force", "store", "its one row is missing")},
    ),
    "it says other counts": Broken(
        ('UPDATE indicators_release SET added = 1, withdrawn = 2000 WHERE "order" = 6',),
        {of_counts(LAST, 1, "added", 1721), of_counts(LAST, 2000, "withdrawn", 0)},
    ),
    "it did nothing": Broken(
        (
            'INSERT INTO indicators_release ("order", name, published_on, title_zh, title_en, in_force_since, added, '
            "revised, confirmed, withdrawn, content_sha256) SELECT 7, 'empty', '2026-10-01', title_zh, title_en, "
            'in_force_since, 0, 0, 0, 0, content_sha256 FROM indicators_release WHERE "order" = 6',
            "UPDATE indicators_store SET release_id = 7",
        ),
        {("counts_agree_with_rows", "release empty", "has no rows")},
    ),
    "its name is reserved": Broken(
        ("UPDATE indicators_release SET name = 'latest' WHERE \"order\" = 6",),
        {
            (
                "rows_keep_their_constraints",
                "indicators_release 6",
                "breaks the rule release_name_not_reserved",
            )
        },
        "release_name_not_reserved",
    ),
}
REFERENCE = {
    "a region that ends before it begins": Broken(
        ("UPDATE indicators_region SET valid_to = 1900 WHERE code = '370000'",),
        {("rows_keep_their_constraints", "indicators_region 370000", "valid_to is before valid_from")},
        "region_years_in_order",
    ),
    "a parent that does not exist": Broken(
        ("UPDATE indicators_region SET parent_id = '99' WHERE code = '370100'",),
        {
            (
                "codes_exist",
                "indicators_region.parent_id",
                "1 rows refer to '99', which indicators_region does not have",
            )
        },
    ),
}
STRUCTURE = {
    "an index is missing": Broken(
        ("DROP INDEX observation_by_year",),
        {("constraints_exist", OBSERVATIONS, "index observation_by_year is missing")},
    ),
    "a column is missing": Broken(
        ("ALTER TABLE indicators_measure RENAME COLUMN locator TO place",),
        {("tables_and_columns_exist", "indicators_measure.locator", "the column is missing")},
    ),
    "a table is missing": Broken(
        ("ALTER TABLE indicators_measure RENAME TO measures",),
        {("tables_and_columns_exist", "indicators_measure", "the table is missing")},
    ),
    "a migration is not applied": Broken(
        ("DELETE FROM django_migrations WHERE app = 'indicators' AND name = '0002_words_for_people'",),
        {("migrations_are_applied", "migration indicators.0002_words_for_people", "is not applied")},
    ),
    "the software is older": Broken(
        ("INSERT INTO django_migrations (app, name, applied) VALUES ('indicators', '0999_next', '2030-01-01')",),
        {("migrations_are_applied", "migration indicators.0999_next", "is applied, but unknown here")},
    ),
}
#: What PostgreSQL alone can be.
OF_POSTGRESQL = {
    "an index is not valid": Broken(
        ("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'observation_by_year'::regclass",),
        {("database_is_whole", "observation_by_year", "is not valid")},
    ),
    "triggers are disabled": Broken(
        ("ALTER TABLE indicators_measure DISABLE TRIGGER ALL",),
        {("triggers_exist", "indicators_measure", "5 triggers are disabled")},
    ),
    "a constraint was never proved": Broken(
        (
            "ALTER TABLE indicators_measure DROP CONSTRAINT measure_kind_known",
            "ALTER TABLE indicators_measure ADD CONSTRAINT measure_kind_known CHECK (kind <> '') NOT VALID",
        ),
        {("constraints_exist", "indicators_measure", "measure_kind_known is not valid")},
    ),
    "a title may be null, and is": Broken(
        (
            "ALTER TABLE indicators_measure ALTER COLUMN title_zh DROP NOT NULL",
            "UPDATE indicators_measure SET title_zh = NULL WHERE code = (SELECT MIN(code) FROM indicators_measure)",
        ),
        {
            ("constraints_exist", "indicators_measure", "NOT NULL of title_zh is missing"),
            ("what_must_have_a_value_has_one", "indicators_measure M01", "title_zh is null"),
        },
    ),
    "a reference is not held": Broken(
        ("ALTER TABLE indicators_measure DROP CONSTRAINT {reference}",),
        {("constraints_exist", "indicators_measure", "the reference of action_id to indicators_action is missing")},
    ),
}
EVERY = ROWS | RELEASES | REFERENCE | STRUCTURE | ({} if SQLITE else OF_POSTGRESQL)


@pytest.fixture
def pack(db: None) -> None:
    """The real pack; what other tests have published beside it has left files, which do not roll back."""
    remove_left_over()


@pytest.fixture
def store(pack: None) -> Iterator[None]:
    """A store that may be broken: nothing of it is looked at by the end of the test, and all is rolled back."""
    yield
    if SQLITE:
        connection.connection.execute("PRAGMA ignore_check_constraints = 0")
    transaction.set_rollback(True)


ORDER_TRIGGER = "indicators_release_order_update"


def execute(*statements: str) -> None:
    """Run statements with checks, references and triggers off."""
    with connection.cursor() as cursor:
        if SQLITE:
            cursor.execute("PRAGMA ignore_check_constraints = 1")
            cursor.execute(f"SELECT sql FROM sqlite_master WHERE name = '{ORDER_TRIGGER}'")
            (again,) = cursor.fetchone()
            cursor.execute(f"DROP TRIGGER {ORDER_TRIGGER}")
        else:
            again = "SET LOCAL session_replication_role = DEFAULT"
            cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement.replace("{reference}", reference()))
        cursor.execute(again)


def reference() -> str:
    """The name that the reference of measures to their action has on PostgreSQL."""
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "indicators_measure").items()
    return next((name for name, c in found if c["foreign_key"] == ("indicators_action", "code")), "")


def without(constraint: str) -> Found:
    """Take a constraint away, which SQLite need not; what check_store finds of that."""
    if SQLITE or not constraint:
        return set()
    table = f"indicators_{constraint.split('_')[0]}"
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")
    return {("constraints_exist", table, f"constraint {constraint} is missing")}


def report(*arguments: str) -> tuple[int, Any]:
    """Exit code and findings of the command."""
    out, code = StringIO(), 0
    try:
        call_command("check_store", "--json", *arguments, stdout=out, stderr=out)
    except CommandError as error:
        code = error.returncode
    return code, json.loads(out.getvalue())


def found(*arguments: str) -> Found:
    """What check_store finds: by which check, where, and what."""
    code, said = report(*arguments)
    assert (code, said["state"]) == ((1, "findings") if said["findings"] else (0, "clean"))
    assert all(finding["remedy"].endswith(".") for finding in said["findings"])
    return {(finding["check"], finding["where"], finding["what"]) for finding in said["findings"]}


def test_the_real_pack_is_clean(pack: None) -> None:
    out = StringIO()
    call_command("check_store", stdout=out, stderr=out)
    assert out.getvalue() == "The store is clean.\n"


@pytest.mark.parametrize("name", EVERY)
def test_what_is_broken_is_found_and_nothing_else(store: None, name: str) -> None:
    broken = EVERY[name]
    expected = broken.expected | without(broken.constraint)
    execute(*broken.statements)
    assert found() == expected


def test_every_check_has_found_something() -> None:
    """On PostgreSQL; what damages a file of SQLite is found below."""
    checks = {check for broken in (EVERY | OF_POSTGRESQL).values() for check, _, _ in broken.expected}
    apart = {"rows_stand_once", "triggers_exist", "files_are_as_recorded", "files_hold_the_rows"}
    assert checks | apart == {check.__name__ for check in (*FOUNDATIONS, *STORE_CHECKS, *FILE_CHECKS)}


def copied_without_rules(table: str, *rows: str) -> None:
    """A table as `CREATE TABLE … AS` makes it: the same rows and no rule, and those that a statement adds."""
    more = " ".join(f"UNION ALL {row}" for row in rows)
    with connection.cursor() as cursor:
        if not SQLITE:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"CREATE TABLE copy AS SELECT * FROM {table} {more}")
        cursor.execute(f"DROP TABLE {table}{'' if SQLITE else ' CASCADE'}")
        cursor.execute(f"ALTER TABLE copy RENAME TO {table}")


def test_a_table_without_any_rule_is_told_rule_by_rule(store: None) -> None:
    copied_without_rules(OBSERVATIONS, f"SELECT * FROM {OBSERVATIONS} WHERE {ONCE}")
    named = {
        what
        for check, where, what in found()
        if (check, where) == ("constraints_exist", OBSERVATIONS) and not what.startswith("NOT NULL")
    }
    references = {"indicator_id": "indicator", "region_id": "region", "source_id": "source"}
    references |= {"release_id": "release", "superseded_by_id": "release"}
    if not SQLITE:
        references = {}  # triggers hold them
    constraints = (
        "one_in_force", "year_four_digits", "value_finite", "missing_has_reason", "value_has_source",
        "superseded_later",
    )  # fmt: skip
    assert named == {
        "the primary key is missing",
        *(f"constraint observation_{name} is missing" for name in constraints),
        *(f"index observation_by_{name} is missing" for name in ("year", "region", "release", "successor")),
        *(f"the reference of {name} to indicators_{table} is missing" for name, table in references.items()),
    }


def test_rows_that_stand_twice_are_found(store: None) -> None:
    copied_without_rules(OBSERVATIONS, f"SELECT * FROM {OBSERVATIONS} WHERE {ONCE}")
    copied_without_rules("indicators_measure", "SELECT * FROM indicators_measure WHERE code = 'M01'")
    told = {finding for finding in found() if finding[0] not in ("constraints_exist", "triggers_exist")}
    release = "2024-12-pre-ec5"
    assert told == {
        (VINTAGE[0], f"{OBSERVATIONS} {ONCE_NAME}", f"release {release} has two rows of it"),
        of_counts(release, 4491, "added", 4492),
        ("rows_stand_once", "indicators_measure M01", "2 rows have the same code"),
    }


def test_triggers_that_are_missing_are_laid_again(store: None) -> None:
    name = "indicators_region_revision_update" if SQLITE else "indicators_region_revision"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{'' if SQLITE else ' ON indicators_region'}")
    assert found() == {("triggers_exist", f"trigger {name}", "is missing")}
    assert found("--repair") == set()
    revision = Store.objects.get().reference_revision
    Region.objects.filter(code="370000").update(name_en="Shantung")
    assert Store.objects.get().reference_revision == revision + 1


def test_the_row_of_the_store_is_made_again(store: None, api: Api) -> None:
    address = "/observations?indicator=urbanization_rate&region=370000"
    before = api.get(address)
    execute("DELETE FROM indicators_store")
    assert found("--repair") == set()
    after = api.get(address)
    assert (after.json(), after["ETag"] == before["ETag"]) == (before.json(), False)


@pytest.fixture
def files(store: None, tmp_path: Path, settings: Any) -> Path:
    """A copy of the files of the releases, which may be broken."""
    shutil.copytree(settings.FILES_ROOT, tmp_path / "files")
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files" / "releases"


def flip(path: Path) -> None:
    """Change one byte in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


BROKEN_FILES: dict[str, tuple[str, Callable[[Path], Any], str]] = {
    "missing": ("data.csv", Path.unlink, "is missing"),
    "cut off": ("data.xlsx", lambda path: os.truncate(path, 100), "has another size than the store says"),
    "changed": ("data.ndjson", flip, "has another SHA-256 than the store says"),
    "another manifest": ("manifest.json", lambda path: path.write_text("{}"), "does not say what the store says"),
    "a file too many": ("more.csv", Path.touch, "belongs to no release"),
}


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_file_that_is_broken_is_found_and_made_again(files: Path, name: str) -> None:
    file, broken, what = BROKEN_FILES[name]
    path = files / LAST / file
    digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
    broken(path)
    assert found() == {("files_are_as_recorded", str(path), what)}
    assert found("--repair") == set()
    assert digest is None or hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_files_of_no_release_are_found_and_removed(files: Path) -> None:
    left = [files / ".round-7-ab12cd", files / "round-7"]
    for folder in left:
        folder.mkdir()
        (folder / "data.csv").touch()
    assert found() == {("files_are_as_recorded", str(folder), "belongs to no release") for folder in left}
    assert found("--repair") == set()
    assert not any(folder.exists() for folder in left)


def test_files_that_were_not_restored_are_made_again(files: Path) -> None:
    before = {path.relative_to(files): path.read_bytes() for path in files.rglob("*") if path.is_file()}
    shutil.rmtree(files)
    told = found()
    assert len(told) == LISTED + 1
    assert {what for _, where, what in told if where != "others"} == {"is missing"}
    assert found("--repair") == set()
    assert {path.relative_to(files): path.read_bytes() for path in files.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("change", ["note = 'by hand'", "value = value + 0.01", "locator = NULL"])
def test_rows_that_were_edited_by_hand_differ_from_the_files(store: None, change: str) -> None:
    execute(f"{UPDATE} {change} WHERE {ONCE}")
    told = found()
    assert {(check, where.split()[-1]) for check, where, _ in told} == {("files_hold_the_rows", "urbanization_rate")}
    assert all(what.startswith("rows differ from the store as of ") for _, _, what in told)
    assert found("--repair") == told, "which of them is right, a program cannot know"


def test_of_many_findings_the_first_are_listed_and_all_are_counted(store: None) -> None:
    expected = without("observation_value_has_source")
    execute(f"{UPDATE} source_id = NULL WHERE release_id = 1 AND value IS NOT NULL")
    number = Observation.objects.filter(release=1, source=None, value__isnull=False).count()
    told = found() - expected
    assert len(told) == LISTED + 1
    more = f"{number - LISTED:,} more of this kind are not listed"
    assert ("rows_keep_their_constraints", OBSERVATIONS, more) in told


def test_findings_are_told_in_words(store: None) -> None:
    execute("UPDATE indicators_store SET release_id = 5")
    out = StringIO()
    with pytest.raises(CommandError, match=r"^1 findings in the store\.$") as raised:
        call_command("check_store", stdout=out, stderr=out)
    assert raised.value.returncode == 1
    assert out.getvalue().startswith(
        f"store: release 2024-12-pre-ec5 is in force, but the newest is release {LAST}. Rest"
    )


def test_a_database_that_does_not_answer_is_told(migrated: OwnDatabase, tmp_path: Path) -> None:
    nowhere = f"sqlite:///{tmp_path}/no/folder/x.sqlite3" if SQLITE else "postgres://postgres@127.0.0.1:1/x"
    code, out, err = OwnDatabase(nowhere).run("manage.py", "check_store")
    assert (code, out) == (3, "")
    assert err.startswith("CommandError: Nothing was checked: the database does not answer (")


def test_an_empty_store_is_clean(migrated: OwnDatabase) -> None:
    assert migrated.run("manage.py", "check_store") == (0, "The store is clean.\n", "")


if SQLITE:

    @pytest.mark.parametrize("page", [1, 40])
    def test_a_damaged_file_is_told(migrated: OwnDatabase, tmp_path: Path, page: int) -> None:
        with copied(migrated, tmp_path) as own:
            path = Path(urlsplit(own.url).path)
            content = bytearray(path.read_bytes())
            begin = 0 if page == 1 else page * 4096
            content[begin : begin + 4096] = b"\xff" * 4096
            path.write_bytes(content)
            code, out, err = own.run("manage.py", "check_store")
        assert (code, err.splitlines()[-1:]) == (1, [f"CommandError: {len(out.splitlines())} findings in the store."])
        assert "database" in out
