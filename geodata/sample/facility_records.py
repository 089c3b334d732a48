"""How the sample's centres are used and what state they are in. Everything is invented and marked row by row.

Some facts are missing on purpose, so that pages show 不明: opening hours of two centres, room hours of one, inspections
of three, book values and whether its life can be extended of some.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws

Row = dict[str, Any]
Records = dict[str, list[Row]]

NO_HOURS, NO_ROOM_HOURS, NO_INSPECTION, NO_LEDGER = (4, 13), (9,), (2, 7, 15), (5, 12)
"""Places of the centres, in the order of the table, of which something is not known."""
NO_LAND, NO_TENURE = (3, 8, 14), (1, 10)
CLOSED_FOR_WORKS = 6
_USE = {2019: 1.0, 2020: 0.46, 2021: 0.58, 2022: 0.74, 2023: 0.86, 2024: 0.91}
_TIMES = (
    ("09:30", "11:30"), ("10:00", "12:00"), ("13:00", "15:00"), ("13:30", "16:00"), ("15:30", "17:00"),
    ("18:30", "20:30"), ("19:00", "21:00"),
)  # fmt: skip
_GROUPS = ("体操", "合唱", "書道", "手芸", "囲碁", "踊り", "料理", "写真", "英会話", "健康", "茶道", "卓球")
_HAZARDS = (
    ["earthquake", "fire"],
    ["earthquake", "fire", "flood"],
    ["earthquake", "fire", "landslide"],
    ["earthquake", "fire", "flood", "inland-flood", "volcano"],
)
_LIFE = {"RC": 50, "S": 38}
"""Years over which a hall of that structure is written off."""


def with_book_values(seed: int, records: Records) -> Records:
    """The records of `buildings.building_records` with the columns of the ledger and the parts of the cost."""
    draws, fees = Draws(seed, "ledger"), Draws(seed, "fees")
    kinds = {centre.facility_id: centre.kind for centre in facts.centres()}
    buildings = []
    for place, row in enumerate(records["building"]):
        known = place not in NO_LEDGER
        price = draws.whole(230, 330) * 1000
        life = _LIFE[row["structure"]]
        cost = round(row["floor_area_m2"] * price / 10_000) * 10_000
        written_off = min(1.0, (2025 - row["built_year"]) / life)
        can = draws.real()
        buildings.append(
            {
                **row,
                "ledger_no": f"見本-{place + 1:04}" if known else None,
                "use_class": "社会教育"
                if kinds[row["building_id"].removesuffix("-b1")] == "市立公民館"
                else "市民文化",
                "extendable": None if can < 0.15 else row["seismic"] != "not-proof",
                "acquired_on": date(row["built_year"], draws.whole(4, 12), 1) if known else None,
                "acquired_yen": cost if known else None,
                "useful_life": life if known else None,
                "depreciated_yen": round(cost * written_off) if known else None,
            }
        )
    years = []
    for row in records["facility_year"]:
        cost = row["cost_yen"]
        years.append(
            {
                **row,
                "income_yen": round(row["users"] * draws.real(25, 70) / 1000) * 1000,
                "upkeep_yen": round(cost * draws.real(0.12, 0.2) / 1000) * 1000,
                "energy_yen": None
                if draws.chance(0.08)
                else round(cost * draws.real(0.14, 0.22) / 1000) * 1000,
                "staff_yen": round(cost * draws.real(0.4, 0.5) / 1000) * 1000,
                "fee_yen": None if fees.chance(0.1) else round(cost * fees.real(0.5, 0.62) / 1000) * 1000,
                "open_days": draws.whole(288, 307) if row["fiscal_year"] != 2020 else draws.whole(231, 262),
            }
        )
    return {**records, "building": buildings, "facility_year": years}


def profile_records(seed: int, buildings: list[Row]) -> list[Row]:
    """Land and catchment; three centres have no record of it, and of two more the land's owner is not known."""
    draws = Draws(seed, "profiles")
    rows: list[Row] = []
    for place, (centre, building) in enumerate(zip(facts.centres(), buildings, strict=True)):
        land = float(round(building["floor_area_m2"] * draws.real(1.4, 3.2)))
        leased = 0.0 if draws.chance(0.7) else float(round(land * draws.pick((0.25, 0.4, 1.0))))
        if place in NO_LAND:
            continue
        tenure = "owned" if not leased else "leased" if leased == land else "partly-leased"
        said = place not in NO_TENURE
        rows.append(
            {
                "facility_id": centre.facility_id,
                "catchment": "全市" if centre.kind == "市立公民館" else "地区",
                "land_m2": land,
                "land_tenure": tenure if said else None,
                "land_leased_m2": leased if said else None,
                **SAMPLE,
            }
        )
    return rows


