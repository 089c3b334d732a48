"""Table of who reaches a facility by car, by bus and on foot; columns of it for the districts' table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.people import year_label

if TYPE_CHECKING:
    import numpy as np

    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.by_mode import ByMode
    from kyodo_geo.reach.report import Report
    from maps.tables import Column, Table

AGED = 2


def modes_of(held: Held, found: Report) -> ByMode:
    from kyodo_geo.reach.by_mode import by_mode

    return by_mode(held.prepared, found.choice, found.sites, found.opened)


def columns(held: Held) -> tuple[Column, ...]:
    """What the districts' table has besides, for what is loaded."""
    from maps.tables import Column

    bus = held.prepared.has_bus
    car = (Column("by_car", "車で届く割合（%）", numeric=True, digits=1),) if held.prepared.has_car else ()
    if not bus:
        return car
    return (
        *car,
        Column("by_bus", "バスで届く割合（%）", numeric=True, digits=1),
        Column("no_bus", "バスなし（人）", numeric=True),
        Column("without_car", "車なしで届かない人", numeric=True),
        Column("without_car_65", "車なしで届かない65歳以上", numeric=True),
    )


def district_cells(held: Held, found: Report, modes: ByMode, mine: np.ndarray) -> tuple[Any, ...]:
    """Cells under `columns`, of the demand points in `mine` (n, truth)."""
    total = found.total
    people = float(total[mine].sum())
    row: list[Any] = []
    if held.prepared.has_car:
        row.append(cells.share(float(total[mine & modes.car].sum()), people))
    if modes.bus is not None and modes.rides is not None:
        left = mine & modes.left
        row += [
            cells.share(float(total[mine & modes.bus].sum()), people),
            cells.people(float(total[mine & ~modes.rides].sum())),
            cells.people(float(total[left].sum())),
            _aged(held, float(found.people[left, AGED].sum())),
        ]
    return tuple(row)


def modes_table(held: Held, found: Report, modes: ByMode, names: dict[int, str]) -> Table:
    """The city, where people drive, where they walk, and each district where they drive."""
    from maps.tables import Column, Row, Table

    choice, prepared = found.choice, held.prepared
    bus = modes.bus is not None
    has_car = prepared.has_car and choice.by != "straight"
    groups: list[tuple[str, str, Any]] = [("city", "市全体", found.total >= 0)]
    if found.driving:
        groups += [
            ("driving", "車で移動する地区の計", found.drives),
            ("walking", "ほかの地区の計", ~found.drives),
            *(
                (str(no), f"{no} {names.get(no, '')}".strip(), prepared.district == no)
                for no in found.driving
            ),
        ]
    rows = [Row(key, name, _row(held, found, modes, mine), on_map=False) for key, name, mine in groups]
    without = "車なしで" if bus else "徒歩で"
    by_bus = f"バス：歩く時間と待つ時間を含めて {choice.bus_minutes:g} 分以内。" if bus else ""
    by_car = "自動車の道路網" if has_car else f"道のり÷{choice.kmh:g} km/h"
    notes = [
        f"車：{choice.minutes:g} 分以内（{by_car}）。徒歩：{choice.distance_m:,.0f} m 以内。{by_bus}",
        "どの列も、その地区の全員がその手段だけを使うとした割合です。",
        f"「{without}届かない人」は、{'徒歩かバス' if bus else '徒歩'}だけで行くとすると、範囲に施設がない人です。",
        "その人が運転せず、だれかに乗せてもらえもしないなら、行ける範囲に施設がありません。",
        "運転する人の数は調べていないため、65歳以上の人数を添えています。",
    ]
    if bus:
        notes.append(
            "「バスなし」は、その時間帯に、歩いて行ける停留所から、どの施設へもバスで行けない人です。"
        )
    else:
        notes.append("バスの時刻表が読み込まれていないため、バスの列はありません。")
    if not found.driving:
        notes.append("車で移動するとみなす地区はありません。")
    return Table(
        f"{year_label(prepared, choice.year, choice.projection)}に、移動の手段ごとに施設が届く人",
        "地区",
        (
            Column("people", "人口", numeric=True),
            Column("by_car", "車で届く（%）", numeric=True, digits=1),
            *((Column("by_bus", "バスで届く（%）", numeric=True, digits=1),) if bus else ()),
            Column("on_foot", "徒歩で届く（%）", numeric=True, digits=1),
            *((Column("no_bus", "バスなし（人）", numeric=True),) if bus else ()),
            Column("without_car", f"{without}届かない人", numeric=True),
            Column("without_car_share", f"{without}届かない割合（%）", numeric=True, digits=1),
            Column("without_car_65", f"{without}届かない65歳以上", numeric=True),
            Column("without_car_65_share", "65歳以上の中の割合（%）", numeric=True, digits=1),
        ),
        tuple(rows),
        layer="none",
        notes=tuple(notes),
    )


def _aged(held: Held, people: float) -> Any:
    """People of 65 and more; 不明 where ages are not known."""
    return cells.people(people if held.prepared.knows_band(AGED) else None)


def _row(held: Held, found: Report, modes: ByMode, mine: np.ndarray) -> tuple[Any, ...]:
    total, aged = found.total, found.people[:, AGED]
    people, old = float(total[mine].sum()), float(aged[mine].sum())
    left = mine & modes.left

    def share(mask: np.ndarray) -> Any:
        return cells.share(float(total[mine & mask].sum()), people)

    bus = [] if modes.bus is None else [share(modes.bus)]
    rides = [] if modes.rides is None else [cells.people(float(total[mine & ~modes.rides].sum()))]
    return (
        cells.people(people), share(modes.car), *bus, share(modes.foot), *rides,
        cells.people(float(total[left].sum())), cells.share(float(total[left].sum()), people),
        _aged(held, float(aged[left].sum())), cells.share(float(aged[left].sum()), old),
    )  # fmt: skip
