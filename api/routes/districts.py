"""Districts and small areas as GeoJSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api import district_profile, figures
from api.answers import GEOJSON, Reading, answer
from api.credits import credit
from api.district_profile_json import as_json
from api.geojson import collection, dumps, feature
from api.openapi import GeoJSON, problems
from api.paging import page_members
from api.params import DistrictNoPath, Paged, PageParams, Year, YearParams
from api.schemas.district_profile import DistrictProfile
from api.schemas.districts import District, Districts, SmallAreas
from geodata.queries import datasets as dataset_queries
from geodata.queries import small_areas as small_area_queries

router = APIRouter(tags=["districts"])


def districts_body(reading: Reading, params: YearParams) -> bytes:
    """All districts; also what the pages' GeoJSON download sends."""
    found = figures.district_figures(reading, params.fiscal_year)
    return collection(
        (feature(row.no, row.geometry, found.properties(row)) for row in found.rows),
        found.credit(),
        municipality=reading.ref.municipality_code,
        fiscal_year=found.fiscal_year,
        fiscal_years=found.fiscal_years,
        city=figures.city_membership(found.city),
    )


@router.get(
    "/api/v1/districts",
    summary="コミュニティ推進地区の一覧",
    description="すべての地区の区域、地域づくり計画の有無、人口、世帯数、加入率を GeoJSON で返します。",
    response_model=Districts,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def list_districts(request: Request, params: Year) -> Response:
    return await answer(request, lambda r: districts_body(r, params), params=params, media_type=GEOJSON)


@router.get(
    "/api/v1/districts/{no}",
    summary="コミュニティ推進地区 1 つ",
    description="番号で指定した地区を GeoJSON の Feature で返します。",
    response_model=District,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def one_district(request: Request, no: DistrictNoPath, params: Year) -> Response:
    def build(reading: Reading) -> bytes:
        found = figures.district_figures(reading, params.fiscal_year, no=no)
        row = found.rows[0]
        body = feature(row.no, row.geometry, found.properties(row))
        return dumps({**body, "dataset": found.credit(), "municipality": reading.ref.municipality_code})

    return await answer(request, build, params=params, media_type=GEOJSON)


@router.get(
    "/api/v1/districts/{no}/profile",
    summary="コミュニティ推進地区の詳しい内容",
    description="地区のページと同じ数値を返します。`compare` で、別の地区や市全体との差も返します。",
    response_model=DistrictProfile,
    responses=problems(400, 404),
)
async def one_profile(
    request: Request, no: DistrictNoPath, params: Annotated[district_profile.ProfileParams, Query()]
) -> Response:
    def build(reading: Reading) -> bytes:
        found = district_profile.gather(reading, no, params.compare)
        return dumps(
            {"municipality": reading.ref.municipality_code, "dataset": found.dataset(), **as_json(found)}
        )

    return await answer(request, build, params=params)


@router.get(
    "/api/v1/small-areas",
    summary="国勢調査の小地域",
    description="小地域の区域、人口、世帯数、割り当てた地区を、ページに分けて GeoJSON で返します。",
    response_model=SmallAreas,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def list_small_areas(request: Request, params: Paged) -> Response:
    return await answer(request, lambda r: _small_areas(r, params), params=params, media_type=GEOJSON)


def _small_areas(reading: Reading, params: PageParams) -> bytes:
    rows, following = small_area_queries.page(
        reading.conn,
        reading.ref,
        bbox=params.corners,
        district=params.district,
        after=params.cursor,
        limit=params.limit,
    )
    datasets = dataset_queries.active_datasets(reading.conn, reading.ref)
    return collection(
        (
            feature(
                row.key_code,
                row.geometry,
                {
                    "key_code": row.key_code,
                    "name": row.name,
                    "population": row.people,
                    "households": row.households,
                    "area_m2": round(row.area_m2, 1),
                    "district_no": row.district_no,
                    "confidence": row.confidence,
                },
            )
            for row in rows
        ),
        credit(datasets, ("small-areas", "district-assignment")),
        municipality=reading.ref.municipality_code,
        **page_members("/api/v1/small-areas", params, following),
    )
