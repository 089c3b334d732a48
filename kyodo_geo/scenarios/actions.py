"""Actions of a scenario: what they mean for a facility, and which cannot be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kyodo_geo.facility_terms import ACTIONS, ENDS, MOVES

FINAL = frozenset({"譲渡", "廃止・除却"})
"""After these nothing of the city's is left to act upon."""


@dataclass(frozen=True, slots=True)
class Action:
    """What happens with a facility in a fiscal year. `cost_yen` only where it is known better than by unit costs.

    An action holds from the first day of its year. `floor_area_m2`: of the new building (建替, 建替（縮小）), or of what is
    built for the activity at `into_facility` (複合化, 集約化); None: as before, or into the rooms that are there.
    """

    year: int
    facility_id: str
    action: str
    into_facility: str | None = None
    floor_area_m2: float | None = None
    cost_yen: int | None = None
    note: str | None = None

    @property
    def ends(self) -> bool:
        """Whether the facility is no longer open at its place from that year on."""
        return self.action in ENDS

    @property
    def rebuilds(self) -> bool:
        return self.action in ("建替", "建替（縮小）")


def ordered(actions: Sequence[Action]) -> list[Action]:
    """By year and facility: in whichever order they were written, they mean the same."""
    return sorted(actions, key=lambda action: (action.year, action.facility_id, action.action))


def ends_of(actions: Sequence[Action]) -> dict[str, Action]:
    """The action that ends each facility, by facility."""
    return {action.facility_id: action for action in reversed(ordered(actions)) if action.ends}


def gone_of(actions: Sequence[Action]) -> dict[str, Action]:
    """The last action that ends each facility: what was moved out of may still be handed over or taken down later."""
    return {action.facility_id: action for action in ordered(actions) if action.ends}


def faults(
    actions: Sequence[Action], names: Mapping[str, str], closed: Mapping[str, int], *, base: int, horizon: int
) -> list[str]:
    """Sentences on what cannot be, none where all can.

    `names`: every known facility; `closed`: first fiscal year in which a facility is closed for good by the records.
    """
    found: list[str] = []
    ends, gone = ends_of(actions), gone_of(actions)
    seen: set[tuple[int, str]] = set()
    for action in ordered(actions):
        name = names.get(action.facility_id)
        place = f"{action.year}年度 {name or action.facility_id[:40]}（{action.action[:20]}）"
        if action.action not in ACTIONS:
            found.append(f"{place}：この行動はありません。使える値: {'、'.join(ACTIONS)}")
        if not base <= action.year < base + horizon:
            found.append(f"{place}：案の期間（{base}〜{base + horizon - 1}年度）の外です。")
        if name is None:
            found.append(f"{place}：今の記録に、この番号の施設はありません。")
            continue
        if closed.get(action.facility_id, action.year + 1) <= action.year:
            found.append(f"{place}：{closed[action.facility_id]}年度には廃止されている施設です。")
        end = ends.get(action.facility_id)
        if (
            end is not None
            and end.year < action.year
            and not _may_follow(end, action, gone[action.facility_id])
        ):
            found.append(f"{place}：{end.year}年度に「{end.action}」で閉じたあとの行動です。")
        if (action.year, action.facility_id) in seen:
            found.append(f"{place}：同じ年度に、この施設の行動が 2 つあります。")
        seen.add((action.year, action.facility_id))
        found += [f"{place}：{words}" for words in _target_faults(action, names, closed, ends)]
    return found


def _may_follow(end: Action, later: Action, last: Action) -> bool:
    """An empty building may be handed over or taken down, once."""
    return end.action not in FINAL and later.action in FINAL and later.year == last.year


def _target_faults(
    action: Action, names: Mapping[str, str], closed: Mapping[str, int], ends: Mapping[str, Action]
) -> list[str]:
    target = action.into_facility
    if target is None:
        return ["移す先の施設を選んでください。"] if action.action in MOVES else []
    if target not in names:
        return [f"移す先の施設（{target[:40]}）は、今の記録にありません。"]
    if target == action.facility_id:
        return ["移す先が、同じ施設です。"]
    if closed.get(target, action.year + 1) <= action.year:
        return [f"移す先の{names[target]}は、{closed[target]}年度には廃止されています。"]
    end = ends.get(target)
    if end is not None and end.year <= action.year:
        return [f"移す先の{names[target]}も、{end.year}年度に「{end.action}」で閉じます。"]
    return []
