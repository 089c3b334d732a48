"""A vector tile (MVT) as a picture: SVG that Leaflet lays down like any tile, sharp at every zoom.

Leaflet itself draws no vector tiles, and what adds it comes from npm or needs WebGL and fonts from elsewhere. So the
server decodes the shapes (package mapbox-vector-tile) and writes them as SVG: no script, no style, names escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from maps.escape import safe_text
from maps.tile_style import CASING, GROUND, MAJOR, MINOR, Paint, label_of, paint_of

PIXELS = 256
MAX_FEATURES = 30_000
"""Of a tile; more is no map that anybody can read."""
_FONTS = "Noto Sans CJK JP, Noto Sans JP, BIZ UDPGothic, Meiryo, sans-serif"
Box = tuple[float, float, float, float]


class VectorTileError(ValueError):
    """The bytes are no vector tile."""


def draw_tile(data: bytes) -> bytes:
    """MVT (not packed) → SVG of 256 × 256 pixels. Equal tiles give equal bytes. Raises VectorTileError."""
    paths: dict[Paint, list[str]] = {}
    labels: list[tuple[float, float, str, float]] = []
    count = 0
    for name, layer in _decoded(data).items():
        scale = PIXELS / (layer.get("extent") or 4096)
        for feature in layer["features"]:
            count += 1
            if count > MAX_FEATURES:
                break
            _add(name, feature, scale, paths, labels)
    body = [Markup('<rect width="{0}" height="{0}" fill="{1}"/>').format(PIXELS, GROUND)]
    for paint in sorted(paths, key=lambda item: item.order):
        body += _drawn(paint, "".join(paths[paint]))
    body += _written(labels)
    return str(
        Markup(
            '<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{0}" viewBox="0 0 {0} {0}">{1}</svg>'
        ).format(PIXELS, Markup("").join(body))
    ).encode()


def _decoded(data: bytes) -> dict[str, Any]:
    import mapbox_vector_tile

    try:
        found: dict[str, Any] = mapbox_vector_tile.decode(data, default_options={"y_coord_down": True})
    except Exception as error:  # the package raises what protobuf and its own assertions raise
        raise VectorTileError("not a vector tile") from error
    return found


def _add(
    layer: str,
    feature: Mapping[str, Any],
    scale: float,
    paths: dict[Paint, list[str]],
    labels: list[tuple[float, float, str, float]],
) -> None:
    geometry, properties = feature["geometry"], feature["properties"]
    kind, coordinates = geometry["type"], geometry["coordinates"]
    if kind in ("Point", "MultiPoint"):
        label = label_of(layer, properties)
        point = coordinates if kind == "Point" else (coordinates[0] if coordinates else None)
        if label and point:
            labels.append((point[0] * scale, point[1] * scale, *label))
        return
    paint = paint_of(layer, properties)
    if paint is None:
        return
    lines = {
        "LineString": lambda: [coordinates],
        "MultiLineString": lambda: coordinates,
        "Polygon": lambda: coordinates,
        "MultiPolygon": lambda: [ring for polygon in coordinates for ring in polygon],
    }.get(kind, list)()
    closed = kind.endswith("Polygon")
    paths.setdefault(paint, []).extend(_path(line, scale, closed) for line in lines if len(line) > 1)


def _path(points: Iterable[Any], scale: float, closed: bool) -> str:
    text = "L".join(f"{x * scale:.1f} {y * scale:.1f}" for x, y in points)
    return f"M{text}Z" if closed else f"M{text}"


def _drawn(paint: Paint, path: str) -> list[Markup]:
    made = []
    if paint in (MINOR, MAJOR):
        made.append(_stroked(path, CASING, paint.width + 1.2, None))
    if paint.fill:
        edge = (
            Markup(' stroke="{}" stroke-width="{}"').format(paint.stroke, paint.width) if paint.stroke else ""
        )
        made.append(Markup('<path d="{}" fill="{}" fill-rule="evenodd"{}/>').format(path, paint.fill, edge))
    elif paint.stroke:
        made.append(_stroked(path, paint.stroke, paint.width, paint.dash))
    return made


def _stroked(path: str, stroke: str, width: float, dash: str | None) -> Markup:
    dashes = Markup(' stroke-dasharray="{}"').format(dash) if dash else ""
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{:.1f}" stroke-linejoin="round"{}/>'
    ).format(path, stroke, width, dashes)


def _written(labels: list[tuple[float, float, str, float]]) -> list[Markup]:
    """Names that neither cover another nor run over the edge, where the neighbouring tile would cut them off."""
    made: list[Markup] = []
    taken: list[Box] = []
    for x, y, text, size in sorted(labels, key=lambda item: (-item[3], item[2], item[0], item[1])):
        half = sum(size if ord(char) > 0x2FF else size * 0.6 for char in text) / 2
        box = (x - half - 2, y - size, x + half + 2, y + size * 0.4)
        inside = box[0] >= 0 and box[1] >= 0 and box[2] <= PIXELS and box[3] <= PIXELS
        if not inside or any(_meet(box, other) for other in taken):
            continue
        taken.append(box)
        made.append(
            Markup(
                '<text x="{:.1f}" y="{:.1f}" font-family="{}" font-size="{:g}" text-anchor="middle" fill="#4a4a4a" '
                'stroke="#ffffff" stroke-width="3" stroke-linejoin="round" paint-order="stroke">{}</text>'
            ).format(x, y, _FONTS, size, Markup(safe_text(text)))  # noqa: S704 - safe_text escapes
        )
    return made


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
