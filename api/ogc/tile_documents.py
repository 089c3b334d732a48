"""What is said of tiles: sets of tiles, their layers and limits (OGC 17-083r4), and TileJSON 3."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from api.geojson import dumps
from api.ogc.answering import Made, Reading
from api.ogc.formats import JSON, Format
from api.ogc.links import link, segment
from api.tiles.store import MVT, STAFF_LAYERS, Shown
from geodata.features.tile_facts import LayerFacts, layer_datasets
from geodata.features.tile_layers import TILE_LAYERS
from kyodo_geo.collections import Collection, Kind
from kyodo_geo.crs import GEOJSON_DIGITS, Bounds
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.tile_grid import MAX_ZOOM, WEB_MERCATOR_QUAD, limits

TILEJSON = Format("tilejson", "TileJSON 3.0", ("application/vnd.mapbox.tile+json",))
TILESETS_REL = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
SCHEME_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
SCHEMES_REL = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
GEODATA_REL = "http://www.opengis.net/def/rel/ogc/1.0/geodata"
SET_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{WEB_MERCATOR_QUAD}"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
NO_LAYER = "このコレクションのタイルはありません。"
_SET_PATH = f"/tileMatrixSets/{WEB_MERCATOR_QUAD}"
_DIMENSIONS = {"Point": 0, "MultiPolygon": 2}


@cache
def web_mercator_quad() -> dict[str, Any]:
    """The registered definition: a data file of morecantile, whose code (and pyproj) is not imported for it."""
    found = importlib.util.find_spec("morecantile")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("morecantile is not installed")
    path = Path(next(iter(found.submodule_search_locations))) / "data" / f"{WEB_MERCATOR_QUAD}.json"
    read: dict[str, Any] = orjson.loads(path.read_bytes())
    return read


def matrix_sets(reading: Reading) -> Made:
    """The list of one."""
    definition = web_mercator_quad()
    body = {
        "links": [_self(reading, "/tileMatrixSets", "区画の体系の一覧", {})],
        "tileMatrixSets": [
            {
                "id": WEB_MERCATOR_QUAD,
                "title": definition["title"],
                "uri": SET_URI,
                "crs": definition["crs"],
                "links": [link("self", reading.links.url(_SET_PATH, {"f": "json"}), JSON.media_type)],
            }
        ],
    }
    return Made(dumps(body), JSON.media_type)


def _self(reading: Reading, path: str, title: str, query: dict[str, Any]) -> dict[str, str]:
    return link("self", reading.links.url(path, {**query, "f": "json"}), JSON.media_type, title)


def matrix_set(reading: Reading) -> Made:
    return Made(dumps(web_mercator_quad()), JSON.media_type)


def shown_of(reading: Reading) -> Shown:
    """What is active, of the layers that exist for the reader."""
    held = layer_datasets(reading.conn, reading.ref)
    seen = {found.id for found in reading.reader.collections()}
    return Shown(reading.ref, reading.on, {name: no for name, no in held.items() if name in seen})


def layers_of(shown: Shown, asked: str | None) -> tuple[str, ...]:
    """Layers of the whole: those named, in their order, else everything that is public.

    Raises `InputError` for one that does not exist.
    """
    if asked is None:
        return tuple(name for name in shown.datasets if name not in STAFF_LAYERS)
    names = tuple(asked.split(","))
    known = [name for name in names if name in shown.datasets and name not in STAFF_LAYERS]
    if len(known) != len(names) or len(set(names)) != len(names):
        raise InputError(
            "「collections」には、タイルのあるコレクションの id を、1 回ずつ並べてください。",
            field="collections",
        )
    return names


def one_layer(reading: Reading, collection_id: str) -> tuple[Shown, Collection]:
    """The layer of a collection. Raises `NotFoundError`."""
    collection = reading.collection(collection_id)
    shown = shown_of(reading)
    if collection_id not in shown.datasets:
        raise NotFoundError(NO_LAYER)
    return shown, collection


def tileset_list(
    reading: Reading, shown: Shown, path: str, layers: Sequence[str], title: str, query: dict[str, Any]
) -> Made:
    """The list of a resource's tile sets: one."""
    body = {
        "links": [_self(reading, path, "タイルセットの一覧", query)],
        "tilesets": [_head(reading, path, title, query)],
    }
    return Made(dumps(body), JSON.media_type)


def _head(reading: Reading, path: str, title: str, query: dict[str, Any]) -> dict[str, Any]:
    url = reading.links.url
    return {
        "title": title,
        "dataType": "vector",
        "crs": web_mercator_quad()["crs"],
        "tileMatrixSetURI": SET_URI,
        "links": [
            link("self", url(f"{path}/{WEB_MERCATOR_QUAD}", {**query, "f": "json"}), JSON.media_type, title),
            link(SCHEME_REL, url(_SET_PATH, {"f": "json"}), JSON.media_type, WEB_MERCATOR_QUAD),
        ],
    }


