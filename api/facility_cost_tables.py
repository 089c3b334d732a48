"""Renewal costs as table, chart, and lines of files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.facility_costs import GROUPINGS, MILLION, Costs, Group, money
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from maps.charts import BuiltChart
    from maps.tables import Table


def table(found: Costs) -> Table:
    """One line per group and the sum."""
    from maps.tables import Column, Row, Table

    columns = (
        Column("buildings", "建物（棟）", numeric=True),
        Column("area_m2", "延床面積（m²）", numeric=True),
        Column("unknown", "計算できない（棟）", numeric=True),
        Column("short_total", "60年：合計（百万円）", numeric=True, digits=1),
        Column("short_mean", "60年：年平均（百万円）", numeric=True, digits=1),
        Column("short_overdue", "60年：積み残し（百万円）", numeric=True, digits=1),
        Column("long_total", "80年：合計（百万円）", numeric=True, digits=1),
        Column("long_mean", "80年：年平均（百万円）", numeric=True, digits=1),
        Column("long_overdue", "80年：積み残し（百万円）", numeric=True, digits=1),
        Column("effect", "効果：60年－80年（百万円）", numeric=True, digits=1),
        Column("upkeep_short", "60年：維持管理費（百万円/年）", numeric=True, digits=1),
        Column("upkeep_long", "80年：維持管理費（百万円/年）", numeric=True, digits=1),
        Column("demolition", "全部を除却（百万円）", numeric=True, digits=1),
    )
    last = found.base + found.horizon - 1
    return Table(
        f"{GROUPINGS[found.grouping]}別の更新費用（{fiscal_year_label(found.base)}から"
        f"{fiscal_year_label(last)}までの{found.horizon}年間、物価の倍率 {found.index:g}）",
        GROUPINGS[found.grouping],
        columns,
        tuple(
            Row(group.key, group.name, _cells(group, found.horizon), on_map=False, href=group.href)
            for group in found.groups
        ),
        totals=_cells(found.city, found.horizon),
        notes=(
            "「計算できない」は、延床面積、建築年、用途の分類のどれかが不明な建物です。費用には入っていません（0円ではありません）。",
            "積み残しは、基準の年にもう時期を過ぎている大規模改修と建替えです。最初の10年に等分し、合計に入っています。",
            "60年は60年で建て替える場合、80年は80年まで長く使う場合です。維持管理費は単価による目安で、除却とともに、合計には入っていません。",
        ),
    )


def _cells(group: Group, horizon: int) -> tuple[Any, ...]:
    from maps.tables import Cell
    from maps.text import UNKNOWN

    part = group.forecast
    forecast_known = group.buildings > group.unknown
    area_known = group.buildings > group.area_unknown

    def yen(value: float | None) -> Cell:
        if value is None or not forecast_known:
            return Cell(UNKNOWN)
        return Cell(money(value, 1), round(value / MILLION, 6))

    short, long = float(part.short.sum()), float(part.long.sum())
    return (
        Cell(f"{group.buildings:,}", group.buildings),
        Cell(f"{group.area_m2:,.0f}", group.area_m2) if area_known else Cell(UNKNOWN),
        Cell(f"{group.unknown:,}", group.unknown),
        yen(short),
        yen(short / horizon),
        yen(float(part.overdue_short.sum())),
        yen(long),
        yen(long / horizon),
        yen(float(part.overdue_long.sum())),
        yen(short - long),
        yen(float(part.upkeep_short.sum())),
        yen(float(part.upkeep_long.sum())),
        yen(None if part.demolition is None else float(part.demolition.sum())),
    )


def chart(found: Costs) -> BuiltChart | None:
    """Both rule sets by year for what was chosen; None where nothing of it can be forecast."""
    from api.district_charts import short_year
    from maps.charts import Chart, Series, line_chart

    part = found.chosen.forecast
    if found.chosen.buildings <= found.chosen.unknown:
        return None
    years = list(part.years)
    return line_chart(
        Chart(
            id="renewal",
            title=f"{found.chosen.name}の年度別の更新費用",
            x=tuple(short_year(year) for year in years),
            rows=tuple(fiscal_year_label(year) for year in years),
            series=(
                Series("60年で建替え", tuple(_million(value) for value in part.short.sum(axis=0))),
                Series(
                    "80年まで長寿命化", tuple(_million(value) for value in part.long.sum(axis=0)), "compare"
                ),
            ),
            unit="百万円",
            digits=1,
            width=640,
            height=320,
        )
    )


def _million(yen: float) -> float:
    return round(float(yen) / MILLION, 6)


def year_rows(found: Costs) -> list[list[str | int | float]]:
    """Year by year what the chart shows, for the file."""
    part = found.chosen.forecast
    if found.chosen.buildings <= found.chosen.unknown:
        return []
    return [
        [found.chosen.name, year, fiscal_year_label(year), round(float(short)), round(float(long))]
        for year, short, long in zip(part.years, part.short.sum(axis=0), part.long.sum(axis=0), strict=True)
    ]


WORK_HEADINGS = ("工事", "希望年", "費用", "年数", "最早年", "最遅年", "積み残し")


def work_rows(found: Costs) -> list[list[str | int | float]]:
    """The works of the 60-year rules, as `kyodo-geo assets level` reads them."""
    return [
        [
            f"{found.names[work.building_id]} {work.kind}", work.wanted, round(work.cost), work.years,
            work.earliest, work.latest, "はい" if work.overdue else "",
        ]
        for work in sorted(found.works, key=lambda work: (work.wanted, work.building_id))
    ]  # fmt: skip
