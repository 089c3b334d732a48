"""A map of what is counted in the districts: shades for a rate or a state, circles for the count, and named points.

The maps of support and of the agreement are made of it. What a theme means is said by whoever makes the specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from kyodo_geo.classes import NO_DATA
from maps import patterns
from maps.circles import Scale, circle_layer, circle_legend
from maps.districts import bounds, district_layer, outline_layer, table_row
from maps.drawing import Layer, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.overlays import overlay_parts
from maps.palettes import OUTLINE
from maps.shapes import display_shapes, point
from maps.specs import BuiltMap, District, Figure, MapSpec
from maps.tables import Cell, Column, Table
from maps.zones import Zone, zone_parts

WITHHELD = "非公表（人数が少ないため）"
WITHHELD_SHORT = "非公表"

PLACES = "places"
"""Layer of a theme's own points; `facilities` are the activity facilities that can be laid over any map."""

_POINT = {
    "fill": True,
    "fillColor": "#ffffff",
    "fillOpacity": 1,
    "color": OUTLINE,
    "weight": 2.5,
    "radius": 7,
}
_BORDER = {"fill": False, "color": OUTLINE, "weight": 2, "dashArray": "6 5"}


@dataclass(frozen=True, slots=True)
class Shades:
    """Classes of the areas' fill, lowest first: what they show, in which unit, their wording and colours."""

    title: str
    unit: str
    labels: tuple[str, ...]
    fills: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Circles:
    """What the circles count."""

    title: str
    unit: str
    scale: Scale


@dataclass(frozen=True, slots=True)
class Counted:
    """A district's figures: `shade` is the index of its class (None: no data), `count` that of its circle.

    `cells` are those of the table's row; the first is what the map is about. `withheld`: too few people to be shown.
    """

    shade: int | None
    cells: tuple[Cell, ...]
    count: int | None = None
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A named point with the texts of its details, in the order of the specification's `place_details`.

    `group` is the index of its line in the legend (`place_groups`).
    """

    id: str
    name: str
    lon: float
    lat: float
    texts: tuple[str, ...] = ()
    group: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictCountsSpec(MapSpec):
    """One theme in one period. `borders` are GeoJSON texts of areas drawn as lines (whose nearest place is which).

    `place_groups` are (wording, fill) of the points; one group, white, when left out. `left_out`: districts whose count is
    unknown and in no total; None where nothing is summed up. `zones`: layers of planning, off until asked for.
    """

    name: str
    label: str
    caption: str
    summary: str
    districts: tuple[District, ...]
    counted: Mapping[int, Counted]
    columns: tuple[Column, ...]
    shades: Shades
    circles: Circles | None = None
    totals: tuple[Cell, ...] = ()
    left_out: int | None = None
    figures: tuple[Figure, ...] = ()
    notes: tuple[str, ...] = ()
    places: tuple[Place, ...] = ()
    place_title: str = ""
    place_groups: tuple[tuple[str, str], ...] = ()
    place_details: tuple[str, ...] = ()
    borders: tuple[str, ...] = ()
    border_title: str = ""
    zones: tuple[Zone, ...] = ()


_UNKNOWN = Counted(None, ())


def build(spec: DistrictCountsSpec) -> BuiltMap:
    """Map, legend and table. Equal specifications give equal bytes."""
    columns = [(f"c{index}", column.label) for index, column in enumerate(spec.columns)]
    layer = district_layer(
        spec.districts,
        lambda district: _describe(spec, district),
        lambda district: _fill(spec, district),
        [("level", spec.shades.title), *columns],
    )
    outline = outline_layer(spec.outline)
    layers = [outline, layer]
    toggles: list[tuple[str, str, bool]] = []
    if spec.borders:
        layers.append(_borders(spec))
        toggles.append(("reach", spec.border_title, True))
    if spec.circles is not None:
        counts = {no: None if item.withheld else item.count for no, item in spec.counted.items()}
        circles = circle_layer(spec.districts, counts, spec.circles.scale)
        layers.append(circles)
        if circles.features:
            toggles.append(("circles", f"{spec.circles.title}（円）", True))
    if spec.places:
        layers.append(_places(spec))
        toggles.append((PLACES, spec.place_title, True))
    over, lines, more = overlay_parts(spec, spec.districts)
    under, of_zones, switches = zone_parts(spec.zones)
    layers += [*under, *over]
    lines = [*of_zones, *lines]
    toggles += [*switches, *more]
    html, script = draw(spec.name.replace("-", "_"), spec.label, layers, bounds(layer, outline), spec.basemap)
    return BuiltMap(
        name=spec.name,
        html=html,
        legend=_legend(spec, lines),
        script=script,
        table=Table(
            spec.caption,
            "地区",
            spec.columns,
            tuple(table_row(district, _cells(spec, district)) for district in spec.districts),
            totals=spec.totals,
            notes=spec.notes,
        ),
        summary=spec.summary,
        figures=spec.figures,
        toggles=tuple(toggles),
    )


def _of(spec: DistrictCountsSpec, district: District) -> Counted:
    return spec.counted.get(district.no, _UNKNOWN)


def _cells(spec: DistrictCountsSpec, district: District) -> tuple[Cell, ...]:
    return _of(spec, district).cells or tuple(Cell(NO_DATA) for _ in spec.columns)


def _fill(spec: DistrictCountsSpec, district: District) -> str:
    found = _of(spec, district)
    if found.withheld:
        return patterns.WITHHELD
    return patterns.NO_DATA if found.shade is None else spec.shades.fills[found.shade]


def level(spec: DistrictCountsSpec, district: District) -> str:
    """Wording of the district's class, as in the legend."""
    found = _of(spec, district)
    if found.withheld:
        return WITHHELD
    return NO_DATA if found.shade is None else spec.shades.labels[found.shade]


