"""Siting runs as the worker does them, on the town of squares: against brute force, cancelled, out of time, left by the dead."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from shapely import box

from api.jobs import siting as job
from geodata import siting_runs
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from geodata.siting_problem import gather
from geodata.siting_runs import Run
from kyodo_geo.mesh import corners
from kyodo_geo.quality import Quality
from kyodo_geo.siting_city.question import Question, checked
from tests.factories import make_active, put
from tests.fixtures_db import DatabaseUrls

CODE = "03201"


@pytest.fixture(scope="module")
def database(shared_town: DatabaseUrls) -> Iterator[Database]:
    found = Database(shared_town.app, max_size=3)
    yield found
    found.close()


def ask(database: Database, run_id: str, **asked: Any) -> Question:
    question = checked(
        Question(**{"model": "p-median", "year": 2020, "by": "straight", "seconds": 20, **asked})
    )
    with database.write(Audience.STAFF) as conn:
        siting_runs.ask(
            conn, CODE, run_id, model=question.model, parameters=question.to_json(), basis={}, by="planner"
        )
    return question


def run_of(database: Database, run_id: str) -> Run:
    with database.read(Audience.STAFF) as conn:
        return siting_runs.run(conn, CODE, run_id)


def begun(database: Database, run_id: str) -> Run:
    with database.write(Audience.STAFF) as conn:
        taken = siting_runs.begin(conn, CODE, run_id)
    assert taken is not None
    return taken


def test_the_answers_are_those_of_trying_everything(database: Database) -> None:
    """Two kept facilities and one or two of four new places: every choice looked at, for three models."""
    wanted = {
        "median": ask(database, "median", p=2, weights=(1, 1, 1, 1)),
        "center": ask(database, "center", model="p-center", p=1),
        "cover": ask(database, "cover", model="mclp", p=1, radius=700),
    }
    assert job.run_all(database, threading.Event()) == 3
    for run_id, question in wanted.items():
        run = run_of(database, run_id)
        assert run.state == "done" and run.progress == 1 and run.result is not None
        with database.read(Audience.STAFF) as conn:
            problem = gather(conn, resolve(conn, CODE), question).problem
        people, ways = problem.people.sum(axis=1), problem.ways
        assert people.sum() == pytest.approx(10_000)  # 1000 + 2000 + 3000 + 4000
        values = {}
        for chosen in itertools.combinations(range(2, 6), question.p or 0):
            near = ways[:, (0, 1, *chosen)].min(axis=1)
            values[chosen] = {
                "median": (near * people).sum(), "center": near.max(), "cover": -people[near <= 700].sum(),
            }[run_id]  # fmt: skip
        best = min(values, key=lambda chosen: values[chosen])
        assert run.result["status"] == "optimal" and run.result["gap"] == 0
        assert run.result["objective"] == pytest.approx(abs(values[best]), rel=1e-6)
        opened = {row["id"] for row in run.result["sites"] if row["state"] == "opened"}
        names = [place.id for place in problem.places]
        ties = [
            {names[at] for at in c} for c, value in values.items() if value == pytest.approx(values[best])
        ]
        assert opened in ties
        after = ways[:, [at for at, name in enumerate(names) if name in opened or at < 2]].min(axis=1)
        told = run.result["figures"]["after"]
        assert told["mean_m"] == pytest.approx((after * people).sum() / people.sum(), rel=1e-4)
        place = told["distances"].index(800)
        assert sum(told["within"][place]) == pytest.approx(people[after <= 800].sum(), abs=1)
        assert sum(row["people"] for row in run.result["sites"]) == pytest.approx(10_000, abs=2)
        assert sum(row["people"] for row in run.result["districts"]) == 10_000
        assert len(run.result["input_hash"]) == 64 and run.result["made_of"]["generation"] == 1


def test_facilities_that_may_go_are_named_and_what_going_does(database: Database) -> None:
    ask(database, "choose", p=1, existing="choose", new="none")
    assert job.run_all(database, threading.Event()) == 1
    result = run_of(database, "choose").result
    assert result is not None and result["status"] == "optimal"
    states = {row["id"]: row["state"] for row in result["sites"]}
    assert states == {"f1": "dropped", "f2": "kept"}  # more people live in the east
    assert result["figures"]["after"]["mean_m"] > result["figures"]["before"]["mean_m"]
    kept = next(row for row in result["sites"] if row["id"] == "f2")
    assert kept["stranded_if_closed"] == 10_000 and kept["people"] == 10_000


def test_what_cannot_be_is_infeasible_with_its_reasons(database: Database) -> None:
    ask(database, "far", model="lscp", limit="free", radius=60, leave_out=False)
    ask(database, "many", p=9)
    ask(database, "full", p=1, existing="none", capacities=True, new_capacity=10, use_percent=2)
    ask(database, "unknown", p=1, required=("nosuch",))
    assert job.run_all(database, threading.Event()) == 4
    far, many, full = (run_of(database, name).result for name in ("far", "many", "full"))
    assert far is not None and many is not None and full is not None
    assert far["status"] == many["status"] == full["status"] == "infeasible"
    assert "満たない需要点" in far["reasons"][0] and "人です" in far["reasons"][1]
    assert many["reasons"] == ["11 か所を選ぶには、候補地が 6 か所しかありません。"]
    assert (
        full["sites"] == []
        and full["figures"]["after"] is None
        and full["figures"]["before"]["people"] == 10_000
    )
    refused = run_of(database, "unknown")
    assert refused.state == "failed" and "「nosuch」は、この条件の候補にありません" in (refused.message or "")


@pytest.mark.parametrize("model", ["p-median", "p-center"])
def test_a_run_out_of_time_is_feasible_with_bound_and_gap_never_optimal(model: str) -> None:
    """Ways that follow no map are hard: no proof in so short a time, so no "optimal"."""
    from kyodo_geo.siting import Control, Rules, Status
    from kyodo_geo.siting_city.problem import Problem
    from kyodo_geo.siting_city.solving import solve

    rng = np.random.default_rng(5)
    costs = rng.random((900, 300)) * 1e4
    nobody, weights = np.zeros(900, dtype=bool), rng.integers(1, 99, 900).astype(float)
    problem = Problem(
        Question(model, 2020, p=12), None, (), "straight", costs, np.ones((900, 4)), np.ones(900),  # type: ignore[arg-type]
        np.arange(300), np.arange(900), costs, weights, nobody, Rules(p=12), None,
        costs <= 800, nobody, 800.0,
    )  # fmt: skip
    answer = solve(problem, Control.within(0.8))
    assert answer.status is Status.FEASIBLE and len(answer.open) == 12
    assert answer.bound is not None and answer.objective is not None and answer.gap is not None
    assert 0 < answer.bound < answer.objective and answer.gap > 0


def test_of_two_answers_the_better_stays_with_the_better_bound() -> None:
    from kyodo_geo.siting import Answer, Status
    from kyodo_geo.siting_city.solving import better

    first = Answer(Status.FEASIBLE, 90.0, 70.0, (1,))
    second = Answer(Status.FEASIBLE, 95.0, 80.0, (2,))
    assert (found := better("p-center", first, second)).open == (1,) and found.bound == 80
    assert (found := better("mclp", first, second)).open == (2,) and found.bound == 70
    proven = better("p-center", first, Answer(Status.FEASIBLE, 99.0, 90.0, (2,)))
    assert proven.open == (1,) and proven.status is Status.OPTIMAL and proven.gap == 0
    assert better("lscp", first, Answer(Status.UNKNOWN, None, 75.0)).bound == 75
    none = Answer(Status.INFEASIBLE, None, None)
    assert better("lscp", first, none) == first, "sites in hand outweigh it"
    assert better("lscp", Answer(Status.UNKNOWN, None, 70.0), none).status is Status.INFEASIBLE


def test_cancelling_is_prompt_and_keeps_the_best_answer(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child is asked to stop and brings what it has; here it has a first answer and does not hear."""
    ask(database, "long", p=1, seconds=600)
    monkeypatch.setattr(job, "GRACE_S", 0.5)
    monkeypatch.setattr(job, "CHILD", ("-c", DEAF))
    worked = threading.Thread(target=job.run_all, args=(database, threading.Event()))
    worked.start()
    wait_for(lambda: (run_of(database, "long").result or {}).get("objective") == 7)
    assert run_of(database, "long").state == "running" and 0.1 < run_of(database, "long").progress < 0.2
    with database.write(Audience.STAFF) as conn:
        siting_runs.cancel(conn, CODE, "long", by="planner")
    asked = time.monotonic()
    worked.join(20)
    assert not worked.is_alive() and time.monotonic() - asked < 5
    run = run_of(database, "long")
    assert run.state == "cancelled" and run.result == {"status": "feasible", "kept": True}


