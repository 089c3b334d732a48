"""What the neighbourhood halls change, and their register with grants. For staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.params import BY, supply_label
from api.reach_pages.people import year_label
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from api.reach_pages.halls_near import NearHalls
    from api.reach_pages.shelf import Held
    from geodata.queries.halls import HallRow
    from kyodo_geo.reach.report import Report
    from maps.tables import Cell, Table

OWNERSHIP = {"owned": "所有", "rented": "借家"}
GRANTS = {"rent": "賃借", "works": "整備"}
WORKS = {"new": "新築", "extension": "増改築", "repair": "修繕"}


def difference_table(held: Held, found: Report, near: NearHalls, names: dict[int, str]) -> Table:
    """City facilities alone and with the halls, for the city and each district."""
    import numpy as np

    from maps.tables import Column, Row, Table

    total, old = found.total, found.people[:, 2]
    alone, also = found.cost <= found.limit, (found.cost <= found.limit) | (near.cost <= found.limit)
    both = np.minimum(found.metres, near.cost)
    rows = []
    groups = [("city", "市全体", np.ones(len(total), dtype=bool))]
    groups += [
        (str(no), f"{no} {names.get(no, '')}".strip(), found.group == at)
        for at, no in enumerate(found.numbers)
    ]
    for key, name, mine in groups:
        heads, inside, more = (float((total * mask)[mine].sum()) for mask in (True, alone, also))
        more_old = float((old * (also & ~alone))[mine].sum())
        rows.append(
            Row(
                key, name,
                (
                    cells.people(heads),
                    cells.share(inside, heads),
                    cells.share(more, heads),
                    cells.points((more - inside) / heads if heads > 0 else None),
                    cells.people(heads - inside),
                    cells.people(heads - more),
                    cells.people(more - inside),
                    cells.people(more_old if held.prepared.knows_band(2) else None),
                    cells.metres(_mean(found.metres[mine], total[mine])),
                    cells.metres(_mean(both[mine], total[mine])),
                ),
                on_map=False,
            )
        )  # fmt: skip
    choice = found.choice
    return Table(
        f"市の施設だけの場合と、自治公民館も数えた場合（{year_label(held.prepared, choice.year, choice.projection)}、"
        f"{supply_label(choice.supply)}、{BY[choice.by]}、自治公民館は{BY[near.by]}）",
        "地区",
        (
            Column("people", "人口", numeric=True),
            Column("share", "範囲内：市の施設だけ（%）", numeric=True, digits=1),
            Column("share_with", "範囲内：自治公民館も（%）", numeric=True, digits=1),
            Column("difference", "差（ポイント）", numeric=True, digits=1),
            Column("out", "届かない人：市の施設だけ", numeric=True),
            Column("out_with", "届かない人：自治公民館も", numeric=True),
            Column("gained", "差（人）", numeric=True),
            Column("gained_65", "うち65歳以上", numeric=True),
            Column("mean_m", "最寄りまでの平均：市の施設だけ（m）", numeric=True),
            Column("mean_with_m", "同：自治公民館も（m）", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=("自治公民館は、持ち主の団体の人だけが使える場合も、区別せずに数えています。",),
    )


def _mean(cost: Any, weight: Any) -> float:
    """Metres of those who have a way; infinite where nobody has, NaN where nobody lives."""
    import numpy as np

    has = np.isfinite(cost) & (weight > 0)
    if has.any():
        return float((cost[has] * weight[has]).sum() / weight[has].sum())
    return float("inf") if weight.sum() > 0 else float("nan")


def register_table(held: Held, found: Report, near: NearHalls) -> Table:
    """Each hall: owner, papers, size, grants, and the people whose nearest hall it is."""
    import numpy as np

    from maps.tables import Column, Row, Table

    count = len(near.rows)
    inside = near.cost <= found.limit
    loads, close = (np.bincount(near.nearest + 1, found.total * mask, count + 1)[1:] for mask in (1, inside))
    rows = []
    for place, row in enumerate(near.rows):
        known = row.x is not None
        rows.append(
            Row(
                row.hall_id, row.name,
                (
                    *facts(row),
                    cells.people(loads[place] if known else None),
                    cells.people(close[place] if known else None),
                ),
                on_map=False,
            )
        )  # fmt: skip
    return Table(
        f"自治公民館の名簿（最寄りの人は{year_label(held.prepared, found.choice.year, found.choice.projection)}、"
        f"{BY[near.by]}）",
        "自治公民館",
        (
            *fact_columns(),
            Column("nearest", "ここが最寄りの人", numeric=True),
            Column("nearest_within", "うち範囲内", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=(
            "最寄りの人は、位置のわかる自治公民館のうち、そこがいちばん近い人です。団体の会員の数ではありません。",
        ),
    )


def fact_columns() -> tuple[Any, ...]:
    """Columns of `facts`."""
    from maps.tables import Column

    return (
        Column("association", "持ち主の団体"),
        Column("district", "地区", numeric=True),
        Column("ownership", "所有・借家"),
        Column("confirmed_on", "建築確認の日"),
        Column("built_year", "建築年", numeric=True),
        Column("floor_area_m2", "延床面積（m²）", numeric=True, digits=1),
        Column("grants", "補助（新しい順）"),
        Column("grants_yen", "補助の合計（円）", numeric=True),
    )


def facts(row: HallRow) -> tuple[Cell, ...]:
    """What the register knows of a hall; unknown is 不明."""
    from maps.tables import Cell
    from maps.text import day

    unknown = Cell("不明")
    area = row.floor_area_m2
    return (
        cells.words(row.association or "不明"),
        unknown if row.district_no is None else Cell(str(row.district_no), row.district_no),
        cells.words(OWNERSHIP.get(row.ownership or "", "不明")),
        cells.words("不明" if row.confirmed_on is None else day(row.confirmed_on)),
        unknown if row.built_year is None else Cell(str(row.built_year), row.built_year),
        unknown if area is None else Cell(f"{area:,.1f}", round(area, 1)),
        cells.words("、".join(_grant(item) for item in row.grants) or "記録なし"),
        _yen(row),
    )


def _grant(item: dict[str, Any]) -> str:
    work = f"（{WORKS[item['work']]}）" if item.get("work") in WORKS else ""
    return f"{fiscal_year_label(item['fiscal_year'])} {GRANTS.get(item['kind'], item['kind'])}{work}"


def _yen(row: HallRow) -> Cell:
    from maps.tables import Cell

    known = [item["amount_yen"] for item in row.grants if item["amount_yen"] is not None]
    unknown = len(row.grants) - len(known)
    if not row.grants:
        return Cell("—")
    if not known:
        return Cell("不明")
    more = f"（ほか {unknown} 件は不明）" if unknown else ""
    return Cell(f"{sum(known):,}{more}", sum(known))
