"""Run inside the peers' environment: `peer.py FOLDER TASK LIMIT` prints one JSON line with what a peer needed and found.

TASK is p-median, p-center, lscp or mclp (spopt with HiGHS), milp (p-median as one plain scipy model) or fca (access).
FOLDER holds costs.npy (clients × sites), weights.npy and facts.json (p, radius). CPU seconds of this process.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np


def spopt(
    task: str, costs: np.ndarray, weights: np.ndarray, facts: dict[str, Any], limit: float
) -> dict[str, Any]:
    import pulp
    from spopt.locate import LSCP, MCLP, PCenter, PMedian

    began = time.process_time()
    if task == "p-median":
        model = PMedian.from_cost_matrix(costs, weights, p_facilities=facts["p"])
    elif task == "p-center":
        model = PCenter.from_cost_matrix(costs, p_facilities=facts["p"])
    elif task == "mclp":
        model = MCLP.from_cost_matrix(costs, weights, service_radius=facts["radius"], p_facilities=facts["p"])
    else:
        model = LSCP.from_cost_matrix(costs, service_radius=facts["radius"])
    solver = pulp.HiGHS(msg=False, threads=1, timeLimit=limit)
    try:
        model = model.solve(solver, results=False)
        value = pulp.value(model.problem.objective)
    except Exception as error:  # whatever a peer ends with is its result
        return {"value": None, "cpu": time.process_time() - began, "status": repr(error)[:80]}
    return {"value": value, "cpu": time.process_time() - began, "status": pulp.LpStatus[model.problem.status]}


def milp(costs: np.ndarray, weights: np.ndarray, facts: dict[str, Any], limit: float) -> dict[str, Any]:
    from scipy.optimize import Bounds, LinearConstraint
    from scipy.optimize import milp as solve
    from scipy.sparse import coo_matrix, eye, hstack, kron

    began = time.process_time()
    clients, sites = costs.shape
    pairs = clients * sites
    served = hstack([coo_matrix((clients, sites)), kron(eye(clients), np.ones((1, sites)))])
    opens = hstack([kron(np.ones((clients, 1)), -eye(sites)), eye(pairs)])
    count = coo_matrix(np.r_[np.ones(sites), np.zeros(pairs)][None])
    result = solve(
        np.r_[np.zeros(sites), (costs * weights[:, None]).ravel()],
        constraints=[
            LinearConstraint(served.tocsr(), 1, 1),
            LinearConstraint(opens.tocsr(), -np.inf, 0),
            LinearConstraint(count.tocsr(), facts["p"], facts["p"]),
        ],
        integrality=np.r_[np.ones(sites), np.zeros(pairs)], bounds=Bounds(0, 1), options={"time_limit": limit},
    )  # fmt: skip
    return {"value": result.fun, "cpu": time.process_time() - began, "status": result.message[:40]}


def fca(costs: np.ndarray, weights: np.ndarray, facts: dict[str, Any], folder: Path) -> dict[str, Any]:
    import pandas as pd
    from access import fca as peer
    from access import weights as decays

    cell, facility = np.nonzero(costs <= facts["radius"])
    pairs = pd.DataFrame({"origin": cell, "dest": facility, "cost": costs[cell, facility]})
    # The peer changes the frames it is given (it sets their index): each call gets its own, made beforehand.
    people = pd.DataFrame({"geoid": np.arange(len(costs)), "demand": weights})
    supply = pd.DataFrame({"geoid": np.arange(costs.shape[1]), "supply": np.full(costs.shape[1], 50.0)})
    zones = decays.step_fn({float(limit): weight for limit, weight in facts["zones"]})
    found: dict[str, Any] = {}
    for name, decay in (("2sfca", None), ("e2sfca", zones)):
        best = float("inf")
        for _ in range(3):
            frames = people.copy(), supply.copy(), pairs.copy()
            began = time.process_time()
            answer = peer.two_stage_fca(
                *frames, max_cost=facts["radius"], demand_name="demand", supply_name="supply", weight_fn=decay
            )
            best = min(best, time.process_time() - began)
        np.save(folder / f"{name}.npy", answer.reindex(np.arange(len(costs))).fillna(0).to_numpy())
        found[name] = best
    return found


def main() -> None:
    folder, task, limit = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])
    costs, weights = np.load(folder / "costs.npy"), np.load(folder / "weights.npy")
    facts = json.loads((folder / "facts.json").read_text())
    if task == "fca":
        answer = fca(costs, weights, facts, folder)
    elif task == "milp":
        answer = milp(costs, weights, facts, limit)
    else:
        answer = spopt(task, costs, weights, facts, limit)
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
