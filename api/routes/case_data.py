"""Activity cases, handbooks and subsidies as JSON and files."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from api.answers import CSV, GEOJSON, Built, Reading, answer
from api.clock import today
from api.geojson import dumps
from api.openapi import GeoJSON, problems
from api.params import Data
from api.routes.cases import away
from api.routes.downloads import disposition
from api.schemas.sharing import Cases, Handbooks, Subsidies
from api.sharing import facts
from api.sharing.view import CaseParams, credit_of, found_of
from geodata.queries import sharing as queries
from kyodo_geo.sharing.deadlines import by_deadline

router = APIRouter(tags=["sharing"])


def _body(reading: Reading, params: CaseParams, code: str | None) -> bytes:
    found, everything = found_of(reading, params)
    return facts.cases_geojson(
        found, credit_of(reading, found), code=reading.ref.municipality_code, whole=len(everything),
        **({"municipality": code} if code else {}),
    )  # fmt: skip


@router.get(
    "/api/v1/cases",
    summary="活動事例",
    description=(
        "同意を得て公開している活動事例を GeoJSON で返します。位置のない事例の geometry は null です。"
        "公開をやめた事例は、`as_of` を指定しても出ません。"
    ),
    response_model=Cases,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def cases_data(request: Request, params: Annotated[CaseParams, Query()]) -> Response:
    code = away(request, params)
    return await answer(
        request, lambda r: Built(_body(r, params, code), keep=not params.q), params=params, media_type=GEOJSON
    )


@router.get(
    "/downloads/cases.geojson",
    summary="活動事例（GeoJSON）",
    description="ページと同じ条件の活動事例を、ファイルで返します。",
    responses={**problems(400, 404), 200: {"content": {GEOJSON: {"schema": {"type": "object"}}}}},
    response_class=Response,
)
async def cases_geojson(request: Request, params: Annotated[CaseParams, Query()]) -> Response:
    code = away(request, params)
    named = disposition(f"cases_{today():%Y%m%d}.geojson")
    return await answer(
        request,
        lambda r: Built(_body(r, params, code), named, keep=not params.q),
        params=params,
        media_type=GEOJSON,
    )


@router.get(
    "/downloads/cases.csv",
    summary="活動事例（CSV）",
    description="ページと同じ条件の活動事例の表。UTF-8（BOM 付き）で、各行に品質と出典が付きます。",
    responses={**problems(400, 404), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def cases_csv(request: Request, params: Annotated[CaseParams, Query()]) -> Response:
    named = disposition(f"cases_{today():%Y%m%d}.csv")
    return await answer(
        request,
        lambda r: Built(facts.cases_csv(found_of(r, params)[0]), named, keep=not params.q),
        params=params,
        media_type=CSV,
    )


@router.get(
    "/api/v1/handbooks",
    summary="手引き・マニュアル",
    description="活動に役立つ手引きを返します。新しい版のあるものは `old` が true です。",
    response_model=Handbooks,
    responses=problems(400, 404),
)
async def handbooks_data(request: Request, params: Data) -> Response:
    def build(reading: Reading) -> bytes:
        rows = queries.handbooks(reading.conn, reading.ref.municipality_code)
        return dumps(
            {
                "municipality": reading.ref.municipality_code,
                "dataset": facts.credit_of(rows),
                "count": len(rows),
                "handbooks": [facts.handbook(row, reading.on) for row in rows],
            }
        )

    return await answer(request, build, params=params)


@router.get(
    "/api/v1/subsidies",
    summary="補助金・助成金の情報",
    description="町内会・自治会などが応募できる補助金を、締切の近い順に返します。受付の終わったものは最後です。",
    response_model=Subsidies,
    responses=problems(400, 404),
)
async def subsidies_data(request: Request, params: Data) -> Response:
    def build(reading: Reading) -> bytes:
        rows = queries.subsidies(reading.conn, reading.ref.municipality_code)
        ordered = by_deadline(rows, lambda row: (row.opens_on, row.closes_after), reading.on)
        return dumps(
            {
                "municipality": reading.ref.municipality_code,
                "dataset": facts.credit_of(rows),
                "count": len(rows),
                "subsidies": [facts.subsidy(row, reading.on) for row in ordered],
            }
        )

    return await answer(request, build, params=params)
