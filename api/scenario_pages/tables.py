"""Tables of a scenario: actions, years, facilities, who goes where. The page's tables are the files' too."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from api.facility_costs import MILLION
from api.reach_pages import cells
from kyodo_geo.comparison import shown
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.scenario_pages.figures import YearFigures
    from api.scenario_pages.inputs import Inputs
    from kyodo_geo.reach.prepared import Prepared
    from kyodo_geo.scenarios.actions import Action
    from kyodo_geo.scenarios.effects import Effects
    from kyodo_geo.scenarios.terms import ActionCost
    from maps.tables import Cell, Table

UNKNOWN, NONE = "不明", "—"
WALK_M_PER_MINUTE = 80
"""徒歩1分 = 80 m, as houses are advertised (不動産の表示に関する公正競争規約)."""


def yen(value: float | None) -> Cell:
    """In millions, to one digit, rounded as the charts are: page, file and chart say the same."""
    from maps.tables import Cell

    if value is None:
        return Cell(UNKNOWN)
    millions = shown(round(value / MILLION, 6), 1)
    return Cell(f"{millions:,f}", float(millions))


def gini(value: float | None) -> Cell:
    from maps.tables import Cell

    return Cell(NONE) if value is None else Cell(f"{value:.3f}", round(value, 3))


def count(value: float | None) -> Cell:
    from maps.tables import Cell

    return Cell(UNKNOWN) if value is None else Cell(f"{value:,.0f}", round(value))


def share(value: float | None) -> Cell:
    return cells.share(0 if value is None else value, 0 if value is None else 1)


def _cost_from(action: Action, total: float | None) -> str:
    if action.cost_yen is not None:
        return "入力された額"
    if total:
        return "単価で計算"
    return NONE if total is None or action.action == "継続" else "この年度の工事はなし"


def _unknown_of(cost: ActionCost | None) -> str:
    return "計算していません" if cost is None else "".join(cost.unknown) or "なし"


def actions_table(
    actions: Sequence[Action], names: dict[str, str], found: Effects | None, title: str
) -> Table:
    """Every action by year, with what it costs itself; without effects (`found` None) the costs are not computed."""
    from kyodo_geo.scenarios.actions import ordered
    from maps.tables import Cell, Column, Row, Table

    rows = []
    for number, action in enumerate(ordered(actions)):
        cost = None if found is None else found.costs.actions[number]
        total = None if cost is None or (not cost.total and cost.unknown) else cost.total
        rows.append(
            Row(
                number + 1,
                names.get(action.facility_id, action.facility_id),
                (
                    Cell(f"{action.year}年度", action.year),
                    cells.words(action.action),
                    cells.words(NONE if action.into_facility is None else names.get(action.into_facility, action.into_facility)),
                    Cell(NONE) if action.floor_area_m2 is None else Cell(f"{action.floor_area_m2:,.0f}", action.floor_area_m2),
                    yen(total) if action.action != "継続" or total else Cell(NONE),
                    cells.words(_cost_from(action, total)),
                    cells.words(_unknown_of(cost)),
                    cells.words(action.note or NONE),
                ),
                on_map=False,
                href=f"/facilities/{quote(action.facility_id, safe='')}" if action.facility_id in names else None,
            )
        )  # fmt: skip
    return Table(
        title,
        "施設",
        (
            Column("year", "年度"),
            Column("action", "行動"),
            Column("into", "移す先"),
            Column("floor_area_m2", "あとの床面積（m²）", numeric=True),
            Column("cost", "この行動の費用（百万円）", numeric=True, digits=1),
            Column("cost_from", "費用のもと"),
            Column("unknown", "わかっていないこと"),
            Column("note", "注記"),
        ),
        tuple(rows),
        layer="none",
        notes=(
            "「この行動の費用」は、期間の中に払う分です。複合化・集約化では、空いた建物の除却を含みます（ほかの施設が使う建物を除く）。",
        ),
    )


def years_table(rows: Sequence[YearFigures], base: Sequence[YearFigures], title: str) -> Table:
    """Year by year, the scenario beside keeping everything as it is."""
    from maps.tables import Cell, Column, Row, Table

    with_reach = any(row.share is not None for row in rows)
    columns = [
        Column("total", "費用：この案（百万円）", numeric=True, digits=1),
        Column("total_base", "費用：今のまま（百万円）", numeric=True, digits=1),
        Column("works", "うち工事（百万円）", numeric=True, digits=1),
        Column("ending", "うち除却・移転など（百万円）", numeric=True, digits=1),
        Column("upkeep", "うち維持管理（百万円）", numeric=True, digits=1),
    ]
    if with_reach:
        columns += [
            Column("open", "開いている施設", numeric=True),
            Column("capacity", "定員の計（わかる施設）", numeric=True),
            Column("capacity_unknown", "定員が不明の施設", numeric=True),
            Column("share", "範囲に施設がある人（%）", numeric=True, digits=1),
            Column("share_base", "同 今のまま（%）", numeric=True, digits=1),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("mean_m_base", "同 今のまま（m）", numeric=True),
            Column("older_out", "届かない65歳以上（人）", numeric=True),
            Column("older_out_base", "同 今のまま（人）", numeric=True),
            Column("worst_m", "いちばん遠い5%の平均（m）", numeric=True),
            Column("worst_m_base", "同 今のまま（m）", numeric=True),
            Column("gini", "定員の偏り（ジニ係数）", numeric=True, digits=3),
            Column("gini_base", "同 今のまま", numeric=True, digits=3),
        ]
    found = []
    for mine, other in zip(rows, base, strict=True):
        row: list[Cell] = [
            yen(mine.total),
            yen(other.total),
            yen(mine.works),
            yen(mine.ending),
            yen(mine.upkeep),
        ]
        if with_reach:
            row += [
                count(mine.open), count(mine.capacity), count(mine.capacity_unknown),
                share(mine.share), share(other.share), cells.metres(mine.mean_m), cells.metres(other.mean_m),
                count(mine.older_out), count(other.older_out), cells.metres(mine.worst_m),
                cells.metres(other.worst_m), gini(mine.gini), gini(other.gini),
            ]  # fmt: skip
        found.append(Row(mine.year, fiscal_year_label(mine.year), tuple(row), on_map=False))

    def summed(name: str, side: Sequence[YearFigures]) -> Cell:
        return yen(sum(getattr(row, name) for row in side))

    totals = [
        summed("total", rows),
        summed("total", base),
        *(summed(name, rows) for name in ("works", "ending", "upkeep")),
    ]
    return Table(
        title, "年度", tuple(columns), tuple(found), layer="none",
        totals=(*totals, *(Cell(NONE) for _ in columns[5:])),
        notes=(
            "費用は、工事（大規模改修、建替え、修繕）、除却・移転など、維持管理の計です。わかっている建物だけの計で、計算できない建物は入っていません。",
            "金額は、年度ごと、計ごとに 0.1 百万円へ四捨五入しています。表の数を足すと、計と少し違うことがあります。",
            *(
                (
                    "いちばん遠い5%は、道のりの長いほうから数えた5%の人の平均です。行ける施設がない人は入りません。",
                    "ジニ係数は、人数あたりの定員（2SFCA）の偏りです（0：全員同じ、1 に近い：偏っている）。",
                )
                if with_reach
                else ()
            ),
        ),
    )  # fmt: skip


def moves_table(found: Effects, held: Prepared, year: int, title: str) -> Table:
    """From which facility to which people's nearest changes, and how much farther that is."""
    import numpy as np

    from maps.tables import Column, Row, Table

    moved = found.moved_in(year)
    rows = []
    if moved is not None and found.supply is not None:
        names = [str(held.site_name[at]) for at in found.supply.sites]
        keys = [str(held.site[at]) for at in found.supply.sites]
        pairs = np.argwhere(moved.to >= 0.5)
        for start, end in sorted(pairs.tolist(), key=lambda pair: -moved.to[pair[0], pair[1]]):
            people = float(moved.to[start, end])
            before, after = (
                float(moved.to_before[start, end]) / people,
                float(moved.to_after[start, end]) / people,
            )
            rows.append(
                Row(
                    f"{keys[start]}>{keys[end]}",
                    names[start],
                    (
                        cells.words(names[end]),
                        cells.people(people),
                        cells.metres(before),
                        cells.metres(after),
                        cells.signed(after - before),
                        cells.signed((after - before) / WALK_M_PER_MINUTE),
                    ),
                    on_map=False,
                )
            )
    return Table(
        title,
        "今の最寄り",
        (
            Column("to", "この案での最寄り"),
            Column("people", "人数", numeric=True),
            Column("before_m", "今の平均（m）", numeric=True),
            Column("after_m", "この案の平均（m）", numeric=True),
            Column("longer_m", "差（m）", numeric=True),
            Column("longer_min", "差（歩いて約何分）", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=(f"分は、1 分に {WALK_M_PER_MINUTE} m 歩くとした目安です。0.5 人に満たない組は省いています。",),
    )


def facilities_table(found: Effects, inputs: Inputs, held: Prepared, year: int, title: str) -> Table:
    """What becomes of each facility of the supply by the year, and whose nearest it is."""
    import numpy as np

    from api.scenario_pages.states import GROUPS, states_of
    from maps.tables import Cell, Column, Row, Table

    states = states_of(found, inputs, held, year)
    before, after = found.reach_before(year), found.reach_in(year)
    rows = []
    if found.supply is not None and before is not None and after is not None:
        m = len(found.supply.sites)
        loads = [
            np.bincount(side.first + 1, side.people.sum(axis=1), m + 1)[1:] for side in (before, after)
        ]  # fmt: skip
        for number, at in enumerate(found.supply.sites):
            state = states[str(held.site[at])]
            capacity = float(found.supply.capacity[year - found.base, number])
            rows.append(
                Row(
                    state.key,
                    state.name,
                    (
                        cells.words(GROUPS[state.group][0]),
                        cells.words(state.words),
                        cells.people(float(loads[0][number])),
                        cells.people(float(loads[1][number])),
                        Cell(NONE) if not state.is_open else count(None if np.isnan(capacity) else capacity),
                    ),
                    on_map=state.key in inputs.sites,
                    href=f"/facilities/{quote(state.key, safe='')}",
                )
            )
    return Table(
        title,
        "施設",
        (
            Column("state", "この年度"),
            Column("actions", "行動"),
            Column("people_before", "最寄りの人：今のまま", numeric=True),
            Column("people_after", "最寄りの人：この案", numeric=True),
            Column("capacity", "定員", numeric=True),
        ),
        tuple(rows),
        layer="places",
        notes=("建替え・複合化で床面積が変わるときは、定員も面積に比例して変わるとしました。",),
    )
