"""Routes of OGC API Features."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from api.geojson import dumps
from api.ogc import catalogue, definition, drafting, item_files, landing, pages, schemas
from api.ogc import item as item_parts
from api.ogc import items as items_parts
from api.ogc.answering import Made, Reading, respond
from api.ogc.formats import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, choose
from api.ogc.params import CollectionId, FeatureId, Item, Items, Ogc, RecordId, Records
from api.openapi import GeoJSON, problems
from api.schemas import ogc as shapes
from kyodo_geo.collections import CATALOGUE


class SchemaJSON(JSONResponse):
    """Names the media type in the definition."""

    media_type = SCHEMA.media_type


class OpenApiJSON(JSONResponse):
    """Names the media type in the definition."""

    media_type = "application/vnd.oai.openapi+json"


router = APIRouter(tags=["ogc"])
_FORMS = (JSON, HTML)
_SCHEMA_FORMS = (SCHEMA, HTML)
_RECORD_FORMS = (GEOJSON, HTML)


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
    "/ogc/api",
    summary="OGC API の定義",
    description="OGC API の部分の定義（OpenAPI 3.0）。`f=html` では、同じ内容を読める形で返します。",
    response_model=shapes.Definition,
    response_class=OpenApiJSON,
    responses=problems(400, 404, 406),
)
async def ogc_definition(request: Request, params: Ogc) -> Response:
    version = request.app.version

    def build(reading: Reading) -> Made:
        if reading.form is HTML:
            return pages.definition_page(reading, version)
        return Made(dumps(definition.document(reading, version)), OPENAPI.media_type)

    return await respond(request, params, (OPENAPI, HTML), build)


@router.get(
    "/ogc/collections/datasets",
    summary="データの目録の説明",
    description="データの目録（OGC API Records の記録の集まり）の説明。",
    response_model=shapes.Collection,
    responses=problems(400, 404, 406),
)
async def ogc_catalogue(request: Request, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, catalogue.made)


@router.get(
    "/ogc/collections/datasets/items",
    summary="データの目録",
    description="データごとの記録（OGC API Records の record core）。出典・利用条件・時点・品質と入口。",
    response_model=shapes.RecordList,
    response_class=GeoJSON,
    responses=problems(400, 404, 406),
)
async def ogc_records(request: Request, params: Records) -> Response:
    return await respond(request, params, _RECORD_FORMS, lambda r: catalogue.page(r, params))


@router.get(
    "/ogc/collections/datasets/items/{record_id}",
    summary="データの目録の記録 1 つ",
    description="id で指定した記録。",
    response_model=shapes.Record,
    response_class=GeoJSON,
    responses=problems(400, 404, 406),
)
async def ogc_record(request: Request, record_id: RecordId, params: Ogc) -> Response:
    return await respond(request, params, _RECORD_FORMS, lambda r: catalogue.one(r, record_id))


@router.get(
    "/ogc/collections/{collection_id}",
    summary="コレクション 1 つの説明",
    description="題名、説明、利用条件、出典、時点、品質、範囲、座標参照系、リンク。",
    response_model=shapes.Collection,
    responses=problems(400, 404, 406),
)
async def ogc_collection(request: Request, collection_id: CollectionId, params: Ogc) -> Response:
    return await respond(request, params, _FORMS, lambda r: landing.collection(r, collection_id))


def _schema_route(part: str, description: str) -> None:
    @router.get(
        f"/ogc/collections/{{collection_id}}/{part}",
        name=f"ogc_{part}",
        summary=schemas.PARTS[part],
        description=description,
        response_model=shapes.JsonSchema,
        response_class=SchemaJSON,
        responses=problems(400, 404, 406),
    )
    async def route(request: Request, collection_id: CollectionId, params: Ogc) -> Response:
        def build(reading: Reading) -> Made:
            collection = CATALOGUE if collection_id == CATALOGUE.id else reading.collection(collection_id)
            if reading.form is HTML:
                return pages.properties_page(reading, collection, part)
            return schemas.made(reading, collection, part)

        return await respond(request, params, _SCHEMA_FORMS, build)


_schema_route("queryables", "`filter` と `?名前=値` に使える属性（JSON Schema）。")
_schema_route("sortables", "`sortby` に使える属性（JSON Schema）。")
_schema_route("schema", "地物の属性の名前・型・単位・取りうる値（JSON Schema）。")


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
    await drafting.check(request, collection_id, params)
    form = choose(params.f, request.headers.get("accept", ""), drafting.formats(params, items_parts.FORMATS))
    if form.name in item_files.FORMS:
        return await item_files.respond(request, collection_id, params, form)

    def build(reading: Reading) -> Made:
        page = items_parts.Page(reading, reading.collection(collection_id), params)
        return pages.items_page(page) if reading.form is HTML else items_parts.as_geojson(page)

    return await respond(request, params, drafting.formats(params, items_parts.FORMATS), build)


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
    await drafting.check(request, collection_id, params)

    def build(reading: Reading) -> Made:
        collection = reading.collection(collection_id)
        row, crs = item_parts.find(reading, collection, feature_id, params)
        if reading.form is HTML:
            return pages.item_page(reading, collection, row)
        return item_parts.as_geojson(reading, collection, row, crs, draft=drafting.drafted(params))

    return await respond(request, params, drafting.formats(params, item_parts.FORMATS), build)
