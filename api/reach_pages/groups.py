"""What becomes of the registered groups when each facility is closed. For staff: groups are people."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.params import choice_of, supply_label
from geodata.queries import facility_sheet, facility_use
from geodata.queries.datasets import active_datasets
from kyodo_geo.quality import credit
from kyodo_geo.reach.groups import Meeting, Outcome, Placed, Room, rehoused
from kyodo_geo.reach.straight import DETOUR

if TYPE_CHECKING:
    from datetime import time

    from api.reach_pages.params import ReachParams
    from api.reach_pages.shelf import Held
    from geodata.database import Connection
    from geodata.queries.facility_sheet import Site
    from geodata.queries.facility_use import Group
    from geodata.queries.generation import Ref
    from kyodo_geo.reach.report import Choice
    from maps.tables import Table

WORDS = {
    Outcome.PLACED: "部屋がある",
    Outcome.TAKEN: "部屋がふさがっている",
    Outcome.SHUT: "その時間は開いていない",
    Outcome.TOO_SMALL: "入れる大きさの部屋がない",
    Outcome.NOWHERE: "近くに施設がない",
    Outcome.UNKNOWN: "不明（開館時間か部屋の定員が不明）",
}
DAYS = "月火水木金土日"


@dataclass(frozen=True, slots=True, eq=False)
class GroupsView:
    """Tables by facility and by group, and what they stand on."""

    choice: Choice
    summary: Table
    table: Table
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str


def groups_view(conn: Connection, ref: Ref, held: Held, params: ReachParams) -> GroupsView:
    """For each facility of the supply that is open in the year; `conn` is of the staff audience."""
    choice = choice_of(held, params)
    site, known, found = rehoused_groups(conn, ref, held, choice)
    group = {(g.facility_id, g.group_no): g for g in known}
    lines = [
        f"{choice.year}年に開いている{supply_label(choice.supply)}の 1 か所だけを閉じたとして調べました。",
        "登録団体が、同じ曜日と時間に、人数の入る部屋をほかで見つけられるかを見ています。",
        f"行き先は、直線距離×1.3 で {choice.drive_m:,.0f} m まで（車で {choice.minutes:g} 分）の施設を、近い順に見ます。",
        "人数の多い団体から順に、入れるいちばん小さい部屋を割り当てます。行き先の団体の予定と重なる部屋は使えません。",
        "使う部屋のわからない団体は、入れるいちばん小さい部屋にいるとしました。",
        "登録団体、部屋、開館時間は今の記録で、年によって変えていません。1 回だけの利用は考えていません。",
    ]
    return GroupsView(
        choice,
        _summary(site, found),
        _table(site, group, found),
        lines,
        credit(active_datasets(conn, ref), ("facilities",), values=[g.quality for g in known]),
        f"{choice.year}年・{choice.drive_m:,.0f} m まで",
    )


def rehoused_groups(
    conn: Connection, ref: Ref, held: Held, choice: Choice, only: str | None = None
) -> tuple[dict[str, Site], list[Group], dict[str, list[Placed]]]:
    """(facilities, registered groups, what becomes of those of each facility that is open, or of `only` one)."""
    from kyodo_geo.reach.report import supplied

    prepared = held.prepared
    opened = prepared.open_in(choice.year)
    ids = [str(prepared.site[at]) for at in supplied(prepared, choice.supply) if opened[at]]
    site = {s.id: s for s in facility_sheet.sites(conn, ref, all_times=True)}
    ids = [key for key in ids if key in site]
    known = facility_use.groups(conn, ref)
    meetings = [
        Meeting(
            g.facility_id, g.group_no, g.weekday, _minutes(g.starts), _minutes(g.ends), g.people, g.room_no
        )
        for g in known
    ]
    rooms = [Room(r.facility_id, r.room_no, r.capacity) for r in facility_use.rooms(conn, ref)]
    hours: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for item in facility_use.openings(conn, ref):
        hours.setdefault(item.facility_id, {}).setdefault(item.weekday, []).append(
            (_minutes(item.opens), _minutes(item.closes))
        )
    found = {
        key: rehoused(key, _near(site, ids, key, choice.drive_m), meetings, rooms, hours)
        for key in ids
        if only in (None, key)
    }
    return site, known, found


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute


def _way(a: Site, b: Site) -> float:
    return math.hypot(a.x - b.x, a.y - b.y) * DETOUR


def _near(site: dict[str, Site], ids: list[str], key: str, limit: float) -> list[str]:
    ways = sorted((_way(site[key], site[other]), other) for other in ids if other != key)
    return [other for way, other in ways if way <= limit]


def _summary(site: dict[str, Site], found: dict[str, list[Placed]]) -> Table:
    from maps.tables import Column, Row, Table

    rows = []
    for key, placed in found.items():
        count = Counter(item.outcome for item in placed)
        numbers = [len(placed), *(count[outcome] for outcome in WORDS)]
        rows.append(Row(key, site[key].name, tuple(cells.people(n) for n in numbers), on_map=False))
    return Table(
        "その施設だけを閉じたときの、登録団体の行き先（団体の数）",
        "施設",
        (
            Column("groups", "登録団体", numeric=True),
            *(Column(outcome.value, words, numeric=True) for outcome, words in WORDS.items()),
        ),
        tuple(rows),
        layer="none",
    )


def _table(
    site: dict[str, Site], group: dict[tuple[str, int], Group], found: dict[str, list[Placed]]
) -> Table:
    from maps.tables import Cell, Column, Row, Table

    rows = []
    for key, placed in found.items():
        for item in placed:
            own = group[key, item.meeting.no]
            where = None if item.facility is None else site[item.facility]
            rows.append(
                Row(
                    f"{key}-{own.group_no}", own.name or f"団体 {own.group_no}",
                    (
                        cells.words(site[key].name),
                        cells.words(f"{DAYS[own.weekday - 1]} {own.starts:%H:%M}–{own.ends:%H:%M}"),
                        cells.people(own.people),
                        cells.words(WORDS[item.outcome]),
                        cells.words("—" if where is None else where.name),
                        Cell("—") if where is None else cells.metres(_way(site[key], where)),
                    ),
                    on_map=False,
                )
            )  # fmt: skip
    return Table(
        "登録団体ごとの行き先",
        "団体",
        (
            Column("facility", "今の施設"),
            Column("time", "曜日と時間"),
            Column("people", "人数", numeric=True),
            Column("outcome", "結果"),
            Column("to", "行き先"),
            Column("way_m", "今の施設から（m）", numeric=True),
        ),
        tuple(rows),
        layer="none",
    )
