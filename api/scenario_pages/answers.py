"""Scenarios for programs: the numbers of the page, in yen, people and metres."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kyodo_geo.scenarios.actions import ordered

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.figures import YearFigures
    from api.scenario_pages.listing import Listing
    from api.scenario_pages.view import Numbers, ScenarioView


def list_body(found: Listing, reading: Reading, held: Held) -> dict[str, Any]:
    """All that are published."""
    from api.scenario_pages.inputs import inputs_of

    inputs = inputs_of(reading, held)
    return {
        "municipality": reading.ref.municipality_code,
        "ready": held.ready,
        "buildings": inputs.buildings,
        "buildings_unknown": inputs.unknown,
        "scenarios": [_head(item) for item in found.items],
        "dataset": found.dataset,
    }


def one_body(view: ScenarioView, municipality: str, held: Held) -> dict[str, Any]:
    """One with its effects."""
    numbers = view.numbers
    return {
        "municipality": municipality,
        "ready": held.ready,
        "scenario": _head(numbers),
        "year": view.year,
        "actions": _actions(numbers),
        "years": [
            {"scenario": _year(mine, numbers.cost_known), "base": _year(other, numbers.cost_known)}
            for mine, other in zip(numbers.rows, numbers.base_rows, strict=True)
        ],
        "districts": _districts(view),
        "moves": _moves(view),
        "shelters": [
            {"facility_id": item.facility_id, "role": item.role, "capacity": item.capacity}
            for item in view.shelters
        ],
        "unknown": view.unknown,
        "assumptions": view.assumptions,
        "dataset": view.dataset,
    }


def _head(numbers: Numbers) -> dict[str, Any]:
    item, found = numbers.scenario, numbers.found
    known = found is not None and numbers.cost_known
    return {
        "id": item.scenario_id,
        "title": item.title,
        "author": item.author,
        "reason": item.reason,
        "version": item.version,
        "state": item.state,
        "published_on": None if item.published_at is None else item.published_at.date().isoformat(),
        "base_year": item.base_year,
        "last_year": item.last_year,
        "actions": len(item.actions),
        "cost_yen": round(found.costs.sum) if found is not None and known else None,
        "cost_base_yen": round(found.before.sum) if found is not None and known else None,
        "effect_yen": round(found.effect) if found is not None and known else None,
        "faults": numbers.faults,
    }


def _actions(numbers: Numbers) -> list[dict[str, Any]]:
    rows = []
    names = numbers.inputs.stock.names
    for number, action in enumerate(ordered(numbers.scenario.actions)):
        cost = None if numbers.found is None else numbers.found.costs.actions[number]
        rows.append(
            {
                "year": action.year,
                "facility_id": action.facility_id,
                "facility": names.get(action.facility_id, action.facility_id),
                "action": action.action,
                "into_facility": action.into_facility,
                "floor_area_m2": action.floor_area_m2,
                "cost_yen": None if cost is None or (cost.unknown and not cost.total) else round(cost.total),
                "cost_stated": action.cost_yen is not None,
                "unknown": [] if cost is None else list(cost.unknown),
                "note": action.note,
            }
        )
    return rows


def _year(row: YearFigures, known: bool) -> dict[str, Any]:
    def whole(value: float | None) -> int | None:
        return None if value is None else round(value)

    return {
        "year": row.year,
        "works_yen": round(row.works) if known else None,
        "ending_yen": round(row.ending) if known else None,
        "upkeep_yen": round(row.upkeep) if known else None,
        "total_yen": round(row.total) if known else None,
        "open": row.open,
        "capacity": whole(row.capacity),
        "capacity_unknown": row.capacity_unknown,
        "people": whole(row.people),
        "share_within": None if row.share is None else round(row.share, 4),
        "out_of_reach": whole(row.out_of_reach),
        "out_of_reach_65": whole(row.older_out),
        "mean_m": whole(row.mean_m),
        "worst_m": whole(row.worst_m),
        "worst_stranded": whole(row.worst_stranded),
        "gini": None if row.gini is None else round(row.gini, 4),
    }


def _districts(view: ScenarioView) -> list[dict[str, Any]]:
    found = view.numbers.found
    if found is None or found.reach is None:
        return []
    before, after, moved = found.reach_before(view.year), found.reach_in(view.year), found.moved_in(view.year)
    assert before is not None and after is not None and moved is not None
    rows = []
    for place, no in enumerate(found.reach.districts):
        people = float(after.by_district.people[place].sum())
        shares = [
            round(float(side.reached[place].sum()) / people, 4) if people > 0 else None for side in (after, before)
        ]  # fmt: skip
        rows.append(
            {
                "no": no,
                "people": round(people),
                "share_within": shares[0],
                "share_base": shares[1],
                "longer": round(float(moved.longer[place].sum())),
                "longer_65": round(float(moved.longer[place][2])) if found.reach.knows_older else None,
                "pushed_out": round(float(moved.pushed_out[place].sum())),
                "stranded": round(float(moved.stranded[place].sum())),
            }
        )
    return rows


def _moves(view: ScenarioView) -> list[dict[str, Any]]:
    """The rows of the page's table."""
    if view.moves is None:
        return []
    rows = []
    for row in view.moves.rows:
        start, _, end = str(row.key).partition(">")
        rows.append(
            {
                "from_id": start,
                "to_id": end,
                "people": row.cells[1].value,
                "before_m": row.cells[2].value,
                "after_m": row.cells[3].value,
            }
        )
    return rows
