"""A city of squares for the lookup's tests: names as in Morioka, places as on squared paper.

The city is 4 × 3 squares of 0.02 degrees with its lower left corner at 141.0 E, 39.6 N:

    A1 A2 A3 –      (row 2)
    B1 B2 B3 –      (row 1)
    C1 C2 C3 –      (row 0; the last column has no association)

District 1 holds columns 0 and 1, district 2 the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely

from kyodo_geo.addresses import split_town
from kyodo_geo.lookup_types import Association, Block, District, Rule, Snapshot, Town
from kyodo_geo.point_table import PointTable, Row

SIDE = 0.02
WEST, SOUTH = 141.0, 39.6
PHONE = "019-000-0000"
OFFICE = "もりおか課"


def square(column: float, row: float, columns: float = 1, rows: float = 1) -> Any:
    """Rectangle of whole squares."""
    return shapely.box(
        WEST + column * SIDE,
        SOUTH + row * SIDE,
        WEST + (column + columns) * SIDE,
        SOUTH + (row + rows) * SIDE,
    )


def at(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a place on the squared paper."""
    return WEST + column * SIDE, SOUTH + row * SIDE


def town(
    name: str,
    koaza: str | None = None,
    *,
    place: tuple[float, float] | None = None,
    accuracy_m: float | None = 100.0,
    aliases: tuple[str, ...] = (),
    kana: str | None = None,
) -> Town:
    """A row of the gazetteer, taken apart as the readers do."""
    parts = split_town(name)
    level = "chome" if parts.chome else "jiwari" if parts.jiwari else "koaza" if koaza else "oaza"
    lon, lat = at(*place) if place else (None, None)
    return Town(
        f"{name}/{koaza or ''}", name, koaza, parts.oaza, parts.chome, parts.jiwari, kana, None, level, aliases,
        lon, lat, accuracy_m,
    )  # fmt: skip


TOWNS = (
    town("みたけ一丁目", place=(0.5, 0.5), kana="みたけ"),
    town("みたけ二丁目", place=(1.5, 0.5), kana="みたけ"),
    town("みたけ三丁目", place=(2.5, 0.5), kana="みたけ"),
    town("青山町", place=(0.5, 1.5), kana="あおやまちょう"),
    town("上田一丁目", place=(1.5, 1.5)),
    town("上田二丁目", place=(1.0, 1.5)),
    town("上田", "宇登坂", place=(2.5, 1.5)),
    town("仙北一丁目", place=(3.5, 0.5)),
    town("仙北町", place=(3.5, 1.5)),
    town("緑が丘", place=(0.5, 2.5)),
    town("八幡町"),
    town("三ツ割"),
    town("盛岡駅西通一丁目"),
    town("上太田三枚橋"),
    town("下飯岡", accuracy_m=None),
    *(town(f"下飯岡第{n}地割", place=(1.5, 2.5)) for n in (1, 8, 12)),
    *(town(f"永井第{n}地割", place=(2.5, 2.5)) for n in (5, 24)),
    town("玉山永井", "荒屋", place=(2.5, 2.5)),
    town("玉山馬場", "状小屋"),
    town("馬場町"),
    town("玉山", "糠森"),
    town("好摩", "野中"),
    town("渋民", place=(0.5, 1.5)),
    town("渋民", "鶴塚", place=(0.5, 1.5)),
    town("津志田第2地割"),
    town("津志田第14地割"),
    town("津志田西二丁目"),
    town("内丸", place=(1.5, 1.5), aliases=("岩手公園前",)),
)

ASSOCIATIONS = tuple(
    Association(f"{letter}{column + 1}", f"{letter}{column + 1}町内会", None, "association", 1 if column < 2 else 2,
                square(column, row))
    for row, letter in enumerate("CBA")
    for column in range(3)
)  # fmt: skip
DISTRICTS = (
    District(1, "仁王", "におう", square(0, 0, 2, 3)),
    District(2, "桜城", "さくらぎ", square(2, 0, 2, 3)),
)


def snapshot(
    rules: Sequence[Rule] = (),
    *,
    associations: Sequence[Association] = ASSOCIATIONS,
    towns: Sequence[Town] = TOWNS,
    blocks: Sequence[Block] = (),
    outline: Any = None,
    small_areas: Any = None,
    quality: str = "real",
    neighbours: tuple[str, ...] = (),
    lots: Sequence[Row] = (),
) -> Snapshot:
    """A snapshot of the squared city with the given rules."""
    return Snapshot(
        municipality_code="03201",
        municipality_name="盛岡市",
        pref_name="岩手県",
        revision=1,
        generation_no=1,
        outline=square(0, 0, 4, 3) if outline is None else outline,
        small_area_union=square(0, 0, 4, 3) if small_areas is None else small_areas,
        districts=DISTRICTS,
        associations=tuple(associations),
        rules=tuple(rules),
        towns=tuple(towns),
        blocks=tuple(blocks),
        neighbours=neighbours,
        dataset={"quality": quality},
        phone=PHONE,
        department=OFFICE,
        lots=PointTable(lots),
    )
