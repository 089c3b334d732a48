"""The map of a lookup's answer: the areas that were found. The page itself holds the point."""

from __future__ import annotations

from maps.districts import bounds, outline_layer
from maps.drawing import Layer, area_style, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import YLGNBU, YLORBR
from maps.shapes import display_shapes, label_point
from maps.specs import Area, BuiltMap, PlaceSpec
from maps.tables import Cell, Column, Row, Table

KINDS = {"association": "町内会・自治会の区域", "district": "コミュニティ推進地区"}
_FILLS = {"association": YLGNBU[1], "district": YLORBR[0]}
_OPACITY = 0.45
_THIN_DEG = 0.00002


def build(spec: PlaceSpec) -> BuiltMap:
    """Map, legend and table of the areas; without areas the city alone is drawn."""
    shapes = display_shapes([area.geometry for area in spec.areas], _THIN_DEG)
    kinds = {area.id: area.kind for area in spec.areas}
    features = [
        Feature(area.id, shape, _describe(area)) for area, shape in zip(spec.areas, shapes, strict=True)
    ]
    layer = Layer(
        "areas",
        features,
        lambda key: area_style(_FILLS[kinds[str(key)]], _OPACITY),
        details=[("title", "名称"), ("kind", "種別")],
        hint="title",
    )
    outline = outline_layer(spec.outline)
    html, script = draw(
        "place", "調べた場所の地図", [outline, layer], bounds(layer) or bounds(outline), spec.basemap
    )
    return BuiltMap(
        name="place",
        html=html,
        legend=legend("地図の記号", "区域の数", [*_entries(spec.areas), _POINT], counter="か所"),
        script=script,
        table=_table(spec.areas),
    )


def _describe(area: Area) -> dict[str, str | float | None]:
    lon, lat = label_point(area.geometry) or (None, None)
    return {
        "title": area.name,
        "name": area.name,
        "kind": KINDS[area.kind],
        "label": f"{area.name}（{KINDS[area.kind]}）",
        "label_lon": lon,
        "label_lat": lat,
    }


_POINT = Entry("調べた場所", "none", symbol="place", key="place")


def _entries(areas: tuple[Area, ...]) -> list[Entry]:
    counts = {kind: sum(area.kind == kind for area in areas) for kind in KINDS}
    return [
        Entry(KINDS[kind], _FILLS[kind], count, opacity=_OPACITY, key=kind)
        for kind, count in counts.items()
        if count
    ]


def _table(areas: tuple[Area, ...]) -> Table:
    rows = [
        Row(area.id, area.name, (Cell.words(KINDS[area.kind]),), on_map=area.geometry is not None)
        for area in areas
    ]
    return Table("地図に示した区域", "名称", (Column("kind", "種別"),), tuple(rows), layer="areas")
