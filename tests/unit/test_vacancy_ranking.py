"""Ranking and choice of vacant houses against trying everything."""

from __future__ import annotations

import subprocess
import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from api.vacant_houses.choice import Choice
from api.vacant_houses.params import HouseParams
from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Status
from kyodo_geo.vacancy.near import DRIVE_LIMIT, LIMIT_M, HouseReach, Near
from kyodo_geo.vacancy.ranking import gains
from kyodo_geo.vacancy.selection import select
from kyodo_geo.vacancy.verdict import Verdict

RADIUS = 800.0


@st.composite
def towns(draw: st.DrawFn) -> dict[str, object]:
    """Up to 12 cells and 6 houses; whole people, so that sums are exact."""
    cells, houses = draw(st.integers(1, 12)), draw(st.integers(1, 6))
    costs = draw(
        arrays(float, (cells, houses), elements=st.sampled_from([0.0, 500.0, RADIUS, 801.0, 4000.0, np.inf]))
    )
    return {
        "costs": costs,
        "covered": draw(arrays(bool, cells)),
        "people": draw(arrays(float, (cells, 4), elements=st.integers(0, 9).map(float))),
        "weights": draw(st.tuples(*[st.sampled_from([0.0, 1.0, 2.0])] * 4)),
        "verdicts": draw(st.lists(st.sampled_from(list(Verdict)), min_size=houses, max_size=houses)),
        "groups": np.array(draw(st.lists(st.integers(-1, 2), min_size=houses, max_size=houses))),
        "prices": np.array(draw(st.lists(st.integers(1, 9), min_size=houses, max_size=houses)), dtype=float),
        "least": draw(st.integers(0, 6)),
    }


def near_of(town: dict[str, object]) -> Near:
    return Near.of(town["costs"].T)  # type: ignore[attr-defined]


def new_cells(town: dict[str, object], houses: tuple[int, ...]) -> list[int]:
    costs, covered = town["costs"], town["covered"]
    return [
        cell
        for cell in range(len(costs))
        if not covered[cell] and any(costs[cell, h] <= RADIUS for h in houses)  # type: ignore[index, arg-type]
    ]


def weight_of(town: dict[str, object], houses: tuple[int, ...]) -> float:
    people, weights = town["people"], town["weights"]
    return sum(people[cell, band] * weights[band] for cell in new_cells(town, houses) for band in range(4))  # type: ignore[index]


@settings(max_examples=150, deadline=None)
@given(towns())
def test_figures_ranks_runner_up_and_gap_are_those_of_plain_loops(town: dict[str, object]) -> None:
    count = len(town["verdicts"])  # type: ignore[arg-type]
    ids = [f"h{9 - number}" for number in range(count)]
    found = gains(
        near_of(town), RADIUS, town["covered"], town["people"], town["weights"], town["verdicts"], ids,
        least=town["least"],
    )  # type: ignore[arg-type]  # fmt: skip
    people, costs, covered = town["people"], town["costs"], town["covered"]
    for house, gain in enumerate(found):
        new = new_cells(town, (house,))
        old = [cell for cell in range(len(costs)) if covered[cell] and costs[cell, house] <= RADIUS]  # type: ignore[index, arg-type]
        assert gain.people == sum(people[cell].sum() for cell in new)  # type: ignore[index]
        assert gain.older == sum(people[cell, 2] for cell in new)  # type: ignore[index]
        assert gain.weighted == weight_of(town, (house,))
        assert gain.overlap == sum(people[cell].sum() for cell in old)  # type: ignore[index]
        assert gain.overlap_older == sum(people[cell, 2] for cell in old)  # type: ignore[index]
    for name, usable in (("any", {Verdict.PASS, Verdict.UNKNOWN}), ("sure", {Verdict.PASS})):
        ranked = [
            house for house in range(count)
            if town["verdicts"][house] in usable and found[house].people >= town["least"]  # type: ignore[index, operator]
        ]  # fmt: skip
        ranked.sort(key=lambda house: (-found[house].weighted, ids[house]))
        for house in range(count):
            place = getattr(found[house], name)
            if house not in ranked:
                assert place is None
                continue
            at = ranked.index(house)
            last = at + 1 == len(ranked)
            assert place.rank == at + 1
            assert place.after == (None if last else ranked[at + 1])
            assert place.gap == (None if last else found[house].weighted - found[ranked[at + 1]].weighted)


def allowed_of(town: dict[str, object]) -> list[int]:
    return [at for at, verdict in enumerate(town["verdicts"]) if verdict is not Verdict.FAIL]  # type: ignore[arg-type]


def choices(town: dict[str, object], count: int | None, budget: float | None, without: int | None = None):
    """Every permitted set of houses."""
    usable = [house for house in allowed_of(town) if house != without]
    for size in range(len(usable) + 1):
        for chosen in combinations(usable, size):
            groups = [town["groups"][house] for house in chosen if town["groups"][house] >= 0]  # type: ignore[index]
            if len(set(groups)) < len(groups):
                continue
            if count is not None and size > count:
                continue
            if budget is not None and sum(town["prices"][house] for house in chosen) > budget:  # type: ignore[index]
                continue
            yield chosen


