"""What has become of each facility by a year: stays, is worked on, is gone, is closed for a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from api.scenario_pages.inputs import Inputs
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.scenarios.effects import Effects

GROUPS = (
    ("そのまま続ける施設", "#ffffff"),
    ("改修・建替え・長寿命化をする施設", "#f2b84b"),
    ("よその活動を受け入れる施設", "#2b8cbe"),
    ("閉じる・移る施設", "#5a1e1e"),
    ("その年度は開いていない施設（記録による）", "#8a8f98"),
)
"""Wording and colour of the points on the map; the words stand in the table too."""
STAYS, WORKS, TAKES_IN, GONE, CLOSED = range(len(GROUPS))


@dataclass(frozen=True, slots=True)
class State:
    """A facility of the supply in a year; `group` is its place in `GROUPS`, `words` its actions up to then."""

    key: str
    name: str
    group: int
    words: str
    is_open: bool


def states_of(found: Effects, inputs: Inputs, held: Prepared, year: int) -> dict[str, State]:
    """By id, the facilities that are counted (none without people or facilities)."""
    if found.supply is None:
        return {}
    names = inputs.stock.names
    said: dict[str, list[str]] = {}
    group: dict[str, int] = {}
    for action in found.actions:
        if action.year > year or action.action == "継続":
            continue
        target = action.into_facility
        where = f"（{names.get(target, target)}へ）" if target else ""
        said.setdefault(action.facility_id, []).append(f"{action.year}年度 {action.action}{where}")
        if action.ends:
            group[action.facility_id] = GONE
        elif group.get(action.facility_id) != TAKES_IN:
            group[action.facility_id] = WORKS
        if target:
            said.setdefault(target, []).append(
                f"{action.year}年度 {names.get(action.facility_id, action.facility_id)}を受け入れ"
            )
            if group.get(target) != GONE:
                group[target] = TAKES_IN
    states = {}
    for number, at in enumerate(found.supply.sites):
        key = str(held.site[at])
        is_open = bool(found.supply.opened[year - found.base, number])
        place = group.get(key, STAYS)
        if not is_open and place != GONE:
            place = CLOSED
        states[key] = State(
            key, str(held.site_name[at]), place, "、".join(said.get(key, ())) or "なし", is_open
        )
    return states
