"""Which districts had adopted a community development plan, on the day the plan book states."""

from __future__ import annotations

from maps import patterns
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import draw
from maps.legend import Entry, legend
from maps.specs import BuiltMap, District, Figure, PlanAdoptionSpec
from maps.tables import Cell, Column, Table
from maps.text import UNKNOWN, day, number

WHEN = "計画書掲載時点"
ADOPTED = "策定"
NOT_ADOPTED = "未策定"

_COLUMNS = (
    Column("plan", f"地域づくり計画（{WHEN}）"),
    Column("stated_on", "基準日"),
    Column("population", "人口", numeric=True),
    Column("households", "世帯数", numeric=True),
)


def state_of(district: District) -> str:
    """策定, 未策定 or 不明."""
    if district.plan_adopted is None:
        return UNKNOWN
    return ADOPTED if district.plan_adopted else NOT_ADOPTED


FILLS = {ADOPTED: patterns.ADOPTED, NOT_ADOPTED: patterns.NOT_ADOPTED, UNKNOWN: patterns.NO_DATA}
_KEYS = {ADOPTED: "adopted", NOT_ADOPTED: "not-adopted", UNKNOWN: "missing"}


def build(spec: PlanAdoptionSpec) -> BuiltMap:
    """Map, legend and table of the plan states."""
    states = [state_of(district) for district in spec.districts]
    entries = [Entry(state, FILLS[state], states.count(state), key=_KEYS[state]) for state in FILLS]
    layer = district_layer(
        spec.districts,
        _describe,
        lambda district: FILLS[state_of(district)],
        [("plan", f"地域づくり計画（{WHEN}）"), ("stated_on", "基準日"), ("people", "人口")],
    )
    outline = outline_layer(spec.outline)
    html, script = draw(
        "plan_adoption",
        "地域づくり計画の策定地区の地図",
        [outline, layer],
        bounds(layer, outline),
        spec.basemap,
    )
    adopted, total = states.count(ADOPTED), len(states)
    days = {district.plan_stated_on for district in spec.districts if district.plan_stated_on}
    stated = f"（基準日 {day(max(days))}）" if days else ""
    return BuiltMap(
        name="plan-adoption",
        html=html,
        legend=legend(f"地域づくり計画の策定状況・{WHEN}", "地区の数", entries),
        script=script,
        table=_table(spec),
        summary=f"{total} 地区のうち {adopted} 地区が地域づくり計画を策定しています（{WHEN}）。",
        figures=(
            Figure("策定した地区", f"{adopted} 地区", f"{WHEN}{stated}"),
            Figure("コミュニティ推進地区", f"{total} 地区"),
        ),
    )


def _describe(district: District) -> dict[str, str]:
    state = state_of(district)
    return {
        "plan": state,
        "stated_on": day(district.plan_stated_on),
        "people": f"{number(district.people)} 人" if district.people is not None else UNKNOWN,
        "hint": f"{district.name}：{state}",
        "label": f"{district.no} {district.name}、地域づくり計画は{state}（{WHEN}）",
    }


def _table(spec: PlanAdoptionSpec) -> Table:
    rows = [
        table_row(
            district,
            [
                Cell.words(state_of(district)),
                Cell(day(district.plan_stated_on), _iso(district)),
                Cell(number(district.people), district.people),
                Cell(number(district.households), district.households),
            ],
        )
        for district in spec.districts
    ]
    return Table(f"地区ごとの地域づくり計画の策定状況（{WHEN}）", "地区", _COLUMNS, tuple(rows))


def _iso(district: District) -> str | None:
    return district.plan_stated_on.isoformat() if district.plan_stated_on else None
