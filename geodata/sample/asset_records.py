"""Inspections, works, judgements and scenarios of the sample (invented), and unit costs (real, with their source)."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws
from geodata.sample.facility_records import NO_INSPECTION
from kyodo_geo.facility_terms import INSPECTED_PARTS
from kyodo_geo.unit_costs import ASSUMPTION_SOURCE, Assumptions, default_unit_costs, source_of

Row = dict[str, Any]
Records = dict[str, list[Row]]

_WORKS = ("耐震補強", "屋上防水", "外壁", "設備更新", "バリアフリー", "修繕")
_AUTHOR = "見本の検討会（架空）"
_STAGES = (
    (0, "継続", "使う人が多く、建物の状態も見本の評価で良いため。"),
    (3, "長寿命化", "構造に問題がなく、80年まで使う見込みがあるため。"),
    (8, "検討中", "近くの施設との役割の重なりを、地区と話し合っているため。"),
    (11, "大規模改修", "設備の評価が低く、使う人は多いため。"),
    (15, "複合化", "ほかの用途と一緒に建て替えると、部屋を増やせるため。"),
)


_EVALUATIONS = (
    "利用は多いが、設備の傷みが進んでいる。", "部屋の空きが多く、使い方を見直せる。",
    "利用も状態も、同じ種類の施設の中で中ほど。",
)  # fmt: skip


def asset_records(seed: int, buildings: list[Row]) -> Records:
    """Rows of building_inspection, building_work, facility_stage, unit_cost, cost_assumption and the scenarios."""
    draws = Draws(seed, "assets")
    inspections: list[Row] = []
    works: list[Row] = []
    for place, row in enumerate(buildings):
        if place not in NO_INSPECTION:
            years = (2019, 2022) if draws.chance(0.5) else (draws.pick((2021, 2022, 2023)),)
            inspections += [_inspection(draws, row, year) for year in years]
        works += _works(draws, row)
    centres = facts.centres()
    stages = [
        {
            "facility_id": centres[place].facility_id,
            "decided_on": date(2024, 12, 1),
            "stage": stage,
            "reason": f"（見本）{reason}",
            "evaluation": f"（見本）{_EVALUATIONS[place % len(_EVALUATIONS)]}" if place % 4 else None,
            "decided_by": _AUTHOR,
            **SAMPLE,
        }
        for place, stage, reason in _STAGES
    ]
    return {
        "building_inspection": inspections,
        "building_work": works,
        "facility_stage": stages,
        **cost_records(),
        **scenario_records(buildings),
    }


def _inspection(draws: Draws, building: Row, year: int) -> Row:
    """Older parts are rated worse; now and then one was not looked at."""
    age = year - building["built_year"]
    grades: dict[str, str | None] = {}
    for part in INSPECTED_PARTS:
        worn = age / 60 + draws.bell(0.22)
        grade = "A" if worn < 0.3 else "B" if worn < 0.62 else "C" if worn < 0.95 else "D"
        grades[part] = None if draws.chance(0.05) else grade
    return {
        "building_id": building["building_id"],
        "inspected_on": date(year, draws.whole(5, 11), draws.whole(1, 28)),
        **grades,
        "inspector": "見本設計事務所（架空）",
        **SAMPLE,
    }


def _works(draws: Draws, building: Row) -> list[Row]:
    rows: list[Row] = []
    built, area = building["built_year"], building["floor_area_m2"]
    wanted = ["耐震補強"] if building["seismic"] == "retrofitted" else []
    wanted += draws.some([work for work in _WORKS if work != "耐震補強"], draws.whole(0, 2))
    for number, work in enumerate(wanted, start=1):
        yen = round(area * draws.real(12_000, 60_000) / 100_000) * 100_000
        rows.append(
            {
                "building_id": building["building_id"],
                "work_no": number,
                "fiscal_year": draws.whole(max(1996, built + 10), 2024),
                "kind": work,
                "cost_yen": None if draws.chance(0.15) else yen,
                "note": None,
                **SAMPLE,
            }
        )
    return rows


def cost_records() -> Records:
    """Version 1 of the unit costs and assumptions: what the program brings along, as rows a city can go on from."""
    units = [
        {
            "rule_set": cost.rule_set,
            "version": 1,
            "use_class": cost.use_class,
            "large_yen_m2": cost.large_yen_m2,
            "rebuild_yen_m2": cost.rebuild_yen_m2,
            "mid_share": cost.mid_share,
            "upkeep_yen_m2": cost.upkeep_yen_m2,
            "created_by": "sample",
            "quality": "real",
            "source": source_of(cost.rule_set),
        }
        for cost in default_unit_costs()
    ]
    held = Assumptions()
    assumption = {
        "version": 1,
        **{name: getattr(held, name) for name in Assumptions.__slots__},
        "created_by": "sample",
        "quality": "unofficial",
        "source": ASSUMPTION_SOURCE,
    }
    return {"unit_cost": units, "cost_assumption": [assumption]}


SMALLER = 0.8
"""Floor area of the centre that is built smaller, of today's."""


def scenario_records(buildings: list[Row]) -> Records:
    """One published and one draft scenario over the 19 centres, whose `buildings` stand in the same order."""
    ids = [centre.facility_id for centre in facts.centres()]
    smaller = round(SMALLER * buildings[5]["floor_area_m2"], -1)
    gather = [
        (2027, 3, "長寿命化", None, None),
        (2029, 8, "集約化", 0, None),
        (2031, 15, "複合化", 16, None),
        (2034, 5, "建替（縮小）", None, smaller),
        (2036, 11, "大規模改修", None, None),
    ]
    keep = [
        (2026 + 2 * place, place, "長寿命化" if place % 3 else "大規模改修", None, None) for place in range(8)
    ]
    scenarios = [
        _scenario("sample-gather", "見本の案A（架空）: 近い施設をまとめる", "まとめると費用と距離がどう変わるかを見る", True),
        _scenario("sample-keep", "見本の案B（架空）: 今の施設を長く使う", "全部を残したときの費用を見る", False),
    ]  # fmt: skip
    actions = [
        {
            "scenario_id": scenario,
            "version": 1,
            "action_no": number,
            "year": year,
            "facility_id": ids[place],
            "action": action,
            "into_facility": None if into is None else ids[into],
            "floor_area_m2": area,
            "cost_yen": None,
            "note": "見本（架空）",
        }
        for scenario, steps in (("sample-gather", gather), ("sample-keep", keep))
        for number, (year, place, action, into, area) in enumerate(steps, start=1)
    ]
    return {"scenario": scenarios, "scenario_action": actions}


def _scenario(scenario_id: str, title: str, reason: str, published: bool) -> Row:
    return {
        "scenario_id": scenario_id,
        "version": 1,
        "title": title,
        "author": _AUTHOR,
        "reason": reason,
        "state": "published" if published else "draft",
        "base_year": 2026,
        "horizon": 40,
        "created_by": "sample",
        "published_at": "2025-04-01T09:00:00+09:00" if published else None,
        "published_by": "sample" if published else None,
        **SAMPLE,
    }
