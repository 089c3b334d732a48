"""OpenAPI 3.0 of what stands below /ogc, for this reader and this generation: one path per collection and resource."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from api.errors import PROBLEM_JSON, TITLES
from api.ogc.answering import Reading
from api.ogc.crs import systems
from api.ogc.formats import GEOJSON, HTML, JSON, OPENAPI, SCHEMA
from api.ogc.params import MAX_LIMIT
from api.ogc.schemas import property_schema
from kyodo_geo.collections import Collection, Kind

Paths = dict[str, dict[str, Any]]
MORE: list[Callable[[Reading, list[Collection]], Paths]] = []
"""Functions (reading, collections) → paths of the parts that hang on (tiles, writing, files)."""


MORE_PARAMETERS: list[Callable[[Reading, Collection], list[dict[str, Any]]]] = []
"""Functions (reading, collection) → further parameters of its items."""


def query(name: str, schema: dict[str, Any], description: str, **more: Any) -> dict[str, Any]:
    """One parameter behind the question mark."""
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
        **more,
    }


def parameters(plane_epsg: int) -> dict[str, Any]:
    """The parameters that several paths share."""
    uris = [crs.uri for crs in systems(plane_epsg)]
    crs = {"type": "string", "format": "uri", "enum": uris, "default": uris[0]}
    words = {"type": "string"}
    listed = {"style": "form", "explode": False}
    names = {"type": "array", "items": words}
    return {
        "f": query("f", words, "答えの形式。指定しなければ見出し Accept による"),
        "municipality": query("municipality", {"type": "string", "pattern": "^[0-9]{5}$"}, "市区町村コード"),
        "as_of": query("as_of", {"type": "string", "format": "date"}, "この日の終わりに有効だったデータで答える"),
        "limit": query(
            "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": 100}, "1 回に返す件数"
        ),
        "offset": query("offset", {"type": "integer", "minimum": 0, "default": 0}, "飛ばす件数"),
        "cursor": query("cursor", words, "続きの位置（next / prev のリンクにある値）"),
        "bbox": query(
            "bbox",
            {"type": "array", "oneOf": [{"minItems": 4, "maxItems": 4}, {"minItems": 6, "maxItems": 6}],
             "items": {"type": "number"}},
            "この範囲と交わる地物", **listed,
        ),
        "bbox-crs": query("bbox-crs", crs, "bbox の座標参照系"),
        "datetime": query(
            "datetime", words, "日時または期間（2024-04-01、2024-04-01T00:00:00Z、../2025-03-31、2024-04-01/..）"
        ),
        "crs": query("crs", crs, "答えの座標参照系"),
        "properties": query("properties", names, "答える属性", **listed),
        "sortby": query(
            "sortby", {"type": "array", "items": {"type": "string", "pattern": "^[+-]?[A-Za-z_][A-Za-z0-9_]*$"}},
            "並べ方（逆順は - を前に付ける）", **listed,
        ),
        "filter": query("filter", words, "CQL2 の条件"),
        "filter-lang": query(
            "filter-lang", {"type": "string", "enum": ["cql2-text", "cql2-json"], "default": "cql2-text"}, "条件の言語"
        ),
        "filter-crs": query("filter-crs", crs, "条件の中の座標の座標参照系"),
        "count": query(
            "count", {"type": "string", "enum": ["exact", "estimate", "none"], "default": "exact"}, "件数の数え方"
        ),
        "featureId": {
            "name": "featureId", "in": "path", "required": True, "description": "地物の id", "schema": words,
        },
    }  # fmt: skip


SHARED = ("f", "municipality", "as_of")
ITEM = (*SHARED, "crs", "properties")
ITEMS = (
    *ITEM, "limit", "offset", "cursor", "bbox", "bbox-crs", "datetime", "sortby", "filter", "filter-lang",
    "filter-crs", "count",
)  # fmt: skip


def refs(*names: str) -> list[dict[str, str]]:
    """References to shared parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def refusals(*statuses: int) -> dict[str, Any]:
    """Answers that are problems."""
    problem = {"schema": {"$ref": "#/components/schemas/problem"}}
    return {
        str(status): {"description": TITLES[status], "content": {PROBLEM_JSON: problem}}
        for status in statuses
    }


def operation(
    name: str, summary: str, tag: str, parameters: list[Any], schemas: dict[str, str], *statuses: int
) -> dict[str, Any]:
    """One GET. `schemas`: media type → name of its schema, or "" for text."""
    content = {
        media: {"schema": {"$ref": f"#/components/schemas/{schema}"} if schema else {"type": "string"}}
        for media, schema in schemas.items()
    }
    failures = refusals(400, *statuses, 406, 503)
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "tags": [tag],
            "parameters": parameters,
            "responses": {"200": {"description": summary, "content": content}, **failures},
        }
    }


