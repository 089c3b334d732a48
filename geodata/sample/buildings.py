"""Facilities: the 19 real centres as they are, and invented figures on their buildings, rooms, use and cost.

What is invented carries quality 見本 row by row, because it stands on a real name.
"""

from __future__ import annotations

from typing import Any

from shapely import Point

from geodata.sample import facts
from geodata.sample.draws import Draws

Row = dict[str, Any]

SAMPLE = {"quality": "sample", "source": "見本データ（架空の値）"}

_ROOMS = (
    ("大会議室", 90.0, 130.0),
    ("小会議室", 30.0, 48.0),
    ("和室", 36.0, 60.0),
    ("調理実習室", 45.0, 70.0),
    ("体育室", 240.0, 420.0),
    ("創作室", 40.0, 65.0),
    ("研修室", 50.0, 80.0),
)
_YEARS = range(2019, 2025)
_USE = (1.0, 0.46, 0.58, 0.74, 0.86, 0.91)
"""Users by year against R1: the years of the epidemic were weak everywhere."""


def facility_rows() -> list[Row]:
    """Canonical rows of the kind facilities: real names, addresses and points; nothing invented."""
    return [
        {
            "facility_id": centre.facility_id,
            "name": centre.name,
            "kana": None,
            "kind": centre.kind,
            "activity": True,
            "address": centre.address,
            "operator": None,
            "capacity": None,
            "opened_on": None,
            "closed_on": None,
            "geom": Point(centre.lon, centre.lat),
        }
        for centre in facts.centres()
    ]


def building_records(seed: int) -> dict[str, list[Row]]:
    """Rows of building, facility_building, room and facility_year, all of quality sample."""
    draws = Draws(seed, "buildings")
    records: dict[str, list[Row]] = {"building": [], "facility_building": [], "room": [], "facility_year": []}
    for centre in facts.centres():
        hall = centre.kind == "市立公民館"
        area = float(draws.whole(120, 260) * 10 if hall else draws.whole(45, 110) * 10)
        records["building"].append(_building(draws, centre.facility_id, area))
        records["facility_building"].append(
            {
                "facility_id": centre.facility_id,
                "building_id": f"{centre.facility_id}-b1",
                "use_no": 1,
                "floor_area_m2": area,
                "valid_from": None,
                "valid_to": None,
                **SAMPLE,
            }
        )
        records["room"] += _rooms(draws, centre.facility_id, 6 if hall else draws.whole(3, 5))
        users = draws.whole(22, 60) * 1000 if hall else draws.whole(6, 28) * 1000
        cost = int(area) * draws.whole(11, 19) * 1000
        records["facility_year"] += [
            {
                "facility_id": centre.facility_id,
                "fiscal_year": year,
                "users": round(users * share * draws.real(0.94, 1.06) / 10) * 10,
                "cost_yen": round(cost * draws.real(0.95, 1.08) / 10_000) * 10_000,
                **SAMPLE,
            }
            for year, share in zip(_YEARS, _USE, strict=True)
        ]
    return records


def _building(draws: Draws, facility_id: str, area: float) -> Row:
    built = draws.whole(1968, 2008)
    structure = "RC" if area > 1000 or draws.chance(0.4) else "S"
    # The code changed on 1 June 1981: what is older is proof only after works.
    old = "retrofitted" if draws.chance(0.6) else "not-proof"
    return {
        "building_id": f"{facility_id}-b1",
        "name": None,
        "address": None,
        "built_year": built,
        "structure": structure,
        "floors": 3 if area > 1800 else 2 if area > 500 else 1,
        "floor_area_m2": area,
        "seismic": "built-to-code" if built >= 1982 else old,
        **SAMPLE,
    }


def _rooms(draws: Draws, facility_id: str, count: int) -> list[Row]:
    found: list[Row] = []
    for number, (name, least, most) in enumerate(_ROOMS[:count], start=1):
        area = round(draws.real(least, most), 1)
        found.append(
            {
                "facility_id": facility_id,
                "room_no": number,
                "name": name,
                "area_m2": area,
                "capacity": int(area / 2.2) // 2 * 2,
                "valid_from": None,
                "valid_to": None,
                **SAMPLE,
            }
        )
    return found
