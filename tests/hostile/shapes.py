"""Geometries made to hurt, in every format with geometries that is read."""

from __future__ import annotations

import json
import math
import sqlite3
import struct
from pathlib import Path
from typing import Any

import numpy as np
import shapely

LON, LAT = 141.1, 39.7
SQUARE = [[LON, LAT], [LON + 0.01, LAT], [LON + 0.01, LAT + 0.01], [LON, LAT + 0.01], [LON, LAT]]
NAMES: dict[str, Any] = {
    "名称": "城北", "町内会名": "城北", "町内会番号": "a1", "種別": "集会所", "地区番号": "1", "地区名": "城北",
    "KEY_CODE": "032010010", "番号": "a1", "所在地": "内丸1-1", "年度": "2024",
}  # fmt: skip


def names(point: bool) -> dict[str, Any]:
    """What a row is called; 種別 means another thing for areas."""
    return {name: word for name, word in NAMES.items() if point or name != "種別"}


def feature(geometry: Any, **properties: Any) -> dict[str, Any]:
    point = not isinstance(geometry, dict) or geometry.get("type") == "Point"
    return {"type": "Feature", "properties": names(point) | properties, "geometry": geometry}


def geojson(path: Path, *geometries: Any, **members: Any) -> Path:
    found = [
        feature(geometry, 町内会番号=f"a{n}", 番号=f"a{n}") for n, geometry in enumerate(geometries, start=1)
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", **members, "features": found}), encoding="utf-8")
    return path


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [list(ring) for ring in rings]}


def circle(number: int) -> list[list[float]]:
    turn = [2 * math.pi * at / number for at in range(number)]
    ring = [[round(LON + 0.01 * math.cos(t), 9), round(LAT + 0.01 * math.sin(t), 9)] for t in turn]
    return [*ring, ring[0]]


def zigzag(number: int) -> list[list[float]]:
    """Each edge crosses all others: number² crossings to be mended."""
    ring = [[LON + (at % 2) * 0.01, LAT + 0.01 * ((at * 7919) % number) / number] for at in range(number)]
    return [*ring, ring[0]]


def star_shapefile(path: Path, ring: list[list[float]]) -> Path:
    """A shapefile of one polygon, by GDAL."""
    import pyogrio

    geometry = shapely.to_wkb(np.array([shapely.Polygon(ring)]))
    pyogrio.raw.write(
        path, geometry, [np.array(["城北"], dtype=object)], ["NAME"], geometry_type="Polygon", crs="EPSG:4326"
    )
    return path


def geopackage(
    path: Path, geometries: list[Any], geometry_type: str = "Polygon", crs: str = "EPSG:4326"
) -> Path:
    import pyogrio

    called = names(geometry_type == "Point")
    columns = [np.array([word] * len(geometries), dtype=object) for word in called.values()]
    pyogrio.raw.write(
        path, shapely.to_wkb(np.array(geometries, dtype=object)), columns, list(called), layer="a",
        geometry_type=geometry_type, crs=crs, driver="GPKG",
    )  # fmt: skip
    return path


def point_package(path: Path) -> Path:
    return geopackage(path, [shapely.Point(LON, LAT), shapely.Point(LON + 0.01, LAT)], "Point")


def as_view(path: Path, query: str) -> Path:
    """A GeoPackage whose one layer is a view; `query` gives fid, geom and 名称."""
    point_package(path)
    with sqlite3.connect(path) as conn:
        conn.executescript(
            f"""
            CREATE VIEW v AS {query};
            DELETE FROM gpkg_geometry_columns;
            INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id)
            SELECT 'v', 'features', 'v', srs_id FROM gpkg_contents WHERE table_name = 'a';
            DELETE FROM gpkg_contents WHERE table_name = 'a';
            INSERT INTO gpkg_geometry_columns VALUES ('v', 'geom', 'POINT', 4326, 0, 0);
            """
        )
    return path


def binary_package(path: Path, content: bytes) -> Path:
    """A GeoPackage whose one geometry is this WKB, whatever its type."""
    geopackage(path, [shapely.Polygon(SQUARE)])
    with sqlite3.connect(path) as conn:
        conn.create_function("ST_IsEmpty", 1, lambda _: 0)
        for side in ("MinX", "MaxX", "MinY", "MaxY"):
            conn.create_function(f"ST_{side}", 1, lambda _: 0.0)
        conn.execute("UPDATE gpkg_geometry_columns SET geometry_type_name = 'GEOMETRY', z = 2, m = 2")
        conn.execute("UPDATE a SET geom = ?", (b"GP\0\1" + struct.pack("<i", 4326) + content,))
    return path


def curve(wkb_type: int) -> bytes:
    """8: CIRCULARSTRING, 10: CURVEPOLYGON of one."""
    points = [(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.02, LAT), (LON + 0.01, LAT - 0.01), (LON, LAT)]
    string = struct.pack("<BII", 1, 8, len(points)) + b"".join(struct.pack("<dd", *point) for point in points)
    return string if wkb_type == 8 else struct.pack("<BII", 1, 10, 1) + string


def flooded_shapefile(path: Path, number: int) -> Path:
    """A .shp whose one record announces `number` points that are not there."""
    star_shapefile(path, SQUARE)
    content = bytearray(path.read_bytes())
    at = 100 + 8
    content[at + 36 : at + 44] = struct.pack("<ii", 1, number)
    path.write_bytes(content)
    return path
