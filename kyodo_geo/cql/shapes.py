"""Geometries of a filter: GeoJSON or a box of coordinates into shapely geometry in lon/lat."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from kyodo_geo.cql.tree import MAX_VERTICES, refused
from kyodo_geo.crs import JGD2011, JGD2011_PLANE_FIRST, WGS84
from kyodo_geo.plane import inverse

_DEPTHS = {
    "Point": 0, "LineString": 1, "Polygon": 2,
    "MultiPoint": 1, "MultiLineString": 2, "MultiPolygon": 3,
}  # fmt: skip
_FAR_M = 2_000_000
"""Bound of plane coordinates: beyond it the projection means nothing."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The coordinate system of a filter's geometries.

    `epsg`: lon/lat or the municipality's plane zone `plane_epsg`; `swapped`: coordinates come latitude (or northing)
    first, as the authority of EPSG:4326, EPSG:6668 and of the plane zones says; CRS84 has the longitude first.
    """

    epsg: int
    plane_epsg: int
    swapped: bool = False

    def __post_init__(self) -> None:
        if self.epsg not in (WGS84, JGD2011, self.plane_epsg):
            raise refused("filter-crs に指定された座標系は使えません。")

    @property
    def in_metres(self) -> bool:
        return self.epsg == self.plane_epsg


def read_shape(value: dict[str, Any], frame: Frame) -> BaseGeometry:
    """Geometry in lon/lat of a GeoJSON geometry or of `{"bbox": […]}`; heights are left out. Raises `InputError`."""
    if "bbox" in value:
        return _box(value["bbox"], frame)
    shape = _to_lonlat(_geometry(value, top=True), frame)
    reason = "" if shape.is_valid else shapely.is_valid_reason(shape)
    if reason:
        raise refused(f"filter の図形の形が正しくありません（{reason.split('[')[0]}）。")
    return shape


def vertices(shape: BaseGeometry) -> int:
    """Number of vertices, for the bound of a filter."""
    return int(shapely.get_num_coordinates(shape))


def _geometry(value: Any, *, top: bool = False) -> BaseGeometry:
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "GeometryCollection" and top:
        members = value.get("geometries")
        if not isinstance(members, list) or not members:
            raise refused("filter の図形が空です。")
        return _together([_geometry(member) for member in members])
    if not isinstance(kind, str) or kind not in _DEPTHS:
        raise refused("filter の図形の種類が正しくありません。", choices=[*_DEPTHS, "GeometryCollection"])
    left = [MAX_VERTICES]
    coordinates = _positions(value.get("coordinates"), _DEPTHS[kind], left)
    if kind == "MultiPolygon":
        coordinates = [[rings[0], rings[1:]] for rings in coordinates]
    try:
        if kind == "Polygon":
            return shapely.Polygon(coordinates[0], coordinates[1:])
        found: BaseGeometry = getattr(shapely, kind)(coordinates)
        return found
    except (ShapelyError, ValueError, TypeError, IndexError):
        raise refused("filter の図形の頂点が足りません。") from None


def _positions(value: Any, depth: int, left: list[int]) -> Any:
    """Positions as pairs of floats, at the given depth of lists."""
    if not isinstance(value, (list, tuple)):
        raise refused("filter の図形の座標が正しくありません。")
    if depth:
        if not value:
            raise refused("filter の図形が空です。")
        return [_positions(member, depth - 1, left) for member in value]
    left[0] -= 1
    if left[0] < 0:
        raise refused(
            f"filter の図形の頂点は合わせて{MAX_VERTICES}個以内にしてください。", limit=MAX_VERTICES
        )
    if not 2 <= len(value) <= 4:
        raise refused("filter の図形の座標は、2つの数の組で指定してください。")
    return _numbers(value)[:2]


def _numbers(values: Any) -> list[float]:
    for value in values:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < 1e9:
            raise refused("filter の図形の座標は数で指定してください。")
    return [float(value) for value in values]


def _together(members: list[BaseGeometry]) -> BaseGeometry:
    """A collection; one of a single kind becomes the multi-geometry, with which every relation is defined."""
    kinds = {member.geom_type.removeprefix("Multi") for member in members}
    if len(kinds) > 1:
        return shapely.GeometryCollection(members)
    parts = [part for member in members for part in shapely.get_parts(member)]
    found: BaseGeometry = getattr(shapely, f"Multi{kinds.pop()}")(parts)
    return found


def _box(value: Any, frame: Frame) -> BaseGeometry:
    """Four or six numbers, in the order of the axes; on degrees the box may cross the 180th meridian."""
    if not isinstance(value, (list, tuple)) or len(value) not in (4, 6):
        raise refused("filter の BBOX は4つ（高さがあれば6つ）の数で指定してください。")
    numbers = _numbers(value)
    first, second, third, fourth = (numbers[i] for i in ((0, 1, 2, 3) if len(numbers) == 4 else (0, 1, 3, 4)))
    west, south, east, north = (
        (second, first, fourth, third) if frame.swapped else (first, second, third, fourth)
    )
    if south > north or (frame.in_metres and west > east):
        raise refused("filter の BBOX の下限が上限より大きくなっています。")
    plain = Frame(frame.epsg, frame.plane_epsg)
    if west <= east:
        return _to_lonlat(_rectangle(west, south, east, north), plain)
    halves = [_rectangle(west, south, 180.0, north), _rectangle(-180.0, south, east, north)]
    return _to_lonlat(_together(halves), plain)


def _rectangle(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """A box; one without width or height is a line or a point."""
    if west < east and south < north:
        return shapely.box(west, south, east, north)
    if west == east and south == north:
        return shapely.Point(west, south)
    return shapely.LineString([(west, south), (east, north)])


def _to_lonlat(shape: BaseGeometry, frame: Frame) -> BaseGeometry:
    def there(xy: Any) -> Any:
        x, y = (xy[:, 1], xy[:, 0]) if frame.swapped else (xy[:, 0], xy[:, 1])
        if frame.in_metres:
            if max(abs(x).max(), abs(y).max()) > _FAR_M:
                raise refused("filter の図形の座標が、平面直角座標系の範囲にありません。")
            x, y = inverse(frame.plane_epsg - JGD2011_PLANE_FIRST + 1, x, y)
        elif abs(x).max() > 180 or abs(y).max() > 90 or math.isnan(x.sum() + y.sum()):
            raise refused(
                "filter の図形の座標が、経度・緯度の範囲にありません。座標の順と filter-crs を確かめてください。"
            )
        return shapely.get_coordinates(shapely.points(x, y))

    found: BaseGeometry = shapely.transform(shape, there)
    return found
