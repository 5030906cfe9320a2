"""What the definitions say of the figures holds in the figures of the pack, as plain Python reads them."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from tests.oracle import Oracle

PACK = Oracle.of_pack()
Place = tuple[str, int]
Formula = Callable[..., Decimal]
FIGURES: dict[str, dict[Place, Decimal]] = {code: {} for code in PACK.indicators}
for (_code, _region, _year), _row in PACK.states[-1].items():
    if _row["value"] is not None:
        FIGURES[_code][_region, _year] = Decimal(_row["value"])

HUNDREDTH = Decimal("0.01")
COUNTRY, SHANDONG = "000000", "370000"


def total(*parts: Decimal) -> Decimal:
    return sum(parts, Decimal(0))


def percentage(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * 100


def quotient(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole


def difference(more: Decimal, less: Decimal) -> Decimal:
    return more - less


def kind(place: Place, what: str) -> str:
    """The level or type of the region of a figure."""
    return str(PACK.regions[place[0]][what])


def off(whole: str, formula: Formula, parts: tuple[str, ...], tolerance: str) -> set[Place]:
    """Places and years where a figure differs from the formula on its parts by more than rounding."""
    places = set(FIGURES[whole]).intersection(*(FIGURES[part] for part in parts))
    assert places
    computed = {place: formula(*(FIGURES[part][place] for part in parts)) for place in places}
    return {place for place in places if abs(FIGURES[whole][place] - computed[place]) > Decimal(tolerance)}


@pytest.mark.parametrize(
    ("whole", "formula", "parts", "tolerance"),
    [
        ("census_pop_total", total, ("census_pop_male", "census_pop_female"), "0"),
        ("census_pop_total", total, ("census_pop_urban", "census_pop_rural"), "0"),
        ("census_sex_ratio", percentage, ("census_pop_male", "census_pop_female"), "0.005"),
        ("urbanization_rate_census", percentage, ("census_pop_urban", "census_pop_total"), "0.005"),
        ("natural_growth_rate", difference, ("birth_rate", "death_rate"), "0"),
        ("pop_registered", total, ("pop_registered_agri", "pop_registered_nonagri"), "0.01"),
        ("grp", total, ("va_primary", "va_secondary", "va_tertiary"), "0.15"),
        # of 2021 in Shandong the note says 2.262 to 2.264, from monthly averages in whole yuan
        ("income_ratio_urban_rural", quotient, ("income_urban_pc", "income_rural_pc"), "0.005"),
        ("income_ratio_urban_rural_pre2013", quotient, ("income_urban_pc_old", "income_rural_net_pc"), "0.0005"),
    ],
)
def test_parts_make_the_whole(whole: str, formula: Formula, parts: tuple[str, ...], tolerance: str) -> None:
    assert off(whole, formula, parts, tolerance) == set()


@pytest.mark.parametrize(
    ("whole", "formula", "parts", "tolerance"),
    [
        ("pop_resident", total, ("pop_urban", "pop_rural"), "1"),
        ("urbanization_rate", percentage, ("pop_urban", "pop_resident"), "0.1"),
    ],
)
def test_year_end_population_fits_inside_one_state_of_the_data(
    whole: str, formula: Formula, parts: tuple[str, ...], tolerance: str
) -> None:
    unrevised = {place for place in FIGURES["pop_urban"] if place[1] == 2008 and place[0] != COUNTRY}
    unrevised |= {(SHANDONG, 2011), (SHANDONG, 2012)}  # the comparability notes of pop_urban and pop_rural
    assert off(whole, formula, parts, tolerance) <= unrevised


def test_census_age_groups_make_a_hundred() -> None:
    groups = [FIGURES[f"census_share_age_{group}"] for group in ("0_14", "15_64", "65_plus")]
    assert groups[0].keys() == groups[1].keys() == groups[2].keys()
    assert all(abs(total(*(group[place] for group in groups)) - 100) <= HUNDREDTH for place in groups[0])


def test_grp_per_head_uses_the_mean_of_two_year_ends() -> None:
    people = FIGURES["pop_resident"]
    for (region, year), value in FIGURES["grp_pc"].items():
        mean = (people[region, year - 1] + people[region, year]) / 2
        tolerance = HUNDREDTH if year == 2024 else HUNDREDTH / 100  # of 2024 the pack holds parts of different dates
        assert abs(FIGURES["grp"][region, year] * 10_000 / mean / value - 1) < tolerance


@pytest.mark.parametrize(
    ("less", "more"),
    [
        ("census_pop_city_proper", "census_pop_urban"),
        ("census_edu_bachelor_f", "census_pop_female"),
        ("census_edu_bachelor_m", "census_pop_male"),
        ("urbanization_rate_hukou", "urbanization_rate"),
        ("income_rural_pc", "income_all_pc"),
        ("income_all_pc", "income_urban_pc"),
        ("consumption_rural_pc", "consumption_all_pc"),
        ("consumption_all_pc", "consumption_urban_pc"),
    ],
)
def test_what_is_called_smaller_is_smaller(less: str, more: str) -> None:
    places = FIGURES[less].keys() & FIGURES[more].keys()
    assert places
    assert all(FIGURES[less][place] < FIGURES[more][place] for place in places)


def test_shares_lie_between_nought_and_a_hundred() -> None:
    percents = [FIGURES[code] for code, row in PACK.indicators.items() if row["unit"] == "percent"]
    assert all(0 <= value <= 100 for figures in percents for value in figures.values())


def test_districts_without_a_rural_figure_have_no_rural_population() -> None:
    everyone, urban = FIGURES["census_pop_total"], FIGURES["census_pop_urban"]
    silent = everyone.keys() - FIGURES["census_pop_rural"].keys()
    assert {(kind(place, "type"), place[1]) for place in silent} == {("district", 2010)}
    assert all(urban[place] == everyone[place] for place in silent)


def test_the_city_proper_of_a_prefecture_lies_in_its_districts() -> None:
    city, urban = FIGURES["census_pop_city_proper"], FIGURES["census_pop_urban"]
    for prefecture in (place for place in city if kind(place, "level") == "prefecture"):
        districts = [p for p in urban if p[1] == 2020 and kind(p, "parent") == prefecture[0]]
        inner = [urban[p] for p in districts if kind(p, "type") in ("district", "functional_zone")]
        assert city[prefecture] <= total(*inner)


def test_people_apart_from_their_hukou_are_residents_of_2020() -> None:
    parts = [FIGURES[f"census_mig20_{part}"] for part in ("same_county", "other_county", "other_province")]
    assert {year for part in parts for _, year in part} == {2020}
    assert all(total(*(part[p] for part in parts)) < FIGURES["census_pop_total"][p] for p in parts[0])


def test_family_households_hold_fewer_people_than_there_are_residents() -> None:
    for place, size in FIGURES["census_hh_size"].items():
        people = FIGURES["census_hh_family"][place] * (size - Decimal("0.005"))
        assert people < FIGURES["census_pop_total"][place]


def provinces(code: str, year: int) -> list[Decimal]:
    return [value for p, value in FIGURES[code].items() if p[1] == year and kind(p, "level") == "province"]


def test_the_country_is_the_sum_of_its_provinces_in_the_census_and_more_at_the_end_of_a_year() -> None:
    for code in ("census_pop_total", "census_pop_urban", "census_pop_rural"):
        assert len(provinces(code, 2020)) == 31
        assert total(*provinces(code, 2020)) == FIGURES[code][COUNTRY, 2020]
    country = {year: value for (code, year), value in FIGURES["pop_resident"].items() if code == COUNTRY}
    complete = [year for year in country if len(provinces("pop_resident", year)) == 31]
    assert complete
    assert all(total(*provinces("pop_resident", year)) < country[year] for year in complete)


def everyone(place: Place) -> Decimal:
    return FIGURES["census_pop_total"][place]


def aged_15_plus(place: Place) -> Decimal:
    return everyone(place) * (100 - FIGURES["census_share_age_0_14"][place])


def in_family_households(place: Place) -> Decimal:
    return FIGURES["census_hh_family"][place] * FIGURES["census_hh_size"][place]


def registered(place: Place) -> Decimal:
    return FIGURES["census_pop_hukou"][place]


def distance(code: str, year: int, weight: Callable[[Place], Decimal]) -> Decimal:
    """From the mean of the counties, weighted by a base, to the figure of the province."""
    counties = [place for place in FIGURES[code] if place[1] == year and kind(place, "level") == "county"]
    weights = [weight(place) for place in counties]
    mean = total(*(FIGURES[code][p] * w for p, w in zip(counties, weights, strict=True))) / total(*weights)
    return abs(mean - FIGURES[code][SHANDONG, year])


@pytest.mark.parametrize("year", [2010, 2020])
def test_the_counties_confirm_the_base_of_census_figures(year: int) -> None:
    assert distance("census_illiteracy_rate_15plus", year, aged_15_plus) < HUNDREDTH
    assert distance("census_illiteracy_rate_15plus", year, everyone) > 5 * HUNDREDTH
    assert distance("census_hh_size", year, FIGURES["census_hh_family"].__getitem__) < HUNDREDTH
    assert distance("census_hou_floor_area_pc", year, in_family_households) < HUNDREDTH


def test_schooling_has_no_common_base_in_the_two_censuses() -> None:
    assert distance("census_mean_years_schooling", 2010, aged_15_plus) < HUNDREDTH
    assert distance("census_mean_years_schooling", 2020, aged_15_plus) > 2 * HUNDREDTH


def test_the_non_agricultural_share_is_one_of_residents() -> None:
    assert distance("census_share_nonagri_hukou", 2010, everyone) < 10 * HUNDREDTH
    assert distance("census_share_nonagri_hukou", 2010, registered) > 1
