"""The sample's network, people by age and facility records: invented, consistent, with gaps on purpose."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components, dijkstra

from geodata.sample import ages, facts
from geodata.sample.plane import to_metres
from kyodo_geo.facility_terms import ACTIONS, MOVES, USE_CLASSES
from kyodo_geo.scenarios.actions import Action
from kyodo_geo.scenarios.rules import Place, faults
from tests.unit.sample_world import rows, sample

RECORDS = (
    "facility_opening", "facility_closure", "facility_group", "facility_shelter", "room_year", "building_inspection",
    "building_work", "facility_stage", "scenario",
)  # fmt: skip


def test_somebody_is_cut_off_and_all_others_hang_together() -> None:
    edges = rows("walk-network")
    numbers = sorted({node for edge in edges for node in (edge["u"], edge["v"])})
    place = {node: index for index, node in enumerate(numbers)}
    u, v = ([place[edge[end]] for edge in edges] for end in ("u", "v"))
    graph = coo_matrix(([edge["length_m"] for edge in edges], (u, v)), shape=(len(place),) * 2).tocsr()
    parts = Counter(connected_components(graph, directed=False)[1].tolist())
    assert sorted(parts.values())[:-1] == [2]
    assert 4_000 < len(edges) < 7_000
    assert len({(edge["u"], edge["v"]) for edge in edges}) == len(edges)

    spots = {}
    for edge in edges:
        (spots[place[edge["u"]]], spots[place[edge["v"]]]) = edge["geom"].coords
    metres = to_metres(np.array([spots[index] for index in range(len(place))]))
    start = int(np.argmin(np.hypot(*(metres - np.median(metres, axis=0)).T)))
    walked = dijkstra(graph, directed=False, indices=start)
    straight = np.hypot(*(metres - metres[start]).T)
    detour = walked[(straight > 500) & np.isfinite(walked)] / straight[(straight > 500) & np.isfinite(walked)]
    assert detour.min() > 0.999
    assert 1.1 < float(np.median(detour)) < 1.8, "ways are longer than straight lines"


def test_people_by_age_add_up_to_the_people_of_each_small_area() -> None:
    frame = sample().frames["age-population"]
    sums = frame[frame["year"] == 2020].groupby("area_key")["people"].sum().to_dict()
    assert sums == {row["key_code"]: row["people"] for row in rows("small-areas")}
    assert frame.groupby("year")["people"].sum().to_dict() == {2015: 291_500, 2020: 285_000, 2040: 243_000}
    assert frame[frame["projected"]]["year"].unique().tolist() == [ages.PROJECTED]
    assert (frame["people"] >= 0).all()
    assert frame[frame["age_to"].isna()]["age_from"].unique().tolist() == [85]


def test_the_share_of_old_people_is_that_of_the_yearly_figures() -> None:
    frame = sample().frames["age-population"]
    district = {row["key_code"]: row["district_no"] for row in rows("district-assignment")}
    year = frame[frame["year"] == 2020].assign(district=frame["area_key"].map(district))
    every = year.groupby("district")["people"].sum()
    old = year[year["age_from"] >= ages.AGED_FROM].groupby("district")["people"].sum()
    told = {
        int(row["area_key"]): row["value"]
        for row in sample().records["area_figure"]
        if row["measure"] == "aged_65_share" and row["fiscal_year"] == 2020
    }
    assert all(old[no] == round(every[no] * share) for no, share in told.items())


@pytest.mark.parametrize("table", RECORDS)
def test_everything_invented_is_marked_row_by_row(table: str) -> None:
    found = sample().records[table]
    assert found
    assert {row["quality"] for row in found} == {"sample"}
    assert all("架空" in row["source"] for row in found)


def test_names_of_invented_groups_and_scenarios_say_so() -> None:
    records = sample().records
    assert all(row["name"] is None or row["name"].startswith("見本") for row in records["facility_group"])
    assert all("見本" in row["title"] and "架空" in row["title"] for row in records["scenario"])
    assert all("見本" in row["reason"] for row in records["facility_stage"])
    assert all(row["inspector"].startswith("見本") for row in records["building_inspection"])


def test_unit_costs_are_the_published_ones_with_their_source() -> None:
    found = sample().records["unit_cost"]
    assert Counter(row["rule_set"] for row in found) == {"60-year": 13, "80-year": 13}
    assert {row["use_class"] for row in found} == set(USE_CLASSES)
    assert all(row["quality"] == "real" and "総務省" in row["source"] for row in found)


def test_scenarios_act_on_the_centres_within_their_years() -> None:
    records = sample().records
    centres = {centre.facility_id for centre in facts.centres()}
    assert Counter(row["state"] for row in records["scenario"]) == {"published": 1, "draft": 1}
    years = {row["scenario_id"]: (row["base_year"], row["horizon"]) for row in records["scenario"]}
    for row in records["scenario_action"]:
        first, horizon = years[row["scenario_id"]]
        assert first <= row["year"] < first + horizon
        assert row["facility_id"] in centres and row["action"] in ACTIONS
        assert (row["into_facility"] is not None) == (row["action"] in MOVES)


def test_parts_of_the_cost_fit_into_the_cost_and_some_things_are_not_known() -> None:
    records = sample().records
    years = records["facility_year"]
    for row in years:
        parts = [row[name] for name in ("upkeep_yen", "energy_yen", "staff_yen")]
        assert sum(part or 0 for part in parts) <= row["cost_yen"]
    assert any(row["energy_yen"] is None for row in years)
    assert any(row["extendable"] is None for row in records["building"])
    assert any(row["extendable"] is False for row in records["building"])
    assert any(row["ledger_no"] is None for row in records["building"])
    assert len({row["facility_id"] for row in records["facility_opening"]}) == 17


def test_the_sample_scenarios_could_be_published_by_the_editors_rules() -> None:
    """Who begins with a copy of one must be able to publish it."""
    records = sample().records
    used = {row["building_id"]: row["facility_id"] for row in records["facility_building"]}
    areas = {used[row["building_id"]]: row["floor_area_m2"] for row in records["building"]}
    closures: dict[str, list[tuple[date, date | None]]] = {}
    for row in records["facility_closure"]:
        closures.setdefault(row["facility_id"], []).append((row["closed_from"], row["reopens_on"]))
    places = {
        key: Place(key, key, closures=tuple(closures.get(key, ())), floor_area_m2=area)
        for key, area in areas.items()
    }
    fields = ("year", "facility_id", "action", "into_facility", "floor_area_m2", "cost_yen", "note")
    for scenario in records["scenario"]:
        actions = [
            Action(**{name: row[name] for name in fields})
            for row in records["scenario_action"]
            if row["scenario_id"] == scenario["scenario_id"]
        ]
        assert actions and faults(actions, places, scenario["base_year"], scenario["horizon"]) == []
