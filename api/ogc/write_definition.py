"""How changes stand in the definition and among the links of a feature: for those alone who may make them."""

from __future__ import annotations

from typing import Any

from api.auth.csrf import HEADER
from api.ogc.answering import Reading
from api.ogc.definition import Paths, query, refs, refusals
from api.ogc.formats import GEOJSON
from api.ogc.links import link
from api.ogc.schemas import property_schema
from api.ogc.write_kinds import Writable, writable_by
from api.ogc.write_request import FEATURE, MERGE_PATCH
from kyodo_geo.collections import Collection, Kind, Property
from kyodo_geo.sent_shapes import AREA, POINT

_TEXT = {"type": "string"}
_TOKEN = {
    "name": HEADER, "in": "header", "required": True, "schema": _TEXT,
    "description": "サインインの確認の値。/ogc の答えの同じ見出しにある",
}  # fmt: skip
_MATCH = {
    "name": "If-Match", "in": "header", "required": True, "schema": _TEXT, "description": "見た版の ETag",
}  # fmt: skip
_CRS = {
    "name": "Content-Crs", "in": "header", "required": False, "schema": _TEXT,
    "description": "本文の座標参照系（<URI>）。指定しなければ CRS84",
}  # fmt: skip


_SHAPES = {
    AREA: "GeoJSON の Polygon か MultiPolygon（高さなし、市域の中）",
    POINT: "GeoJSON の Point（高さなし、市域の中）",
}


def edit_links(reading: Reading, collection: Collection, path: str) -> list[dict[str, str]]:
    """Where the feature is changed (RFC 5023), for whoever may."""
    if writable_by(reading.reader, collection.id) is None:
        return []
    return [link("edit", reading.links.url(path), GEOJSON.media_type, "この地物を変える")]


_DRAFT = query(
    "draft", {"type": "string", "enum": ["true", "false"], "default": "false"}, "true は、まだ有効にしていない下書きを重ねる"
)  # fmt: skip


def draft_parameter(reading: Reading, collection: Collection) -> list[dict[str, Any]]:
    """`?draft=` for whoever may change the collection."""
    way = writable_by(reading.reader, collection.id)
    return [] if way is None or way.drafted is None else [_DRAFT]


def paths(reading: Reading, collections: list[Collection]) -> Paths:
    """The operations that change something."""
    found: Paths = {}
    for collection in collections:
        way = writable_by(reading.reader, collection.id)
        if way is not None:
            base = f"/ogc/collections/{collection.id}/items"
            change = {FEATURE: receivable(collection, way)}, {MERGE_PATCH: {"type": "object"}}
            waits = way.drafted is not None
            done = "202" if waits else "200"
            offered = {
                "post": _post(collection, way, "202" if waits else "201"),
                "put": _change(collection, "replace", "置き換える", change[0], done),
                "patch": _change(collection, "update", "一部を変える", change[1], done),
                "delete": _change(collection, "delete", "取り消す", None, "202" if waits else "204"),
            }
            for method, described in offered.items():
                if method.upper() in way.methods:
                    path = base if method == "post" else f"{base}/{{featureId}}"
                    found.setdefault(path, {})[method] = described
    return found


def mark_fixed(reading: Reading, collection: Collection, properties: dict[str, Any]) -> None:
    """Tells whoever may change the features which properties the service sets."""
    way = writable_by(reading.reader, collection.id)
    if way is not None:
        for name in way.fixed & properties.keys():
            properties[name]["readOnly"] = True


def receivable(collection: Collection, way: Writable) -> dict[str, Any]:
    """Schema of a Feature as it is received."""
    properties = {
        p.name: {
            **{k: v for k, v in property_schema(collection, p).items() if not k.startswith("x-")},
            **({"nullable": True} if _may_be_unknown(p, way) else {}),
            **({"default": _default(way.defaults[p.name])} if p.name in way.defaults else {}),
        }
        for p in collection.properties
        if p.name not in way.fixed
    }
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": {
                "type": "object",
                "nullable": True,
                **({"description": _SHAPES[way.shape]} if way.shape is not None else {}),
            },
            "properties": {
                "type": "object",
                "required": list(way.required),
                "properties": properties,
                "additionalProperties": False,
            },
        },
    }


def _may_be_unknown(p: Property, way: Writable) -> bool:
    return (
        (p.kind is not Kind.BOOLEAN or p.name in way.unsure)
        and p.name not in way.required
        and p.name not in way.defaults
    )


def _default(typed: str) -> Any:
    return True if typed == "yes" else typed


def _post(collection: Collection, way: Writable, done: str) -> dict[str, Any]:
    return _operation(
        collection, "create", "加える", [*refs("municipality"), _TOKEN, _CRS],
        {FEATURE: receivable(collection, way)}, done, (415, 422),
    )  # fmt: skip


def _change(
    collection: Collection, name: str, verb: str, body: dict[str, dict[str, Any]] | None, done: str
) -> dict[str, Any]:  # fmt: skip
    crs = [] if body is None else [_CRS]
    refused = (404, 409, 412, 428) if body is None else (404, 409, 412, 415, 422, 428)
    waits = [_DRAFT] if done == "202" else []
    parameters = [*refs("featureId", "municipality"), *waits, _TOKEN, _MATCH, *crs]
    return _operation(collection, name, verb, parameters, body, done, refused)


def _operation(
    collection: Collection, name: str, verb: str, parameters: list[Any],
    body: dict[str, dict[str, Any]] | None, done: str, refused: tuple[int, ...],
) -> dict[str, Any]:  # fmt: skip
    feature = {GEOJSON.media_type: {"schema": {"$ref": "#/components/schemas/featureGeoJSON"}}}
    responses: dict[str, Any] = {
        done: {"description": "変えました", **({} if done in ("202", "204") else {"content": feature})},
        **refusals(*sorted({400, 401, 403, 413, 503, *refused})),
    }
    found: dict[str, Any] = {
        "operationId": f"{collection.id}.{name}",
        "summary": f"{collection.title}の地物を{verb}",
        "tags": [collection.id],
        "parameters": parameters,
        "responses": responses,
    }
    if body is not None:
        found["requestBody"] = {
            "required": True,
            "content": {media: {"schema": schema} for media, schema in body.items()},
        }
    return found