def use_records(seed: int, records: Records) -> Records:
    """Rows of opening, closure, group, shelter and room_year; `records` are those of the buildings and rooms."""
    draws = Draws(seed, "use")
    rooms: dict[str, list[Row]] = {}
    for room in records["room"]:
        rooms.setdefault(room["facility_id"], []).append(room)
    found: Records = {
        name: []
        for name in (
            "facility_opening",
            "facility_closure",
            "facility_group",
            "facility_shelter",
            "room_year",
        )
    }
    for place, centre in enumerate(facts.centres()):
        own = rooms[centre.facility_id]
        closed = 1 if centre.kind == "市立公民館" else draws.pick((1, 2, 3))
        days = [day for day in range(1, 8) if day != closed]
        if place not in NO_HOURS:
            found["facility_opening"] += [
                {
                    "facility_id": centre.facility_id,
                    "weekday": day,
                    "opens": "09:00",
                    "closes": "17:00" if day == 7 else "21:00",
                    **SAMPLE,
                }
                for day in days
            ]
        found["facility_group"] += _groups(draws, centre.facility_id, own, days)
        if draws.chance(0.8):
            found["facility_shelter"].append(_shelter(draws, centre.facility_id, own))
        if place not in NO_ROOM_HOURS:
            found["room_year"] += _hours(draws, own)
        if place == CLOSED_FOR_WORKS:
            found["facility_closure"].append(
                {
                    "facility_id": centre.facility_id,
                    "closed_from": date(2025, 9, 1),
                    "reopens_on": date(2026, 4, 1),
                    "reason": "works",
                    "note": "空調設備の更新（見本）",
                    **SAMPLE,
                }
            )
    return found


def _groups(draws: Draws, facility_id: str, rooms: list[Row], days: list[int]) -> list[Row]:
    rows: list[Row] = []
    largest = max(room["capacity"] for room in rooms)
    for number in range(1, draws.whole(5, 12) + 1):
        starts, ends = draws.pick(_TIMES)
        people = min(draws.whole(5, 45), largest)
        fitting = sorted((room["capacity"], room["room_no"]) for room in rooms if room["capacity"] >= people)
        day = draws.pick([day for day in days if day != 7 or ends <= "17:00"])
        rows.append(
            {
                "facility_id": facility_id,
                "group_no": number,
                "weekday": day,
                "starts": starts,
                "ends": ends,
                "people": people,
                "name": f"見本{draws.pick(_GROUPS)}の会{number}" if draws.chance(0.9) else None,
                "room_no": fitting[0][1] if draws.chance(0.8) else None,
                **SAMPLE,
            }
        )
    return rows


def _shelter(draws: Draws, facility_id: str, rooms: list[Row]) -> Row:
    area = sum(room["area_m2"] for room in rooms)
    return {
        "facility_id": facility_id,
        "role": "designated-shelter" if draws.chance(0.85) else "welfare-shelter",
        "capacity": int(area / 3.3) // 5 * 5 if draws.chance(0.9) else None,
        "hazards": draws.pick(_HAZARDS),
        **SAMPLE,
    }


def _hours(draws: Draws, rooms: list[Row]) -> list[Row]:
    rows = []
    for room in rooms:
        occupancy = draws.real(0.14, 0.72)
        for year, share in _USE.items():
            open_hours = float(draws.whole(3300, 3560) if year != 2020 else draws.whole(2600, 2950))
            rows.append(
                {
                    "facility_id": room["facility_id"],
                    "room_no": room["room_no"],
                    "fiscal_year": year,
                    "hours_open": open_hours,
                    "hours_used": None
                    if draws.chance(0.03)
                    else float(round(open_hours * occupancy * share * draws.real(0.93, 1.07))),
                    **SAMPLE,
                }
            )
    return rows