def document(reading: Reading, version: str) -> dict[str, Any]:
    """The definition."""
    collections = reading.collections()
    url = reading.links.base
    page = {HTML.media_type: ""}
    shared = refs(*SHARED)
    paths: Paths = {
        "/ogc": operation("landing", "入口", "core", shared, {JSON.media_type: "landingPage", **page}),
        "/ogc/conformance": operation(
            "conformance", "適合する規格", "core", shared, {JSON.media_type: "confClasses", **page}
        ),
        "/ogc/api": operation(
            "definition", "この定義", "core", shared, {OPENAPI.media_type: "object", **page}
        ),
        "/ogc/collections": operation(
            "collections", "コレクションの一覧", "core", shared, {JSON.media_type: "collections", **page}
        ),
    }
    for found in collections:
        paths |= _of(found, [item for more in MORE_PARAMETERS for item in more(reading, found)])
    for more in MORE:
        for path, operations in more(reading, collections).items():
            paths[path] = {**paths.get(path, {}), **operations}
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"{reading.ref.name} 協働まちづくりマップ OGC API",
            "description": "OGC API の定義。ほかの API の定義は /api/v1/openapi.json にあります。",
            "version": version,
            "contact": {"name": reading.ref.contact_department or reading.ref.name},
        },
        "servers": [{"url": url or "/"}],
        "tags": [{"name": "core", "description": "入口"}, *({"name": c.id, "description": c.title} for c in collections)],
        "paths": paths,
        "components": {"parameters": parameters(reading.ref.plane_epsg), "schemas": SCHEMAS},
    }  # fmt: skip


def _of(collection: Collection, further: list[dict[str, Any]]) -> Paths:
    base, name, tag = f"/ogc/collections/{collection.id}", collection.id, collection.id
    page = {HTML.media_type: ""}
    shared = refs(*SHARED)
    found: Paths = {
        base: operation(
            f"{name}.describe", f"{collection.title}の説明", tag, shared,
            {JSON.media_type: "collection", **page}, 404,
        ),
        f"{base}/items": operation(
            f"{name}.items", f"{collection.title}の地物", tag, [*refs(*ITEMS), *further, *_filters(collection)],
            {GEOJSON.media_type: "featureCollectionGeoJSON", **page}, 404,
        ),
        f"{base}/items/{{featureId}}": operation(
            f"{name}.item", f"{collection.title}の地物 1 つ", tag, [*refs("featureId", *ITEM), *further],
            {GEOJSON.media_type: "featureGeoJSON", **page}, 404,
        ),
    }  # fmt: skip
    for part in ("schema", "queryables", "sortables"):
        found[f"{base}/{part}"] = operation(
            f"{name}.{part}", f"{collection.title}（{part}）", tag, shared,
            {SCHEMA.media_type: "object", **page}, 404,
        )  # fmt: skip
    return found


def _filters(collection: Collection) -> list[dict[str, Any]]:
    """Each queryable as a parameter: `?name=value`."""
    taken = set(ITEMS)
    found = []
    for p in collection.queryables:
        if p.name not in taken:
            schema = property_schema(collection, p)
            schema = {
                k: v
                for k, v in schema.items()
                if not k.startswith("x-") and k not in ("title", "description")
            }
            if p.kind is Kind.LIST:
                schema = {"type": "string"}
            found.append(query(p.name, schema, p.title))
    return found


_LINKS = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
_TEXT = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "object": {"type": "object"},
    "link": {
        "type": "object", "required": ["href", "rel"],
        "properties": {"href": _TEXT, "rel": _TEXT, "type": _TEXT, "title": _TEXT},
    },
    "landingPage": {
        "type": "object", "required": ["links"],
        "properties": {"title": _TEXT, "description": _TEXT, "links": _LINKS},
    },
    "confClasses": {
        "type": "object", "required": ["conformsTo"],
        "properties": {"conformsTo": {"type": "array", "items": _TEXT}},
    },
    "collections": {
        "type": "object", "required": ["links", "collections"],
        "properties": {
            "links": _LINKS,
            "collections": {"type": "array", "items": {"$ref": "#/components/schemas/collection"}},
        },
    },
    "collection": {
        "type": "object", "required": ["id", "links"],
        "properties": {
            "id": _TEXT, "title": _TEXT, "description": _TEXT, "links": _LINKS, "itemType": _TEXT,
            "extent": {"type": "object"}, "crs": {"type": "array", "items": _TEXT}, "storageCrs": _TEXT,
        },
    },
    "featureGeoJSON": {
        "type": "object", "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]}, "id": _TEXT,
            "geometry": {"type": "object", "nullable": True}, "properties": {"type": "object", "nullable": True},
            "links": _LINKS,
        },
    },
    "featureCollectionGeoJSON": {
        "type": "object", "required": ["type", "features"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "features": {"type": "array", "items": {"$ref": "#/components/schemas/featureGeoJSON"}},
            "links": _LINKS, "timeStamp": {"type": "string", "format": "date-time"},
            "numberMatched": {"type": "integer", "minimum": 0}, "numberReturned": {"type": "integer", "minimum": 0},
        },
    },
    "problem": {
        "type": "object",
        "properties": {"type": _TEXT, "title": _TEXT, "status": {"type": "integer"}, "detail": _TEXT, "instance": _TEXT},
    },
}  # fmt: skip
