"""CSV (RFC 4180) that opens in spreadsheets and GIS programs: UTF-8, one heading row, shapes as columns."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from geodata.exports.formats import Options
from geodata.exports.layer import CREDIT, Layer
from geodata.exports.pieces import pieces
from geodata.exports.values import of, plain, text
from geodata.exports.wkt import wkt
from geodata.features.query import FeatureRow
from kyodo_geo.crs import is_plane
from kyodo_geo.spreadsheets import harmless

BOM = b"\xef\xbb\xbf"
WKT = ("WKT", "形状（WKT）")
Cells = Callable[[Any], list[Any]]


def table(layer: Layer, rows: Iterator[FeatureRow], options: Options) -> Iterator[bytes]:
    """Heading, then one line per row; source and quality in every row, no text that runs as a formula.

    Points of geographic coordinates are `lon` and `lat`, of the plane `easting` and `northing` (in Japan's plane zones X
    is north: these names leave no doubt).
    """
    return pieces(_lines(layer, rows, options))


def _lines(layer: Layer, rows: Iterator[FeatureRow], options: Options) -> Iterator[bytes]:
    shape, cells = _shape(layer, options)
    credit = [harmless(text(layer.credit.get(key)) or "不明") for key in CREDIT]
    people = options.heading == "title"
    names = [item.title if people else item.name for item in layer.columns]
    names += [pair[people] for pair in shape]
    names += [title if people else f"dataset_{key}" for key, title in CREDIT.items()]
    line = _Line()
    yield (BOM if options.bom else b"") + line.of([harmless(name) for name in names])
    keys = [item.name for item in layer.columns]
    for row in rows:
        values = of(row, layer)
        yield line.of([*(_cell(values.get(key)) for key in keys), *cells(row.geometry), *credit])


def _shape(layer: Layer, options: Options) -> tuple[tuple[tuple[str, str], ...], Cells]:
    """(names and titles of the columns for the geometry, what fills them)."""
    if layer.collection.geometry is None or options.coordinates == "none":
        return (), lambda geometry: []
    if layer.collection.geometry != "Point" or options.coordinates == "wkt":
        return (WKT,), lambda geometry: [wkt(geometry) if geometry else ""]
    if is_plane(layer.epsg):
        return (("easting", "東方向（m）"), ("northing", "北方向（m）")), _position
    return (("lon", "経度"), ("lat", "緯度")), _position


def _position(geometry: str | None) -> list[Any]:
    return orjson.loads(geometry)["coordinates"][:2] if geometry else ["", ""]


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if type(value) is str:
        return harmless(value)
    if type(value) in (int, float):
        return value
    value = plain(value)
    return value if type(value) is float else harmless(text(value))


class _Line:
    """One row at a time through the standard writer."""

    def __init__(self) -> None:
        self._writer = csv.writer(self, lineterminator="\r\n")
        self._held = ""

    def write(self, held: str) -> None:
        self._held = held

    def of(self, cells: list[Any]) -> bytes:
        self._writer.writerow(cells)
        return self._held.encode()
