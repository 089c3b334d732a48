"""Figures of the sample, and the rule that nothing invented stands on a real name without its mark."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from geodata.sample import agreement_records, district_records
from geodata.sample.associations import LONG_NAME
from geodata.sample.draws import Draws, shares
from kyodo_geo.kinds import SAMPLE_KINDS
from kyodo_geo.membership import membership_rate
from tests.unit.sample_world import rows, sample

YEARS = range(2019, 2026)


def members(year: int) -> dict[str, tuple[int, int]]:
    """Association → (member households, households)."""
    return {
        row["association_id"]: (row["member_households"], row["households"])
        for row in rows("membership")
        if row["fiscal_year"] == year
    }


def rate(figures: list[tuple[int, int]]) -> float:
    found = membership_rate(sum(m for m, _ in figures), sum(h for _, h in figures))
    assert found is not None
    return found


def by_district(year: int) -> dict[int, float]:
    of = {row["association_id"]: row["district_no"] for row in rows("association-districts")}
    figures = members(year)
    return {no: rate([v for key, v in figures.items() if of[key] == no]) for no in range(1, 31)}


def test_every_kind_has_rows() -> None:
    assert set(sample().frames) == set(SAMPLE_KINDS)
    assert all(len(frame) for frame in sample().frames.values())


def test_the_city_begins_at_87_5_percent() -> None:
    assert round(rate(list(members(2019).values())), 4) == 0.8750


def test_membership_declines_gently() -> None:
    rates = [rate(list(members(year).values())) for year in YEARS]

    assert rates == sorted(rates, reverse=True)
    assert 0.84 < rates[-1] < 0.86


def test_districts_differ() -> None:
    rates = by_district(2019)

    assert sum(value < 0.80 for value in rates.values()) >= 2
    assert sum(value > 0.93 for value in rates.values()) >= 5
    assert all(0.6 < value < 1 for value in rates.values())


def test_no_association_has_more_members_than_households() -> None:
    assert all(0 <= m <= h for year in YEARS for m, h in members(year).values())


def test_a_few_associations_are_too_small_to_be_shown_and_a_few_years_are_missing() -> None:
    known = Counter(row["association_id"] for row in rows("membership"))

    assert 2 <= sum(h < 10 for _, h in members(2019).values()) <= 5
    assert len(members(2019)) == len(rows("associations"))
    assert Counter(known.values()) == {7: len(known) - 4, 6: 3, 5: 1}


def test_register_population_of_the_districts_adds_up_to_the_city() -> None:
    for year in YEARS:
        of_year = [row for row in rows("register-population") if row["as_of"].year == year]
        city = [row for row in of_year if row["area_kind"] == "city"]
        parts = [row for row in of_year if row["area_kind"] == "district"]
        assert (len(city), len(parts)) == (1, 30)
        assert city[0]["people"] == sum(row["people"] for row in parts)
        assert city[0]["households"] == sum(row["households"] for row in parts)


def test_invented_associations_say_so_in_their_name() -> None:
    names = [row["name"] for row in rows("associations")]

    assert all("見本" in name for name in names)
    assert len(set(names)) == len(names)
    assert all(row["kana"] for row in rows("associations"))


def test_one_name_is_forty_characters_long() -> None:
    assert len(LONG_NAME) == 40
    assert max(len(row["name"]) for row in rows("associations")) == 40


@pytest.mark.parametrize("kind", ["halls", "vacant-houses"])
def test_addresses_of_invented_houses_lead_nowhere(kind: str) -> None:
    assert all("見本" in row["address"] and row["address"].endswith("（架空）") for row in rows(kind))


def test_vacant_houses_cover_states_ranks_and_unknowns() -> None:
    found = rows("vacant-houses")

    assert Counter(row["state"] for row in found) == {"survey": 36, "consented": 14, "listed": 10}
    assert {"A", "B", "C", "D"} <= {row["rank"] for row in found}
    assert not {row["rank"] for row in found if row["state"] != "survey"} & {"C", "D"}
    for row in found:
        assert bool(row["consented_to"]) == (row["consented_on"] is not None) == (row["state"] == "consented")
    for column in (
        "largest_room_m2",
        "built_year",
        "confirmed_on",
        "seismic",
        "road_access",
        "owner_willing",
    ):
        values = [row[column] for row in found]
        assert None in values and any(value is not None for value in values), column


def test_real_centres_carry_only_what_is_known_of_them() -> None:
    for row in rows("facilities"):
        known = {name for name, value in row.items() if value is not None}
        assert known == {"facility_id", "name", "kind", "activity", "address", "geom"}


@pytest.mark.parametrize(
    "table",
    [
        "building",
        "facility_building",
        "room",
        "facility_year",
        "named_building",
        "officer",
        "hall_subsidy",
        "project",
        "area_figure",
        "activity_case",
        "handbook",
        "subsidy_notice",
    ],
)
def test_invented_figures_on_real_places_are_marked_row_by_row(table: str) -> None:
    found = sample().records[table]

    assert found
    assert {row["quality"] for row in found} == {"sample"}
    assert all("架空" in row["source"] for row in found)


def test_years_after_the_baseline_are_invented_and_say_so() -> None:
    records = sample().records
    values = [row for row in records["indicator_value"] if row["fiscal_year"] != 2019]

    for row in [*values, *records["initiative_year"]]:
        assert row["quality"] == "sample"
        assert "架空" in row["source"]
    assert {row["indicator_id"] for row in values} == {row["indicator_id"] for row in records["indicator"]}
    assert {row["initiative_no"] for row in records["initiative_year"]} == set(range(1, 28))
    training = {row["fiscal_year"]: row["value"] for row in values if row["indicator_id"] == "training"}
    said = [row for row in records["initiative_year"] if row["initiative_no"] in (26, 27)]
    for year in (2021, 2022, 2023, 2024):
        found = [re.search(r"(\d+) 人", row["record"]) for row in said if row["fiscal_year"] == year]
        assert sum(int(number[1]) for number in found if number) == training[year], "the sum of both"


@pytest.mark.parametrize("table", ["indicator_value", "district_plan", "body"])
def test_real_records_name_the_plan_as_their_source(table: str) -> None:
    found = [row for row in sample().records[table] if row.get("fiscal_year", 2019) == 2019]

    real = [row for row in found if row["quality"] == "real"]
    assert real and all("盛岡市地域づくり協働推進計画" in row["source"] for row in real)
    assert all("架空" in row["source"] for row in found if row["quality"] != "real")


def test_what_no_source_gives_is_unknown() -> None:
    records = sample().records

    printed = [row for row in records["district_plan"] if row["quality"] == "real"]
    assert {(row["valid_from"], row["title"]) for row in printed} == {(None, None)}
    assert Counter(row["state"] for row in printed) == {"adopted": 12, "none": 18}
    assert not {"district_request"} & set(records)


def test_projects_are_those_of_the_indicator_and_later_plan_states_are_marked() -> None:
    records = sample().records

    assert Counter(row["fiscal_year"] for row in records["project"]) == district_records.PROJECTS
    districts = {
        year: len({row["district_no"] for row in records["project"] if row["fiscal_year"] == year})
        for year in district_records.PROJECTS
    }
    assert districts == district_records.DISTRICTS
    later = [row for row in records["district_plan"] if row["record_no"] > 1]
    assert {row["state"] for row in later} == {"adopted", "revised", "in_preparation", "expired", "none"}
    for table in (later, records["project"], records["area_figure"]):
        assert {row["quality"] for row in table} == {"sample"}


def test_figures_of_the_agreement_are_sums_and_agree_with_themselves() -> None:
    held = [row for row in sample().records["area_figure"] if row["measure"].startswith("agreement_")]
    assert {(row["quality"], row["source"]) for row in held} == {("sample", "見本データ（架空の値）")}
    for year in agreement_records.YEARS:
        for month in agreement_records.MONTHS:
            sums = Counter[str]()
            for row in held:
                if row["fiscal_year"] == year and row["measure"].endswith(f"_{month:02}"):
                    sums[row["measure"].removeprefix("agreement_")[:-3]] += row["value"]
            asked = sum(sums[f"by_{name}"] for name, _ in agreement_records.CHANNELS)
            outcomes = ("one", "several", "none_here", "outside_city", "not_understood")
            assert asked == sum(sums[name] for name in outcomes) > 0
            assert 0 <= sums["joined"] <= sums["wish"] < sums["leaflet"] < asked


def test_every_centre_has_building_rooms_and_years_of_use() -> None:
    records = sample().records
    centres = {row["facility_id"] for row in rows("facilities")}

    for table in ("facility_building", "room", "facility_year"):
        assert {row["facility_id"] for row in records[table]} == centres
    assert {row["seismic"] for row in records["building"]} == {"built-to-code", "retrofitted", "not-proof"}
    assert all(row["seismic"] == "built-to-code" or row["built_year"] <= 1981 for row in records["building"])


def test_support_of_districts_adds_up_to_what_the_plan_prints_for_the_first_year() -> None:
    figures = sample().records["area_figure"]
    first = {
        measure: sum(
            row["value"] for row in figures if row["measure"] == measure and row["fiscal_year"] == 2019
        )
        for measure in ("meetings_issue", "participants_26", "participants_27")
    }
    assert first["meetings_issue"] == 8
    assert first["participants_26"] + first["participants_27"] == 100
    officers = sample().records["officer"]
    assert {row["district_no"] for row in officers if row["kind"] == "contact"} == set(range(1, 31))
    assert all(row["person_name"] is None for row in officers)


def test_shares_are_whole_and_exact() -> None:
    assert shares(10, [1, 1, 1]) == [4, 3, 3]
    assert shares(7, [0, 2, 5]) == [0, 2, 5]
    assert sum(shares(138_000, [0.1 * n for n in range(1, 900)])) == 138_000


def test_draws_stay_in_their_range_and_topics_are_independent() -> None:
    draws = Draws(1, "a")

    assert {draws.whole(1, 3) for _ in range(200)} == {1, 2, 3}
    assert all(-3.5 <= draws.bell() <= 3.5 for _ in range(200))
    assert len(set(draws.some(range(10), 10))) == 10
    assert Draws(1, "a").real() == Draws(1, "a").real()
    assert Draws(1, "a").real() != Draws(1, "b").real()
