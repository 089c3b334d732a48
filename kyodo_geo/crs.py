"""Coordinate reference systems: the only place where EPSG numbers stand.

Data are stored and served as lon/lat in `WGS84` (RFC 7946) and measured in the municipality's plane zone
(平面直角座標系, 平成14年国土交通省告示第9号); a plane area is not the official figure.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from pyproj import Transformer

WGS84 = 4326
WEB_MERCATOR = 3857
TOKYO = 4301
JGD2000 = 4612
JGD2011 = 6668
JGD2000_PLANE_FIRST = 2443
JGD2011_PLANE_FIRST = 6669

GEOJSON_DIGITS = 6
"""Decimals of coordinates sent out: about 0.1 m."""
DEGREE_DIGITS = GEOJSON_DIGITS
METRE_DIGITS = 3
"""Decimals of coordinates sent out in a plane zone: a millimetre."""

# Zone of each prefecture's main land by the notice; where a prefecture has several zones the municipalities
# outside the main one follow below.
_ZONE_OF_PREFECTURE = {
    "01": 12, "02": 10, "03": 10, "04": 10, "05": 10, "06": 10, "07": 9, "08": 9, "09": 9, "10": 9, "11": 9,
    "12": 9, "13": 9, "14": 9, "15": 8, "16": 7, "17": 7, "18": 6, "19": 8, "20": 8, "21": 7, "22": 8, "23": 7,
    "24": 6, "25": 6, "26": 6, "27": 6, "28": 5, "29": 6, "30": 6, "31": 5, "32": 3, "33": 5, "34": 3, "35": 3,
    "36": 4, "37": 4, "38": 4, "39": 4, "40": 2, "41": 2, "42": 1, "43": 2, "44": 2, "45": 2, "46": 2, "47": 15,
}  # fmt: skip
_ZONE_OF_MUNICIPALITY = {
    # 北海道 zone 11: 小樽・函館・伊達・北斗 and the south-western sub-prefectures
    **dict.fromkeys(["01202", "01203", "01233", "01236"], 11),
    **{f"01{n}": 11 for n in range(331, 348)}, **{f"01{n}": 11 for n in range(361, 372)},
    **{f"01{n}": 11 for n in range(391, 411)}, "01571": 11, "01575": 11,
    # zone 13: the east, with the northern islands
    **dict.fromkeys(["01206", "01207", "01208", "01211", "01223", "01552", "01564"], 13),
    **{f"01{n}": 13 for n in range(543, 551)}, **{f"01{n}": 13 for n in range(631, 701)},
    # 東京都の島: 小笠原 zone 14 (the outermost islands 18 and 19 have no municipality of their own)
    "13421": 14,
    # 鹿児島県 zone 1: 十島 and 奄美群島. The 甑 islands are zone 1 too, but their city (46215) lies on the main land.
    "46304": 1, "46222": 1, **{f"46{n}": 1 for n in range(523, 536)},
    # 沖縄県: 大東 zone 17, 先島 zone 16
    "47357": 17, "47358": 17, "47207": 16, "47214": 16, "47375": 16, "47381": 16, "47382": 16,
}  # fmt: skip

Bounds = tuple[float, float, float, float]
JAPAN: Bounds = (122.0, 20.0, 154.5, 46.0)
"""West, south, east, north of Japan in degrees, with a margin."""


def plane_zone(municipality: str) -> int:
    """Number (1–17) of the plane zone of a five-digit municipality code.

    A municipality whose islands reach into a second zone gets the zone of its town hall; zones 18 and 19 (the
    outermost islands) have no municipality of their own. Raises `InputError` for a code that is not five digits of
    one of the 47 prefectures.
    """
    if len(municipality) != 5 or not (municipality.isascii() and municipality.isdigit()):
        raise InputError(
            f"市区町村コード「{municipality}」は5桁の数字で指定してください。", field="municipality"
        )
    if municipality in _ZONE_OF_MUNICIPALITY:
        return _ZONE_OF_MUNICIPALITY[municipality]
    try:
        return _ZONE_OF_PREFECTURE[municipality[:2]]
    except KeyError:
        raise InputError(
            f"市区町村コード「{municipality}」に対応する平面直角座標系がありません。", field="municipality"
        ) from None


def plane_epsg(municipality: str) -> int:
    """EPSG number of the municipality's plane zone on JGD2011: 03201 → 6678, 22212 → 6676."""
    return JGD2011_PLANE_FIRST + plane_zone(municipality) - 1


def is_plane(epsg: int) -> bool:
    """Whether the number is one of the 19 plane zones on JGD2011, whose coordinates are metres."""
    return JGD2011_PLANE_FIRST <= epsg < JGD2011_PLANE_FIRST + 19


def crs_uri(epsg: int) -> str:
    """URI of an EPSG system as OGC APIs name it; its axes stand in the authority's order."""
    return f"http://www.opengis.net/def/crs/EPSG/0/{epsg}"


def plane_crs(municipality: str) -> str:
    """The same as a string other libraries accept."""
    return f"EPSG:{plane_epsg(municipality)}"


@lru_cache(maxsize=64)
def transformer(source: int, target: int) -> Transformer:
    """Transformer in x/y (lon/lat) order whatever the authority's axis order."""
    from pyproj import Transformer

    return Transformer.from_crs(source, target, always_xy=True)


def to_plane(geom: Any, municipality: str) -> Any:
    """A lon/lat geometry in metres of the municipality's plane zone."""
    import shapely

    from kyodo_geo.plane import forward

    return shapely.transform(geom, partial(forward, plane_zone(municipality)), interleaved=False)


def from_plane(geom: Any, municipality: str) -> Any:
    """The reverse of `to_plane`."""
    import shapely

    from kyodo_geo.plane import inverse

    return shapely.transform(geom, partial(inverse, plane_zone(municipality)), interleaved=False)


def area_m2(geom: Any, municipality: str) -> float:
    """Area in square metres in the plane zone; not the official figure."""
    return float(to_plane(geom, municipality).area)


def geodesic_m(lon1: float, lat1: float, lon2: float, lat2: float) -> float:
    """Distance on the ellipsoid in metres, for points that do not share a zone."""
    from pyproj import Geod

    return float(Geod(ellps="GRS80").inv(lon1, lat1, lon2, lat2)[2])


def in_japan(lon: float, lat: float) -> bool:
    """Whether lon/lat lies in the box around Japan; false for NaN."""
    west, south, east, north = JAPAN
    return west <= lon <= east and south <= lat <= north


def looks_swapped(x: float, y: float) -> bool:
    """Whether x/y is a place in Japan with latitude and longitude in the wrong order."""
    return not in_japan(x, y) and in_japan(y, x)


def looks_like_lonlat_japan(bounds: Bounds) -> bool:
    """Whether a layer with these bounds (west, south, east, north) can be lon/lat of Japan."""
    return in_japan(bounds[0], bounds[1]) and in_japan(bounds[2], bounds[3])


def bounds_look_swapped(bounds: Bounds) -> bool:
    """Whether a layer with these bounds is lon/lat of Japan with the two axes exchanged."""
    return looks_swapped(bounds[0], bounds[1]) and looks_swapped(bounds[2], bounds[3])