@settings(max_examples=60, deadline=None)
@given(towns(), st.integers(1, 4), st.booleans())
def test_the_choice_is_the_best_of_all_choices(town: dict[str, object], number: int, by_price: bool) -> None:
    count, budget = (None, 4.0 * number) if by_price else (number, None)
    answer = select(
        near_of(town), RADIUS, town["covered"], town["people"], town["weights"],
        [at in allowed_of(town) for at in range(len(town["verdicts"]))], town["groups"],
        count=count, budget=budget, prices=town["prices"],
    )  # type: ignore[arg-type]  # fmt: skip
    if not allowed_of(town):
        assert answer.status is Status.INFEASIBLE and answer.reasons
        return
    best = max(weight_of(town, chosen) for chosen in choices(town, count, budget))
    assert answer.status is Status.OPTIMAL and answer.weight == best == answer.bound
    chosen = tuple(item.house for item in answer.chosen)
    assert tuple(sorted(chosen)) in {tuple(sorted(c)) for c in choices(town, count, budget)}
    assert weight_of(town, chosen) == best
    for item in answer.chosen:
        rest = tuple(house for house in chosen if house != item.house)
        assert item.adds == best - weight_of(town, rest) > 0
        other = max((weight_of(town, c) for c in choices(town, count, budget, item.house)), default=0)
        assert item.gap == best - other and item.house not in item.instead


def test_where_nobody_is_new_nothing_is_chosen() -> None:
    near = Near.of([np.array([0.0, 900.0])])
    answer = select(
        near, RADIUS, np.array([True, False]), np.ones((2, 4)), (1, 1, 1, 1), [True], [0], count=1
    )
    assert answer.weight == 0 and not answer.chosen and answer.reasons


def test_what_makes_no_sense_is_refused() -> None:
    near, covered, people = Near.of([np.zeros(2)]), np.zeros(2, dtype=bool), np.ones((2, 4))
    for wrong in ({}, {"count": 1, "budget": 2.0}, {"count": 0}):
        with pytest.raises(InputError):
            select(near, RADIUS, covered, people, (1, 1, 1, 1), [True], [0], **wrong)  # type: ignore[arg-type]
    for weights in ((1, 1, 1), (1, 1, 1, -1), (1, 1, 1, float("nan"))):
        with pytest.raises(InputError):
            gains(near, RADIUS, covered, people, weights, [Verdict.PASS], ["h"])


def test_ways_survive_being_kept_and_end_at_the_limit() -> None:
    near = {
        "straight": Near.of([np.array([LIMIT_M, LIMIT_M + 1, 0.0])]),
        "winter": Near.of([np.array([5.0, 9e9, 1.0])]),
    }
    made = HouseReach.made(["h1"], near, {"straight": np.array([1.0, 2.0, np.inf])}, (1, 2))
    kept = HouseReach.from_bytes(made.to_bytes())
    assert kept.near("straight").within(0, LIMIT_M).tolist() == [0, 2]
    assert kept.near("winter").within(0, 4.0).tolist() == [2] and kept.near("network").within(
        0, 1
    ).tolist() == [2]
    assert bool(kept.has_network) and kept.house.tolist() == ["h1"] and kept.halls.tolist() == [1, 2]
    assert (
        len(
            HouseReach.from_bytes(
                HouseReach.made([], {"straight": Near.of([])}, {"straight": np.zeros(0)}, (0, 0)).to_bytes()
            ).house
        )
        == 0
    )
    with pytest.raises(InputError):
        HouseReach.from_bytes(b"no")


def test_who_drives_reaches_by_car_or_on_foot_and_who_walks_on_foot_alone() -> None:
    """Cells 0 and 1 walk, 2–4 drive; the car's matrix would reach all but the last."""
    foot = Near.of([np.array([100.0, 900, 100, 2000, 2000])])
    car = Near.of([np.array([1.0, 1, 12, 9, 12])], DRIVE_LIMIT)
    driving = np.array([False, False, True, True, True])
    found = Near.served(foot, RADIUS, car, 10, driving)
    assert found.within(0, RADIUS).tolist() == [0, 2, 3] and len(found) == 1
    assert Near.of([np.array([DRIVE_LIMIT, DRIVE_LIMIT + 0.1])], DRIVE_LIMIT).cell.tolist() == [0]
    straight = {"straight": foot, "car": car}
    halls = {"straight": np.zeros(5), "car": np.ones(5)}
    kept = HouseReach.from_bytes(HouseReach.made(["h"], straight, halls, (1, 0)).to_bytes())
    by_car = kept.by_car("winter")
    assert by_car is not None and by_car[0].within(0, 10).tolist() == [0, 1, 3] and by_car[1].sum() == 5
    assert kept.by_car("straight") is None
    roadless = HouseReach.made(["h"], {"straight": foot}, {"straight": np.zeros(5)}, (1, 0))
    assert roadless.by_car("network") is None


def test_a_run_kept_before_minutes_by_car_stays_on_foot() -> None:
    asked = Choice(HouseParams(distance=600), 2, None, 300.0)
    assert Choice.from_json(asked.to_json()).houses == asked.houses and asked.houses.drive_below == 100
    old = {**asked.to_json(), "houses": {"distance": 600}}
    assert Choice.from_json(old).houses.drive_below == 0


def test_ranking_needs_no_scipy() -> None:
    """What the web process does; only the choice of several needs it, in a child of the worker."""
    code = (
        "import sys, numpy as np, api.vacant_houses.assess, api.vacant_houses.view, api.vacant_houses.sheet\n"
        "import api.routes.staff_vacant_houses, api.routes.staff_vacant_runs, api.vacant_houses.runs\n"
        "from kyodo_geo.vacancy.verdict import Verdict\n"
        "from kyodo_geo.vacancy.near import Near\n"
        "from kyodo_geo.vacancy.ranking import gains\n"
        "gains(Near.of([np.zeros(2)]), 1, np.zeros(2, bool), np.ones((2, 4)), (1, 1, 1, 1), [Verdict.PASS], ['a'])\n"
        "sys.exit(any(m.split('.')[0] in ('scipy', 'highspy', 'geopandas') for m in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
