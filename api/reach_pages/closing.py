"""What closing each facility does in one year: the same rows for JSON, table and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.params import BY, assumptions, choice_of, supply_label
from api.reach_pages.people import year_label
from geodata.queries import facility_use
from geodata.queries.association_names import district_names
from kyodo_geo.facility_terms import SHELTER_ROLES

if TYPE_CHECKING:
    from api.answers import Reading
    from api.reach_pages.params import ReachParams
    from api.reach_pages.shelf import Held
    from kyodo_geo.reach.closing import Effects
    from kyodo_geo.reach.report import Choice, ClosingAsked
    from maps.tables import Table

SHOWN_TARGETS = 3


def effects_of(reading: Reading, held: Held, choice: Choice) -> tuple[ClosingAsked, Effects, Any]:
    """(what was prepared, effects, thresholds); the preparation is kept per set of open facilities."""
    from kyodo_geo.reach.report import ClosingAsked, limits, supplied

    prepared = held.prepared
    sites = supplied(prepared, choice.supply)
    opened = prepared.open_in(choice.year)[sites]
    people = prepared.people_in(choice.year, choice.projection)
    limit, driving = limits(prepared, choice, people)
    # Minutes by car stand in what is prepared, so that it is another one for other districts and thresholds.
    by_car = (driving, choice.drive_m, choice.minutes, choice.distance_m) if prepared.has_car else ()
    asked: ClosingAsked = reading.services.reach.derived(
        held,
        ("closing", reading.ref.municipality_code, choice.supply, choice.by, opened.tobytes(), *by_car),
        lambda: ClosingAsked.of(prepared, choice),
    )
    return asked, asked.effects(choice, people, limit), driving


def rows_of(reading: Reading, held: Held, choice: Choice) -> list[dict[str, Any]]:
    """One row per facility of the supply, in the order of their numbers. None: not open, so nothing to close."""
    import numpy as np

    from kyodo_geo.reach.by_mode import lost_without_car

    prepared = held.prepared
    asked, found, _ = effects_of(reading, held, choice)
    on_foot = lost_without_car(
        prepared, choice, asked.sites, asked.opened, prepared.people_in(choice.year, choice.projection)
    )
    shelters: dict[str, list[dict[str, Any]]] = {}
    for item in facility_use.shelters(reading.conn, reading.ref):
        shelters.setdefault(item.facility_id, []).append(
            {"role": SHELTER_ROLES.get(item.role, item.role), "capacity": item.capacity}
        )
    old = prepared.knows_band(2)
    rows = []
    for place, at in enumerate(asked.sites):
        key, name = str(prepared.site[at]), str(prepared.site_name[at])
        capacity = prepared.capacity[at]
        row: dict[str, Any] = {
            "id": key,
            "name": name,
            "kind": str(prepared.site_kind[at]),
            "open": bool(asked.opened[place]),
            "capacity": None if np.isnan(capacity) else int(capacity),
            "shelters": shelters.get(key, []),
        }
        if row["open"]:
            moved = float(found.moved[place].sum())
            goes: list[dict[str, Any]] = [
                {
                    "id": str(prepared.site[asked.sites[to]]),
                    "name": str(prepared.site_name[asked.sites[to]]),
                    "people": round(float(found.to[place, to])),
                    "without_room": None
                    if np.isnan(prepared.capacity[asked.sites[to]]) or found.lacking is None
                    else round(float(found.lacking[place, to])),
                }
                for to in np.argsort(-found.to[place], kind="stable")
                if found.to[place, to] >= 0.5
            ]
            stays = moved - float(found.stranded[place].sum())
            row |= {
                "people": round(moved),
                "people_65": round(float(found.moved[place][2])) if old else None,
                "added_person_m": round(float(found.added[place])),
                "longer_m": round(float(found.added[place]) / stays) if stays >= 0.5 else None,
                "pushed_out": round(float(found.pushed_out[place].sum())),
                "pushed_out_65": round(float(found.pushed_out[place][2])) if old else None,
                "stranded": round(float(found.stranded[place].sum())),
                "pushed_out_no_car": None if on_foot is None else round(float(on_foot[place].sum())),
                "pushed_out_no_car_65": None
                if on_foot is None or not old
                else round(float(on_foot[place][2])),
                "to": goes,
                "without_room": sum(int(item["without_room"] or 0) for item in goes),
                "room_unknown": sum(int(item["people"]) for item in goes if item["without_room"] is None),
            }
        rows.append(row)
    return rows


def body_of(reading: Reading, held: Held, params: ReachParams, credit: dict[str, Any]) -> dict[str, Any]:
    """The answer of the interface; `ready` false: straight lines until the ways are computed."""
    choice = choice_of(held, params)
    driving = effects_of(reading, held, choice)[2]
    names = dict(district_names(reading.conn, reading.ref))
    return {
        "municipality": reading.ref.municipality_code,
        "year": choice.year,
        "year_label": year_label(held.prepared, choice.year, choice.projection),
        "supply": choice.supply,
        "by": choice.by,
        "by_label": BY[choice.by],
        "ready": held.ready,
        "distance_m": choice.distance_m,
        "drive_m": choice.drive_m,
        "car_network": held.prepared.has_car and choice.by != "straight",
        "minutes": choice.minutes,
        "bus_timetable": held.prepared.has_bus,
        "bus_minutes": choice.bus_minutes,
        "drive_below": choice.drive_below,
        "use_percent": choice.use_percent,
        "demand": held.demand,
        "projection": choice.projection,
        "assumptions": assumptions(held, choice, [names.get(no, str(no)) for no in driving]),
        "facilities": rows_of(reading, held, choice),
        "dataset": credit,
    }


COLUMNS = (
    ("people", "最寄りの人"),
    ("longer_m", "伸びる距離の平均（m）"),
    ("added_km", "増える距離の計（人・km）"),
    ("pushed_out", "届かなくなる人"),
    ("pushed_out_65", "うち65歳以上"),
    ("stranded", "行き先のない人"),
    ("without_room", "行き先で入れない人"),
)


BUS_COLUMNS = (
    ("pushed_out_no_car", "車なしで届かなくなる人"),
    ("pushed_out_no_car_65", "車なしで届かなくなる65歳以上"),
)


def table_of(rows: list[dict[str, Any]], held: Held, choice: Choice, sheet: str | None) -> Table:
    """The rows as a table; `sheet` is the address of a facility's page with {id} in it, None where there is none."""
    from maps.tables import Column, Row, Table

    bus = BUS_COLUMNS if held.prepared.has_bus else ()
    columns = (
        Column("open", "その年"),
        *(Column(key, label, numeric=True) for key, label in (*COLUMNS, *bus)),
        Column("to", "おもな行き先"),
        Column("shelters", "失う避難所の役割"),
    )
    return Table(
        f"{year_label(held.prepared, choice.year, choice.projection)}に、その施設だけを閉じたときの影響"
        f"（{supply_label(choice.supply)}、{BY[choice.by]}）",
        "施設",
        columns,
        tuple(
            Row(
                row["id"], row["name"], tuple(_cells(row, len(bus))), on_map=False,
                href=None if sheet is None else sheet.replace("{id}", row["id"]),
            )
            for row in rows
        ),
        layer="none",
        notes=(
            "「届かなくなる人」は、今は範囲の中に施設があり、閉じると範囲の外になる人です。",
            *_notes(held, choice),
            "「行き先のない人」は、ほかに行ける施設がない人です。",
            f"「行き先で入れない人」は、最寄りの住民の {choice.use_percent:g} % が同時に来るとして、定員を超える分です。",
            "定員が不明の行き先は数えられません。部屋ごとの時間割や団体の予定は考えていません。",
        ),
    )  # fmt: skip


