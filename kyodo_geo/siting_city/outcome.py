"""What a run keeps of its answer: plain JSON values, from which page, map and files are made alike."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from kyodo_geo.distinct import distinct
from kyodo_geo.reach.closing import Closing
from kyodo_geo.reach.equity import gini, worst_part
from kyodo_geo.reach.figures import figures, nearest
from kyodo_geo.reach.report import DISTANCES
from kyodo_geo.siting import Answer
from kyodo_geo.siting_city.cut_off import cut_off
from kyodo_geo.siting_city.place import Place
from kyodo_geo.siting_city.problem import Problem, price_of

FORM = 1
"""Counts up when a kept result means something else."""
MINUTES = (5.0, 10.0, 15.0, 20.0, 30.0)
"""Within these people are counted where ways are minutes; else within `DISTANCES` and the radius."""
KEPT, OPENED, DROPPED = "kept", "opened", "dropped"


def result_of(problem: Problem, answer: Answer) -> dict[str, Any]:
    """Status, figures, sites, small areas, districts. Without an answer only the state before is told.

    Names of ways end in the `measure`, `m` or `min`: `mean_m` or `mean_min`. `driving`: numbers of the districts where
    people drive, `drive_people`: how many of the counted people live where people drive.
    """
    asked = problem.asked
    after = np.zeros(len(problem.places), dtype=bool)
    after[problem.columns[list(answer.open)]] = True
    found = bool(answer.open)
    return {
        "form": FORM,
        "status": answer.status.value,
        "objective": _number(answer.objective),
        "bound": _number(answer.bound),
        "gap": answer.gap,  # not rounded: a gap of 0 is a proof
        "unit": asked.unit,
        "seconds": round(answer.seconds, 2),
        "reasons": _reasons(problem, answer),
        "by": problem.by,
        "measure": asked.measure,
        "driving": distinct(problem.held.district[problem.driving & (problem.held.district >= 0)]).tolist(),
        "drive_people": round(float(problem.people[problem.driving].sum())),
        "radius_m": asked.radius_m,
        "candidates": {
            "new": sum(not problem.places[at].existing for at in problem.columns),
            "existing": int(problem.before.sum()),
        },
        "price": round(_price(problem, after), 1) if problem.priced and found else None,
        "left_out": round(float(problem.people[problem.left_out].sum())),
        "figures": {
            "before": _figures(problem, problem.before),
            "after": _figures(problem, after) if found else None,
        },
        "sites": _sites(problem, answer, after) if found else [],
        "districts": _districts(problem, after) if found else [],
        "areas": _areas(problem, after) if found else [],
    }


def _reasons(problem: Problem, answer: Answer) -> list[str]:
    """Why there is no answer, with the people concerned where they are known, and what can be done."""
    lost = answer.details.get("unreachable")
    if problem.asked.model in ("p-median", "p-center") and (lost or answer.details.get("apart")):
        return cut_off(problem) or list(answer.reasons)
    lines = list(answer.reasons)
    if isinstance(lost, dict):
        lines.append(f"届かない所に住む人は {lost['weight']:,.0f} 人です（年齢の重みを掛けた人数）。")
    rest = answer.details.get("rest")
    if isinstance(rest, Answer) and rest.objective is not None:
        lines.append(f"その人たちを除けば、{len(rest.open):,} か所で届きます。")
    return lines


def _price(problem: Problem, after: np.ndarray) -> float:
    kept = {int(problem.columns[at]) for at in problem.rules.existing}
    return sum(price_of(problem.asked, problem.places[at]) for at in np.flatnonzero(after) if at not in kept)


def _near(problem: Problem, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(place of the nearest of the masked places, −1 for none; its way) of every cell."""
    return nearest(np.where(mask, problem.ways, np.inf))


def _reached(problem: Problem, mask: np.ndarray) -> np.ndarray:
    """Cells (n) that some masked place serves within the threshold."""
    return np.asarray(problem.within[:, mask].any(axis=1))


def _figures(problem: Problem, mask: np.ndarray) -> dict[str, Any]:
    """Of all counted people, by the nearest place of each."""
    _, cost = _near(problem, mask)
    asked, unit = problem.asked, problem.asked.measure
    distances = MINUTES if asked.in_minutes else tuple(sorted({*DISTANCES, asked.radius_m}))
    found = figures(cost, problem.people, distances)
    total = problem.people.sum(axis=1)
    worst = worst_part(cost, total)
    there = np.isfinite(cost)
    people, without = float(total.sum()), float(found.unreachable.sum())
    mean = float(found.person_cost.sum()) / (people - without) if people > without else None
    return {
        "places": int(mask.sum()),
        "people": round(people),
        "bands": whole_parts(found.people[0]),
        "distances": [float(value) for value in distances],
        "within": [whole_parts(row[0]) for row in found.within],
        "reached": whole_parts(problem.people[_reached(problem, mask)].sum(axis=0)),
        "unreachable": round(without),
        f"mean_{unit}": _number(mean),
        f"worst_from_{unit}": None if worst is None else _number(worst[0]),
        f"worst_mean_{unit}": None if worst is None else _number(worst[1]),
        "gini": _number(gini(cost[there], total[there])),
    }


