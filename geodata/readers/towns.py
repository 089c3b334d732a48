"""Gazetteer of towns from one or several files of different publishers, merged by name.

The first file given decides how a town is written; later ones add what it lacks (reading, postal code, point, other
spellings). Formats are told apart by their columns.
"""

from __future__ import annotations

import re
from typing import Any

from geodata.readers import abr
from geodata.readers.reading import SOURCE, Reading, canonical, stable_id
from geodata.readers.town_files import FORMATS, recognise
from kyodo_geo.addresses import fold_name, koaza_key, official, spelling, split_town
from kyodo_geo.addresses.towns import jiwari_of
from kyodo_geo.crs import geodesic_m

COLUMNS = (
    "town_id", "name", "koaza", "oaza", "chome", "jiwari", "kana", "postal_code", "level", "aliases", "valid_from",
    "valid_to", "accuracy_m", "geom",
)  # fmt: skip
MADE_ID = "t"
POINT_ACCURACY_M = 635.0
"""90 % of real addresses lie within this distance of their town's point (measured on 盛岡市)."""
FORMER_WARD = re.compile(r"(?P<ward>.+?)区(?P<rest>.+)")

Key = tuple[str, int | None, int | None]


def read(reading: Reading) -> Any:
    """One row per town, 丁目, 地割 or 小字. Names of abolished wards (玉山区…) become aliases of today's."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for name, tables in _by_format(reading).items():
        part = FORMATS[name](_only(reading, tables))
        rows += part.reset_index(names="_row").to_dict("records")
    towns = [_named(row) for row in rows if _usable(reading, row)]
    merged = _merged(reading, towns)
    living = _former_wards(merged)
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


def _key(row: dict[str, Any]) -> Key:
    """上太田三枚橋 as one town and as 小字 三枚橋 of 上太田 are the same place."""
    parts = split_town(row["name"])
    return parts.oaza + koaza_key(row["koaza"]), parts.chome, parts.jiwari


def _merged(reading: Reading, towns: list[dict[str, Any]]) -> dict[Key, dict[str, Any]]:
    found: dict[Key, dict[str, Any]] = {}
    for town in towns:
        key = _key(town)
        known = found.get(key)
        if known is None:
            found[key] = town
            continue
        if known[SOURCE] == town[SOURCE]:
            reading.report.add(
                "duplicates", file=town[SOURCE], row=int(town["_row"]), name=town["name"], koaza=town["koaza"]
            )
        _add(known, town)
    return found


def _add(known: dict[str, Any], town: dict[str, Any]) -> None:
    """What `town` knows more than `known`."""
    for column in ("kana", "postal_code", "geom", "valid_from"):
        if known[column] is None:
            known[column] = town[column]
    if known["valid_to"] is not None and town["valid_to"] is None:
        known["valid_to"] = None
    if known["town_id"].startswith(f"{MADE_ID}-") and not town["town_id"].startswith(f"{MADE_ID}-"):
        known["town_id"] = town["town_id"]
    own = known["name"] + (known["koaza"] or "")
    other = town["name"] + (
        f"字{town['koaza']}" if town["koaza"] and not known["koaza"] else town["koaza"] or ""
    )
    for alias in (other, *town["aliases"]):
        if alias != own and alias not in known["aliases"]:
            known["aliases"].append(alias)


def _former_wards(found: dict[Key, dict[str, Any]]) -> list[dict[str, Any]]:
    """Names under an abolished ward (玉山区芋田, 玉山区永井) given as aliases to today's (芋田, 玉山永井)."""
    living = []
    for key, town in found.items():
        match = FORMER_WARD.fullmatch(key[0])
        heirs = (match["ward"] + match["rest"], match["rest"]) if match else ()
        heir = next((found[(name, *key[1:])] for name in heirs if (name, *key[1:]) in found), None)
        if heir is None:
            living.append(town)
            continue
        joint = "字" if town["koaza"] else ""
        for alias in (town["name"] + joint + (town["koaza"] or ""), *town["aliases"]):
            if alias not in heir["aliases"]:
                heir["aliases"].append(alias)
        # The list may hold 玉山区永井 with its 小字 only; the 大字 itself was called so too.
        parent = found.get((split_town(heir["name"]).oaza, None, None))
        if town["koaza"] and parent is not None and town["name"] not in parent["aliases"]:
            parent["aliases"].append(town["name"])
    return living


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
