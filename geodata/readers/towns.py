"""Gazetteer of towns from one or several files of different publishers, merged by name.

The first file given decides how a town is written; later ones add what it lacks (reading, postal code, point, other
spellings). Formats are told apart by their columns.
"""

from __future__ import annotations

from typing import Any

from geodata.readers import abr
from geodata.readers.reading import SOURCE, Reading, canonical, stable_id
from geodata.readers.town_files import FORMATS, recognise
from geodata.readers.town_merge import MADE_ID, merged, with_former_wards
from kyodo_geo.addresses import fold_name, official, spelling, split_town
from kyodo_geo.addresses.towns import jiwari_of
from kyodo_geo.crs import geodesic_m

COLUMNS = (
    "town_id", "name", "koaza", "oaza", "chome", "jiwari", "kana", "postal_code", "level", "aliases",
    "former_names", "valid_from", "valid_to", "accuracy_m", "geom",
)  # fmt: skip
POINT_ACCURACY_M = 635.0
"""90 % of real addresses lie within this distance of their town's point (measured on 盛岡市)."""


def read(reading: Reading) -> Any:
    """One row per town, 丁目, 地割 or 小字. Names of abolished wards (玉山区…) become former names and aliases of today's.

    A former name has the days of its own row where the file knows them.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for name, tables in _by_format(reading).items():
        part = FORMATS[name](_only(reading, tables))
        rows += part.reset_index(names="_row").to_dict("records")
    towns = [_named(row) for row in rows if _usable(reading, row)]
    living = with_former_wards(merged(reading, towns))
    _accuracy(living)
    frame = pd.DataFrame(living, columns=list(COLUMNS), dtype=object)
    present = sum(row["geom"] is not None for row in living)
    reading.report.totals |= {"with_point": float(present), "without_point": float(len(living) - present)}
    return canonical(frame, COLUMNS)


def _by_format(reading: Reading) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for table in reading.tables:
        found.setdefault(recognise(table, reading.format), []).append(table)
    return found


def _only(reading: Reading, tables: list[Any]) -> Reading:
    from dataclasses import replace

    return replace(reading, tables=tables)


def _usable(reading: Reading, row: dict[str, Any]) -> bool:
    """A 小字 without 大字 is a place only if somebody puts it on the map or delivers mail to it."""
    if row["oaza"] or row["geom"] is not None or row["postal_code"]:
        return True
    reading.report.reject(
        row[SOURCE], int(row["_row"]), None, row["koaza"], "大字のない小字は、町・字として使えません。"
    )
    return False


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The row in the written form used throughout, its printed form as an alias where it differs."""
    printed, koaza = abr.town_and_koaza(row["oaza"], row["chome"], row["koaza"])
    assert printed is not None
    number = jiwari_of(koaza)
    if number is not None:
        name, whole, koaza = official(spelling(printed), jiwari=number), f"{printed}{koaza}", None
    else:
        name, whole = spelling(printed), printed + (koaza or "")
        koaza = koaza.removeprefix("字") if koaza and len(koaza) > 1 else koaza
    parts = split_town(name)
    level = "koaza" if koaza else "chome" if parts.chome else "jiwari" if parts.jiwari else "oaza"
    return {
        "town_id": row["town_id"] or stable_id(MADE_ID, name, koaza),
        "name": name,
        "koaza": koaza,
        "oaza": _parent(name, parts),
        "chome": parts.chome,
        "jiwari": parts.jiwari,
        "kana": row["kana"],
        "postal_code": row["postal_code"],
        "level": level,
        "aliases": [] if whole in (name + (koaza or ""), f"{name}字{koaza}") else [whole],
        "former_names": [],
        "valid_from": row["valid_from"],
        "valid_to": row["valid_to"],
        "accuracy_m": None,
        "geom": row["geom"],
        SOURCE: row[SOURCE],
        "_row": row["_row"],
    }


def _parent(name: str, parts: Any) -> str:
    for number, ending in ((parts.chome, "chome"), (parts.jiwari, "jiwari")):
        if number is not None:
            return name.removesuffix(official("", **{ending: number}))
    return name


def _accuracy(towns: list[dict[str, Any]]) -> None:
    """A 大字 whose parts have points of their own reaches at least to the farthest of them."""
    by_parent: dict[str, list[Any]] = {}
    for town in towns:
        if town["geom"] is not None and town["level"] != "oaza":
            by_parent.setdefault(fold_name(town["oaza"]), []).append(town["geom"])
    for town in towns:
        point = town["geom"]
        if point is None:
            continue
        parts = by_parent.get(fold_name(town["name"]), []) if town["level"] == "oaza" else []
        reach = (geodesic_m(point.x, point.y, part.x, part.y) for part in parts)
        town["accuracy_m"] = round(max((POINT_ACCURACY_M, *reach)), 0)
