"""What closing takes and gives besides: rooms, groups, money, the role as a shelter, what becomes free."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from api.karte.parts import UNKNOWN, Grid, Section
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.facility_terms import HAZARDS, SHELTER_ROLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    import numpy as np

    from geodata.queries.facility_sheet import Sheet, Site
    from geodata.queries.facility_use import Group, Shelter
    from kyodo_geo.reach.groups import Outcome, Placed
    from kyodo_geo.scenarios.effects import Effects
    from kyodo_geo.scenarios.terms import Costs

DAYS = "月火水木金土日"


def yen(value: float) -> str:
    """1234567 → 123 万円; 0 stays 0; 億 from 100 million on."""
    if abs(value) >= 1e8:
        return f"{value / 1e8:,.2f} 億円"
    return f"{value / 1e4:,.0f} 万円" if value else "0 円"


def rooms(found: Sheet) -> Section:
    """Rooms that go."""
    if not found.rooms:
        return Section("rooms", "なくなる部屋", notes=("部屋の記録がないため、不明です。",))
    rows = tuple(
        (
            room.name, UNKNOWN if room.area_m2 is None else f"{room.area_m2:,.0f} m²",
            UNKNOWN if room.capacity is None else f"{room.capacity:,} 人",
        )
        for room in found.rooms
    )  # fmt: skip
    return Section(
        "rooms", "なくなる部屋", grids=(Grid(f"{len(rows)} 室", ("部屋", "面積", "定員"), rows, (1, 2)),)
    )


def groups(
    site: Mapping[str, Site],
    known: Sequence[Group],
    placed: Sequence[Placed],
    words: Mapping[Outcome, str],
    drive_m: float,
) -> Section:
    """Whether each registered group finds a room of its size at its time. For staff."""
    own = {group.group_no: group for group in known}
    count = Counter(item.outcome for item in placed)
    if not placed:
        return Section(
            "groups",
            "登録団体（庁内限り）",
            notes=("この施設の登録団体の記録がないか、その年に開いていません。",),
        )
    rows = tuple(
        (
            own[item.meeting.no].name or f"団体 {item.meeting.no}",
            f"{DAYS[item.meeting.weekday - 1]} {own[item.meeting.no].starts:%H:%M}–{own[item.meeting.no].ends:%H:%M}",
            f"{item.meeting.people:,} 人", words[item.outcome],
            "—" if item.facility is None else site[item.facility].name,
        )
        for item in sorted(placed, key=lambda item: (item.facility is not None, -item.meeting.people, item.meeting.no))
    )  # fmt: skip
    summary = "、".join(f"{label} {count[outcome]}" for outcome, label in words.items() if count[outcome])
    return Section(
        "groups", "登録団体（庁内限り）",
        grids=(Grid(f"{len(rows)} 団体：{summary}", ("団体", "曜日と時間", "人数", "結果", "行き先"), rows, (2,)),),
        notes=(f"同じ曜日と時間に、人数の入る空いた部屋を、直線距離×1.3 で {drive_m:,.0f} m までの施設に探しました。",),
    )  # fmt: skip


def money(effects: Effects, found: Sheet, year: int) -> tuple[Section, tuple[str, ...]]:
    """(what it costs and saves, sentences on what is not known): the effects of the one action."""
    (action,) = effects.costs.actions
    at, last, key = year - effects.base, fiscal_year_label(effects.years[-1]), found.site.id
    renewal = float(
        _line(effects.before, effects.before.works, key).sum()
        - _line(effects.costs, effects.costs.works, key).sum()
    )
    freed = _line(effects.before, effects.before.upkeep, key) - _line(
        effects.costs, effects.costs.upkeep, key
    )
    unknown = not found.buildings or any(
        None in (building.floor_area_m2, building.built_year, building.use_class)
        for building in found.buildings
    )
    none = unknown and not renewal and not freed.any()
    part = "（不明な建物を除く）" if unknown and not none else ""

    def told(words: str) -> str:
        return UNKNOWN if none else words + part

    begins = fiscal_year_label(year)
    rows = (
        ("除却（建物を壊す費用）", UNKNOWN if action.unknown and not action.total else yen(action.total), begins),
        ("なくなる更新費用（大規模改修・建替え）", told(yen(renewal)), f"{last}まで"),
        (
            "浮く維持管理費の目安（面積×単価）", told(f"年 {yen(float(freed[at]))}"),
            "" if none else f"{begins}から毎年。{last}までに {yen(float(freed.sum()))}",
        ),
        ("差し引き（市の費用）", told(_fewer(effects.effect)), f"{last}まで"),
    )  # fmt: skip
    section = Section(
        "money", "いくらかかり、いくら浮くか",
        grids=(Grid("費用の見通し", ("項目", "額", "いつ"), rows, (1,)),),
        notes=(
            "更新費用は60年で建て替えるきまりによる目安で、案のページと同じ計算です。閉じる年度までの10年に終わる工事は、しないとしています。",
            _record(found),
        ),
    )  # fmt: skip
    return section, action.unknown


def _line(costs: Costs, values: np.ndarray, key: str) -> np.ndarray:
    """The facility's line by year; zeros where it has none."""
    if key in costs.lines:
        found: np.ndarray = values[costs.lines.index(key)]
        return found
    nothing: np.ndarray = values[:0].sum(axis=0)
    return nothing


