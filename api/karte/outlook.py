"""What renewing the buildings of a facility costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.karte.parts import Grid, Section
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from api.answers import Reading


def renewal(reading: Reading, facility_id: str) -> Section:
    from api import facility_costs

    found = facility_costs.costs(reading, "facility", None, None, None, facility_id=facility_id)
    mine = next((group for group in found.groups if group.key == facility_id), None)
    if mine is None or mine.buildings <= mine.unknown:
        words = (
            "面積の分け方が不明な建物を、ほかの施設と使っているため、この施設の費用は不明です。"
            if found.groups and mine is None
            else "延床面積、建築年、用途の分類のどれかが不明なため、更新費用は計算できません（0円ではありません）。"
        )
        return Section("renewal", "更新費用の見通し", notes=(words,))
    part, years = mine.forecast, found.horizon
    short, long = float(part.short.sum()), float(part.long.sum())

    def million(yen: float) -> str:
        return f"{facility_costs.money(yen, 1)} 百万円"

    rows = (
        (
            "60年で建替え", million(short), million(short / years), million(float(part.overdue_short.sum())),
            million(float(part.upkeep_short.sum())),
        ),
        (
            "80年まで長寿命化", million(long), million(long / years), million(float(part.overdue_long.sum())),
            million(float(part.upkeep_long.sum())),
        ),
    )  # fmt: skip
    notes = [
        f"長寿命化の効果（60年－80年）は {million(short - long)}です。",
        (
            f"{fiscal_year_label(found.base)}から{years}年間、同じ広さで使い続ける場合の計算です。予算や計画ではありません。"
            f"物価の倍率は {found.index:g}、過去の工事は計算に入れていません。"
        ),
    ]
    if mine.unknown:
        notes.append(f"計算できない建物が {mine.unknown} 棟あり、費用に入っていません。")
    columns = ("きまり", "合計", "年平均", "うち積み残し", "維持管理費の目安（年）")
    return Section(
        "renewal", "更新費用の見通し",
        grids=(Grid(f"{years}年間の更新費用", columns, rows, (1, 2, 3, 4)),), notes=tuple(notes),
    )  # fmt: skip