def _sites(problem: Problem, answer: Answer, after: np.ndarray) -> list[dict[str, Any]]:
    """Every existing place and every opened one: first what is opened, then what stays, then what may go."""
    people, total, unit = problem.people, problem.people.sum(axis=1), problem.asked.measure
    first, cost = _near(problem, after)
    was, _ = _near(problem, problem.before)
    reached = _reached(problem, after)
    effects = Closing(problem.ways, after).effects(people, 0.0)
    # Who is pushed out is told by each cell's threshold, which is not always one of the way that is shortest.
    lost = Closing((~problem.within).astype(float), after).effects(people, 0.5).pushed_out.sum(axis=1)
    load = answer.details.get("load")
    served = {int(at): load[no] for no, at in enumerate(problem.columns)} if load is not None else {}
    rows = []
    for at, place in enumerate(problem.places):
        if not (after[at] or place.existing):
            continue
        mine, lives = first == at, total > 0
        row = {
            **_about(place),
            "state": (KEPT if place.existing else OPENED) if after[at] else DROPPED,
            "price": round(price_of(problem.asked, place), 1) if problem.priced else None,
            "people_before": round(float(total[was == at].sum())) if place.existing else None,
        }
        if after[at]:
            far = cost[mine & lives]
            row |= {
                "people": round(float(total[mine].sum())),
                "people65": round(float(people[mine, 2].sum())),
                "within": round(float(total[mine & reached].sum())),
                f"farthest_{unit}": _number(float(far.max())) if len(far) else None,
                "load": round(served[at]) if at in served else None,
                "lost_if_closed": round(float(lost[at])),
                "stranded_if_closed": round(float(effects.stranded[at].sum())),
                "added_if_closed": round(float(effects.added[at])),
            }
        rows.append(row)
    order = {OPENED: 0, KEPT: 1, DROPPED: 2}
    return sorted(rows, key=lambda row: order[row["state"]])


def _about(place: Place) -> dict[str, Any]:
    return {
        "id": place.id, "name": place.name, "kind": place.kind, "lon": round(place.lon, 6), "lat": round(place.lat, 6),
        "district": place.district, "association": place.association, "capacity": place.capacity,
        **({"more": place.more} if place.more else {}),
    }  # fmt: skip


def _districts(problem: Problem, after: np.ndarray) -> list[dict[str, Any]]:
    """Counted people by district, how many within the radius and how far on the mean, and the place most go to."""
    total, unit = problem.people.sum(axis=1), problem.asked.measure
    first, then = _near(problem, after)
    now = _near(problem, problem.before)[1]
    was, reached = _reached(problem, problem.before), _reached(problem, after)
    rows = []
    for no in distinct(problem.held.district[total > 0]).tolist():
        mine = problem.held.district == no
        loads = np.bincount(first[mine] + 1, total[mine], len(problem.places) + 1)[1:]
        main = int(loads.argmax()) if loads.size and loads.max() > 0 else None
        rows.append({
            "no": None if no < 0 else int(no),
            "drives": bool(problem.driving[mine].any()),
            "people": round(float(total[mine].sum())),
            "within_before": round(float(total[mine & was].sum())),
            "within_after": round(float(total[mine & reached].sum())),
            f"mean_before_{unit}": _mean(now[mine], total[mine]),
            f"mean_after_{unit}": _mean(then[mine], total[mine]),
            "site": None if main is None else problem.places[main].name,
            "site_people": None if main is None else round(float(loads[main])),
        })  # fmt: skip
    return rows


def _areas(problem: Problem, after: np.ndarray) -> list[dict[str, Any]]:
    """Counted people by small area, before and after, and the place most of them go to."""
    held, total, unit = problem.held, problem.people.sum(axis=1), problem.asked.measure
    reached = _reached(problem, after)
    first, then = _near(problem, after)
    now = _near(problem, problem.before)[1]
    keys, at = np.unique(held.key, return_index=True)
    order = np.argsort(held.key, kind="stable")
    parts = np.split(order, np.searchsorted(held.key[order], keys)[1:]) if len(keys) else []
    rows = []
    for key, one, mine in zip(keys.tolist(), at.tolist(), parts, strict=True):
        people = float(total[mine].sum())
        if not people > 0:
            continue
        loads = np.bincount(first[mine] + 1, total[mine], len(problem.places) + 1)[1:]
        main = int(loads.argmax()) if loads.max() > 0 else None
        rows.append({
            "key": key,
            "name": str(held.area_name[one]),
            "district": None if held.district[one] < 0 else int(held.district[one]),
            "people": round(people),
            "people65": round(float(problem.people[mine, 2].sum())),
            f"before_{unit}": _mean(now[mine], total[mine]),
            f"after_{unit}": _mean(then[mine], total[mine]),
            "drives": bool(problem.driving[mine].any()),
            "within_after": round(float(total[mine][reached[mine]].sum())),
            "left_out": bool(problem.left_out[mine].any()),
            "site": None if main is None else problem.places[main].name,
        })  # fmt: skip
    return rows


def _mean(cost: np.ndarray, people: np.ndarray) -> float | None:
    """Mean way of those who have one."""
    there = np.isfinite(cost) & (people > 0)
    return _number(float((cost[there] * people[there]).sum() / people[there].sum())) if there.any() else None


def whole_parts(values: np.ndarray) -> list[int]:
    """People by age as whole numbers that add up to the rounded sum: what is read off beside it says the same."""
    down = np.floor(values).astype(int)
    short = round(float(values.sum())) - int(down.sum())
    down[np.argsort(down - values, kind="stable")[:short]] += 1
    return [int(value) for value in down]


def _number(value: float | None) -> float | None:
    """A number that JSON can hold, to 4 decimals."""
    return None if value is None or not math.isfinite(value) else round(float(value), 4)
