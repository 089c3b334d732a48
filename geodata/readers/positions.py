"""Where coordinates lie: which system they are in, whether axes are swapped, whether they can be this city's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely

from geodata.readers.result import LoadReport
from kyodo_geo.crs import (
    JAPAN,
    JGD2011,
    JGD2011_PLANE_FIRST,
    TOKYO,
    WGS84,
    Bounds,
    in_japan,
    looks_swapped,
    plane_epsg,
    plane_zone,
)
from kyodo_geo.errors import FileFormatError, InputError

if TYPE_CHECKING:
    from pyproj import CRS
    from shapely.geometry.base import BaseGeometry

    from geodata.readers.sources import Table

ZONES = 19
SENSELESS = 1e12
"""Metres or degrees that no system of the earth has."""
PRIVATE_ELSEWHERE = (
    "位置が市区町村の範囲にありません。"
    "緯度と経度の順、座標系（--crs）、市区町村（--municipality）を確かめてください。"
)
MARGIN = 0.3
"""Degrees (about 30 km) beyond the outline within which a place may still belong to the city's business."""


@dataclass(frozen=True)
class Place:
    """The municipality's ground as far as it is known: its outline, else the area its plane zone is made for."""

    municipality: str
    outline: BaseGeometry | None

    @cached_property
    def box(self) -> Bounds:
        if self.outline is not None and not self.outline.is_empty:
            west, south, east, north = self.outline.bounds
        else:
            from pyproj import CRS

            area = CRS.from_epsg(plane_epsg(self.municipality)).area_of_use
            west, south, east, north = area.bounds if area is not None else JAPAN
        return west - MARGIN, south - MARGIN, east + MARGIN, north + MARGIN

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a position can be this municipality's."""
        west, south, east, north = self.box
        return west <= lon <= east and south <= lat <= north

    def holds_each(self, geoms: np.ndarray) -> np.ndarray:
        """The same for the middle of each geometry's box."""
        west, south, east, north = self.box
        bounds = shapely.bounds(geoms)
        lon, lat = (bounds[:, 0] + bounds[:, 2]) / 2, (bounds[:, 1] + bounds[:, 3]) / 2
        return (west <= lon) & (lon <= east) & (south <= lat) & (lat <= north)

    @cached_property
    def _prepared(self) -> Any:
        shapely.prepare(self.outline)
        return self.outline

    def outside(self, geoms: np.ndarray) -> np.ndarray:
        """Which geometries have their inner point outside the outline; none where no outline is known."""
        if self.outline is None or not len(geoms):
            return np.zeros(len(geoms), dtype=bool)
        return ~shapely.covers(self._prepared, shapely.point_on_surface(geoms))


def declared(crs: Any, shown: str, *, field: str | None = None) -> CRS:
    """A coordinate system from EPSG:6668, 6668, a URN or WKT; raises when it is none."""
    from pyproj import CRS
    from pyproj.exceptions import CRSError

    text = str(crs).strip()
    try:
        return CRS.from_user_input(int(text) if text.isascii() and text.isdigit() and len(text) < 10 else crs)
    except (CRSError, ValueError, OverflowError) as error:
        if field is not None:
            raise InputError(
                f"座標系「{text[:40]}」が分かりません。EPSG番号（例: EPSG:{JGD2011}）で指定してください。",
                field=field,
            ) from error
        raise FileFormatError(
            f"{shown} に書かれている座標系が分かりません。--crs で指定してください。", file=shown
        ) from error


def to_lonlat(
    table: Table, geometry: np.ndarray, option: str | None, place: Place, report: LoadReport
) -> np.ndarray:
    """`geometry` of some of the table's rows in lon/lat WGS 84, 2D; unusable ones (none, not finite) as None.

    The system is `option`, else what the file declares, else JGD2011 lon/lat where the numbers allow it. Raises
    `FileFormatError` when the layer as a whole lies elsewhere, telling what seems wrong.
    """
    geoms = _usable(geometry)
    present = ~shapely.is_missing(geoms)
    if not present.any():
        return geoms
    crs = _system(table, option, _centre(geoms[present]), report)
    converted = geoms
    if crs.to_epsg() != WGS84:
        converted = _usable(shapely.transform(geoms, _converter(crs, table.source), interleaved=False))
    # A few strays are a matter of their rows; when most lie elsewhere it is the file that is wrong.
    astray = present.copy()
    astray[present] = shapely.is_missing(converted[present]) | ~place.holds_each(converted[present])
    degrees_as_metres = crs.is_projected and in_japan(*_centre(geoms[present]))
    if degrees_as_metres or astray.sum() > present.sum() / 2:
        centre = _centre(geoms[present if degrees_as_metres else astray])
        reason = _diagnosis(crs, centre, place, chosen=option is not None)
        if report.private:
            reason = PRIVATE_ELSEWHERE
        raise FileFormatError(f"{table.source}: {reason}", file=table.source)
    return converted