def _notes(held: Held, choice: Choice) -> list[str]:
    """What the columns of driving and of buses mean, where these are loaded."""
    notes = []
    if held.prepared.has_car and choice.by != "straight":
        notes.append(
            "車で移動する地区の人の行き先は、車でいちばん早く着く施設です。伸びる距離は、そこまでの歩く道のりで測っています。"
        )
    if held.prepared.has_bus:
        notes.append(
            f"「車なしで届かなくなる人」は、今は徒歩 {choice.distance_m:,.0f} m かバス {choice.bus_minutes:g} 分で施設に届き、"
            "閉じるとどちらでも届かなくなる人です（どの地区の人も数えます）。"
        )
    return notes


def _cells(row: dict[str, Any], more: int) -> list[Any]:
    from maps.tables import Cell

    shelters = "、".join(
        f"{item['role']}（{'定員不明' if item['capacity'] is None else format(item['capacity'], ',') + ' 人'}）"
        for item in row["shelters"]
    )
    last = cells.words(shelters or "なし")
    if not row["open"]:
        return [
            cells.words("開いていない"),
            *(Cell("—") for _ in range(len(COLUMNS) + more)),
            Cell("—"),
            last,
        ]
    longer = row["longer_m"]
    unknown = row["room_unknown"]
    room = cells.people(row["without_room"])
    if unknown:
        room = Cell(f"{room.text}（ほか {unknown:,} 人は行き先の定員が不明）", room.value)
    return [
        cells.words("開館"),
        cells.people(row["people"]),
        cells.metres(None if longer is None else float(longer)),
        cells.people(row["added_person_m"] / 1000),
        cells.people(row["pushed_out"]),
        cells.people(row["pushed_out_65"]),
        cells.people(row["stranded"]),
        room,
        *(cells.people(row[key]) for key, _ in BUS_COLUMNS[:more]),
        cells.words(targets(row["to"])),
        last,
    ]


def targets(goes: list[dict[str, Any]]) -> str:
    """The largest destinations with their people."""
    if not goes:
        return "なし"
    shown = "、".join(f"{item['name']} {item['people']:,} 人" for item in goes[:SHOWN_TARGETS])
    return shown + (f"、ほか {len(goes) - SHOWN_TARGETS} か所" if len(goes) > SHOWN_TARGETS else "")
