"""One house for its readers in columns of words, in the file, and as a feature."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from api.geojson import feature, point
from api.tables import rows_to_csv
from kyodo_geo.quality import Quality, credit

SEISMIC = {"diagnosed": "耐震診断の記録あり", "retrofitted": "耐震改修の記録あり"}
COLUMNS = (
    ("house_id", "番号"),
    ("address", "住所"),
    ("structure", "構造"),
    ("floors", "階数"),
    ("floor_area_m2", "延床面積（m²）"),
    ("largest_room_m2", "最大の部屋（m²）"),
    ("built_year", "建築年"),
    ("seismic", "耐震"),
    ("road_access", "接道"),
    ("use_district", "用途地域"),
    ("capacity", "収容人員"),
)
"""Property and heading. What the survey judged and what the owner said to the city are in none of them."""


def word(name: str, value: object) -> str:
    """A value as a person reads it; what is not known says so."""
    if value is None or value == "":
        return "不明"
    if name == "seismic":
        return SEISMIC.get(str(value), str(value))
    if isinstance(value, bool):
        return "あり" if value else "なし"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def words(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows as the page shows them."""
    return [{name: word(name, row[name]) for name, _ in COLUMNS} for row in rows]


def to_csv(rows: Iterable[Mapping[str, Any]], *, named: bool) -> bytes:
    """The table as a file; `named`: with whom the owner named and when."""
    header = [label for _, label in COLUMNS] + (["同意の相手", "同意の日"] if named else [])
    lines = [
        [
            *(word(name, row[name]) for name, _ in COLUMNS),
            *(["、".join(row["recipients"]), row["consented_on"]] if named else []),
            row["lon"],
            row["lat"],
            Quality(row["quality"]).label,
            row["source"] or "不明",
        ]
        for row in rows
    ]
    return rows_to_csv([*header, "経度", "緯度", "データの種類", "出典"], lines)


def features(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Rows as GeoJSON features."""
    return [
        feature(
            row["house_id"],
            point(row["lon"], row["lat"]),
            {name: value for name, value in row.items() if name not in ("lon", "lat")},
        )
        for row in rows
    ]


def credit_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The credit of an answer made of these houses."""
    found = list(rows)
    sources = dict.fromkeys(row["source"] for row in found if row["source"])
    return {**credit({}, (), values=[row["quality"] for row in found]), "source": "、".join(sources)}
