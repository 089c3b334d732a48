"""A layer of generated rows for the writers of files: every kind of value, hostile text, missing shapes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import shapely
from shapely.geometry import MultiPolygon, Point, Polygon, mapping

from geodata.exports.layer import Layer
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Collection, Kind, Property

CREDIT = {
    "quality": "sample",
    "quality_label": "見本データ（架空）",
    "as_of": "2020-10-01",
    "source": "出典の表",
    "licence": "CC BY 4.0",
}
HOSTILE = "<b>\"'&\x0b</b>,\n=1+1"
PROPERTIES = (
    Property("place_id", "番号", Kind.STRING),
    Property("name", "名前", Kind.STRING),
    Property("people", "人口", Kind.INTEGER, unit="人"),
    Property("rate", "率", Kind.NUMBER, description="0〜1"),
    Property("open", "開いている", Kind.BOOLEAN),
    Property("since", "初日", Kind.DATE),
    Property("seen_at", "確かめた時刻", Kind.TIMESTAMP),
    Property("tags", "印", Kind.LIST),
)


def layer(geometry: str | None = "Point", *, epsg: int = 4326) -> Layer:
    collection = Collection(
        "test-places", "試験の場所", "試験のための層。", ("x",), geometry, "place_id", PROPERTIES
    )
    return Layer(collection, CREDIT, "03201", "盛岡市", 7, date(2026, 4, 1), epsg)


def shape_of(no: int, geometry: str | None) -> Any:
    """A point each; or a square with a hole and a second square, which the first rows have."""
    x, y = 141 + (no % 300) / 1000, 39.7 + (no // 300) / 1000
    if geometry is None:
        return None
    if geometry == "Point":
        return Point(x, y)
    hole = [(x + 1e-4, y + 1e-4), (x + 2e-4, y + 1e-4), (x + 2e-4, y + 2e-4), (x + 1e-4, y + 1e-4)]
    square = Polygon([(x, y), (x + 5e-4, y), (x + 5e-4, y + 5e-4), (x, y + 5e-4)], [hole])
    return MultiPolygon([square, shapely.affinity.translate(Polygon(square.exterior), 6e-4)])


def values_of(no: int) -> dict[str, Any]:
    return {
        "place_id": f"p{no}",
        "name": HOSTILE if no == 1 else f"第{no}の場所",
        "people": None if no == 2 else no * 10,
        "rate": no / 7,
        "open": no % 2 == 0,
        "since": date(2024, 4, 1 + no % 28),
        "seen_at": datetime(2024, 4, 1, 9, no % 60, tzinfo=UTC),
        "tags": ["甲", "乙;丙"] if no % 3 == 0 else None,
    }


def rows(
    count: int, form: str, geometry: str | None = "Point", *, lost: int | None = None
) -> Iterator[FeatureRow]:
    """`count` rows with shapes as `geojson` or `wkb`; row `lost` has none."""
    for no in range(count):
        shape = None if no == lost else shape_of(no, geometry)
        made: str | bytes | None = None
        if shape is not None:
            made = json.dumps(mapping(shape)) if form == "geojson" else shapely.to_wkb(shape)
        yield FeatureRow(f"p{no}", made, values_of(no))
