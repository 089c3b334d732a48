"""KML 2.2 (OGC 07-147r2): placemarks in lon/lat, values with their titles, streamed as text.

Written here and not by GDAL: its driver keeps the whole document in memory or knows no titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

import orjson

from geodata.exports.formats import Options
from geodata.exports.layer import CREDIT, Layer
from geodata.exports.pieces import pieces
from geodata.exports.values import of, text
from geodata.exports.wkt import parts
from geodata.features.query import FeatureRow
from kyodo_geo.collections import Kind

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES = {Kind.INTEGER: "int", Kind.NUMBER: "double", Kind.BOOLEAN: "bool"}


def document(layer: Layer, rows: Iterator[FeatureRow], options: Options) -> Iterator[bytes]:
    """One document with one folder. `name` of a placemark: the property `name`, else the id."""
    return pieces(part.encode() for part in _parts(layer, rows))


def _parts(layer: Layer, rows: Iterator[FeatureRow]) -> Iterator[str]:
    yield (
        '<?xml version="1.0" encoding="UTF-8"?>\n<kml xmlns="http://www.opengis.net/kml/2.2"><Document>\n'
        f"<name>{escape(layer.title)}</name><description>{escape(layer.words)}</description>\n"
    )
    yield f'<Schema name="{layer.name}" id="{layer.name}">\n'
    for item in layer.columns:
        kind = _TYPES.get(item.kind, "string")
        title = f"<displayName>{escape(item.title)}</displayName>"
        yield f'<SimpleField type="{kind}" name={quoteattr(item.name)}>{title}</SimpleField>\n'
    yield f"</Schema>\n<Folder><name>{layer.name}</name>\n"
    credit = "".join(
        f"<Data name={quoteattr('dataset_' + key)}><displayName>{title}</displayName>"
        f"<value>{escape(text(layer.credit.get(key)) or '不明')}</value></Data>"
        for key, title in CREDIT.items()
    )
    yield f"<ExtendedData>{credit}</ExtendedData>\n"
    opened = [(item.name, f"<SimpleData name={quoteattr(item.name)}>") for item in layer.columns]
    for row in rows:
        yield _placemark(row, of(row, layer), opened, layer.name)
    yield "</Folder></Document></kml>\n"


def _placemark(row: FeatureRow, values: dict[str, Any], opened: list[tuple[str, str]], schema: str) -> str:
    data = "".join(
        f"{tag}{escape(text(values[name]))}</SimpleData>"
        for name, tag in opened
        if values.get(name) is not None
    )
    shape = shape_of(row.geometry) if isinstance(row.geometry, str) else ""
    return (
        f"<Placemark><name>{escape(text(values.get('name')) or row.id)}</name>"
        f'<ExtendedData><SchemaData schemaUrl="#{schema}">{data}</SchemaData></ExtendedData>{shape}</Placemark>\n'
    )


def shape_of(geometry: str) -> str:
    """A GeoJSON geometry as KML; the brackets are replaced and the numbers left as they are."""
    if "GeometryCollection" in geometry:
        inner = (orjson.dumps(part).decode() for part in orjson.loads(geometry)["geometries"])
        return _many(map(shape_of, inner))
    kind, inside = parts(geometry)
    if inside == "[]":
        return ""
    match kind:
        case "Point":
            return _point(inside[1:-1])
        case "LineString":
            return _line(inside[2:-2])
        case "Polygon":
            return _polygon(inside[3:-3])
        case "MultiPoint":
            return _many(map(_point, inside[2:-2].split("],[")))
        case "MultiLineString":
            return _many(map(_line, inside[3:-3].split("]],[[")))
        case _:
            return _many(map(_polygon, inside[4:-4].split("]]],[[[")))


def _many(shapes: Iterable[str]) -> str:
    return f"<MultiGeometry>{''.join(shapes)}</MultiGeometry>"


def _point(position: str) -> str:
    return f"<Point>{_coordinates(position)}</Point>"


def _line(line: str) -> str:
    return f"<LineString>{_coordinates(line)}</LineString>"


def _polygon(polygon: str) -> str:
    outer, *holes = (f"<LinearRing>{_coordinates(ring)}</LinearRing>" for ring in polygon.split("]],[["))
    inner = "".join(f"<innerBoundaryIs>{hole}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon><outerBoundaryIs>{outer}</outerBoundaryIs>{inner}</Polygon>"


def _coordinates(positions: str) -> str:
    return f"<coordinates>{positions.replace('],[', ' ')}</coordinates>"


def escape(value: str) -> str:
    """Text for an element, without what XML 1.0 cannot hold."""
    return _escape(_NOT_XML.sub("", value))
