"""Findings of a load report on a map: numbered points, the ground they concern, and the table with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from maps.districts import bounds, outline_layer
from maps.drawing import Layer, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import OUTLINE
from maps.shapes import Bounds, point, rounded
from maps.specs import BuiltMap, MapSpec
from maps.tables import Cell, Column, Row, Table

FILLS = {
    "rejected": "#f4a582",
    "repaired": "#9dd2b4",
    "overlaps": "#b2abd2",
    "gaps": "#ffcb3a",
    "outside_city": "#e8e8e8",
    "duplicates": "#ffffff",
    "unmatched": "#ffffff",
    "texts": "#ffffff",
}
_COLUMNS = (
    Column("kind", "種類"),
    Column("what", "内容"),
    Column("area_m2", "面積（m²）", numeric=True),
    Column("shift_m", "動いた距離（m）", numeric=True),
)
_GROUND = {"fillOpacity": 0.55, "color": OUTLINE, "weight": 2, "opacity": 1}
_POINT = {"fill": True, "fillOpacity": 1, "color": OUTLINE, "weight": 2, "radius": 11}
_NEAR = 0.5
"""What lies further from the city than half its width does not draw the first view away from it."""
_LEAST_DEG = 0.02
"""The first view is no smaller, so that one can see where in the city it is."""


@dataclass(frozen=True, slots=True)
class FaultMark:
    """One finding; `lon` and `lat` are None where it has no place, `shape` is a GeoJSON geometry."""

    no: int
    kind: str
    label: str
    place: str
    what: str
    area_m2: float | None = None
    shift_m: float | None = None
    lon: float | None = None
    lat: float | None = None
    shape: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsSpec(MapSpec):
    """The findings of one dataset."""

    faults: tuple[FaultMark, ...]
    caption: str


def build(spec: FaultsSpec) -> BuiltMap:
    """Map, legend and table. Findings without a place stand in the table alone."""
    placed = [fault for fault in spec.faults if fault.lon is not None and fault.lat is not None]
    kinds = {fault.no: fault.kind for fault in placed}
    grounds = Layer(
        "grounds",
        [Feature(fault.no, rounded(dict(fault.shape), 6)) for fault in placed if fault.shape],
        lambda no: {**_GROUND, "fillColor": FILLS[kinds[int(no)]]},
    )
    points = Layer(
        "faults",
        [_feature(fault) for fault in placed],
        lambda no: {**_POINT, "fillColor": FILLS[kinds[int(no)]]},
        details=[("title", "番号と種類"), ("place", "場所"), ("what", "内容")],
        hint="title",
        marker="point",
    )
    outline = outline_layer(spec.outline)
    html, script = draw(
        "faults",
        "点検で見つかったところの地図",
        [outline, grounds, points],
        _view(outline, points),
        spec.basemap,
    )
    entries = [
        Entry(label, FILLS[kind], count, symbol="point", key=kind) for kind, label, count in _counts(placed)
    ]
    return BuiltMap(
        name="faults",
        html=html,
        legend=legend("点検で見つかったところ（番号は表と同じ）", "地図に示したもの", entries, counter="件"),
        script=script,
        table=_table(spec),
    )


def _feature(fault: FaultMark) -> Feature:
    assert fault.lon is not None and fault.lat is not None
    title = f"{fault.no} {fault.label}"
    return Feature(
        fault.no,
        point(fault.lon, fault.lat),
        {
            "title": title,
            "name": str(fault.no),
            "place": fault.place,
            "what": fault.what,
            "label": f"{title}、{fault.place}、{fault.what}",
            "label_lon": fault.lon,
            "label_lat": fault.lat,
        },
    )


def _view(outline: Layer, points: Layer) -> Bounds | None:
    city, whole = bounds(outline), bounds(points)
    if city is None:
        return whole
    west, south, east, north = city
    wide, high = (east - west) * _NEAR, (north - south) * _NEAR
    near = [
        feature
        for feature in points.features
        if feature.geometry
        and west - wide <= feature.geometry["coordinates"][0] <= east + wide
        and south - high <= feature.geometry["coordinates"][1] <= north + high
    ]
    seen = bounds(Layer("near", near, points.style))
    if seen is None:
        return city
    lon, lat = (seen[0] + seen[2]) / 2, (seen[1] + seen[3]) / 2
    wide, high = (max(size / 2, _LEAST_DEG) for size in (seen[2] - seen[0], seen[3] - seen[1]))
    return lon - wide, lat - high, lon + wide, lat + high


def _counts(faults: list[FaultMark]) -> list[tuple[str, str, int]]:
    labels = {fault.kind: fault.label for fault in faults}
    return [(kind, label, sum(fault.kind == kind for fault in faults)) for kind, label in labels.items()]


def _table(spec: FaultsSpec) -> Table:
    rows = [
        Row(
            fault.no,
            f"{fault.no} {fault.place}",
            (
                Cell.words(fault.label),
                Cell.words(fault.what),
                Cell("" if fault.area_m2 is None else f"{fault.area_m2:,.1f}", fault.area_m2),
                Cell("" if fault.shift_m is None else f"{fault.shift_m:,.3f}", fault.shift_m),
            ),
            on_map=fault.lon is not None,
        )
        for fault in spec.faults
    ]
    return Table(spec.caption, "番号と場所", _COLUMNS, tuple(rows), layer="faults")
