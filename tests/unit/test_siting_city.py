"""From a question to what the models take, and from an answer to what is kept: five cells on a line, four places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from api.siting_pages.words import gap
from kyodo_geo.errors import InputError
from kyodo_geo.reach.prepared import Area, Site, YearPeople, prepare
from kyodo_geo.siting import Answer, Control, Status
from kyodo_geo.siting_city.outcome import result_of, whole_parts
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.problem import Problem, problem_of
from kyodo_geo.siting_city.question import NEW, Question, checked, refusals
from kyodo_geo.siting_city.solving import better, solve

# People live at 0, 1, 2, 3 and 9 km; facilities stand at 0 and 1 km, possible places are at 3 and 9 km.
HOMES = (0, 1000, 2000, 3000, 9000)
PEOPLE = (100, 200, 300, 400, 50)
OLD = (10, 0, 0, 100, 50)
PLACES = (
    Place("f1", "一", "公民館", 141.0, 39.0, (0, 0), 1, "a1", 10, existing=True),
    Place("f2", "二", "公民館", 141.1, 39.0, (1000, 0), 1, "a1", None, existing=True),
    Place("a-3", "三", "点", 141.2, 39.0, (3000, 0), 2, "a2", 8),
    Place("a-9", "四", "点", 141.3, 39.0, (9000, 0), 2, None, 8),
)


def problem(**asked: Any) -> Problem:
    areas = [
        Area(f"k{at}", f"小{at}", 1 if home < 2500 else 2, 1e6, np.array([(home, 0.0)]))
        for at, home in enumerate(HOMES)
    ]
    bands = {
        f"k{at}": (0, people - old, old, 0) for at, (people, old) in enumerate(zip(PEOPLE, OLD, strict=True))
    }
    sites = [Site(p.id, p.name, p.kind, True, None, None, None, p.xy) for p in PLACES]
    held = prepare(areas, [YearPeople(2020, False, bands)], sites, detour=1.0)
    question = checked(Question(**{"model": "p-median", "year": 2020, "by": "straight", "p": 1, **asked}))
    return problem_of(question, held, PLACES)


def answer(**asked: Any) -> dict[str, Any]:
    found = problem(**asked)
    return result_of(found, solve(found, Control()))


def opened(result: dict[str, Any], state: str = "opened") -> list[str]:
    return [row["id"] for row in result["sites"] if row["state"] == state]


def test_kept_facilities_are_existing_and_the_number_counts_the_new_ones() -> None:
    rules = problem(p=1).rules
    assert (rules.p, list(rules.existing), rules.prices) == (3, [0, 1], None)
    result = answer(p=1)
    assert opened(result) == ["a-3"] and opened(result, "kept") == ["f1", "f2"]
    # 200·0 + 300·1000 + 400·0 + 50·6000, all but nobody at 0 and 1 km
    assert result["objective"] == 600_000 and result["unit"] == "人・m" and result["status"] == "optimal"


def test_a_kept_facility_that_is_forbidden_is_closed() -> None:
    rules = problem(p=1, forbidden=("f1",)).rules
    assert (rules.p, list(rules.existing), list(rules.forbidden)) == (2, [1], [0])
    assert opened(answer(p=1, forbidden=("f1",)), "dropped") == ["f1"]


def test_facilities_that_may_go_and_facilities_that_are_left_out() -> None:
    assert problem(p=2, existing="choose").rules.existing == []
    result = answer(p=2, existing="choose")
    assert (
        opened(result, "dropped") == ["f1"] and opened(result, "kept") == ["f2"] and opened(result) == ["a-3"]
    )
    gone = next(row for row in result["sites"] if row["id"] == "f1")
    assert gone["people_before"] == 100 and "people" not in gone
    alone = problem(p=1, existing="none")
    assert [PLACES[at].id for at in alone.columns] == ["a-3", "a-9"]
    assert opened(answer(p=1, existing="none")) == ["a-3"]


def test_ages_and_districts_say_who_counts() -> None:
    assert opened(answer(p=1, weights=(0, 0, 1, 0))) == [
        "a-9"
    ]  # 50 old people at 9 km, 100 at 3 km: 300 against 200
    only = problem(districts=(2,))
    assert only.people.sum() == 450 and only.weight.tolist() == [0, 0, 0, 400, 50]
    assert answer(districts=(2,))["figures"]["before"]["people"] == 450


def test_at_most_one_per_association_where_one_is_known() -> None:
    groups = problem(p=1, one_per="association").rules.groups
    assert groups is not None and groups.tolist() == [0, 0, 1, -1]
    result = answer(p=2, one_per="district", existing="none")
    assert result["status"] == "infeasible" and "グループ" in result["reasons"][0]


def test_a_budget_with_prices_of_single_places() -> None:
    result = answer(limit="budget", p=None, budget=10, price_new=20, prices={"a-9": 8})
    assert opened(result) == ["a-9"] and result["price"] == 8
    rules = problem(
        existing="choose", limit="budget", p=None, budget=10, price_new=20, price_existing=3
    ).rules
    assert rules.prices == [3, 3, 20, 20] and rules.p is None


def test_who_cannot_be_reached_is_left_out_or_makes_it_impossible() -> None:
    asked = {"model": "lscp", "limit": "free", "p": None, "radius": 1500.0, "forbidden": ("a-9",)}
    result = answer(**asked)
    assert result["status"] == "optimal" and result["left_out"] == 50 and result["objective"] == 3
    assert [area["key"] for area in result["areas"] if area["left_out"]] == ["k4"]
    assert result["figures"]["after"]["people"] == 1050  # they stay in the figures
    strict = answer(**asked, leave_out=False)
    assert (
        strict["status"] == "infeasible"
        and "50 人" in strict["reasons"][1]
        and "3 か所" in strict["reasons"][2]
    )


def broken(**asked: Any) -> dict[str, Any]:
    """The way to 9 km is cut: its people and its place have ways to each other alone."""
    found = problem(**asked)
    ways = found.ways.copy()
    ways[:4, 3], ways[4, :3] = np.inf, np.inf
    cut = replace(found, ways=ways, costs=ways[:, found.columns])
    return result_of(cut, solve(cut, Control()))


@pytest.mark.parametrize("model", ["p-median", "p-center"])
def test_no_answer_says_how_many_are_cut_off_and_what_to_do(model: str) -> None:
    lost = broken(model=model, p=1, forbidden=("a-9",), leave_out=False)
    assert lost["status"] == "infeasible"
    assert "使える候補のどこにも行けない所が 1 か所（50 人）" in lost["reasons"][0]
    assert "除いて解く" in lost["reasons"][1]
    apart = broken(model=model, p=1, required=("a-3",))
    assert apart["status"] == "infeasible"
    assert "部分が 2 つあり、必ず開く施設がない部分に 1 か所（50 人）" in apart["reasons"][0]
    assert "MCLP" in apart["reasons"][1]
    alone = broken(model=model, p=1, existing="none")
    assert "部分が 2 つあり、いちばん人の多い部分の外に 1 か所（50 人）" in alone["reasons"][0]
    assert broken(model=model, p=1)["status"] == "optimal"  # the one new place is the one that is needed


def test_people_by_age_add_up_to_the_sum_that_stands_beside_them() -> None:
    """The objective said 93,208, the sum of its rounded ages 93,207."""
    parts = np.array([12_345.4, 50_000.4, 30_861.4, 0.4])
    assert round(parts.sum()) == 93_208 and sum(round(value) for value in parts) == 93_206
    assert sum(whole_parts(parts)) == 93_208 and np.abs(whole_parts(parts) - parts).max() < 1
    assert whole_parts(np.array([3.0, 0.0, 1.0, 2.0])) == [3, 0, 1, 2] and whole_parts(np.zeros(4)) == [
        0,
        0,
        0,
        0,
    ]
    assert whole_parts(np.array([0.25, 0.25, 0.0, 0.0])) == [0, 0, 0, 0]


def test_capacities_are_residents_and_too_few_of_them_are_proven_by_sums() -> None:
    roomy = problem(p=1, capacities=True, new_capacity=8, use_percent=2, existing="none")
    assert roomy.rooms is not None and roomy.rooms.tolist() == [400, 400]
    assert answer(p=1, capacities=True, new_capacity=8, use_percent=2, existing="none")["reasons"][
        0
    ].startswith(
        "定員が足りません。必要なのは 1,050 人分ですが、条件の下で開ける場所を合わせても 400 人分です"
    )
    full = answer(p=2, capacities=True, new_capacity=8, use_percent=1.5, existing="none")
    assert full["status"] == "optimal"
    # 533 people each: 3 km takes the 400 at 3 km and 133 of the others, 9 km all others.
    assert sorted(round(row["load"]) for row in full["sites"] if row["state"] == "opened") == [517, 533]
    unknown = problem(p=1, capacities=True, new_capacity=8)
    assert unknown.rooms is not None and np.isinf(unknown.rooms[1])


@pytest.mark.parametrize("model", ["p-median", "lscp", "mclp"])
def test_capacities_that_do_not_bind_change_nothing(model: str) -> None:
    asked = {
        "model": model,
        "radius": 2500.0,
        "limit": "free" if model == "lscp" else "p",
        "p": None if model == "lscp" else 1,
    }
    plain, wide = answer(**asked), answer(**asked, capacities=True, new_capacity=8, use_percent=0.01)
    assert (
        plain["objective"] == pytest.approx(wide["objective"])
        and wide["status"] == plain["status"] == "optimal"
    )


def test_before_and_after_of_the_city_districts_and_sites() -> None:
    result = answer(model="mclp", p=1, radius=1000)
    before, after = result["figures"]["before"], result["figures"]["after"]
    at = before["distances"].index(1000)
    assert sum(before["within"][at]) == 600 and sum(after["within"][at]) == 1000 == result["objective"]
    assert before["mean_m"] == pytest.approx((300 * 1000 + 400 * 2000 + 50 * 8000) / 1050, rel=1e-4)
    assert [(row["no"], row["within_before"], row["within_after"]) for row in result["districts"]] == [
        (1, 600, 600), (2, 0, 400),
    ]  # fmt: skip
    new = next(row for row in result["sites"] if row["id"] == "a-3")
    assert new["people"] == 450 and new["people65"] == 150 and new["farthest_m"] == 6000
    assert new["lost_if_closed"] == 400 and new["stranded_if_closed"] == 0
    assert Status(result["status"]) is Status.OPTIMAL


def test_a_question_survives_being_kept_and_nonsense_is_refused() -> None:
    asked = checked(Question("mclp", 2020, p=3, weights=(1, 0, 2, 0), prices={"a-3": 2.5}, avoid=("flood",)))
    assert Question.from_json(asked.to_json()) == asked
    assert Question.from_json({"model": "mclp", "year": 2020, "p": 1, "later": 1}).radius == 800
    assert set(refusals(Question("guess", 2020, p=1))) == {"model"}
    with pytest.raises(InputError, match="両方にあります"):
        checked(Question("p-median", 2020, p=1, required=("x",), forbidden=("x",)))
    with pytest.raises(InputError, match="nosuch"):
        problem(required=("nosuch",))
    assert "none" in NEW and "areas" in NEW


def test_a_small_gap_is_kept_as_it_is_and_told_rounded_up() -> None:
    """A gap of 0 is a proof; 0.00003 is none."""
    found = problem()
    early = Answer(Status.FEASIBLE, 600_000.0, 599_982.0, open=(0, 1, 2))
    assert result_of(found, early)["gap"] == pytest.approx(0.00003)
    assert [gap(share) for share in (None, 0.0, 0.00003, 0.0001, 0.012301, 0.0123, 1.0)] == [
        "—", "0 %", "0.01 % 未満", "0.01 %", "1.24 %", "1.23 %", "100.00 %",
    ]  # fmt: skip


def test_sites_in_hand_outweigh_a_later_there_is_none() -> None:
    """The solver's tolerances may refuse what was filled before: the page must not call it proven that there is nothing."""
    one = Answer(Status.FEASIBLE, 10.0, 8.0, open=(0,))
    none = Answer(Status.INFEASIBLE, None, None)
    assert better("p-median", one, none) is one
    assert better("p-median", Answer(Status.UNKNOWN, None, None), none) is none
