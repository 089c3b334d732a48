"""Which vacant houses together: the exact choice, in the child of a siting run whose model is `vacant-houses`.

Houses, filters and figures come from `api.vacant_houses.assess`, the very function of the page.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from api.vacant_houses.assess import Assessed, assess
from api.vacant_houses.choice import Choice
from api.vacant_houses.words import assumptions
from geodata import reach_arrays, vacant_arrays
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from kyodo_geo.siting.control import Control
from kyodo_geo.vacancy.selection import Selection, select
from kyodo_geo.vacancy.verdict import Verdict

if TYPE_CHECKING:
    from api.jobs.siting_child import Line

COUNTED = ("any", "sure")
"""Unknown counts as pass; only houses of which nothing is unknown."""


def work(
    database: Database, municipality: str, kept: dict[str, Any], line: Line, stop: threading.Event
) -> None:
    """Both choices of what was asked; a run that is ended early says so by its status."""
    asked = Choice.from_json(kept)
    line.say("phase", phase="gathering")
    found, generation = _assessed(database, municipality, asked)
    line.say("phase", phase="solving")
    made: dict[str, Any] = {
        "year": found.year,
        "by": found.by,
        "houses": len(found.houses),
        "generation": generation,
        "assumptions": assumptions(found, True),
    }
    for counted in COUNTED:
        control = Control.within(
            asked.seconds / 2,
            stop.is_set,
            lambda objective, bound: line.say("progress", objective=objective, bound=bound),
        )
        answer = chosen(found, asked, counted, control)
        made[counted] = told(found, asked, answer)
        if counted == "any":
            made["status"] = answer.status.value
    line.say("done", result=made)


def chosen(found: Assessed, asked: Choice, counted: str, control: Control | None = None) -> Selection:
    """The choice among the houses of a ranking: every house that has a place in it may be chosen."""
    allowed = [(gain.any if counted == "any" else gain.sure) is not None for gain in found.gains]
    return select(
        found.near,
        found.params.distance,
        found.covered,
        found.people,
        found.params.weights,
        allowed,
        found.groups,
        count=asked.count,
        budget=None if asked.budget is None else asked.budget * 10_000,
        prices=[asked.price_of(house.price_yen) for house in found.houses],
        control=control,
    )


def told(found: Assessed, asked: Choice, answer: Selection) -> dict[str, Any]:
    """The answer as it is kept: ids and figures, no address and no place."""
    ids = [house.house_id for house in found.houses]
    cells = np.zeros(0, dtype=int) if answer.cells is None else answer.cells
    people = found.people[cells]
    yen = [asked.price_of(found.houses[item.house].price_yen) for item in answer.chosen]
    return {
        "status": answer.status.value,
        "weight": answer.weight,
        "bound": answer.bound,
        "gap": answer.gap,
        "reasons": list(answer.reasons),
        "seconds": round(answer.seconds, 3),
        "candidates": sum((gain.any is not None) for gain in found.gains),
        "people": float(people.sum()),
        "people_65": float(people[:, 2].sum()),
        "cost_yen": float(sum(yen)),
        "assumed_prices": sum(found.houses[item.house].price_yen is None for item in answer.chosen),
        "chosen": [
            {
                "id": ids[item.house],
                "association": found.houses[item.house].association_id,
                "rank": place.rank if (place := found.gains[item.house].any) is not None else None,
                "unknown": found.verdicts[item.house] is Verdict.UNKNOWN,
                "people": found.gains[item.house].people,
                "people_65": found.gains[item.house].older,
                "adds": item.adds,
                "instead": [ids[other] for other in item.instead],
                "gap": item.gap,
                "price_yen": found.houses[item.house].price_yen,
            }
            for item in sorted(answer.chosen, key=lambda item: (-item.adds, ids[item.house]))
        ],
    }


def _assessed(database: Database, municipality: str, asked: Choice) -> tuple[Assessed, int]:
    """With the arrays of the worker, made here where they are missing."""
    hashed, ready = reach_arrays.is_ready(database, municipality)
    prepared = reach_arrays.held(database, municipality, hashed) if ready else None
    if prepared is None:
        hashed, prepared = reach_arrays.make(database, municipality)
    with database.read(Audience.STAFF) as conn:
        reach = vacant_arrays.held_by(conn, municipality, hashed)
    if reach is None:
        _, reach = vacant_arrays.make(database, municipality)
    with database.read(Audience.STAFF) as conn:
        ref = resolve(conn, municipality)
        return assess(conn, ref, prepared, reach, asked.houses), ref.generation_no
