"""Who gets farther when a facility closes, and where they go."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from api.karte.parts import UNKNOWN, Grid, Section
from api.reach_pages.params import year_label
from kyodo_geo.reach.modes import car_minutes
from kyodo_geo.reach.prepared import BANDS
from kyodo_geo.scenarios.closing import Destination, destinations

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.report import Choice
    from kyodo_geo.scenarios.effects import Effects

WALK_M_PER_MINUTE = 80
"""How minutes on foot are told in Japan (不動産の表示に関する公正競争規約): 80 m a minute."""
NO_PEOPLE = "人口か施設の位置が読み込まれていないため、だれが遠くなるかは計算できません。"


def sections(
    held: Held,
    choice: Choice,
    found: Effects,
    facility_id: str,
    year: int,
    districts: Mapping[int, str],
) -> tuple[list[str], list[Section]]:
    """(sentences for the head, sections: who, where to)."""
    before, after = found.reach_before(year), found.reach_in(year)
    moved = found.moved_in(year)
    if before is None or after is None or moved is None or found.supply_before is None:
        return [NO_PEOPLE], [Section("who", "だれが遠くなるか", notes=(NO_PEOPLE,))]
    prepared = held.prepared
    sites = found.supply_before.sites
    place = next((at for at, site in enumerate(sites) if str(prepared.site[site]) == facility_id), None)
    if place is None or not found.supply_before.opened[year - found.base][place]:
        words = f"この施設は、{year}年10月1日には開いていないため（工事の休館など）、その日に遠くなる人はいません。"
        return [words], [Section("who", "だれが遠くなるか", notes=(words,))]
    people = moved.moved
    total, older = float(people.sum()), float(people[:, 2].sum())
    out, out_older = float(moved.pushed_out.sum()), float(moved.pushed_out[:, 2].sum())
    stranded = float(moved.stranded.sum())
    car = car_minutes(prepared, choice.by)
    goes = destinations(before, after, place, None if car is None else car[:, sites])
    stay = sum(item.people for item in goes)
    mean = sum(item.people * (item.after_m - item.before_m) for item in goes) / stay if stay > 0 else None
    longer = f"行き先までの道のりは、平均 {_n(mean)} m 長くなります。" if mean is not None else ""
    lines = [
        (
            f"{year_label(prepared, year)}の人口で、この施設が最寄りの {_n(total)} 人（うち65歳以上 {_n(older)} 人）の"
            f"最寄りの施設が変わります。{longer}"
        ),
        (
            f"届く範囲（徒歩 {_n(choice.distance_m)} m。車で移動する地域は {choice.minutes:g} 分）から外れる人は {_n(out)} 人"
            f"（うち65歳以上 {_n(out_older)} 人）、行き先のない人は {_n(stranded)} 人です。"
        ),
    ]
    return lines, [
        _who(people, moved.pushed_out, found, districts),
        Section(
            "where", "どこへ行くことになるか",
            grids=(
                Grid(
                    "行き先（最寄りになる施設、人数の多い順）",
                    ("施設", "人", "今の平均", "閉じた後の平均", "後の徒歩", "後の車", "定員の余裕"),
                    tuple(
                        (
                            str(prepared.site_name[sites[item.place]]), f"{_n(item.people)} 人",
                            f"{_n(item.before_m)} m", f"{_n(item.after_m)} m",
                            f"{_n(item.after_m / WALK_M_PER_MINUTE)} 分", _drive(item, choice, car is not None),
                            _room(found.supply_before.capacity[year - found.base][item.place], item.load, choice.use_percent),
                        )
                        for item in goes
                    ),
                    tuple(range(1, 6)),
                ),
            ) if goes else (),
            notes=() if goes else ("ほかに行ける施設がありません。",),
        ),
    ]  # fmt: skip


def _drive(item: Destination, choice: Choice, roads: bool) -> str:
    """Minutes by the roads for cars; where none are loaded, the metres at the mean speed."""
    if not roads:
        return f"{_n(item.after_m * 60 / (choice.kmh * 1000))} 分"
    return UNKNOWN if item.car is None else f"{_n(item.car)} 分"


def _n(value: float) -> str:
    return f"{round(value):,}"


def _who(people: np.ndarray, out: np.ndarray, found: Effects, districts: Mapping[int, str]) -> Section:
    assert found.reach is not None
    names = [districts.get(no, f"地区 {no}") for no in found.reach.districts] + ["地区の外"]
    order = [at for at in np.argsort(-people.sum(axis=1), kind="stable") if people[at].sum() >= 0.5]
    rows = [
        (
            names[at],
            *(_n(value) for value in people[at]),
            _n(people[at].sum()),
            _n(out[at].sum()),
            _n(out[at][2]),
        )
        for at in order
    ]
    if len(rows) > 1:
        rows.append(
            ("計", *(_n(v) for v in people.sum(axis=0)), _n(people.sum()), _n(out.sum()), _n(out[:, 2].sum()))
        )
    if not rows:
        return Section("who", "だれが遠くなるか", notes=("この施設が最寄りの人はいません。",))
    return Section(
        "who", "だれが遠くなるか",
        grids=(
            Grid(
                "最寄りの施設が変わる人（地区・年齢別、人）",
                ("地区", *BANDS, "計", "届かなくなる人", "うち65歳以上"), tuple(rows), tuple(range(1, 8)),
            ),
        ),
    )  # fmt: skip


def _room(capacity: float, load: float, percent: float) -> str:
    """Whether the people at a time fit."""
    if np.isnan(capacity):
        return f"{UNKNOWN}（定員の記録がない）"
    need = round(load * percent / 100)
    words = f"定員 {_n(capacity)}、見込み {need:,}"
    return f"{words}（{need - round(capacity):,} 人超える）" if need > capacity else f"{words}（足りる）"