def tileset(
    reading: Reading, shown: Shown, path: str, layers: Sequence[str], title: str, query: dict[str, Any]
) -> Made:
    """The whole description of a tile set, as the standard has it or as TileJSON."""
    facts = [reading.services.tiles.facts_in(reading.conn, shown, layer) for layer in layers]
    if reading.form is TILEJSON:
        return Made(dumps(_tilejson(reading, shown, path, facts, title, query)), TILEJSON.media_type)
    body = _head(reading, path, title, query)
    url, own = reading.links.url, f"{path}/{WEB_MERCATOR_QUAD}"
    box = whole_box(facts)
    versioned = {**query, "f": "mvt", "v": shown.version(layers)}
    item = link("item", _template(reading, path, query | {"f": "mvt"}), MVT, "タイル")
    kept = link("item", _template(reading, path, versioned), MVT, "タイル（この版のデータ）")
    body["links"] += [
        link("alternate", url(own, {**query, "f": TILEJSON.name}), TILEJSON.media_type, TILEJSON.label),
        {**item, "templated": True},
        {**kept, "templated": True},
    ]
    if box is not None:
        body["boundingBox"] = _box(box)
        body["tileMatrixSetLimits"] = [
            {
                "tileMatrix": str(zoom),
                "minTileRow": found.min_row,
                "maxTileRow": found.max_row,
                "minTileCol": found.min_col,
                "maxTileCol": found.max_col,
            }
            for zoom in range(MAX_ZOOM + 1)
            for found in (limits(box, zoom),)
        ]
    body["layers"] = [_layer(reading, fact) for fact in facts]
    return Made(dumps(body), JSON.media_type)


def _template(reading: Reading, path: str, query: dict[str, Any]) -> str:
    return reading.links.url(f"{path}/{WEB_MERCATOR_QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}", query)


def _layer(reading: Reading, fact: LayerFacts) -> dict[str, Any]:
    """One layer with the schema of its properties, all of them the reader's."""
    collection = reading.reader.collection(fact.layer)
    found: dict[str, Any] = {
        "id": fact.layer,
        "title": collection.title,
        "description": collection.description,
        "dataType": "vector",
        "minTileMatrix": "0",
        "maxTileMatrix": str(MAX_ZOOM),
        "propertiesSchema": {
            "type": "object",
            "properties": {name: _schema(collection, name) for name in TILE_LAYERS[fact.layer].columns},
        },
        "links": [
            link(
                GEODATA_REL,
                reading.links.url(f"/collections/{segment(fact.layer)}", {"f": "json"}),
                JSON.media_type,
                collection.title,
            )
        ],
    }
    if collection.geometry in _DIMENSIONS:
        found["geometryDimension"] = _DIMENSIONS[collection.geometry]
    if fact.box is not None:
        found["boundingBox"] = _box(fact.box)
    return found


def _box(box: Bounds) -> dict[str, Any]:
    west, south, east, north = (round(value, GEOJSON_DIGITS) for value in box)
    return {"lowerLeft": [west, south], "upperRight": [east, north], "crs": CRS84}


def _schema(collection: Collection, name: str) -> dict[str, Any]:
    known = collection.find(name)
    if known is None:
        raise RuntimeError(f"tiles of {collection.id} have a property {name} that the collection has not")
    kind = {Kind.INTEGER: "integer", Kind.NUMBER: "number", Kind.BOOLEAN: "boolean"}.get(known.kind, "string")
    return {"title": known.title, "type": kind}


def _tilejson(
    reading: Reading,
    shown: Shown,
    path: str,
    facts: Sequence[LayerFacts],
    title: str,
    query: dict[str, Any],
) -> dict[str, Any]:
    """TileJSON 3.0. `minzoom` is where the tiles begin to hold every feature."""
    layers = [fact.layer for fact in facts]
    address = _template(reading, path, {**query, "f": "mvt", "v": shown.version(layers)})
    for ours, theirs in (("tileMatrix", "z"), ("tileRow", "y"), ("tileCol", "x")):
        address = address.replace(f"{{{ours}}}", f"{{{theirs}}}")
    lowest = max((fact.complete_from for fact in facts), default=0)
    box = whole_box(facts)
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": title,
        "version": f"{shown.ref.generation_no}.0.0",
        "attribution": "、".join(dict.fromkeys(_source(reading, fact) for fact in facts)),
        "scheme": "xyz",
        "tiles": [address],
        "minzoom": lowest,
        "maxzoom": MAX_ZOOM,
        "vector_layers": [
            {
                "id": fact.layer,
                "description": reading.reader.collection(fact.layer).title,
                "minzoom": fact.complete_from,
                "maxzoom": MAX_ZOOM,
                "fields": {
                    name: reading.reader.collection(fact.layer).find(name).title  # type: ignore[union-attr]
                    for name in TILE_LAYERS[fact.layer].columns
                },
            }
            for fact in facts
        ],
    }
    if box is not None:
        found["bounds"] = [round(value, GEOJSON_DIGITS) for value in box]
        found["center"] = [round((box[0] + box[2]) / 2, 6), round((box[1] + box[3]) / 2, 6), max(lowest, 11)]
    return found


def _source(reading: Reading, fact: LayerFacts) -> str:
    return reading.datasets[TILE_LAYERS[fact.layer].kind].source


def whole_box(facts: Sequence[LayerFacts]) -> Bounds | None:
    """The box around all layers."""
    boxes = [fact.box for fact in facts if fact.box is not None]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)
