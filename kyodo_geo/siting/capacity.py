"""The models with capacities: how much weight each site can take. People of one client may be split between sites."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Clock, Status, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.inputs import checked_radius, cost_matrix, weight_vector
from kyodo_geo.siting.programme import minimise
from kyodo_geo.siting.rule_rows import rule_rows
from kyodo_geo.siting.rules import Frame, Rules, frame, vector

MODELS = ("p-median", "lscp", "mclp")


def with_capacities(
    model: str,
    costs: np.ndarray,
    capacities: Sequence[float] | np.ndarray,
    weights: Sequence[float] | np.ndarray | None = None,
    rules: Rules | None = None,
    control: Control | None = None,
    *,
    radius: float | None = None,
) -> Answer:
    """`p-median`, `lscp` or `mclp` where open site j takes at most `capacities[j]` of weight (infinite allowed).

    p-median and lscp serve all weight, mclp as much as fits within the radius. `assignment` is the site that takes most of
    a client (−1: none); `details["load"]` is the weight each site takes, `details["shares"]` (client, site, share 0–1).
    """
    clock, control, rules = Clock(), control or Control(), rules or Rules()
    if model not in MODELS:
        raise InputError(f"モデル{model}は、定員つきでは計算できません。", field="model")
    costs = cost_matrix(costs)
    clients, sites = costs.shape
    weights = weight_vector(weights, clients)
    room = vector(np.minimum(np.asarray(capacities, dtype=float), weights.sum() + 1), sites, "capacities")
    if model == "lscp" and rules.p is not None:
        raise InputError("lscpは施設数を求めるモデルです。pは指定できません。", field="p")
    made = frame(rules, sites, counted=model != "lscp")
    if made.reasons:
        return impossible(clock, *made.reasons)
    within = np.isfinite(costs) if model == "p-median" else costs <= checked_radius(radius)
    order = np.concatenate([made.free, made.opened])
    rows = np.flatnonzero(weights > 0)
    client, place = np.nonzero(within[np.ix_(rows, order)])
    if model != "mclp":
        lost = np.setdiff1d(np.arange(len(rows)), client)
        if len(lost):
            return impossible(
                clock,
                f"使える候補地に到達できない需要点が{len(lost)}あります。",
                unreachable=rows[lost][:100].tolist(),
            )
    load = weights[rows[client]]
    gain, base = _values(model, costs, made, rules, rows, client, order, place, load)
    table, low, high = _rows(model, made, len(rows), client, place, load, room[order], exact=model != "lscp")
    size = len(gain)
    lower = np.zeros(size)
    lower[len(made.free) : len(order)] = 1
    whole = np.zeros(size)
    whole[: len(order)] = 1
    solved = minimise(gain, table, low, high, control, whole=whole, lower=lower)
    if solved.infeasible:
        return impossible(clock, "条件の下では、定員の合計または到達できる範囲の定員が足りません。")
    if solved.x is None:
        return Answer(Status.UNKNOWN, None, None, seconds=clock.seconds)
    sign = -1.0 if model == "mclp" else 1.0
    opened = order[solved.x[: len(order)] > 0.5]
    shares = np.clip(solved.x[len(order) :], 0, 1)
    kept = shares > 1e-9
    best = np.full(clients, -1)
    for number in np.flatnonzero(kept)[np.argsort(shares[kept], kind="stable")]:
        best[rows[client[number]]] = order[place[number]]
    return judged(
        sign * solved.value + base,
        sign * solved.bound + base,
        opened,
        clock,
        assignment=best,
        load=np.bincount(order[place], shares * load, sites).round(9).tolist(),
        shares=list(
            zip(rows[client[kept]].tolist(), order[place[kept]].tolist(), shares[kept].tolist(), strict=True)
        ),
    )


def _values(
    model: str, costs: np.ndarray, made: Frame, rules: Rules, rows: np.ndarray, client: np.ndarray, order: np.ndarray,
    place: np.ndarray, load: np.ndarray,
) -> tuple[np.ndarray, float]:  # fmt: skip
    """(cost of each variable: sites first, then pairs; what is added to the objective)."""
    sites, pairs = np.zeros(len(order)), np.zeros(len(client))
    base = 0.0
    if model == "p-median":
        pairs = costs[rows[client], order[place]] * load
    elif model == "mclp":
        pairs = -load
    else:
        sites[: len(made.free)] = made.prices[made.free]
        base = float(made.prices[made.required].sum()) + (len(made.existing) if rules.prices is None else 0)
    return np.concatenate([sites, pairs]), base


def _rows(
    model: str, made: Frame, clients: int, client: np.ndarray, place: np.ndarray, load: np.ndarray, room: np.ndarray, *,
    exact: bool,
) -> tuple[Any, np.ndarray, np.ndarray]:  # fmt: skip
    """Served once, within the room of open sites, never by a closed one, and the rules."""
    from scipy.sparse import csr_matrix, vstack

    sites, pairs = len(room), len(client)
    width, number = sites + pairs, np.arange(pairs)
    served = csr_matrix((np.ones(pairs), (client, sites + number)), shape=(clients, width))
    fits = csr_matrix(
        (
            np.concatenate([load, -room]),
            (np.concatenate([place, np.arange(sites)]), np.concatenate([sites + number, np.arange(sites)])),
        ),
        shape=(sites, width),
    )
    opens = csr_matrix(
        (
            np.concatenate([np.ones(pairs), -np.ones(pairs)]),
            (np.tile(number, 2), np.concatenate([sites + number, place])),
        ),
        shape=(pairs, width),
    )
    rules, low, high = rule_rows(made, made.free, exact=exact, width=width)
    table = vstack([served, fits, opens, rules]).tocsr()
    lows = [np.full(clients, 0.0 if model == "mclp" else 1.0), np.full(sites + pairs, -np.inf), low]
    return table, np.concatenate(lows), np.concatenate([np.ones(clients), np.zeros(sites + pairs), high])
