"""KML 2.2 (OGC 07-147r2): placemarks in lon/lat, values with their titles, streamed as text.

Written here and not by GDAL: its driver keeps the whole document in memory or knows no titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape as _escape
from xml.sax.saxutils import quoteattr

import orjson

from geodata.exports.formats import Options
from geodata.exports.layer import CREDIT, Layer
from geodata.exports.pieces import pieces
from geodata.exports.values import of, text
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
    names = [item.name for item in layer.columns]
    for row in rows:
        yield _placemark(row, of(row, layer), names, layer.name)
    yield "</Folder></Document></kml>\n"


def _placemark(row: FeatureRow, values: dict[str, Any], names: list[str], schema: str) -> str:
    data = "".join(
        f"<SimpleData name={quoteattr(name)}>{escape(text(values[name]))}</SimpleData>"
        for name in names
        if values.get(name) is not None
    )
    shape = _shape(orjson.loads(row.geometry)) if row.geometry else ""
    return (
        f"<Placemark><name>{escape(text(values.get('name')) or row.id)}</name>"
        f'<ExtendedData><SchemaData schemaUrl="#{schema}">{data}</SchemaData></ExtendedData>{shape}</Placemark>\n'
    )


def _shape(found: dict[str, Any]) -> str:
    kind = found["type"]
    if kind == "GeometryCollection":
        return _many(found["geometries"])
    inner = found["coordinates"]
    if kind.startswith("Multi"):
        return _many([{"type": kind.removeprefix("Multi"), "coordinates": part} for part in inner])
    if kind == "Point":
        return f"<Point>{_coordinates([inner])}</Point>"
    if kind == "LineString":
        return f"<LineString>{_coordinates(inner)}</LineString>"
    outer, *holes = inner
    rings = f"<outerBoundaryIs>{_ring(outer)}</outerBoundaryIs>"
    rings += "".join(f"<innerBoundaryIs>{_ring(hole)}</innerBoundaryIs>" for hole in holes)
    return f"<Polygon>{rings}</Polygon>"


def _many(parts: list[dict[str, Any]]) -> str:
    return f"<MultiGeometry>{''.join(map(_shape, parts))}</MultiGeometry>"


def _ring(ring: list[list[float]]) -> str:
    return f"<LinearRing>{_coordinates(ring)}</LinearRing>"


def _coordinates(positions: list[list[float]]) -> str:
    return f"<coordinates>{' '.join(f'{xy[0]!r},{xy[1]!r}' for xy in positions)}</coordinates>"


def escape(value: str) -> str:
    """Text for an element, without what XML 1.0 cannot hold."""
    return _escape(_NOT_XML.sub("", value))