DEAF = """
import sys, time
sys.stdin.readline()
for line in ('{"kind": "phase", "phase": "solving"}', '{"kind": "progress", "objective": 7, "bound": 5}',
             '{"kind": "found", "result": {"status": "feasible", "kept": true}}'):
    print(line, flush=True)
time.sleep(300)
"""


def wait_for(true: Any, seconds: float = 20) -> None:
    over = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < over, "it never came to be"
        time.sleep(0.05)


def test_a_run_left_by_a_dead_worker_is_taken_up_again_and_not_for_ever(
    database: Database, shared_town: DatabaseUrls
) -> None:
    ask(database, "left", p=1)

    def worker_dies() -> None:
        begun(database, "left")
        with psycopg.connect(shared_town.superuser) as conn:
            conn.execute(
                "UPDATE kyodo.siting_run SET touched_at = now() - interval '3 minutes' WHERE run_id = 'left'"
            )

    worker_dies()
    assert job.run_all(database, threading.Event()) == 1
    assert run_of(database, "left").state == "done" and run_of(database, "left").basis["attempts"] == 2
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.siting_run SET state = 'queued', result = NULL, basis = '{}' WHERE run_id = 'left'"
        )
    for _ in range(siting_runs.MOST_ATTEMPTS):
        worker_dies()
    assert job.run_all(database, threading.Event()) == 0
    run = run_of(database, "left")
    assert run.state == "failed" and "3 回止まった" in (run.message or "")


