"""Huge addresses and lists: the largest that is legal is answered within a second, anything larger is refused."""

from collections.abc import Sequence

import pytest

from tests.api.test_hostile import Faults, Reply, send
from tests.conftest import Api

LIMIT = 60_000  # uri_bytes_max


def too_long(reply: Reply) -> None:
    """414."""
    assert reply.status == 414, (reply.status, reply.body[:200])
    assert reply.problem()["code"] == "uri_too_long"


def codes(api: Api, resource: str) -> list[str]:
    """All codes of a reference resource."""
    return [row["code"] for row in api.json(f"/{resource}?page_size=1000&fields=code")["results"]]


def ranges(first: int, width: int, step: int, many: int) -> str:
    """Disjoint ranges."""
    return ",".join(f"{low}..{low + width}" for low in range(first, first + many * step, step))


def test_the_limits_are_those_that_meta_tells(api: Api) -> None:
    limits = api.json("/meta")["limits"]
    assert (limits["uri_bytes_max"], limits["list_items_max"], limits["parameters_max"]) == (LIMIT, 1_000, 100)
    assert (limits["search_characters_max"], limits["search_words_max"]) == (200, 10)


@pytest.mark.parametrize("size", [64 * 1024, 1024 * 1024])
def test_addresses_that_are_too_long(api: Api, size: int) -> None:
    faults = Faults()
    for address in (
        "/regions/" + "a" * size,
        "/regions/" + "%E6" * 21_000,  # servers take no more than 64 KB
        "/" + "a/" * size,
        "/units?q=" + "a" * size,
        "/units?" + "a" * size,
        "/units?" + "&" * size,
        "/observations?region=" + ",".join(["370000"] * (size // 7)),
        "/observations?year=" + "." * size,
        "/observations?value=" + "9" * size,
        "/observations?cursor=" + "A" * size,
        "/nothing?" + "a=1&" * (size // 4),
    ):
        faults.check(send(api, address), too_long)
    faults.none()


@pytest.mark.parametrize("size", [8 * 1024, LIMIT - 100])
def test_long_values_are_refused(api: Api, size: int) -> None:
    faults = Faults()
    text = "a" * size
    faults.check(send(api, "/regions/" + text), Reply.missing)
    faults.check(send(api, "/regions/370000/" + text), Reply.missing)
    faults.check(send(api, "/" + "a/" * (size // 2)), Reply.missing)
    faults.check(send(api, f"/regions/{text}/events"), Reply.missing)
    faults.check(send(api, "/units?q=" + text), Reply.refused, "q", {"out_of_range"})
    faults.check(send(api, "/units?" + text), Reply.refused, text, {"unknown_parameter"})
    faults.check(send(api, "/observations?region=" + text), Reply.refused, "region", {"unknown_code"})
    faults.check(send(api, "/observations?status=" + text), Reply.refused, "status", {"unknown_code"})
    faults.check(send(api, "/observations?fields=" + text), Reply.refused, "fields", {"unknown_field"})
    faults.check(send(api, "/observations?sort=-" + text), Reply.refused, "sort", {"unknown_sort_field"})
    faults.check(send(api, "/observations?cursor=" + text), Reply.refused, "cursor", {"invalid_cursor"})
    faults.check(send(api, "/observations?as_of=" + text), Reply.refused, "as_of", {"invalid_value"})
    faults.check(send(api, "/observations?format=" + text), Reply.refused, "format", {"not_acceptable"})
    wrong = {"invalid_value", "out_of_range"}
    for name in ("year", "value", "page_size"):
        for digits in ("9" * size, "-" * size, "." * size, "1." + "0" * size, "0" * size, "1.." * (size // 3)):
            faults.check(send(api, f"/observations?{name}={digits}"), Reply.refused, name, wrong)
    faults.none()


@pytest.mark.parametrize("many", [101, 1_001, 10_000])
def test_more_parameters_than_are_allowed(api: Api, many: int) -> None:
    for pairs in (
        [f"p{n}=1" for n in range(many)][: LIMIT // 8],
        ["a=1"] * many,
        ["year=2020"] * min(many, 5_000),
        ["a"] * many,
    ):
        send(api, "/observations?" + "&".join(pairs)).refused(None, {"out_of_range"})


def test_a_hundred_thousand_parameters(api: Api) -> None:
    too_long(send(api, "/observations?" + "&".join(f"p{n}=1" for n in range(100_000))))
    too_long(send(api, "/observations?" + "a&" * 100_000))


def test_a_hundred_unknown_parameters_are_all_told(api: Api) -> None:
    errors = send(api, "/observations?" + "&".join(f"regoin{n}=1" for n in range(100))).problem()["errors"]
    assert [error["parameter"] for error in errors] == [f"regoin{n}" for n in range(100)]


@pytest.mark.parametrize("name", ["region", "year", "value", "status", "fields", "sort", "region_within", "source"])
def test_lists_that_are_too_long(api: Api, name: str) -> None:
    faults = Faults()
    too_long(send(api, f"/observations?{name}=" + ",".join(["2000"] * 40_000)))
    for many in (1_001, 8_000):
        reply = send(api, f"/observations?{name}=" + ",".join(str(1_000 + n) for n in range(many)))
        faults.check(reply, Reply.refused, name, {"out_of_range"})
    faults.check(
        send(api, f"/observations?{name}=" + "a," * 25_000), Reply.refused, name, {"empty_value", "out_of_range"}
    )
    faults.none()


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("indicator", "grp_{}"), ("region", "3{:05}"), ("region_within", "x{}"), ("status", "Aa{}"), ("source", "S9{}"),
        ("region_type", "county_level_city_{}"), ("fields", "region_name_en{}"), ("sort", "-region{}"), ("year", "x{}"),
        ("value", "x{}"), ("year", "2020..{:04}"),
    ],
)  # fmt: skip
def test_a_thousand_wrong_items_are_all_told(api: Api, name: str, item: str) -> None:
    items = [item.format(n) for n in range(1_000)]
    errors = send(api, f"/observations?{name}=" + ",".join(items)).problem()["errors"]
    assert len(errors) == 1_000 if item[0] != "3" else len(errors) > 800
    assert {error["parameter"] for error in errors} == {name}


@pytest.mark.parametrize("resource", ["regions", "indicators", "targets", "sources", "plans", "datasets", "units"])
def test_searches(api: Api, resource: str) -> None:
    faults = Faults()
    for text, legal in {
        "a" * 200: True,
        "a" * 201: False,
        "+".join("abcdefghij"): True,
        "+".join("abcdefghijk"): False,
        "+".join(["a"] * 100): True,  # one word, given often
        "+".join(["ab"] * 3_000): False,
        "+".join(f"w{n}" for n in range(3_000)): False,
        "%EF%B7%BA" * 200: True,  # each unfolds into four words
        "%EF%B7%BA" * 201: False,
        "+" * 200: False,
    }.items():
        reply = send(api, f"/{resource}?q={text}")
        if legal:
            faults.check(reply, Reply.answered)
        else:
            faults.check(reply, Reply.refused, "q", {"out_of_range", "empty_value"})
    faults.none()


YEARS = ranges(1_000, 1, 3, 1_000)
WIDE_YEARS = ranges(1_000, 7, 9, 999)  # nearly all years there are
VALUES = ",".join(f"{n}.1..{n}.6" for n in range(1_000))


@pytest.mark.parametrize(
    "query",
    [
        f"/observations?year={YEARS}", f"/observations?year={WIDE_YEARS}&count=true", f"/observations?value={VALUES}",
        f"/observations?value={VALUES}&count=true", f"/observations?value={VALUES}&year={YEARS}&count=true",
        f"/observations?value={VALUES}&region=370000&sort=-value", f"/observations?value={VALUES}&format=csv",
        f"/observations?value={VALUES}&year={WIDE_YEARS}&format=csv", f"/targets?year={YEARS}",
        f"/targets?year={WIDE_YEARS}", f"/region-events?year={WIDE_YEARS}", f"/regions/371200/events?year={YEARS}",
        f"/regions?valid_in={YEARS}", f"/regions?valid_in={WIDE_YEARS}",
        "/observations?year=" + ",".join(str(year) for year in range(1_000, 2_000)),
        "/observations?count=true&value=" + ",".join(str(value) for value in range(1_000)),
        "/observations?count=true&value=" + ",".join(f"-{n}.5..{n}.5" for n in range(1_000)),
        "/observations?count=true&value=" + ",".join(f"{n}..,..-{n}" for n in range(500)),
        "/observations?count=true&value=" + ",".join(f"{n}.000000001..{n}.000000002" for n in range(1_000)),
    ],
    ids=lambda query: query[:50] + query[-12:],
)  # fmt: skip
def test_a_thousand_ranges_are_answered(api: Api, query: str) -> None:
    send(api, query).answered()


def test_lists_of_everything_are_answered(api: Api) -> None:
    faults = Faults()
    regions, indicators, sources = (_filled(codes(api, name)) for name in ("regions", "indicators", "sources"))
    for address in (
        f"/observations?region={regions}",
        f"/observations?region_within={regions}&region_within_self=true&count=true",
        f"/observations?region={regions}&indicator={indicators}&source={sources}&count=true",
        f"/observations?region={regions}&region_within={regions}&year={YEARS}&value={VALUES}&format=csv",
        f"/observations?indicator={indicators}&year={YEARS}&value={VALUES}&sort=-value,year&page_size=10000",
        f"/region-events?region={regions}",
        f"/regions?parent={regions}&within={regions}&valid_in={YEARS}",
        f"/targets?region={regions}&indicator={indicators}",
    ):
        assert len(address) < LIMIT
        faults.check(send(api, address), Reply.answered)
    faults.none()


def _filled(known: Sequence[str]) -> str:
    """A list of a thousand items, as long as one may be."""
    return ",".join((list(known) * 1_000)[:1_000])
