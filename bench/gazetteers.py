"""The shared gazetteers as the product itself would hold them, and the shared tables of written addresses."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from geodata.readers import read
from kyodo_geo.addresses import AddressMatcher, Gazetteer
from kyodo_geo.lookup_types import Town

SHARED = Path(__file__).resolve().parents[2] / "shared"
MORIOKA_FILES = ("towns_03201.json", "abr_town_names_03201.json")


def morioka_towns(shared: Path = SHARED) -> tuple[Town, ...]:
    """Rows of the gazetteer as `kyodo-geo import towns` reads them from the two public files."""
    files = [shared / "data" / "morioka" / name for name in MORIOKA_FILES]
    frame = read("towns", files, municipality="03201").frame
    return tuple(_town(row) for row in frame.to_dict("records"))


def morioka_matcher(towns: tuple[Town, ...]) -> AddressMatcher:
    """Matcher of Morioka, as the service builds it."""
    return AddressMatcher(Gazetteer(towns, "03201"), "03201", "盛岡市", "岩手県")


def table(path: Path) -> list[dict[str, str]]:
    """Rows of a shared table of written addresses."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _town(row: dict[str, Any]) -> Town:
    point = row["geom"]
    return Town(
        town_id=row["town_id"], name=row["name"], koaza=row["koaza"], oaza=row["oaza"], chome=row["chome"],
        jiwari=row["jiwari"], kana=row["kana"], postal_code=row["postal_code"], level=row["level"],
        aliases=tuple(row["aliases"]), lon=None if point is None else point.x, lat=None if point is None else point.y,
        accuracy_m=row["accuracy_m"], valid_to=row["valid_to"],
    )  # fmt: skip