def _usable(geometry: np.ndarray) -> np.ndarray:
    """Geometries without height; None for what is missing, empty or no place in any system."""
    flat = shapely.force_2d(geometry)
    usable = np.full(len(flat), None, dtype=object)
    # Not a number is no less than anything either.
    finite = (np.abs(shapely.bounds(flat)) < SENSELESS).all(axis=1) if len(flat) else np.zeros(0, dtype=bool)
    usable[finite] = flat[finite]
    return usable


def _centre(geoms: np.ndarray) -> tuple[float, float]:
    """The median of the centres: a stray feature or two must not decide where a layer lies."""
    boxes = shapely.bounds(geoms)
    return (
        float(np.median((boxes[:, 0] + boxes[:, 2]) / 2)),
        float(np.median((boxes[:, 1] + boxes[:, 3]) / 2)),
    )


def _system(table: Table, option: str | None, centre: tuple[float, float], report: LoadReport) -> CRS:
    from pyproj import CRS

    stated = None if table.crs is None else declared(table.crs, table.source)
    chosen = stated if option is None else declared(option, table.source, field="crs")
    if chosen is not None:
        if stated is not None and stated != chosen:
            report.note(
                f"{table.source}: ファイルに書かれた座標系ではなく、指定された {chosen.name} で読みました。"
            )
        if chosen.geodetic_crs is not None and chosen.geodetic_crs.to_epsg() == TOKYO:
            report.note(
                f"{table.source}: 日本測地系から世界測地系に変換しました（数メートルの誤差があります）。"
            )
        return chosen
    if in_japan(*centre) or looks_swapped(*centre):
        report.note(f"{table.source}: 座標系が書かれていないため、JGD2011の経度・緯度として読みました。")
        return CRS.from_epsg(JGD2011)
    where = "" if report.private else f"（{_text(centre)}）"
    raise FileFormatError(
        f"{table.source} に座標系が書かれておらず、値は経度・緯度ではありません{where}。--crs で座標系を指定してください。",
        file=table.source,
    )


def _diagnosis(crs: CRS, centre: tuple[float, float], place: Place, *, chosen: bool) -> str:
    """What seems to be wrong with a layer in `crs` whose middle is not in the municipality.

    `chosen`: the user named the system. A system that the file states is more likely right than the municipality.
    """
    lonlat = _converter(crs)(*centre)
    if crs.is_geographic:
        if looks_swapped(*centre):
            return f"緯度と経度の順が逆のようです（{_text(centre)}）。経度・緯度の順に直してください。"
        if max(map(abs, centre)) > 360:
            zones = [zone for zone in range(1, ZONES + 1) if place.holds(*_from_zone(zone, *centre))]
            hint = f"第{zones[0]}系なら合います。" if zones else ""
            return (
                f"値が経度・緯度ではありません（{_text(centre)}）。平面直角座標系のようです。{hint}"
                f"--crs EPSG:{JGD2011_PLANE_FIRST + zones[0] - 1 if zones else '番号'} のように指定してください。"
            )
    else:
        if in_japan(*centre):
            return f"値は経度・緯度のようですが、座標系は「{crs.name}」です。--crs を確かめてください。"
        if place.holds(*_converter(crs)(centre[1], centre[0])):
            return "平面直角座標のXとYの順が逆のようです（測量の座標はXが北、Yが東です）。東・北の順に直してください。"
        own = plane_zone(place.municipality)
        if chosen and place.holds(*_from_zone(own, *centre)):
            return (
                f"座標系「{crs.name}」では市域から離れます。第{own}系なら合います。"
                f"--crs EPSG:{plane_epsg(place.municipality)} を試してください。"
            )
    if not in_japan(*lonlat):
        return f"位置が日本の範囲にありません（座標系「{crs.name}」、{_text(centre)}）。--crs を確かめてください。"
    return (
        f"位置が市区町村（{place.municipality}）から離れています（経度 {lonlat[0]:.3f}、緯度 {lonlat[1]:.3f} 付近）。"
        "座標系（--crs）と市区町村（--municipality）を確かめてください。"
    )


def _converter(crs: CRS, source: str = "ファイル") -> Any:
    from pyproj import Transformer
    from pyproj.exceptions import ProjError

    try:
        return Transformer.from_crs(crs, WGS84, always_xy=True).transform
    except ProjError as error:  # a damaged .prj may still be a system, of units nobody knows
        raise FileFormatError(
            f"{source} の座標系「{crs.name}」は使えません。--crs で指定してください。", file=source
        ) from error


def _from_zone(zone: int, x: float, y: float) -> tuple[float, float]:
    from kyodo_geo.crs import transformer

    lon, lat = transformer(JGD2011_PLANE_FIRST + zone - 1, WGS84).transform(x, y)
    return float(lon), float(lat)


def _text(centre: tuple[float, float]) -> str:
    return f"x={centre[0]:,.6g}、y={centre[1]:,.6g} 付近"
