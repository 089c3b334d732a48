"""Location set covering (Toregas et al. 1971): the fewest sites from which every client is within the radius."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Clock, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.inputs import checked_radius, cost_matrix, nearest_open, weight_vector, whole_numbers
from kyodo_geo.siting.rules import Frame, Rules, frame
from kyodo_geo.siting.set_cover import Cover, least_cover

LISTED = 100
"""So many clients without any site in reach are named in an answer; their number is told in any case."""


def lscp(
    costs: np.ndarray,
    radius: float,
    weights: Sequence[float] | np.ndarray | None = None,
    rules: Rules | None = None,
    control: Control | None = None,
    *,
    times: int = 1,
) -> Answer:
    """Fewest open sites that cover every client with a weight above 0 `times` times (2: backup coverage).

    `costs` is clients × sites, `radius` in its unit. The objective is the number of open sites, existing ones included;
    with prices it is what the new ones cost. Clients that no permitted site reaches make the problem infeasible; they are
    named in `details["unreachable"]`, and `details["rest"]` is the answer for all others.
    """
    clock, control, rules = Clock(), control or Control(), rules or Rules()
    costs = cost_matrix(costs)
    weights = weight_vector(weights, len(costs))
    if rules.p is not None:
        raise InputError("lscpは施設数を求めるモデルです。pは指定できません。", field="p")
    if times < 1 or times != int(times):
        raise InputError("timesは1以上の整数で指定してください。", field="times")
    cover = costs <= checked_radius(radius)
    made = frame(rules, costs.shape[1], counted=False)
    if made.reasons:
        return impossible(clock, *made.reasons)
    counted = weights > 0
    usable = np.concatenate([made.opened, made.free])
    short = counted & (cover[:, usable].sum(axis=1) < times)
    found = least_cover(cover[counted & ~short], made, control, times=times)
    answer = _told(found, costs, cover, made, rules, clock)
    if not short.any():
        return answer
    clients = np.flatnonzero(short)
    return impossible(
        clock,
        f"到達距離の内に、使える候補地が{times}か所に満たない需要点が{len(clients)}あります。",
        unreachable={
            "clients": clients[:LISTED].tolist(),
            "number": len(clients),
            "weight": float(weights[clients].sum()),
        },
        rest=answer,
    )


def _told(
    found: Cover, costs: np.ndarray, cover: np.ndarray, made: Frame, rules: Rules, clock: Clock
) -> Answer:
    if found.infeasible:
        return impossible(
            clock, "グループ・予算・禁止の条件の下では、すべての需要点を到達距離の内に収められません。"
        )
    base = float(made.prices[made.required].sum())
    base += len(made.existing) if rules.prices is None else 0.0
    whole = whole_numbers(made.prices)
    bound = found.bound + base
    if whole:
        bound = float(np.ceil(bound - 1e-6))
    if found.open is None:
        return judged(None, bound, None, clock)
    served = nearest_open(np.where(cover, costs, np.inf), found.open)
    return judged(found.cost + base, bound, found.open, clock, whole=whole, assignment=served)
