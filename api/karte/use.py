"""Use and cost by year, rooms and how full they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.karte.parts import UNKNOWN, Grid, Section, number
from kyodo_geo.dates import fiscal_year_label

if TYPE_CHECKING:
    from geodata.queries.facility_sheet import Sheet
    from geodata.queries.facility_use import RoomYear

YEARS_SHOWN = 3
_YEN = ("income_yen", "cost_yen", "upkeep_yen", "energy_yen", "staff_yen", "fee_yen")


def use(found: Sheet) -> Section:
    years = sorted(found.years, key=lambda row: -row.fiscal_year)[:YEARS_SHOWN]
    if not years:
        return Section("use", "利用と費用", notes=("利用者数と費用の記録がありません。不明です。",))
    rows = tuple(
        (
            fiscal_year_label(row.fiscal_year), number(row.users, " 人"), number(row.open_days, " 日"),
            *(number(getattr(row, name)) for name in _YEN),
        )
        for row in years
    )  # fmt: skip
    columns = (
        "年度",
        "利用者",
        "開館日数",
        "収入（円）",
        "費用（円）",
        "うち維持管理",
        "うち光熱水",
        "うち人件費",
        "うち指定管理料・委託料",
    )
    return Section(
        "use", "利用と費用", grids=(Grid(f"新しい順に{len(rows)}年度", columns, rows, tuple(range(1, 9))),)
    )


def rooms(found: Sheet) -> Section:
    if not found.rooms:
        return Section("rooms", "部屋と稼働率", notes=("部屋の記録がありません。不明です。",))
    latest: dict[int, RoomYear] = {}
    for year in sorted(found.room_years, key=lambda row: row.fiscal_year):
        latest[year.room_no] = year
    rows = []
    for room in found.rooms:
        used: RoomYear | None = latest.get(room.room_no)
        share = used.occupancy if used is not None else None
        rows.append(
            (
                room.name, number(room.area_m2, " m²"), number(room.capacity, " 人"),
                UNKNOWN if share is None else f"{share * 100:.1f} %",
                fiscal_year_label(used.fiscal_year) if used is not None else UNKNOWN,
            )
        )  # fmt: skip
    columns = ("部屋", "面積", "定員", "稼働率", "稼働率の年度")
    return Section(
        "rooms", "部屋と稼働率",
        grids=(Grid("部屋ごとの広さと稼働率", columns, tuple(rows), (1, 2, 3)),),
        notes=("稼働率は、使われた時間を、使える時間で割ったものです。",),
    )  # fmt: skip
