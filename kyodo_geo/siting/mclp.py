"""Maximal covering (Church and ReVelle 1974): p sites that bring the most weight within the radius."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from kyodo_geo.errors import InputError
from kyodo_geo.siting.answer import Answer, Clock, impossible, judged
from kyodo_geo.siting.control import Control
from kyodo_geo.siting.covering import merged
from kyodo_geo.siting.inputs import checked_radius, cost_matrix, nearest_open, weight_vector, whole_numbers
from kyodo_geo.siting.programme import minimise
from kyodo_geo.siting.rule_rows import padded, rule_rows
from kyodo_geo.siting.rules import Frame, Rules, frame


def mclp(
    costs: np.ndarray,
    radius: float,
    weights: Sequence[float] | np.ndarray | None = None,
    rules: Rules | None = None,
    control: Control | None = None,
    *,
    backup: float = 0.0,
) -> Answer:
    """Open sites so that the covered weight is greatest.

    `backup` β (0–1) counts a second cover too (Hogan and ReVelle 1986): the objective is
    Σ w·((1−β)·[covered] + β·[covered twice]). `details` tell the weight covered, covered twice, and out of every site's reach.
    """
    clock, control, rules = Clock(), control or Control(), rules or Rules()
    costs = cost_matrix(costs)
    weights = weight_vector(weights, len(costs))
    if not 0 <= backup <= 1:
        raise InputError("backupは0以上1以下で指定してください。", field="backup")
    within = costs <= checked_radius(radius)
    made = frame(rules, costs.shape[1])
    if made.reasons:
        return impossible(clock, *made.reasons)
    usable = np.sort(np.concatenate([made.opened, made.free]))
    kinds, weight = _kinds(within, weights)
    chosen, bound = _solve(kinds, weight, made, control, backup)
    sets = [] if chosen is None else [chosen]
    if (
        not sets or _worth(kinds, weight, chosen, backup) < bound
    ):  # cut short: the quick way may have found more by now
        sets.append(_greedy(kinds, weight, made))
    chosen = max((padded(made, part) for part in sets), key=lambda part: _worth(kinds, weight, part, backup))
    times = within[:, chosen].sum(axis=1)
    covered, twice = float(weights[times >= 1].sum()), float(weights[times >= 2].sum())
    objective = (1 - backup) * covered + backup * twice
    whole = backup == 0 and whole_numbers(weights)
    if whole:
        bound = float(np.floor(bound + 1e-6 * max(1.0, 1e-6 * abs(bound))))
    reachable = within[:, usable].any(axis=1)
    return judged(
        objective,
        max(bound, objective),
        chosen,
        clock,
        whole=whole,
        assignment=nearest_open(np.where(within, costs, np.inf), chosen),
        covered=covered,
        covered_twice=twice,
        out_of_every_reach=float(weights[~reachable].sum()),
    )


def _worth(kinds: np.ndarray, weight: np.ndarray, chosen: np.ndarray | None, backup: float) -> float:
    times = kinds[:, chosen].sum(axis=1) if chosen is not None else np.zeros(len(kinds))
    return float((1 - backup) * weight[times >= 1].sum() + backup * weight[times >= 2].sum())


def _kinds(within: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Equal rows as one with their weights together; rows that no site covers or that weigh nothing are out."""
    rows = np.flatnonzero((weights > 0) & within.any(axis=1))
    first, kind = merged(within[rows])
    return within[rows[first]], np.bincount(kind, weights[rows], len(first))


def _solve(
    kinds: np.ndarray, weight: np.ndarray, made: Frame, control: Control, backup: float
) -> tuple[np.ndarray | None, float]:
    """(open sites or None, upper bound of the objective)."""
    from scipy.sparse import vstack

    opened = made.opened
    state = made.at(opened, made.free)
    assert state is not None
    free = state[1]
    had, table = kinds[:, opened].sum(axis=1), kinds[:, free]
    certain = (1 - backup) * float(weight[had >= 1].sum()) + backup * float(weight[had >= 2].sum())
    possible = had + table.sum(axis=1)
    once = np.flatnonzero((had < 1) & (possible >= 1))
    twice = np.flatnonzero((had < 2) & (possible >= 2)) if backup > 0 else once[:0]
    site_gain = np.zeros(len(free))
    if backup == 0:  # a kind that one site alone decides is that site's own gain and needs no variable
        alone = once[possible[once] == 1]
        if len(alone):
            np.add.at(site_gain, table[alone].argmax(axis=1), weight[alone])
        once = once[possible[once] > 1]
    values = np.concatenate([site_gain, (1 - backup) * weight[once], backup * weight[twice]])
    levels = _level_rows(table, once, twice, len(values))
    rules, low, high = rule_rows(made, free, exact=True, width=len(values))
    count = levels.shape[0]
    # With β above ½ a second cover is worth more than the first: parts of both would cheat.
    whole = np.concatenate([np.ones(len(free)), np.full(len(once) + len(twice), float(backup > 0.5))])
    solved = minimise(
        -values,
        vstack([levels, rules]).tocsr(),
        np.concatenate([np.zeros(count), low]),
        np.concatenate([np.full(count, np.inf), high]),
        control,
        whole=whole,
    )
    top = certain + float(values.sum())
    if np.isfinite(solved.bound):
        top = min(top, certain - solved.bound)
    if solved.x is None:
        return None, top
    chosen = free[solved.x[: len(free)] > 0.5]
    return np.sort(np.concatenate([opened, chosen])), top


def _level_rows(table: np.ndarray, once: np.ndarray, twice: np.ndarray, width: int) -> Any:
    """Rows "open sites in reach ≥ levels counted" per kind, then "covered ≥ covered twice" for kinds with both."""
    from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack

    sites = table.shape[1]
    rows = np.union1d(once, twice)
    first, second = np.arange(len(once)), len(once) + np.arange(len(twice))
    levels = coo_matrix(
        (
            -np.ones(len(once) + len(twice)),
            (np.searchsorted(rows, np.concatenate([once, twice])), np.concatenate([first, second])),
        ),
        shape=(len(rows), width - sites),
    )
    reach = hstack([csr_matrix(table[rows].astype(float)), levels])
    both, at_once, at_twice = np.intersect1d(once, twice, return_indices=True)
    order = coo_matrix(
        (
            np.concatenate([np.ones(len(both)), -np.ones(len(both))]),
            (
                np.tile(np.arange(len(both)), 2),
                np.concatenate([sites + at_once, sites + len(once) + at_twice]),
            ),
        ),
        shape=(len(both), width),
    )
    return vstack([reach, order]).tocsr()


def _greedy(kinds: np.ndarray, weight: np.ndarray, made: Frame) -> np.ndarray:
    """The site that adds most weight (per price under a budget), again and again."""
    chosen = made.opened
    state = made.at(chosen, made.free)
    while state is not None and len(state[1]) and state[0].count != 0:
        free = state[1]
        missing = ~kinds[:, chosen].any(axis=1)
        gain = weight[missing] @ kinds[np.ix_(missing, free)]
        if made.budget is not None:
            gain = gain / np.maximum(made.prices[free], 1e-9)
        if gain.max() <= 0:
            break
        chosen = np.sort(np.append(chosen, free[int(gain.argmax())]))
        state = made.at(chosen, free[free != free[int(gain.argmax())]])
    return chosen
