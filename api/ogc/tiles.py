"""Routes of OGC API Tiles: vector tiles of one collection, of several, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import private
from api.cache import PRIVATE, accepts_gzip
from api.clock import today
from api.hot_offer import offer
from api.ogc import conformance, definition, description, landing, tile_definition
from api.ogc import tile_documents as documents
from api.ogc.answering import Made, Reading, respond
from api.ogc.formats import JSON, Format, choose
from api.ogc.links import link
from api.ogc.params import CollectionId, Ogc
from api.ogc.reader import Reader, reader_of
from api.ogc.tile_params import (
    Many,
    ManyTile,
    OneTile,
    TileCol,
    TileMatrix,
    TileMatrixSetId,
    TileParams,
    TileRow,
    TileSet,
    known_set,
    place_of,
    settled,
)
from api.openapi import problems
from api.schemas import tiles as shapes
from api.services import Services, services_of
from api.tiles import paths
from api.tiles.sending import lasting, send_tile
from api.tiles.store import MVT, NO_LAYER, NO_TILE, STAFF_LAYERS, Shown
from geodata.features.tile_facts import layer_datasets
from geodata.features.tile_layers import TILE_LAYERS
from geodata.features.tile_read import read_tile
from geodata.queries.generation import resolve
from kyodo_geo.collections import Collection
from kyodo_geo.errors import KyodoError, NotFoundError

router = APIRouter(tags=["ogc"])
TILE = Format("mvt", "Mapbox Vector Tile", (MVT, "application/x-protobuf", "application/octet-stream"))
_JSON = (JSON,)
Layers = Callable[[Shown], Sequence[str]]
"""Layers asked for, of what is active; raises where one of them is not."""
_TILESET = (JSON, documents.TILEJSON)


@router.get(
    "/ogc/tileMatrixSets",
    summary="区画の体系の一覧",
    description="タイルの区画の体系（TileMatrixSet）の一覧。",
    operation_id="kyodo.getTileMatrixSetsList",
    response_model=shapes.TileMatrixSets,
    responses=problems(400, 404, 406),
)
async def ogc_tile_matrix_sets(request: Request, params: Ogc) -> Response:
    return await respond(request, params, _JSON, documents.matrix_sets)


@router.get(
    "/ogc/tileMatrixSets/{tileMatrixSetId}",
    summary="区画の体系 1 つ",
    description="タイルの区画の体系の定義（OGC 17-083r4）。",
    operation_id="kyodo.getTileMatrixSet",
    response_model=shapes.TileMatrixSet,
    responses=problems(400, 404, 406),
)
async def ogc_tile_matrix_set(request: Request, tile_matrix_set: TileMatrixSetId, params: Ogc) -> Response:
    known_set(tile_matrix_set)
    return await respond(request, params, _JSON, documents.matrix_set)


@router.get(
    "/ogc/collections/{collection_id}/tiles",
    summary="コレクションのタイルセットの一覧",
    description="コレクション 1 つのベクタータイルのセットの一覧。",
    operation_id="kyodo.collection.vector.getTileSetsList",
    response_model=shapes.TileSets,
    responses=problems(400, 404, 406),
)
async def ogc_collection_tilesets(request: Request, collection_id: CollectionId, params: TileSet) -> Response:
    def build(reading: Reading) -> Made:
        return documents.tileset_list(reading, documents.tiles_of_one(reading, collection_id))

    return await respond(request, settled(params), _JSON, build)


@router.get(
    "/ogc/collections/{collection_id}/tiles/{tileMatrixSetId}",
    summary="コレクションのタイルセット",
    description="ベクタータイルのセットの説明。`f=tilejson` で TileJSON 3.0 を返します。",
    operation_id="kyodo.collection.vector.getTileSet",
    response_model=shapes.TileSet,
    responses=problems(400, 404, 406),
)
async def ogc_collection_tileset(
    request: Request, collection_id: CollectionId, tile_matrix_set: TileMatrixSetId, params: TileSet
) -> Response:
    known_set(tile_matrix_set)

    def build(reading: Reading) -> Made:
        return documents.tileset(reading, documents.tiles_of_one(reading, collection_id))

    return await respond(request, settled(params), _TILESET, build)


@router.get(
    paths.ONE_LAYER,
    summary="コレクションのタイル",
    description=(
        "ベクタータイル（Mapbox Vector Tile）。行が列より先です。何もない区画は 204、データの範囲の外は 404 です。"
        "`v` に今の版を付けたアドレスの答えは、変わりません。"
    ),
    operation_id="kyodo.collection.vector.getTile",
    response_class=Response,
    responses={**problems(400, 404, 406), **shapes.TILE},
)
async def ogc_collection_tile(
    request: Request,
    collection_id: CollectionId,
    tile_matrix_set: TileMatrixSetId,
    tile_matrix: TileMatrix,
    tile_row: TileRow,
    tile_col: TileCol,
    params: OneTile,
) -> Response:
    known_set(tile_matrix_set)
    place = place_of(tile_matrix, tile_row, tile_col)
    choose(params.f, request.headers.get("accept", ""), (TILE,))
    reader = await reader_of(request)
    reader.collection(collection_id)
    if collection_id in STAFF_LAYERS:
        return await _private_tile(request, reader, collection_id, place, settled(params))

    def layers_in(shown: Shown) -> Sequence[str]:
        if collection_id not in shown.datasets:
            raise NotFoundError(NO_LAYER)
        return (collection_id,)

    return await _tile(request, layers_in, place, settled(params))


@router.get(
    "/ogc/tiles",
    summary="タイルセットの一覧",
    description="いくつものコレクションを層に持つベクタータイルのセットの一覧。",
    operation_id="kyodo.dataset.vector.getTileSetsList",
    response_model=shapes.TileSets,
    responses=problems(400, 404, 406),
)
async def ogc_tilesets(request: Request, params: Many) -> Response:
    def build(reading: Reading) -> Made:
        return documents.tileset_list(reading, documents.tiles_of_several(reading, params.collections))

    return await respond(request, settled(params), _JSON, build)


@router.get(
    "/ogc/tiles/{tileMatrixSetId}",
    summary="タイルセット",
    description="ベクタータイルのセットの説明。`collections` で層を選び、`f=tilejson` で TileJSON 3.0 を返します。",
    operation_id="kyodo.dataset.vector.getTileSet",
    response_model=shapes.TileSet,
    responses=problems(400, 404, 406),
)
async def ogc_tileset(request: Request, tile_matrix_set: TileMatrixSetId, params: Many) -> Response:
    known_set(tile_matrix_set)

    def build(reading: Reading) -> Made:
        return documents.tileset(reading, documents.tiles_of_several(reading, params.collections))

    return await respond(request, settled(params), _TILESET, build)


@router.get(
    paths.SEVERAL_LAYERS,
    summary="いくつもの層のタイル",
    description="いくつものコレクションを層に持つベクタータイル。層は `collections` の順に並びます。",
    operation_id="kyodo.dataset.vector.getTile",
    response_class=Response,
    responses={**problems(400, 404, 406), **shapes.TILE},
)
async def ogc_tile(
    request: Request,
    tile_matrix_set: TileMatrixSetId,
    tile_matrix: TileMatrix,
    tile_row: TileRow,
    tile_col: TileCol,
    params: ManyTile,
) -> Response:
    known_set(tile_matrix_set)
    place = place_of(tile_matrix, tile_row, tile_col)
    choose(params.f, request.headers.get("accept", ""), (TILE,))

    def layers_in(shown: Shown) -> Sequence[str]:
        return documents.layers_of(shown, params.collections)

    return await _tile(request, layers_in, place, settled(params))


async def _tile(
    request: Request, layers_in: Layers, place: tuple[int, int, int], params: TileParams
) -> Response:
    """The tile of what is active. A version this process does not know may be newer than what it knows: the database
    is asked."""
    services = services_of(request)
    municipality = params.municipality or services.settings.municipality
    shown = await services.tiles.shown(municipality, params.as_of)
    if params.v is not None and not _is_version(params.v, shown, layers_in):
        shown = await services.tiles.shown(municipality, params.as_of, anew=True)
    layers = layers_in(shown)
    tile = await services.tiles.tile(shown, layers, *place, packed=accepts_gzip(request))
    offer(request, services.tiles.offer(tile, shown, layers, *place))
    return send_tile(request, tile, lasting(shown, layers, params.v))


def _is_version(version: str, shown: Shown, layers_in: Layers) -> bool:
    """Whether it is that of the layers in what is known; layers that are not in it may be in a newer one."""
    try:
        return version == shown.version(layers_in(shown))
    except KyodoError:
        return False


async def _private_tile(
    request: Request, reader: Reader, layer: str, place: tuple[int, int, int], params: TileParams
) -> Response:
    """A layer for staff: read with their role, kept nowhere."""
    services = services_of(request)
    body = await run_sync(_read_private, services, reader, layer, place, params, limiter=services.limiter)
    if not body:
        return Response(status_code=204, headers={"Cache-Control": PRIVATE})
    return private(body, MVT)


def _read_private(
    services: Services, reader: Reader, layer: str, place: tuple[int, int, int], params: TileParams
) -> bytes:
    municipality = params.municipality or services.settings.municipality
    with services.database.read(reader.audience) as conn:
        ref = resolve(conn, municipality, params.as_of)
        shown = Shown(ref, params.as_of or today(), layer_datasets(conn, ref))
        if layer not in shown.datasets:
            raise NotFoundError(NO_LAYER)
        fact = services.tiles.facts_in(conn, shown, layer)
        if not fact.holds(*place):
            raise NotFoundError(NO_TILE)
        return read_tile(conn, municipality, fact, place, shown.day)


def _landing_links(reading: Reading) -> list[dict[str, str]]:
    url = reading.links.url
    return [
        link(documents.TILESETS_REL, url("/tiles", {"f": "json"}), JSON.media_type, documents.TITLE_OF_ALL),
        link(
            documents.SCHEMES_REL, url("/tileMatrixSets", {"f": "json"}), JSON.media_type, "区画の体系の一覧"
        ),
    ]


def _collection_links(reading: Reading, collection: Collection) -> list[dict[str, str]]:
    layer = TILE_LAYERS.get(collection.id)
    if layer is None or layer.kind not in reading.datasets:
        return []
    href = reading.links.url(documents.tiles_path(collection.id), {"f": "json"})
    return [link(documents.TILESETS_REL, href, JSON.media_type, documents.TITLE.format(collection.title))]


_TILES1 = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"
_TMS2 = "http://www.opengis.net/spec/tms/2.0/conf/"
conformance.CLASSES += [
    *(
        _TILES1 + name
        for name in (
            "core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection",
            "datetime", "mvt", "oas30",
        )
    ),
    *(
        _TMS2 + name
        for name in (
            "tilematrixset", "tilematrixsetlimits", "tilesetmetadata",
            "json-tilematrixset", "json-tilematrixsetlimits", "json-tilesetmetadata",
        )
    ),
]  # fmt: skip
definition.MORE.append(tile_definition.paths)
landing.MORE_LINKS.append(_landing_links)
description.MORE_LINKS.append(_collection_links)
