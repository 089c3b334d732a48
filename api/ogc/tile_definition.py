"""What the OpenAPI definition below /ogc says of tiles: one path per resource, parameters as the standard names them."""

from __future__ import annotations

from typing import Any

from api.ogc.answering import Reading
from api.ogc.definition import SHARED, Paths, operation, query, refs
from api.ogc.formats import JSON
from api.ogc.tile_documents import TILEJSON, shown_of
from api.tiles.store import MVT
from kyodo_geo.collections import Collection
from kyodo_geo.tile_grid import MAX_ZOOM, WEB_MERCATOR_QUAD

_SETS = {"type": "string", "enum": [WEB_MERCATOR_QUAD]}
_TEXT = {"type": "string"}
_LAST = (1 << MAX_ZOOM) - 1


def _path(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": description, "schema": schema}


_SET = _path("tileMatrixSetId", _SETS, "区画の体系の id")
_PLACE = [
    _path(
        "tileMatrix", {"type": "string", "enum": [str(zoom) for zoom in range(MAX_ZOOM + 1)]}, "縮尺の段階"
    ),
    _path("tileRow", {"type": "integer", "minimum": 0, "maximum": _LAST}, "行（北から）"),
    _path("tileCol", {"type": "integer", "minimum": 0, "maximum": _LAST}, "列（西から）"),
]
_SUBSET = query("subset", _TEXT, '日時の別の書き方。datetime("2026-04-01") の形')
_COLLECTIONS = query("collections", _TEXT, "コレクションの id をコンマで区切って並べる")
_VERSION = query("v", _TEXT, "データの版")


def paths(reading: Reading, collections: list[Collection]) -> Paths:
    """Paths of the tile sets and tiles of everything, and of each collection that has them."""
    shared = refs(*SHARED)
    one = {JSON.media_type: "object"}
    found = {
        "/ogc/tileMatrixSets": operation(
            "kyodo.getTileMatrixSetsList", "区画の体系の一覧", "core", shared, one
        ),
        "/ogc/tileMatrixSets/{tileMatrixSetId}": operation(
            "kyodo.getTileMatrixSet", "区画の体系 1 つ", "core", [_SET, *shared], one, 404
        ),
        **_of("/ogc", "kyodo.dataset", "市のデータ", "core", [_COLLECTIONS]),
    }
    tiled = shown_of(reading).datasets
    for collection in collections:
        if collection.id in tiled:
            base = f"/ogc/collections/{collection.id}"
            found |= _of(base, f"{collection.id}.collection", collection.title, collection.id, [])
    return found


def _of(base: str, name: str, title: str, tag: str, more: list[dict[str, Any]]) -> Paths:
    shared = [*refs(*SHARED, "datetime"), _SUBSET, *more]
    described = {JSON.media_type: "object", TILEJSON.media_type: "object"}
    tile = operation(
        f"{name}.vector.getTile", f"{title}のタイル", tag, [_SET, *_PLACE, *shared, _VERSION], {MVT: ""}, 404
    )
    binary = {"type": "string", "format": "binary"}
    tile["get"]["responses"]["200"]["content"] = {MVT: {"schema": binary}}
    tile["get"]["responses"]["204"] = {"description": "何もない区画"}
    return {
        f"{base}/tiles": operation(
            f"{name}.vector.getTileSetsList",
            f"{title}のタイルセットの一覧",
            tag,
            shared,
            {JSON.media_type: "object"},
            404,
        ),
        f"{base}/tiles/{{tileMatrixSetId}}": operation(
            f"{name}.vector.getTileSet", f"{title}のタイルセット", tag, [_SET, *shared], described, 404
        ),
        f"{base}/tiles/{{tileMatrixSetId}}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}": tile,
    }
