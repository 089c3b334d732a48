"""JSON Schema of a collection: its features' properties, what a filter may name, what an order may name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from api.geojson import dumps
from api.ogc.answering import Made, Reading
from api.ogc.formats import HTML, JSON, SCHEMA
from api.ogc.links import link, segment
from kyodo_geo.collections import Collection, Kind, Property

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PARTS = {
    "schema": "属性の定義",
    "queryables": "絞り込みに使える属性",
    "sortables": "並べ替えに使える属性",
}
MORE: list[Callable[[Reading, Collection, dict[str, Any]], None]] = []
"""Functions (reading, collection, its properties by name) of the parts that add something to the schema."""
_TYPES: dict[Kind, dict[str, Any]] = {
    Kind.STRING: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.NUMBER: {"type": "number"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "format": "date"},
    Kind.TIMESTAMP: {"type": "string", "format": "date-time"},
    Kind.LIST: {"type": "array", "items": {"type": "string"}},
}
_SHAPES = {"Point": "geometry-point", "Polygon": "geometry-polygon", "MultiPolygon": "geometry-multipolygon"}


def property_schema(collection: Collection, p: Property, *, nullable: bool = False) -> dict[str, Any]:
    """One property; `nullable` where a feature may leave it unknown (null)."""
    found: dict[str, Any] = {"title": p.title, **_TYPES[p.kind]}
    if p.description:
        found["description"] = p.description
    if p.unit:
        found["x-ogc-unit"] = p.unit
    if p.options:
        found["enum"] = list(p.options)
    if p.name == collection.key:
        found["x-ogc-role"] = "id"
    elif collection.interval and p.name in collection.interval:
        found["x-ogc-role"] = (
            "primary-interval-start" if p.name == collection.interval[0] else "primary-interval-end"
        )
    if nullable and p.name != collection.key:
        found["type"] = [found["type"], "null"]
        if p.options:
            found["enum"] = [*p.options, None]
    return found


def geometry_schema(collection: Collection) -> dict[str, Any]:
    """The geometry, under the name `geometry`."""
    shape = _SHAPES[collection.geometry] if collection.geometry else "geometry-any"
    return {"title": "位置・区域", "format": shape, "x-ogc-role": "primary-geometry"}


def schema_of(collection: Collection, part: str) -> dict[str, Any]:
    """`properties` of the part: schema, queryables or sortables."""
    chosen: Iterable[Property] = {
        "schema": collection.properties,
        "queryables": collection.queryables,
        "sortables": collection.sortables,
    }[part]
    found: dict[str, Any] = {}
    if collection.geometry is not None and part != "sortables":
        found["geometry"] = geometry_schema(collection)
    for p in chosen:
        found[p.name] = property_schema(collection, p, nullable=part == "schema")
    return found


def document(reading: Reading, collection: Collection, part: str) -> dict[str, Any]:
    """The JSON Schema document."""
    path = f"/collections/{segment(collection.id)}/{part}"
    found: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": reading.links.url(path),
        "type": "object",
        "title": collection.title,
        "description": PARTS[part],
        "properties": schema_of(collection, part),
        "additionalProperties": False,
    }
    if part == "schema":
        found["required"] = [collection.key]
        for more in MORE:
            more(reading, collection, found["properties"])
    return found


def made(reading: Reading, collection: Collection, part: str) -> Made:
    """The document as JSON; its links stand in the header, a schema has no place for them."""
    path = f"/collections/{segment(collection.id)}/{part}"
    links = [
        link("self", reading.links.url(path, {"f": JSON.name}), SCHEMA.media_type),
        link("alternate", reading.links.url(path, {"f": HTML.name}), HTML.media_type),
    ]
    headers = {"Link": ", ".join(f'<{x["href"]}>; rel="{x["rel"]}"; type="{x["type"]}"' for x in links)}
    return Made(dumps(document(reading, collection, part)), SCHEMA.media_type, headers)
