"""Routes of OGC API Features."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from api.ogc import item as item_parts
from api.ogc import item_files, landing
from api.ogc import items as items_parts
from api.ogc.answering import Made, Reading, respond
from api.ogc.formats import JSON, choose
from api.ogc.params import CollectionId, FeatureId, Item, Items, Ogc
from api.openapi import GeoJSON, problems
from api.schemas import ogc as shapes

router = APIRouter(tags=["ogc"])
_FORMS = (JSON,)


@router.get(
    "/ogc",
    summary="OGC API の入口",
    description="OGC API の入口。答えの形式は `f`（json / html）か見出し Accept で選びます。",
    response_model=shapes.Landing,
    responses=problems(400, 404, 406),
)
async def ogc_landing(request: Request, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, landing.made)


@router.get(
    "/ogc/conformance",
    summary="適合する規格の一覧",
    description="このサービスが適合する OGC API の適合クラス。",
    response_model=shapes.Conformance,
    responses=problems(400, 404, 406),
)
async def ogc_conformance(request: Request, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, landing.conformance)


@router.get(
    "/ogc/collections",
    summary="コレクションの一覧",
    description="読めるコレクションの一覧。職員がサインインしているときは、職員だけのものも含みます。",
    response_model=shapes.Collections,
    responses=problems(400, 404, 406),
)
async def ogc_collections(request: Request, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, landing.collections)


@router.get(
    "/ogc/collections/{collection_id}",
    summary="コレクション 1 つの説明",
    description="題名、説明、利用条件、出典、時点、品質、範囲、座標参照系、リンク。",
    response_model=shapes.Collection,
    responses=problems(400, 404, 406),
)
async def ogc_collection(request: Request, collection_id: CollectionId, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, lambda r: landing.collection(r, collection_id))


@router.get(
    "/ogc/collections/{collection_id}/items",
    summary="地物",
    description=(
        "地物を GeoJSON か HTML で返します。`limit` と `links` の next でページを送り、`bbox`、`datetime`、`filter`、"
        "属性の名前（`?name=値`）で絞り込み、`sortby` で並べ、`properties` で属性を、`crs` で座標参照系を選びます。"
        "`f` が geojson、geojsonseq、csv、gpkg、fgb、parquet、kml のときは、条件に合う地物すべてを 1 つのファイルで返します。"
    ),
    response_model=shapes.Features,
    response_class=GeoJSON,
    responses=problems(400, 404, 406),
)
async def ogc_items(request: Request, collection_id: CollectionId, params: Items) -> Response:
    form = choose(params.f, request.headers.get("accept", ""), items_parts.FORMATS)
    if form.name in item_files.FORMS:
        return await item_files.respond(request, collection_id, params, form)

    def build(reading: Reading) -> Made:
        page = items_parts.Page(reading, reading.collection(collection_id), params)
        return items_parts.WRITERS[reading.form.name](page)

    return await respond(request, params, items_parts.FORMATS, build)


@router.get(
    "/ogc/collections/{collection_id}/items/{feature_id}",
    summary="地物 1 つ",
    description="id で指定した地物。ETag は、その地物の行が変わったときだけ変わる部分（点の前）を持ちます。",
    response_model=shapes.Feature,
    response_class=GeoJSON,
    responses=problems(400, 404, 406),
)
async def ogc_item(
    request: Request, collection_id: CollectionId, feature_id: FeatureId, params: Item
) -> Response:
    def build(reading: Reading) -> Made:
        collection = reading.collection(collection_id)
        row, crs = item_parts.find(reading, collection, feature_id, params)
        return item_parts.as_geojson(reading, collection, row, crs)

    return await respond(request, params, item_parts.FORMATS, build)
