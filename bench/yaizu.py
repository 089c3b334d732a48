"""焼津市 from the shared files: 35 自治会 with their real areas, towns, and facilities with address and point."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import shapely

from geodata.readers import read
from kyodo_geo.lookup import LookupIndex
from kyodo_geo.lookup_types import Association, Snapshot, Town
from kyodo_geo.point_table import PointTable

CODE = "22212"
LISTS = ("スポーツ施設", "地域交流センター", "市役所・センター", "指定緊急避難場所一覧", "避難所一覧")


@dataclass(frozen=True, slots=True)
class Facility:
    """A public facility: as its list writes the address, its point, and the one 自治会 whose area holds it."""

    name: str
    address: str
    lon: float
    lat: float
    association_id: str


def yaizu_index(shared: Path, areas_of: str = "自治会区域") -> LookupIndex:
    """The lookup of 焼津市: areas only, no rules; towns with the accuracy the reader gives them.

    `areas_of`: 自治会区域, or 小学校区 or 中学校区 in their place, where more real areas are wanted.
    """
    names = {"小学校区": {"name": "SAFIELD001"}, "中学校区": {"name": "学校名"}}.get(areas_of, {})
    path = shared / "formats/yaizu" / areas_of / f"{areas_of}.shp"
    areas = read("associations", [path], municipality=CODE, mapping=names).frame
    towns = read("towns", [shared / "national/towns/静岡県/焼津市.json"], municipality=CODE).frame
    return LookupIndex(
        Snapshot(
            municipality_code=CODE, municipality_name="焼津市", pref_name="静岡県", revision=1, generation_no=1,
            outline=None, small_area_union=None, districts=(), rules=(), blocks=PointTable(), neighbours=(), dataset={},
            phone="", department="",
            associations=tuple(
                Association(row["association_id"], row["name"], row["kana"], row["kind"], None, row["geom"])
                for row in areas.to_dict("records")
            ),
            towns=tuple(_town(row) for row in towns.to_dict("records")),
        )
    )  # fmt: skip


def yaizu_facilities(shared: Path, index: LookupIndex) -> list[Facility]:
    """Rows with address and point that fall in exactly one area, told by looking at all of them."""
    found = []
    for folder in LISTS:
        for path in sorted((shared / "formats/yaizu" / folder).glob("222127_*.csv")):
            with path.open(encoding="utf-8-sig", newline="") as file:
                for row in csv.DictReader(file):
                    if not (row["住所"] and row["緯度"] and row["経度"]):
                        continue
                    point = shapely.Point(float(row["経度"]), float(row["緯度"]))
                    holding = [
                        item.association_id for item in index.snapshot.associations if item.geom.covers(point)
                    ]
                    if len(holding) == 1:
                        found.append(Facility(row["名称"], row["住所"], point.x, point.y, holding[0]))
    return found


def _town(row: dict[str, Any]) -> Town:
    point = row["geom"]
    return Town(
        town_id=row["town_id"], name=row["name"], koaza=row["koaza"], oaza=row["oaza"], chome=row["chome"],
        jiwari=row["jiwari"], kana=row["kana"], postal_code=row["postal_code"], level=row["level"],
        aliases=tuple(row["aliases"]), lon=None if point is None else point.x, lat=None if point is None else point.y,
        accuracy_m=row["accuracy_m"], valid_to=row["valid_to"],
    )  # fmt: skip