def _record(found: Sheet) -> str:
    """The latest year of which a cost is on record."""
    years = [row for row in found.years if row.cost_yen is not None or row.upkeep_yen is not None]
    if not years:
        return "費用の実績の記録はありません。"
    row = max(years, key=lambda row: row.fiscal_year)
    users = UNKNOWN if row.users is None else f"{row.users:,} 人"
    return (
        f"実績（{fiscal_year_label(row.fiscal_year)}）：費用 {_known(row.cost_yen)}、うち維持管理 {_known(row.upkeep_yen)}、"
        f"収入 {_known(row.income_yen)}、利用者 {users}。"
    )


def _fewer(value: float) -> str:
    return f"{yen(value)} 減る" if value >= 0 else f"{yen(-value)} 増える"


def _known(value: int | None) -> str:
    return UNKNOWN if value is None else yen(float(value))


def shelter(found: Sheet, everywhere: Sequence[Shelter], site: Mapping[str, Site], on: date) -> Section:
    """The role as a shelter that is lost, and what the district keeps on the day `on`."""
    if not found.shelters:
        return Section(
            "shelter",
            "失う避難所の役割",
            notes=("避難所の指定の記録はありません（指定がないのか、記録がないのかは不明です）。",),
        )
    rows = []
    for item in found.shelters:
        others = [
            other
            for other in everywhere
            if other.role == item.role
            and other.facility_id != item.facility_id
            and (place := site.get(other.facility_id)) is not None
            and place.district_no == found.site.district_no
            and (place.closed_on is None or place.closed_on > on)
        ]
        seats = sum(other.capacity or 0 for other in others)
        missing = sum(other.capacity is None for other in others)
        rows.append(
            (
                SHELTER_ROLES.get(item.role, item.role), UNKNOWN if item.capacity is None else f"{item.capacity:,} 人",
                "、".join(HAZARDS.get(hazard, hazard) for hazard in item.hazards) or UNKNOWN,
                f"{len(others)} か所、{seats:,} 人{f'（不明 {missing}）' if missing else ''}",
            )
        )  # fmt: skip
    left = f"{found.site.district or '同じ地区'}に残る同じ指定"
    return Section(
        "shelter", "失う避難所の役割",
        grids=(Grid("指定と収容人数", ("指定", "失う収容人数", "対象の災害", left), tuple(rows), (1,)),),
        notes=("残る指定は、記録のある公共施設だけを数えています。",),
    )  # fmt: skip


def freed(found: Sheet, area: float | None) -> Section:
    """What the city has afterwards."""
    profile = found.profile
    land = UNKNOWN
    if profile is not None and profile.land_m2 is not None:
        leased = f"（うち借地 {profile.land_leased_m2:,.0f} m²）" if profile.land_leased_m2 else ""
        land = f"{profile.land_m2:,.0f} m²{leased}"
    facts = [
        ("延床面積", UNKNOWN if area is None else f"{area:,.0f} m²"),
        ("敷地", land),
        ("建物", f"{len(found.buildings)} 棟" if found.buildings else UNKNOWN),
    ]
    return Section("freed", "空くもの", tuple(facts))
