"""What is said of tiles: sets of tiles, their layers and limits (OGC 17-083r4), and TileJSON 3."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from api.geojson import dumps
from api.ogc.answering import Made, Reading
from api.ogc.crs import CRS84
from api.ogc.formats import JSON, Format
from api.ogc.links import link, segment
from api.tiles.store import MVT, NO_LAYER, STAFF_LAYERS, Shown
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
TITLE = "{}のタイル"
TITLE_OF_ALL = "市のデータのタイル"
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


def _self(reading: Reading, path: str, title: str, query: Mapping[str, str]) -> dict[str, str]:
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


@dataclass(frozen=True, slots=True)
class Tiles:
    """Tiles below one address: of a collection, or of several. `query`: what every link to them carries on."""

    path: str
    title: str
    shown: Shown
    layers: Sequence[str]
    query: Mapping[str, str] = field(default_factory=dict)


def tiles_path(collection_id: str) -> str:
    """Address of a collection's tiles, below /ogc."""
    return f"/collections/{segment(collection_id)}/tiles"


def tiles_of_one(reading: Reading, collection_id: str) -> Tiles:
    """The tiles of a collection. Raises `NotFoundError`."""
    collection = reading.collection(collection_id)
    shown = shown_of(reading)
    if collection_id not in shown.datasets:
        raise NotFoundError(NO_LAYER)
    return Tiles(tiles_path(collection_id), TITLE.format(collection.title), shown, (collection_id,))


def tiles_of_several(reading: Reading, collections: str | None) -> Tiles:
    """The tiles of the collections named, or of everything. Raises `InputError`."""
    shown = shown_of(reading)
    query = {} if collections is None else {"collections": collections}
    return Tiles("/tiles", TITLE_OF_ALL, shown, layers_of(shown, collections), query)


def tileset_list(reading: Reading, tiles: Tiles) -> Made:
    """The list of a resource's tile sets: one."""
    body = {
        "links": [_self(reading, tiles.path, "タイルセットの一覧", tiles.query)],
        "tilesets": [_head(reading, tiles)],
    }
    return Made(dumps(body), JSON.media_type)


def _head(reading: Reading, tiles: Tiles) -> dict[str, Any]:
    own = reading.links.url(f"{tiles.path}/{WEB_MERCATOR_QUAD}", {**tiles.query, "f": "json"})
    scheme = reading.links.url(_SET_PATH, {"f": "json"})
    return {
        "title": tiles.title,
        "dataType": "vector",
        "crs": web_mercator_quad()["crs"],
        "tileMatrixSetURI": SET_URI,
        "links": [
            link("self", own, JSON.media_type, tiles.title),
            link(SCHEME_REL, scheme, JSON.media_type, WEB_MERCATOR_QUAD),
        ],
    }


def tileset(reading: Reading, tiles: Tiles) -> Made:
    """The whole description of a tile set, as the standard has it or as TileJSON."""
    facts = [reading.services.tiles.facts_in(reading.conn, tiles.shown, layer) for layer in tiles.layers]
    if reading.form is TILEJSON:
        return Made(dumps(_tilejson(reading, tiles, facts)), TILEJSON.media_type)
    body = _head(reading, tiles)
    box = whole_box(facts)
    other = reading.links.url(f"{tiles.path}/{WEB_MERCATOR_QUAD}", {**tiles.query, "f": TILEJSON.name})
    item = link("item", _template(reading, tiles), MVT, "タイル")
    kept = link("item", _template(reading, tiles, _version(tiles)), MVT, "タイル（この版のデータ）")
    body["links"] += [
        link("alternate", other, TILEJSON.media_type, TILEJSON.label),
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


def _version(tiles: Tiles) -> str:
    return tiles.shown.version(tiles.layers)


def _template(reading: Reading, tiles: Tiles, version: str | None = None) -> str:
    path = f"{tiles.path}/{WEB_MERCATOR_QUAD}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"
    return reading.links.url(path, {**tiles.query, "f": "mvt", "v": version})


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


def _tilejson(reading: Reading, tiles: Tiles, facts: Sequence[LayerFacts]) -> dict[str, Any]:
    """TileJSON 3.0. `minzoom` is where the tiles begin to hold every feature."""
    address = _template(reading, tiles, _version(tiles))
    for ours, theirs in (("tileMatrix", "z"), ("tileRow", "y"), ("tileCol", "x")):
        address = address.replace(f"{{{ours}}}", f"{{{theirs}}}")
    lowest = max((fact.complete_from for fact in facts), default=0)
    box = whole_box(facts)
    found: dict[str, Any] = {
        "tilejson": "3.0.0",
        "name": tiles.title,
        "version": f"{tiles.shown.ref.generation_no}.0.0",
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
