"""How the layers of common vector tiles are drawn: a quiet ground that leaves the colours to our own figures.

Known are the layers of OpenMapTiles, of Protomaps and of the vector tiles of 国土地理院; other layers are drawn as plain
lines and areas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GROUND = "#f8f7f3"


@dataclass(frozen=True, slots=True)
class Paint:
    """Presentation of a kind of things. Widths and sizes in pixels of a tile of 256; `order` from below upwards."""

    order: int
    fill: str | None = None
    stroke: str | None = None
    width: float = 1.0
    dash: str | None = None


GREEN = Paint(10, fill="#e3eeda")
AREA = Paint(12, fill="#efede6")
WATER = Paint(20, fill="#c9dfee")
STREAM = Paint(22, stroke="#a9cbe2", width=1.2)
CONTOUR = Paint(25, stroke="#e3d9c6", width=0.6)
BUILDING = Paint(30, fill="#ddd8cf", stroke="#c3bdb2", width=0.5)
PATH = Paint(40, stroke="#cfc9be", width=0.8, dash="3 2")
MINOR = Paint(42, stroke="#ffffff", width=2.0)
MAJOR = Paint(44, stroke="#f3d9a4", width=3.2)
RAIL = Paint(46, stroke="#8b8b8b", width=1.4, dash="6 3")
BOUNDARY = Paint(50, stroke="#9a8fa5", width=1.0, dash="5 3 1 3")
PLAIN = Paint(35, stroke="#b9b4aa", width=0.8)
CASING = "#b3aca0"
"""Under the roads, so that white ones are seen on white ground."""

_LAYERS: dict[str, Paint | None] = {
    "water": WATER, "ocean": WATER, "waterarea": WATER, "wa": WATER, "lake": WATER,
    "waterway": STREAM, "river": STREAM, "wl": STREAM, "rvrcl": STREAM, "coastline": STREAM, "wstrl": STREAM,
    "landcover": GREEN, "park": GREEN, "landuse": AREA, "earth": None, "globallandcover": GREEN,
    "landforma": AREA, "admarea": None, "cntr": CONTOUR, "contour": CONTOUR,
    "building": BUILDING, "buildings": BUILDING, "blda": BUILDING, "housenumber": None,
    "boundary": BOUNDARY, "boundaries": BOUNDARY, "admbdry": BOUNDARY,
    "railcl": RAIL, "railway": RAIL, "railtrcl": RAIL,
    "transportation": MINOR, "roads": MINOR, "road": MINOR, "rdcl": MINOR, "rdedg": PLAIN, "rdcompt": PLAIN,
}  # fmt: skip
_GREEN_KINDS = frozenset(
    {"wood", "forest", "grass", "grassland", "park", "scrub", "farmland", "meadow", "nature_reserve", "cemetery",
     "national_park", "golf_course", "orchard", "wetland"}
)  # fmt: skip
_MAJOR_KINDS = frozenset({"motorway", "trunk", "primary", "secondary", "highway", "major_road"})
_PATH_KINDS = frozenset({"path", "track", "footway", "steps", "pedestrian", "cycleway", "other"})
_RAIL_KINDS = frozenset({"rail", "transit", "railway"})
_NAMES = ("name:ja", "name", "vt_text", "name_ja", "label")
_LABELS = frozenset(
    {
        "place",
        "places",
        "poi",
        "pois",
        "water_name",
        "mountain_peak",
        "anno",
        "label",
        "symbol",
        "aerodrome_label",
    }
)
_LARGE = frozenset({"city", "town", "locality", "city_town", "village", "suburb", "neighbourhood", "quarter"})


def paint_of(layer: str, properties: Mapping[str, Any]) -> Paint | None:
    """How a line or area of a layer is drawn; None for what is left out."""
    name = layer.lower()
    if name in _LABELS or name == "transportation_name":
        return None
    paint = _LAYERS.get(name, PLAIN)
    kinds = {str(properties.get(key, "")).lower() for key in ("class", "subclass", "kind", "pmap:kind")}
    if paint is MINOR:
        if kinds & _RAIL_KINDS:
            return RAIL
        if kinds & _MAJOR_KINDS or _is_national(properties):
            return MAJOR
        return PATH if kinds & _PATH_KINDS else MINOR
    if paint is AREA and kinds & _GREEN_KINDS:
        return GREEN
    return paint


def _is_national(properties: Mapping[str, Any]) -> bool:
    """国道 and motorways of the tiles of 国土地理院."""
    return str(properties.get("vt_rdctg", "")) in ("国道", "高速自動車国道等", "主要道路")


def label_of(layer: str, properties: Mapping[str, Any]) -> tuple[str, float] | None:
    """Name and size in pixels of a labelled point; None where nothing is written."""
    if layer.lower() not in _LABELS:
        return None
    name = next((str(properties[key]).strip() for key in _NAMES if properties.get(key)), "")
    if not name or len(name) > 30:
        return None
    kinds = {str(properties.get(key, "")).lower() for key in ("class", "kind", "pmap:kind", "kind_detail")}
    return name, 13.0 if kinds & _LARGE else 11.0
