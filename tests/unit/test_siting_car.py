"""Siting where people drive: by car against brute force, thresholds of walkers and drivers in one answer, no roads loaded.

A town along a line: district 1 is dense and walks, district 2 is thin and drives on a one-way ring.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from api.siting_pages import tables, words
from kyodo_geo.reach.modes import Modes, Roads
from kyodo_geo.reach.prepared import Area, Site, Ways, YearPeople, prepare
from kyodo_geo.reach.report import Choice, report
from kyodo_geo.siting import Control
from kyodo_geo.siting_city.outcome import result_of
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.problem import Problem, problem_of
from kyodo_geo.siting_city.question import Question, checked, refusals
from kyodo_geo.siting_city.solving import solve

# Nodes 1 km apart; one walks both ways at 80 m a minute. Cars go 0→1→…→5→0, 2 minutes an edge, the way back 9.
NODES = np.array([(at * 1000.0, 0.0) for at in range(6)])
WALK = Ways(
    NODES,
    np.array([(at, at + 1) for at in range(5)]),
    np.full(5, 1000.0),
    np.full(5, np.nan),
    np.full(5, 1.2),
)
RING = np.array([*((at, at + 1) for at in range(5)), (5, 0)])
DRIVE = Roads(NODES, RING, np.array([2.0, 2, 2, 2, 2, 9]), np.full(6, 1.5))
PEOPLE = (500, 400, 30, 50, 20, 60)
PLACES = (
    Place("f0", "一", "公民館", 141.0, 39.0, (0.0, 0.0), 1, "a1", 10, existing=True),
    *(
        Place(f"a-{at}", f"候補{at}", "点", 141 + at / 10, 39.0, (at * 1000.0, 0.0), 1 if at < 2 else 2, None, 8)
        for at in range(1, 6)
    ),
)  # fmt: skip


def problem(roads: Roads | None = DRIVE, ways: Ways | None = WALK, **asked: Any) -> Problem:
    areas = [
        Area(f"k{at}", f"小{at}", 1 if at < 2 else 2, 1e6, np.array([NODES[at]])) for at in range(len(NODES))
    ]
    bands = {f"k{at}": (0, people, 0, 0) for at, people in enumerate(PEOPLE)}
    sites = [Site(p.id, p.name, p.kind, True, None, None, None, p.xy) for p in PLACES]
    held = prepare(
        areas, [YearPeople(2020, False, bands)], sites, ways, detour=1.0, modes=roads and Modes(roads)
    )
    question = checked(Question(**{"model": "p-median", "year": 2020, "p": 1, "travel": "area", **asked}))
    return problem_of(question, held, PLACES)


def driven(factor: float = 1.0) -> np.ndarray:
    """Minutes from every node to every node around the ring, by hand."""
    edge = [2.0, 2, 2, 2, 2, 9]
    found = np.zeros((6, 6))
    for start, end in itertools.product(range(6), range(6)):
        at = start
        while at != end:
            found[start, end] += edge[at] * factor
            at = (at + 1) % 6
    return found


WALKED = np.abs(np.subtract.outer(np.arange(6), np.arange(6))) * 1000.0
MIXED = np.where(np.arange(6)[:, None] < 2, WALKED / 80, np.minimum(driven(), WALKED / 80))
"""Minutes where district 2 drives."""


def test_minutes_are_those_of_the_roads_where_people_drive_and_of_the_feet_elsewhere() -> None:
    found = problem()
    assert found.driving.tolist() == [False, False, True, True, True, True]
    np.testing.assert_allclose(found.ways, MIXED, rtol=1e-6)
    everybody = problem(travel="car")
    assert everybody.driving.all()
    np.testing.assert_allclose(everybody.ways, np.minimum(driven(), WALKED / 80), rtol=1e-6)
    winter = problem(travel="car", by="winter").ways
    np.testing.assert_allclose(winter, np.minimum(driven(1.5), WALKED * 1.2 / 80), rtol=1e-6)
    assert problem(travel="foot").ways.tolist() == WALKED.tolist()


@pytest.mark.parametrize("travel", ["area", "car"])
@pytest.mark.parametrize("model", ["p-median", "p-center", "mclp"])
def test_the_answer_is_that_of_trying_everything(travel: str, model: str) -> None:
    """Two new places of five beside the kept one."""
    asked = problem(travel=travel, model=model, p=2, minutes=3, radius=900)
    answer = result_of(asked, solve(asked, Control()))
    minutes = MIXED if travel == "area" else np.minimum(driven(), WALKED / 80)
    drives = np.array([travel == "car" or at > 1 for at in range(6)])[:, None]
    within = (WALKED <= 900) | (drives & (driven() <= 3))
    people = np.array(PEOPLE, dtype=float)
    values = {}
    for chosen in itertools.combinations(range(1, 6), 2):
        near, there = minutes[:, (0, *chosen)].min(axis=1), within[:, (0, *chosen)].any(axis=1)
        values[chosen] = {
            "p-median": near @ people, "p-center": near.max(), "mclp": -(people @ there),
        }[model]  # fmt: skip
    best = min(values.values())
    assert answer["status"] == "optimal" and answer["objective"] == pytest.approx(abs(best), rel=1e-6)
    opened = tuple(int(row["id"][2:]) for row in answer["sites"] if row["state"] == "opened")
    assert values[tuple(sorted(opened))] == pytest.approx(best)
    after = answer["figures"]["after"]
    sites = (0, *opened)
    assert sum(after["reached"]) == round(people @ within[:, sites].any(axis=1))
    assert after["mean_min"] == pytest.approx(minutes[:, sites].min(axis=1) @ people / people.sum(), abs=1e-4)
    assert answer["unit"] == {"p-median": "人・分", "p-center": "分", "mclp": "人"}[model]
    assert answer["measure"] == "min" and "mean_m" not in after


def test_by_car_another_place_is_best_than_on_foot() -> None:
    """Around the ring one drives forwards only: the people of district 2 meet at its end."""
    chosen = [
        next(row["id"] for row in result_of(one, solve(one, Control()))["sites"] if row["state"] == "opened")
        for one in (problem(travel=travel, p=1, districts=(2,)) for travel in ("foot", "area"))
    ]
    assert chosen[0] in ("a-3", "a-4") and chosen[1] == "a-5"


def test_covering_takes_each_cell_by_its_own_threshold() -> None:
    """Walkers have 1,000 m, drivers 4 minutes or 1,000 m: node 1 needs a place at 0, 1 or 2, node 3 one from 2 to 5."""
    found = problem(model="lscp", limit="free", p=None, radius=1000, minutes=4, existing="none")
    expected = (WALKED <= 1000) | ((np.arange(6)[:, None] >= 2) & (driven() <= 4))
    assert found.within.tolist() == expected.tolist()
    answer = result_of(found, solve(found, Control()))
    sites = range(1, 6)
    least = next(
        n for n in range(1, 6)
        if any(expected[:, c].any(axis=1).all() for c in itertools.combinations(sites, n))
    )  # fmt: skip
    assert answer["status"] == "optimal" and answer["objective"] == least == 2
    roomy = problem(model="lscp", limit="free", p=None, radius=1000, minutes=4, existing="none",
                    capacities=True, new_capacity=8, use_percent=0.5)  # fmt: skip
    assert result_of(roomy, solve(roomy, Control()))["objective"] == 2
    opened = sorted(int(row["id"][2:]) for row in answer["sites"] if row["state"] == "opened")
    for row in answer["sites"]:
        if row["state"] == "opened":
            rest = [at for at in opened if f"a-{at}" != row["id"]]
            only = expected[:, int(row["id"][2:])] & ~expected[:, rest].any(axis=1)
            assert row["lost_if_closed"] == np.array(PEOPLE)[only].sum()


def test_people_within_reach_are_those_of_the_page_of_gaps() -> None:
    asked = problem(model="mclp", p=1, radius=900, minutes=5)
    told = result_of(asked, solve(asked, Control()))["figures"]["before"]
    held = asked.held
    choice = Choice(2020, supply="all", distance_m=900, minutes=5)
    gaps = report(held, choice)
    there = np.isfinite(gaps.cost)
    costs = gaps.cost[there]
    assert gaps.driving == (2,) and len(costs)
    # The page counts all places as facilities; here only the kept one is there before.
    only = (held.network[:, 0] <= 900) | (asked.driving & (held.car[:, 0] <= 5))
    assert sum(told["reached"]) == round(float(asked.people.sum(axis=1)[only].sum()))
    everything = asked.within.any(axis=1)
    assert gaps.reached.sum() == pytest.approx(asked.people[everything].sum())


def test_districts_that_drive_may_be_named_and_a_number_of_none_means_density() -> None:
    assert problem(drive_districts=(1,)).driving.tolist() == [True, True] + [False] * 4
    assert not problem(drive_below=0).driving.any()


def test_without_roads_the_ways_on_foot_at_the_mean_speed_stand_in_and_it_is_said() -> None:
    found = problem(None, model="mclp", minutes=6, kmh=20)
    np.testing.assert_allclose(found.ways[2:], WALKED[2:] / (20_000 / 60), rtol=1e-6)
    assert found.within[2].tolist() == (WALKED[2] <= 2000).tolist()
    result = result_of(found, solve(found, Control()))
    made = {
        "years": [(2020, False)], "points": 6, "far_people": 0, "parts": 1, "secret_areas": 0,
        "car": False, "car_winter": False, "car_far_people": 0,
    }  # fmt: skip
    told = "".join(words.assumed(found.asked, {**result, "made_of": made}, {2: "北"}))
    assert "（北、数えた人のうち 160 人）は車で移動する地域" in told
    assert "自動車の道路網が読み込まれていないため" in told and "車で 6 分（平均 20 km/h、2,000 m）" in told
    by_road = "".join(words.assumed(found.asked, {**result, "made_of": {**made, "car": True}}, {2: "北"}))
    assert "自動車の道路網で 6 分まで（または徒歩 800 m まで）" in by_road and "分速 80 m" in by_road


def test_tables_are_in_minutes_and_say_who_drives() -> None:
    found = problem(model="mclp", minutes=5)
    result, reach = result_of(found, solve(found, Control())), words.reach(found.asked)
    assert reach == "車で移動する地区は車 5 分か徒歩 800 m、ほかは徒歩 800 m"
    assert words.travel(found.asked) == "車で移動する地区は車、ほかは徒歩（100人/km²未満の地区）"
    by_district = tables.districts_table(result, {1: "南", 2: "北"}, reach)
    assert [row.cells[0].text for row in by_district.rows] == ["徒歩", "車"]
    assert any(column.label == "答えの平均（分）" for column in by_district.columns)
    figures = {row.name: row.cells[1].value for row in tables.figures_table(result, reach).rows}
    total = sum(PEOPLE)
    assert figures[f"届く範囲（{reach}）の人（%）"] == round(
        100 * sum(result["figures"]["after"]["reached"]) / total, 1
    )
    assert "最寄りまでの平均（分）" in figures and not any("（m）" in name for name in figures)
    sites = tables.sites_table(result, "keep", {})
    assert {"farthest_min", "added_if_closed_min"} <= {column.key for column in sites.columns}
    assert any(c.label == "移動" for c in tables.areas_table(result, {}, "小地域").columns)


def test_older_runs_are_in_metres_on_foot_and_nonsense_is_refused() -> None:
    kept = Question.from_json({"model": "mclp", "year": 2020, "p": 1})
    assert kept.travel == "foot" and words.reach(kept) == "800 m"
    old = {"radius_m": 800.0}
    assert tables.reached(old, {"distances": [500.0, 800.0], "within": [[1], [2]]}) == [2]
    asked = Question("mclp", 2020, p=1, travel="area", drive_districts=(3,))
    assert Question.from_json(asked.to_json()) == asked
    for field, value in (
        ("travel", "ship"),
        ("minutes", 0),
        ("kmh", 4),
        ("drive_below", -1),
        ("radius_unit", "drive"),
    ):
        assert field in refusals(
            Question(**{"model": "mclp", "year": 2020, "p": 1, "travel": "area", field: value})
        )
