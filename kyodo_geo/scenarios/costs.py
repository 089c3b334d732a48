"""What a scenario costs by facility and year, by the rules and prices of `kyodo_geo.assets`.

Without actions every building follows the 60-year rules (単純更新). Facilities without an action keep exactly that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from kyodo_geo.assets.forecast import Building, Forecast, forecast
from kyodo_geo.facility_terms import MOVES
from kyodo_geo.scenarios.actions import Action, gone_of, ordered
from kyodo_geo.scenarios.lives import Change, Life, life
from kyodo_geo.scenarios.terms import NOBODY, NOT_SHARED, ActionCost, Costs, Holding, Prices

__all__ = ["NOBODY", "NOT_SHARED", "ActionCost", "Costs", "Holding", "Prices", "costs"]

_KINDS = {"長寿命化": "extend", "大規模改修": "renovate", "建替": "rebuild", "建替（縮小）": "rebuild"}


def costs(
    holdings: Sequence[Holding], prices: Prices, actions: Sequence[Action], *, base: int, horizon: int
) -> Costs:
    """The stream of cost of `actions` (checked by `actions.faults`) on the stock. Raises `InputError` for prices."""
    found = forecast(
        [holding.building for holding in holdings], prices.short, prices.long, prices.assumed, base=base, horizon=horizon
    )  # fmt: skip
    book = _Book(holdings, prices, found, ordered(actions), base, horizon)
    return book.closed()


@dataclass(slots=True)
class _Book:
    """Enters the lines of buildings one after another."""

    holdings: Sequence[Holding]
    prices: Prices
    found: Forecast
    actions: list[Action]
    base: int
    horizon: int
    lines: list[str] = field(init=False)
    works: np.ndarray = field(init=False)
    ending: np.ndarray = field(init=False)
    upkeep: np.ndarray = field(init=False)
    unknown: np.ndarray = field(init=False)
    own: np.ndarray = field(init=False)
    reasons: list[list[str]] = field(init=False)
    last: dict[str, Action] = field(init=False)
    areas: dict[str, float] = field(init=False)

    def closed(self) -> Costs:
        keys = {key for holding in self.holdings for key in holding.parts()}
        keys |= {action.facility_id for action in self.actions}
        keys |= {
            action.into_facility for action in self.actions if action.into_facility and action.floor_area_m2
        }
        self.lines = sorted(keys, key=lambda key: (key in (NOBODY, NOT_SHARED), key))
        place = {key: at for at, key in enumerate(self.lines)}
        shape = (len(self.lines), self.horizon)
        self.works, self.ending, self.upkeep = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        self.unknown = np.zeros(len(self.lines), dtype=int)
        self.own = np.zeros((len(self.actions), self.horizon))
        self.reasons = [[] for _ in self.actions]
        acting = {action.facility_id for action in self.actions if action.action != "継続"}
        self.last = gone_of(self.actions)
        self.areas = {}
        for holding in self.holdings:
            for key, share in holding.parts().items():
                self.areas[key] = self.areas.get(key, 0.0) + (holding.building.floor_area_m2 or 0.0) * share
        ends = {key: action.year for key, action in self.last.items()}
        for number, holding in enumerate(self.holdings):
            for key, share in holding.parts().items():
                at = place[key]
                self.unknown[at] += bool(self.found.unknown[number])
                if key in acting and not self.found.unknown[number]:
                    gone = self._gone(holding, key, ends)
                    self._building(at, key, holding.building, share, gone, None)
                else:
                    self.works[at] += self.found.short[number] * share
                    self.upkeep[at] += self.found.upkeep_short[number] * share
        self._extensions(place, ends)
        self._paid(place)
        self._reasons()
        return Costs(
            self.base, tuple(self.lines), self.works, self.ending, self.upkeep, self.unknown,
            tuple(
                ActionCost(action, self.own[number], tuple(dict.fromkeys(self.reasons[number])))
                for number, action in enumerate(self.actions)
            ),
        )  # fmt: skip

    def _area(self, key: str, year: int) -> float:
        """Known floor area of a facility before `year`, with what was built for others there."""
        return self.areas.get(key, 0.0) + sum(
            action.floor_area_m2 or 0.0
            for action in self.actions
            if action.into_facility == key and action.year < year and action.action in MOVES
        )

    def _gone(self, holding: Holding, key: str, ends: Mapping[str, int]) -> int | None:
        """First year in which the building is no longer the city's for the facility `key`; None: it stays.

        A building stands until the last of its facilities has left.
        """
        if key not in ends:
            return None
        if any(other not in ends for other in holding.used):
            self._say(key, "建物をほかの施設も使っているため、建物の費用は減らないものとして計算しています。")
            return None
        return max(ends[other] for other in holding.used)

    def _say(self, key: str, words: str) -> None:
        for number, action in enumerate(self.actions):
            if action.facility_id == key and action.ends:
                self.reasons[number].append(words)

    def _building(
        self, at: int, key: str, building: Building, share: float, gone: int | None, new: int | None
    ) -> None:
        """Works, upkeep and demolition of a facility's share of a building; `new`: the year in which it is built."""
        since = self.base if new is None else new
        changes: list[Change] = []
        for number, action in enumerate(self.actions):
            if action.facility_id != key or (new is not None and action.year <= new):
                continue
            if action.ends:
                # Of an empty building that is taken down later it is the later action that ends the cost.
                if gone is not None and action is self.last[key]:
                    changes.append(Change(gone, "end", number))
            elif action.action in _KINDS:
                area = self._area(key, action.year) if action.rebuilds and action.floor_area_m2 else 0.0
                scale = (action.floor_area_m2 or 0.0) / area if area else None
                changes.append(
                    Change(action.year, _KINDS[action.action], number, scale, action.cost_yen is not None)  # type: ignore[arg-type]
                )
        extends = any(change.kind == "extend" for change in changes)
        cannot = 0.0 if not extends else self.prices.cannot_extend(building)
        for part, extendable in ((1 - cannot, True), (cannot, False)):
            if part <= 0:
                continue
            found = life(
                int(building.built_year or 0), since, self.base + self.horizon - since, changes,
                extendable=extendable,
            )  # fmt: skip
            self._enter(at, building, share * part, found, since)
        if gone is not None and gone < self.base + self.horizon:
            self._take_down(at, key, building, share, changes)

    def _enter(self, at: int, building: Building, share: float, found: Life, since: int) -> None:
        index = self.prices.assumed.price_index
        area = float(building.floor_area_m2 or 0.0) * share * index
        for item in found.works:
            yen = area * item.scale * self.prices.price(building, item.step.kind, item.long)
            if item.action is not None:
                if self.actions[item.action].cost_yen is None:
                    self._instal(self.own[item.action], yen, item.step.year, item.step.years)
            else:
                self._instal(self.works[at], yen, item.step.year, item.step.years)
        for offset, (scale, long) in enumerate(zip(found.scale, found.long, strict=True)):
            self.upkeep[at, since - self.base + offset] += (
                area * scale * self.prices.unit(building, long).upkeep_yen_m2
            )

    def _take_down(
        self, at: int, key: str, building: Building, share: float, changes: Sequence[Change]
    ) -> None:
        """A vacated building is taken down unless it is converted or handed over."""
        last = changes[-1]
        action = self.actions[last.action]
        if action.action in ("転用", "譲渡"):
            return
        if action.cost_yen is not None and action.action not in MOVES:
            return
        unit = self.prices.assumed.demolition_yen_m2
        if unit is None:
            self.reasons[last.action].append("除却の単価が決まっていないため、除却の費用は不明です。")
            return
        scale = next((c.scale for c in reversed(changes) if c.scale is not None), 1.0)
        yen = float(building.floor_area_m2 or 0.0) * share * scale * unit * self.prices.assumed.price_index
        self._instal(self.own[last.action], yen, last.year, 1)

    def _extensions(self, place: Mapping[str, int], ends: Mapping[str, int]) -> None:
        """What is built at the new place: a building of its own from the year of the move on."""
        for number, action in enumerate(self.actions):
            if action.action not in MOVES or not action.into_facility or not action.floor_area_m2:
                continue
            use_class = self._class_of(action.into_facility) or self._class_of(action.facility_id)
            if use_class is None:
                self.reasons[number].append("移す先の建物の分類が不明なため、建てる費用は不明です。")
                continue
            building = Building(f"into-{number}", action.floor_area_m2, action.year, use_class)
            if action.cost_yen is None:
                yen = (
                    action.floor_area_m2
                    * self.prices.short[use_class].rebuild_yen_m2
                    * self.prices.assumed.price_index
                )
                self._instal(self.own[number], yen, action.year, 3)
            key = action.into_facility
            self._building(place[key], key, building, 1.0, ends.get(key), action.year)

    def _paid(self, place: Mapping[str, int]) -> None:
        """Costs that the action itself states, and the sums of the lines."""
        for number, action in enumerate(self.actions):
            at = place[action.facility_id]
            years = {"長寿命化": 2, "大規模改修": 2, "建替": 3, "建替（縮小）": 3}.get(action.action, 1)
            if action.cost_yen is not None:
                self._instal(self.own[number], float(action.cost_yen), action.year, years)
            target = self.ending if action.ends else self.works
            target[at] += self.own[number]

    def _reasons(self) -> None:
        """What is not known of each action's cost."""
        buildings: dict[str, list[int]] = {}
        undivided: set[str] = set()
        for number, holding in enumerate(self.holdings):
            parts = holding.parts()
            if NOT_SHARED in parts:
                undivided.update(holding.used)
            for key in holding.used:
                buildings.setdefault(key, []).append(number)
        for number, action in enumerate(self.actions):
            say, key = self.reasons[number], action.facility_id
            if action.action in ("転用", "譲渡") and action.cost_yen is None:
                say.append(f"{action.action}そのものにかかる費用が入力されていないため、不明です。")
            if action.action in MOVES and action.cost_yen is None and not action.floor_area_m2:
                say.append("移す先の部屋を整える費用が入力されていないため、不明です。")
            if action.action == "建替（縮小）" and action.floor_area_m2 is None:
                say.append("縮小後の面積が入力されていないため、今の面積で計算しています。")
            if action.action == "継続" or (action.cost_yen is not None and not action.ends):
                continue
            if key not in buildings:
                say.append("建物の記録がないため、建物の費用は不明です。")
            elif any(self.found.unknown[at] for at in buildings[key]):
                say.append("面積・建築年・用途の分類のどれかが不明な建物があり、その費用は不明です。")
            if key in undivided:
                say.append("使う面積が不明な建物があり、その費用への影響は不明です。")

    def _class_of(self, key: str) -> str | None:
        return next(
            (h.building.use_class for h in self.holdings if key in h.used and h.building.use_class), None
        )

    def _instal(self, row: np.ndarray, yen: float, year: int, years: int) -> None:
        for at in range(year - self.base, year - self.base + years):
            if 0 <= at < self.horizon:
                row[at] += yen / years
