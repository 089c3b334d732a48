"""Geometries that somebody sends to be kept: read with great care, and told in few words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from kyodo_geo.crs import from_plane, in_japan, is_plane, looks_swapped
from kyodo_geo.errors import ContentError

Shape = dict[str, Any]
"""A GeoJSON geometry in lon/lat."""

MAX_POSITIONS = 20_000
MAX_PARTS = 500
LEAST_M2 = 1.0
AREA, POINT = "MultiPolygon", "Point"


@dataclass(frozen=True, slots=True)
class System:
    """The system of the coordinates sent: EPSG number, and whether latitude or northing stands first."""

    epsg: int
    flip: bool
    municipality: str


def sent_shape(sent: Any, wanted: str, system: System) -> Shape:
    """The geometry in lon/lat, `wanted` being `AREA` (a Polygon is taken too) or `POINT`. Raises `ContentError`."""
    import shapely

    kinds = ("Polygon", "MultiPolygon") if wanted == AREA else ("Point",)
    if not isinstance(sent, dict) or sent.get("type") not in kinds:
        raise _refused(f"位置・区域は、GeoJSON の {' か '.join(kinds)} で送ってください。")
    coordinates = sent.get("coordinates")
    if wanted == POINT:
        shape = shapely.Point(_position(coordinates, system.flip))
    else:
        shape = _area([coordinates] if sent["type"] == "Polygon" else coordinates, system.flip)
    if is_plane(system.epsg):
        shape = from_plane(shape, system.municipality)
    _check_place(shapely.get_coordinates(shape).tolist())
    if not shape.is_valid:
        raise _refused(
            "区域の線が交わっているか、同じ所を 2 回通っています。線が交わらないように直してください。"
        )
    if wanted == AREA and ground_m2(shape) < LEAST_M2:
        raise _refused("区域の広さがありません。座標を確かめてください。")
    found: Shape = orjson.loads(shapely.to_geojson(shape))
    return found


def ground_m2(shape: Any) -> float:
    """Area of a lon/lat shape in square metres, near enough to tell people and slips apart."""
    lat = math.radians((shape.bounds[1] + shape.bounds[3]) / 2)
    return float(shape.area) * 111_320.0 * math.cos(lat) * 110_950.0


def words(shape: Shape | None) -> str:
    """A geometry in few words, other ones for every other geometry: what the audit log keeps of it."""
    if shape is None:
        return "位置・区域なし"
    if shape["type"] == POINT:
        lon, lat = shape["coordinates"]
        return f"緯度 {lat:.6f}、経度 {lon:.6f}"
    import shapely

    area = shapely.from_geojson(orjson.dumps(shape))
    mark = sha256(orjson.dumps(shape)).hexdigest()[:8]
    return f"約 {ground_m2(area) / 10_000:,.1f} ha、{shapely.get_num_coordinates(area):,} 点（照合値 {mark}）"


def _area(parts: Any, flip: bool) -> Any:
    import shapely

    if not isinstance(parts, list) or not parts:
        raise _refused("区域が空です。")
    if len(parts) > MAX_PARTS:
        raise _refused(f"区域は {MAX_PARTS:,} 個までに分けて送ってください。")
    polygons, left = [], MAX_POSITIONS
    for rings in parts:
        if not isinstance(rings, list) or not rings:
            raise _refused("区域が空です。")
        drawn = []
        for ring in rings:
            if not isinstance(ring, list) or len(ring) < 4:
                raise _refused("区域の輪は、始めと終わりが同じ 4 点以上で送ってください。")
            left -= len(ring)
            if left < 0:
                raise _refused(f"区域の点は {MAX_POSITIONS:,} 点までにしてください。")
            found = [_position(position, flip) for position in ring]
            if found[0] != found[-1]:
                raise _refused("区域の輪が閉じていません。最後の点を、最初の点と同じにしてください。")
            drawn.append(found)
        polygons.append(shapely.Polygon(drawn[0], drawn[1:]))
    return shapely.MultiPolygon(polygons)


def _position(position: Any, flip: bool) -> tuple[float, float]:
    if not isinstance(position, list) or len(position) != 2:
        raise _refused("座標は 2 つの数で送ってください。高さは送れません。")
    for number in position:
        if isinstance(number, bool) or not isinstance(number, int | float) or not abs(number) < 1e9:
            raise _refused("座標は 2 つの数で送ってください。")
    first, second = float(position[0]), float(position[1])
    return (second, first) if flip else (first, second)


def _check_place(positions: list[list[float]]) -> None:
    for lon, lat in positions:
        if not in_japan(lon, lat):
            why = "緯度と経度の順が逆のようです。" if looks_swapped(lon, lat) else ""
            raise _refused(
                f"日本の外の座標があります。{why}座標の順と、見出し Content-Crs を確かめてください。"
            )


def _refused(what: str) -> ContentError:
    return ContentError(what, field="geometry")
