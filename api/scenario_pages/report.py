"""The report for a residents' meeting: what is planned, why, what changes for whom, what it costs, what is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.paper.sheets import as_data
from api.scenario_pages.states import GONE, TAKES_IN
from api.scenario_pages.tables import WALK_M_PER_MINUTE
from api.scenario_pages.view import STATES, ScenarioView, scenario_view
from kyodo_geo.scenarios.actions import ordered

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.params import ScenarioParams
    from geodata.scenarios import Scenario
    from kyodo_geo.scenarios.actions import Action

MOST_MOVES = 12
"""Groups of people on the sheet; all of them are in the file."""
PLAIN = {
    "継続": "今のまま使い続けます",
    "長寿命化": "直しながら、80年まで長く使います",
    "大規模改修": "大きな改修をします",
    "建替": "建て替えます",
    "建替（縮小）": "小さく建て替えます",
    "複合化": "ほかの施設と一つの建物にまとめます",
    "集約化": "近くの施設にまとめます",
    "転用": "別の使い方にします",
    "譲渡": "地域や民間などに譲ります",
    "廃止・除却": "閉じて、建物を取り壊します",
}


@dataclass(frozen=True, slots=True)
class Planned:
    """One action in plain words. `people` who have this facility as their nearest in that year (None: not counted)."""

    year: int
    facility: str
    words: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Farther:
    """A district where people get farther in the year of the sheet."""

    name: str
    people: int
    older: str
    more_m: str
    more_min: str
    out: int
    stranded: int


@dataclass(frozen=True, slots=True)
class Goes:
    """People whose nearest facility changes."""

    start: str
    end: str
    people: str
    before: str
    after: str
    minutes: str


def report_html(reading: Reading, held: Held, scenario: Scenario, params: ScenarioParams) -> str:
    """HTML of the sheet with the figures of the page that was asked the same; a draft is marked as one."""
    view = scenario_view(reading, held, scenario, params)
    return reading.services.pages.render(
        "paper/scenario.html",
        path=f"/facilities/scenarios/{scenario.scenario_id}",
        ref=reading.ref,
        dataset=view.dataset,
        html_lang="ja",
        view=view,
        item=scenario,
        state=STATES[scenario.state],
        planned=_planned(view),
        farther=_farther(view),
        goes=_goes(view),
        most=MOST_MOVES,
        counted=view.numbers.counted,
        map_url=_map(view),
        keys=_keys(view),
        chart_url=_chart(view),
        money=_money(view),
        walk=WALK_M_PER_MINUTE,
        ready=held.ready,
        printed_on=reading.on,
    )


def _planned(view: ScenarioView) -> list[Planned]:
    names = view.numbers.inputs.stock.names
    return [
        Planned(action.year, names.get(action.facility_id, action.facility_id), _words(action, dict(names)), action.note)
        for action in ordered(view.scenario.actions)
    ]  # fmt: skip


def _words(action: Action, names: dict[str, str]) -> str:
    words = PLAIN.get(action.action, action.action)
    if action.into_facility:
        words += f"（移る先：{names.get(action.into_facility, action.into_facility)}）"
    if action.floor_area_m2:
        words += f"（あとの広さ {action.floor_area_m2:,.0f} m²）"
    return words + "。"


def _farther(view: ScenarioView) -> list[Farther]:
    """Districts with somebody whose way gets longer, those with the most people first."""
    found = view.numbers.found
    moved = None if found is None else found.moved_in(view.year)
    if found is None or found.reach is None or moved is None:
        return []
    names = {row.no: row.name for row in view.district.rows}
    rows = []
    groups = [*(f"{names.get(no, no)}" for no in found.reach.districts), "どの地区にも入らない所"]
    for place, name in enumerate(groups):
        people, stranded = float(moved.longer[place].sum()), float(moved.stranded[place].sum())
        if people < 0.5:
            continue
        more = float(moved.longer_m[place]) / (people - stranded) if people - stranded >= 0.5 else None
        rows.append(
            Farther(
                name,
                round(people),
                f"{moved.longer[place][2]:,.0f} 人" if found.reach.knows_older else "不明",
                "—" if more is None else f"約 {more:,.0f} m",
                "—" if more is None else f"約 {max(1, round(more / WALK_M_PER_MINUTE)):,} 分",
                round(float(moved.pushed_out[place].sum())),
                round(stranded),
            )
        )
    return sorted(rows, key=lambda row: -row.people)


def _goes(view: ScenarioView) -> list[Goes]:
    if view.moves is None:
        return []
    return [
        Goes(row.name, row.cells[0].text, row.cells[1].text, row.cells[2].text, row.cells[3].text, _minutes(row.cells[5].value))
        for row in view.moves.rows[:MOST_MOVES]
    ]  # fmt: skip


def _minutes(value: object) -> str:
    minutes = int(value) if isinstance(value, int | float) else 0
    if minutes == 0:
        return "ほぼ同じ"
    return f"約 {abs(minutes)} 分{'長い' if minutes > 0 else '短い'}"


def _map(view: ScenarioView) -> str | None:
    from maps.paper_places import paper_places

    if view.spec is None:
        return None
    return as_data(paper_places(view.spec, "report", named=(TAKES_IN, GONE)))


def _keys(view: ScenarioView) -> list[tuple[str, str, int, str]]:
    from maps.paper_places import point_key, shade_key

    if view.spec is None:
        return []
    return [
        *((words, as_data(sample), count, "か所") for words, sample, count in point_key(view.spec)),
        *((words, as_data(sample), count, "地区") for words, sample, count in shade_key(view.spec)),
    ]


def _chart(view: ScenarioView) -> str | None:
    return None if view.costs is None or view.costs.empty else as_data(view.costs.svg)


def _oku(yen: float) -> str:
    """In 億円 throughout, so that the lines of one table can be compared."""
    return f"{yen / 1e8:,.1f} 億円" if abs(yen) >= 1 else "0 円"


def _money(view: ScenarioView) -> list[tuple[str, str, str]]:
    """(what, this scenario, as it is) over the horizon, for those who read no table of years."""
    numbers = view.numbers
    if numbers.found is None or not numbers.cost_known:
        return []

    def both(name: str) -> tuple[str, str]:
        mine, other = (sum(getattr(row, name) for row in side) for side in (numbers.rows, numbers.base_rows))
        return _oku(mine), _oku(other)

    labels = (
        ("works", "工事（改修・建替え・修繕）"),
        ("ending", "取り壊し・引っ越しなど"),
        ("upkeep", "日ごろの維持管理（目安）"),
        ("total", "合計"),
    )
    return [(label, *both(name)) for name, label in labels]
