"""Small areas with the district they belong to, for choosing them by a click. Neighbouring districts differ in colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from maps.districts import bounds, outline_layer
from maps.drawing import Layer, area_style, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import MISSING
from maps.shapes import display_shapes
from maps.specs import BuiltMap, District, MapSpec
from maps.tables import Table

COLOURS = ("#ffffb4", "#9dd2b4", "#ffcb3a", "#b2abd2", "#8fd3e0", "#f4b59a", "#e7c9a9", "#d9e67a")
"""Light enough for dark names on them; which is which is said by names and borders, not by colour."""
_OPACITY = 0.65
_BORDER = {"fill": False, "color": "#10151c", "weight": 2.5, "opacity": 0.9}


@dataclass(frozen=True, slots=True)
class SmallArea:
    """A small area. `geometry` is GeoJSON text; `district_no` None: in no district yet."""

    key_code: str
    name: str
    district_no: int | None
    geometry: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentSpec(MapSpec):
    """Small areas as they are assigned now, and the districts with their names and areas."""

    areas: tuple[SmallArea, ...]
    districts: tuple[District, ...]


def build(spec: AssignmentSpec) -> BuiltMap:
    """Map and legend; the table is the page's own, with its form."""
    shapes = display_shapes([area.geometry for area in spec.areas])
    colours = district_colours(spec.areas)
    names = {district.no: f"{district.no} {district.name}" for district in spec.districts}
    fills = {area.key_code: colours.get(area.district_no or 0, MISSING) for area in spec.areas}
    features = [
        Feature(
            area.key_code,
            shape,
            {
                "name": area.name,
                "no": area.district_no,
                "fill": fills[area.key_code],
                "hint": f"{area.name}：{names.get(area.district_no or 0, '地区なし')}",
            },
        )
        for area, shape in zip(spec.areas, shapes, strict=True)
    ]
    layer = Layer(
        "small", features, lambda key: {**area_style(fills[str(key)], _OPACITY), "weight": 0.8}, hint="hint"
    )
    outline = outline_layer(spec.outline)
    borders = _borders(spec.districts)
    html, script = draw(
        "assignment",
        "小地域の地区割り当ての地図",
        [outline, layer, borders],
        bounds(layer) or bounds(outline),
        spec.basemap,
    )
    without = sum(area.district_no is None for area in spec.areas)
    entries = [
        Entry("地区の色（隣どうしで違う色）", COLOURS[1], len(spec.areas) - without, opacity=_OPACITY),
        Entry("地区なし", MISSING, without, opacity=_OPACITY),
        Entry("選んだ小地域", "#10151c", opacity=0.55, key="chosen"),
        Entry("下書きで変わる小地域", "#e66101", opacity=0.55, key="draft"),
    ]
    return BuiltMap(
        name="assignment",
        html=html,
        legend=legend("小地域の地区割り当て", "小地域の数", entries, counter="か所"),
        script=script,
        table=Table("", "", (), ()),
    )


def _borders(districts: Sequence[District]) -> Layer:
    shapes = display_shapes([district.geometry for district in districts])
    features = [
        Feature(
            district.no,
            shape,
            {
                "name": str(district.no),
                "label": f"{district.no} {district.name}",
                "label_lon": district.label_lon,
                "label_lat": district.label_lat,
            },
        )
        for district, shape in zip(districts, shapes, strict=True)
    ]
    return Layer("districts", features, lambda _: _BORDER)


def district_colours(areas: Sequence[SmallArea]) -> Mapping[int, str]:
    """District → colour such that districts with touching small areas differ, as far as the colours go."""
    import shapely

    present = [area for area in areas if area.geometry and area.district_no is not None]
    beside: dict[int, set[int]] = {
        area.district_no: set() for area in present if area.district_no is not None
    }
    if present:
        shapes = shapely.from_geojson([area.geometry for area in present])
        for a, b in shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist():
            first, second = present[a].district_no, present[b].district_no
            if first is not None and second is not None and first != second:
                beside[first].add(second)
    found: dict[int, str] = {}
    for no in sorted(beside, key=lambda no: (-len(beside[no]), no)):
        taken = [found[other] for other in beside[no] if other in found]
        found[no] = min(COLOURS, key=lambda colour: (taken.count(colour), list(found.values()).count(colour)))
    return found
