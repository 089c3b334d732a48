"""Shapes of rows: polygons made valid with what moved, points from geometry or from longitude and latitude."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.readers.fields import objects
from geodata.readers.positions import Place, to_lonlat
from geodata.readers.result import LoadReport
from kyodo_geo.areas import as_multipolygon, displacement_m, edges_of
from kyodo_geo.crs import area_m2, looks_swapped
from kyodo_geo.errors import FileFormatError

if TYPE_CHECKING:
    import pandas as pd

    from geodata.readers.sources import Table

AREAS = frozenset({"Polygon", "MultiPolygon", "GeometryCollection"})
POINT = 0
"""shapely's type number of a point."""
MAX_POSITIONS = 200_000
"""Of one shape; the outline of a large city has some ten thousand."""
MAX_CROSSINGS = 150_000
"""About how many pairs of edges of a faulty shape may meet before it is too tangled to be mended in seconds."""
TRIED = 64
USUAL = 30
"""Edges whose boxes meet the box of one edge, in shapes that are drawn of something."""
UNREADABLE = "図形がないか、座標が数として読めません。"
FAR = "位置が市区町村から離れています。"


def geometry_of(table: Table, frame: pd.DataFrame) -> np.ndarray:
    """The table's geometries for the rows that are left in `frame`."""
    assert table.geometry is not None
    return table.geometry[table.frame.index.get_indexer(frame.index)]


def with_areas(
    table: Table, frame: pd.DataFrame, key: str, crs: str | None, place: Place, report: LoadReport
) -> pd.DataFrame:
    """`frame` with `geom` (valid MultiPolygon, lon/lat); rows without a usable area are rejected.

    `key` names the column that identifies a row in the report. Raises `FileFormatError` for a file without
    polygons, or in the wrong place.
    """
    if table.geometry is None:
        raise FileFormatError(
            f"{table.source} には区域の図形がありません。GeoJSON、シェープファイル、GeoPackageを指定してください。",
            file=table.source,
        )
    geoms = to_lonlat(table, geometry_of(table, frame), crs, place, report)
    kinds = {geom.geom_type for geom in geoms if geom is not None}
    if kinds and not kinds & AREAS:
        what = "線" if any("Line" in kind for kind in kinds) else "点"
        raise FileFormatError(
            f"{table.source} の図形は{what}です。面（ポリゴン）のファイルを指定してください。",
            file=table.source,
        )
    if shapely.has_z(table.geometry).any():
        report.note(f"{table.source}: 図形の高さの値は使いません。")
    shapes: list[Any] = []
    for row, label, geom in zip(frame.index, frame[key], geoms, strict=True):
        shapes.append(_area(table.source, int(row), str(label), geom, place, report))
    out = frame.assign(geom=objects(frame, shapes))
    return out[np.array([shape is not None for shape in shapes], dtype=bool)]


def _area(source: str, row: int, label: str, geom: Any, place: Place, report: LoadReport) -> Any:
    if geom is None or geom.geom_type not in AREAS:
        report.reject(
            source, row, None, label, UNREADABLE if geom is None else "図形が面（ポリゴン）ではありません。"
        )
        return None
    if not place.holds(*_middle(geom)):
        report.reject(source, row, None, label, FAR, geom)
        return None
    positions = shapely.get_num_coordinates(geom)
    if positions > MAX_POSITIONS:
        report.reject(
            source, row, None, label,
            f"図形の点が多すぎます（{positions:,} 点、上限 {MAX_POSITIONS:,} 点）。点を間引いてください。",
        )  # fmt: skip
        return None
    if shapely.is_valid(geom):
        return as_multipolygon(geom)
    if _crossings(geom) > MAX_CROSSINGS:
        report.reject(
            source, row, None, label, "境界が自分と数えきれないほど交わっています。作り直してください。"
        )
        return None
    # "structure" keeps what the rings were meant to enclose; collapsed parts are no area.
    reason = shapely.is_valid_reason(geom).partition("[")[0]
    valid = as_multipolygon(shapely.make_valid(geom, method="structure", keep_collapsed=False))
    if valid.is_empty:
        report.reject(source, row, None, label, "図形の面積がありません。")
        return None
    moved = displacement_m(geom, valid, place.municipality)
    after = area_m2(valid, place.municipality)
    report.repair(
        label,
        f"図形の誤り（{_reason_ja(reason)}）を直しました。直した後の面積は {after:,.0f} m² です。",
        moved,
        valid,
    )
    return valid