def test_a_worker_that_ends_gives_its_run_back_and_a_child_without_memory_fails_with_a_sentence(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(database, "back", p=1, seconds=600)
    monkeypatch.setattr(job, "HURRY_S", 0.3)
    ended = threading.Event()
    ended.set()
    with monkeypatch.context() as patch:
        patch.setattr(job, "CHILD", ("-c", DEAF))
        assert job.run_one(database, CODE, begun(database, "back"), ended) is False
    run = run_of(database, "back")
    assert run.state == "queued" and run.basis["attempts"] == 0
    assert job.run_one(database, CODE, begun(database, "back"), threading.Event(), memory=200 << 20)
    run = run_of(database, "back")
    assert run.state == "failed" and run.message == job.BROKEN


def test_people_of_grid_squares_are_asked_for_like_those_of_small_areas(town: DatabaseUrls) -> None:
    codes = ("59414048", "59414049", "59414140")  # in districts 1, 2 and 4
    rows = [
        {
            "mesh_code": code,
            "year": 2020,
            "people": 100,
            "aged65": 40,
            "merged_into": None,
            "geom": box(*corners(code)),
        }
        for code in codes
    ]
    database = Database(town.app, max_size=2)
    try:
        make_active(database, put(database, "mesh-population", rows, Quality.SAMPLE))
        ask(database, "mesh", p=1, demand="mesh", weights=(0, 0, 1, 0))
        assert job.run_all(database, threading.Event()) == 1
        result = run_of(database, "mesh").result
    finally:
        database.close()
    assert result is not None and result["status"] == "optimal"
    assert result["figures"]["before"]["bands"][2] == 120
    assert {area["key"] for area in result["areas"]} == set(codes) and all(
        area["lon"] for area in result["areas"]
    )
    assert [row["district"] for row in result["sites"] if row["state"] == "opened"] == [4]
