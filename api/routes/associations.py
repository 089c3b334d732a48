"""Neighbourhood associations as GeoJSON: areas, published contacts and address rules."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from api.answers import GEOJSON, Reading, answer
from api.credits import credit
from api.geojson import collection, dumps, feature
from api.openapi import GeoJSON, problems
from api.paging import page_members
from api.params import Data, Paged, PageParams
from api.schemas.associations import Association, Associations
from geodata.queries import associations as association_queries
from geodata.queries import datasets as dataset_queries
from geodata.queries.associations import AssociationRow

router = APIRouter(tags=["associations"])
KINDS = ("associations", "association-districts", "districts")

AssociationId = Annotated[
    str,
    Path(
        pattern=r"^[0-9A-Za-z_-]{1,40}$",
        description="町内会・自治会の番号",
        openapi_examples={"見本": {"summary": "一覧の最初のもの", "value": "sample-0001"}},
    ),
]


def properties(row: AssociationRow) -> dict[str, Any]:
    """What everybody may know of an association; never its own membership figures."""
    district = {"no": row.district_no, "name": row.district_name} if row.district_no is not None else None
    return {
        "id": row.id,
        "name": row.name,
        "kana": row.kana,
        "kind": row.kind,
        "area_text": row.area_text,
        "district": district,
        "district_basis": row.district_basis,
    }


@router.get(
    "/api/v1/associations",
    summary="町内会・自治会の一覧",
    description="区域の図形と地区を、ページに分けて GeoJSON で返します。地区の番号や範囲で絞れます。",
    response_model=Associations,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def list_associations(request: Request, params: Paged) -> Response:
    return await answer(request, lambda r: _page(r, params), params=params, media_type=GEOJSON)


def _page(reading: Reading, params: PageParams) -> bytes:
    rows, following = association_queries.page(
        reading.conn,
        reading.ref,
        district=params.district,
        bbox=params.corners,
        after=params.cursor,
        limit=params.limit,
    )
    return collection(
        (feature(row.id, row.geometry, properties(row)) for row in rows),
        credit(dataset_queries.active_datasets(reading.conn, reading.ref), KINDS),
        municipality=reading.ref.municipality_code,
        **page_members("/api/v1/associations", params, following),
    )


@router.get(
    "/api/v1/associations/{association_id}",
    summary="町内会・自治会 1 つ",
    description="区域、公開に同意した連絡先、住所の範囲を GeoJSON の Feature で返します。",
    response_model=Association,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def one_association(request: Request, association_id: AssociationId, params: Data) -> Response:
    def build(reading: Reading) -> bytes:
        row = association_queries.one(reading.conn, reading.ref, association_id)
        datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
        details = {"contacts": list(row.contacts), "rules": list(row.rules)}
        body = feature(row.id, row.geometry, {**properties(row), **details})
        made_of = credit(datasets, (*KINDS, "association-rules"))
        return dumps({**body, "dataset": made_of, "municipality": reading.ref.municipality_code})

    return await answer(request, build, params=params, media_type=GEOJSON)