def _crossings(geom: Any) -> float:
    """About how many pairs of edges meet, by a few of them: what a repair has to work out, which nothing can interrupt."""
    edges = edges_of(geom)
    if len(edges) < 500:
        return 0.0
    some = edges[np.linspace(0, len(edges) - 1, TRIED).astype(int)]
    met = len(shapely.STRtree(edges).query(some)[0]) / TRIED
    return max(0.0, met - USUAL) * len(edges)


def _reason_ja(reason: str) -> str:
    known = {
        "Self-intersection": "境界の自己交差",
        "Ring Self-intersection": "境界が自分に接している",
        "Too few points in geometry component": "点が足りない",
        "Hole lies outside shell": "穴が外側にある",
        "Nested shells": "面が重なっている",
        "Nested holes": "穴が重なっている",
        "Interior is disconnected": "内側が分かれている",
        "Duplicate Rings": "同じ輪が2つある",
    }
    return known.get(reason, reason)


def with_points(
    table: Table,
    frame: pd.DataFrame,
    crs: str | None,
    place: Place,
    report: LoadReport,
    *,
    required: bool,
    label: str = "name",
) -> pd.DataFrame:
    """`frame` with `geom` (Point, lon/lat) from the geometry, else from the fields `lon` and `lat`, which go.

    Areas and multipoints count by a point inside them. Without `required`, rows may stay without a point. Rows
    far from the municipality are rejected, rows outside its outline reported.
    """
    geometry = (
        geometry_of(table, frame) if table.geometry is not None else _from_columns(table, frame, report)
    )
    geoms = to_lonlat(table, geometry, crs, place, report)
    missing = shapely.is_missing(geoms)
    extended = ~missing & (shapely.get_type_id(geoms) != POINT)
    geoms[extended] = shapely.point_on_surface(geoms[extended])
    far = ~missing & ~place.holds_each(geoms)
    # What is given and makes no place is told also where a place is not needed.
    senseless = missing & ~shapely.is_missing(geometry) & ~shapely.is_empty(geometry)
    refused = far | (missing if required else senseless)
    for position in np.flatnonzero(refused):
        source = geometry[position]
        reason = "位置（経度・緯度）がありません。" if missing[position] else FAR
        if senseless[position]:
            reason = "座標が、位置として使えない数です。"
        if far[position] and source.geom_type == "Point" and looks_swapped(source.x, source.y):
            reason = "緯度と経度が逆です。"
        value = frame[label].iloc[position] if label in frame else None
        row = int(frame.index.to_numpy()[position])
        report.reject(table.source, row, None, value, reason, None if missing[position] else geoms[position])
    out = frame.drop(columns=[c for c in ("lon", "lat") if c in frame]).assign(geom=geoms)[~refused]
    report_outside(out, table.source, label, place, report)
    return out


def _from_columns(table: Table, frame: pd.DataFrame, report: LoadReport) -> np.ndarray:
    lon, lat = (
        np.array([np.nan if v is None else v for v in frame[name]], dtype=float) for name in ("lon", "lat")
    )
    half = np.isnan(lon) != np.isnan(lat)
    if half.any():
        report.note(
            f"{table.source}: 経度と緯度の片方しかない {int(half.sum()):,} 行は、位置のないものとして扱います"
            f"（最初は {int(frame.index.to_numpy()[np.argmax(half)])} 行目）。"
        )
    geometry = np.full(len(frame), None, dtype=object)
    both = ~np.isnan(lon) & ~np.isnan(lat)
    geometry[both] = shapely.points(lon[both], lat[both])
    return geometry


def report_outside(frame: pd.DataFrame, source: str, label: str, place: Place, report: LoadReport) -> None:
    """Enter the rows whose inner point lies outside the outline."""
    present = frame[~shapely.is_missing(np.asarray(frame["geom"], dtype=object))]
    outside = place.outside(np.asarray(present["geom"], dtype=object))
    for row, name, geom in zip(
        present.index[outside], present[label][outside], present["geom"][outside], strict=True
    ):
        lon, lat = _middle(geom)
        facts = {} if report.private else {"name": str(name), "lon": round(lon, 6), "lat": round(lat, 6)}
        report.add("outside_city", file=source, row=int(row), **facts)


def _middle(geom: Any) -> tuple[float, float]:
    west, south, east, north = geom.bounds
    return (west + east) / 2, (south + north) / 2