def _describe(spec: DistrictCountsSpec, district: District) -> dict[str, str]:
    cells = _cells(spec, district)
    texts = {f"c{index}": cell.text for index, cell in enumerate(cells)}
    first = f"{spec.columns[0].label} {cells[0].text}"
    return {
        **texts,
        "level": level(spec, district),
        "hint": f"{district.name}：{first}",
        "label": f"{district.no} {district.name}、{first}（{level(spec, district)}）",
    }


def _legend(spec: DistrictCountsSpec, over: list[Entry]) -> Markup:
    found = [_of(spec, district) for district in spec.districts]
    levels = [None if item.withheld else item.shade for item in found]
    entries = [
        Entry(spec.shades.labels[index], spec.shades.fills[index], levels.count(index), key=f"class-{index}")
        for index in reversed(range(len(spec.shades.labels)))
    ]
    hidden = sum(item.withheld for item in found)
    entries.append(Entry(NO_DATA, patterns.NO_DATA, levels.count(None) - hidden, key="missing"))
    if hidden:
        entries.append(Entry(WITHHELD, patterns.WITHHELD, hidden, key="withheld"))
    if spec.places:
        entries += [
            Entry(title, fill, symbol="point", key=f"point-{index}", overlay=PLACES)
            for index, (title, fill) in enumerate(_groups(spec))
        ]
    if spec.borders:
        entries.append(Entry(spec.border_title, "none", symbol="line", key="border", overlay="reach"))
    entries += over
    shades = legend(spec.shades.title, spec.shades.unit, entries)
    if spec.circles is None:
        return Markup('<div class="legend-stack">{}</div>').format(shades)
    sizes = circle_legend(
        spec.circles.title, spec.circles.unit, spec.circles.scale, "0 の地区と非公表の地区に円はありません。"
    )
    return Markup('<div class="legend-stack">{}{}</div>').format(shades, sizes)


def _groups(spec: DistrictCountsSpec) -> tuple[tuple[str, str], ...]:
    return spec.place_groups or ((spec.place_title, "#ffffff"),)


def _places(spec: DistrictCountsSpec) -> Layer:
    groups = _groups(spec)
    group_of = {place.id: groups[place.group] for place in spec.places}
    keys = [f"p{index}" for index in range(len(spec.place_details))]
    return Layer(
        PLACES,
        [
            Feature(
                place.id,
                point(place.lon, place.lat),
                {
                    "title": place.name,
                    "label": f"{place.name}（{group_of[place.id][0]}）",
                    **dict(zip(keys, place.texts, strict=True)),
                },
            )
            for place in spec.places
        ],
        lambda key: {**_POINT, "fillColor": group_of[str(key)][1]},
        details=[("title", spec.place_title), *zip(keys, spec.place_details, strict=True)],
        hint="title",
        marker="point",
    )


def _borders(spec: DistrictCountsSpec) -> Layer:
    shapes = display_shapes(list(spec.borders))
    return Layer("reach", [Feature(index, shape) for index, shape in enumerate(shapes)], lambda _: _BORDER)
