"""Before and after of a dataset: two maps of the same ground that a page shows side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from maps import patterns
from maps.districts import bounds, outline_layer
from maps.drawing import Layer, Style, area_style, draw
from maps.escape import Feature
from maps.legend import Entry, legend
from maps.palettes import OUTLINE
from maps.shapes import Bounds, Geometry, bounds_of, display_shapes, label_point, rounded
from maps.specs import BuiltMap, MapSpec
from maps.tables import Cell, Column, Row, Table

VERDICTS = {"added": "追加", "changed": "変更", "removed": "削除"}
_FILLS = {"added": patterns.ADOPTED, "changed": "#f07a35", "removed": patterns.NO_DATA, "same": "#ffffff"}
_POINTS = {"added": "#3876ab", "changed": "#f07a35", "removed": "#ffffff"}
_OPACITY = {"added": 0.85, "changed": 0.7, "removed": 0.85, "same": 0.35}
_SIDES = {"before": ("changed", "removed"), "after": ("added", "changed")}
_TITLES = {"before": "いま有効なデータの地図", "after": "このデータの地図"}


@dataclass(frozen=True, slots=True)
class ChangeShape:
    """One row that differs; geometries are GeoJSON texts or None, `columns` says in words what changed."""

    key: int
    name: str
    verdict: str
    columns: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSpec(MapSpec):
    """One side of the comparison. `context`: (name, GeoJSON text) of rows that stay; `total`: rows by verdict."""

    side: str
    shapes: tuple[ChangeShape, ...]
    context: tuple[tuple[str, str], ...] = ()
    caption: str = ""


def build(spec: ChangeSpec) -> BuiltMap:
    """The map of one side with the table of its rows; the legend tells both sides and counts all rows listed."""
    shown = [shape for shape in spec.shapes if shape.verdict in _SIDES[spec.side]]
    texts = [_geometry(spec, shape) for shape in shown]
    drawn = _drawn([*texts, *(geometry for _, geometry in spec.context)])
    verdicts = {shape.key: shape.verdict for shape in shown}
    are_points = any(geometry and "Point" in geometry["type"] for geometry in drawn)
    same = Layer(
        f"same_{spec.side}",
        [Feature(number, geometry) for number, geometry in enumerate(drawn[len(shown) :])],
        lambda _: _same(are_points),
        marker="point" if are_points else None,
    )
    changed = Layer(
        spec.side,
        [
            _feature(shape, geometry, text)
            for shape, geometry, text in zip(shown, drawn[: len(shown)], texts, strict=True)
        ],
        lambda key: _style(verdicts[int(key)], are_points),
        details=[("title", "名前"), ("verdict", "変わり方"), ("columns", "変わった項目")],
        hint="hint",
        marker="point" if are_points else None,
    )
    outline = replace(outline_layer(spec.outline), name=f"outline_{spec.side}")
    html, script = draw(
        f"changes_{spec.side}",
        _TITLES[spec.side],
        [outline, same, changed],
        _view(spec, outline),
        spec.basemap,
    )
    if spec.side == "after":  # the hatches stand in the page once
        html = Markup(str(html).replace(str(patterns.DEFINITIONS), ""))  # noqa: S704 - made by draw
    return BuiltMap(
        name=f"changes-{spec.side}",
        html=html,
        legend=_legend(spec, are_points),
        script=script,
        table=_table(spec, shown, texts),
    )


def _drawn(texts: Sequence[str | None]) -> list[Geometry | None]:
    """Geometries as they are drawn: areas thinned together, points as they are."""
    areas = display_shapes([text if text and "Polygon" in text else None for text in texts])
    return [
        rounded(json.loads(text)) if area is None and text else area
        for text, area in zip(texts, areas, strict=True)
    ]


def _geometry(spec: ChangeSpec, shape: ChangeShape) -> str | None:
    return shape.before if spec.side == "before" else shape.after


def _style(verdict: str, are_points: bool) -> Style:
    if are_points:
        return {
            "fill": True, "fillColor": _POINTS[verdict], "fillOpacity": 1, "color": OUTLINE,
            "weight": 4 if verdict == "removed" else 2, "radius": 8,
        }  # fmt: skip
    return {**area_style(_FILLS[verdict], _OPACITY[verdict]), "weight": 2.5}


def _same(are_points: bool) -> Style:
    if are_points:
        return {
            "fill": True,
            "fillColor": "#8a949e",
            "fillOpacity": 1,
            "color": "#5b6570",
            "weight": 1,
            "radius": 3,
        }
    return {**area_style(_FILLS["same"], _OPACITY["same"]), "color": "#6b7480", "weight": 1}


def _feature(shape: ChangeShape, geometry: Geometry | None, text: str | None) -> Feature:
    lon, lat = label_point(text) or (None, None)
    verdict = VERDICTS[shape.verdict]
    return Feature(
        shape.key,
        geometry,
        {
            "title": shape.name,
            "name": shape.name,
            "verdict": verdict,
            "columns": shape.columns or "すべて",
            "hint": f"{shape.name}：{verdict}",
            "label": f"{shape.name}、{verdict}" + (f"、{shape.columns}" if shape.columns else ""),
            "label_lon": lon,
            "label_lat": lat,
        },
    )


def _view(spec: ChangeSpec, outline: Layer) -> Bounds | None:
    """Both maps begin with the same view: everything that changes, before and after, else the city."""
    texts = [text for shape in spec.shapes for text in (shape.before, shape.after) if text]
    return bounds_of(_drawn(texts)) or bounds(outline)


def _legend(spec: ChangeSpec, are_points: bool) -> Markup:
    entries = []
    for verdict, label in VERDICTS.items():
        count = sum(shape.verdict == verdict for shape in spec.shapes)
        fill = (_POINTS if are_points else _FILLS)[verdict]
        symbol = "point" if are_points else "area"
        entries.append(Entry(label, fill, count, symbol=symbol, key=verdict, opacity=_OPACITY[verdict]))
    if spec.context and not are_points:
        entries.append(Entry("変わらないもの", _FILLS["same"], key="same", opacity=_OPACITY["same"]))
    return legend("変わるもの", "一覧に示したもの", entries, counter="件")


def _table(spec: ChangeSpec, shown: Sequence[ChangeShape], texts: Sequence[str | None]) -> Table:
    rows = [
        Row(
            shape.key,
            shape.name,
            (Cell.words(VERDICTS[shape.verdict]), Cell.words(shape.columns)),
            on_map=text is not None,
        )
        for shape, text in zip(shown, texts, strict=True)
    ]
    columns = (Column("verdict", "変わり方"), Column("columns", "変わった項目"))
    return Table(spec.caption, "名前", columns, tuple(rows), layer=spec.side)
