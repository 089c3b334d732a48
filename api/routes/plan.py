"""Initiatives and indicators of the city's plan."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import Reading, answer
from api.geojson import dumps
from api.openapi import problems
from api.params import FiscalYear, Identifier, PlaceParams
from api.progress.report import Progress, progress
from api.schemas.records import Indicators, Initiatives

router = APIRouter(tags=["plan"])
SOURCE = "出典は `dataset` にあります（見本では計画のダイジェスト版）。"


class PlanParams(PlaceParams):
    """Which version of the plan."""

    plan: Identifier | None = Field(
        default=None, description="計画の版。指定しなければ最も新しいもの", examples=["r3-r7"]
    )


class PlanYearParams(PlanParams):
    """The same, looked at in one fiscal year."""

    fiscal_year: FiscalYear | None = None


def _body(reading: Reading, found: Progress, name: str, rows: list[dict[str, Any]]) -> bytes:
    dataset = found.credit(
        reading.ref.name, *(found.indicators if name == "indicators" else found.initiatives)
    )
    return dumps(
        {
            "municipality": reading.ref.municipality_code,
            "plans": found.plans,
            "fiscal_year": found.fiscal_year,
            "fiscal_years": found.fiscal_years,
            "dataset": dataset,
            "quality": dataset["quality"],
            "quality_label": dataset["quality_label"],
            "count": len(rows),
            name: rows,
        }
    )


def _initiatives(reading: Reading, params: PlanParams) -> bytes:
    found = progress(reading, params.plan)
    rows = [{**item.row, "records": item.records} for item in found.initiatives]
    return _body(reading, found, "initiatives", rows)


def _indicators(reading: Reading, params: PlanYearParams) -> bytes:
    found = progress(reading, params.plan, params.fiscal_year)
    rows = [
        {
            **item.row,
            "state": item.at(found.fiscal_year).state,
            "expected": item.at(found.fiscal_year).expected,
            "values": [year.as_dict() for year in item.years],
        }
        for item in found.indicators
    ]
    return _body(reading, found, "indicators", rows)


@router.get(
    "/api/v1/initiatives",
    summary="取組の一覧",
    description=f"計画の取組と、年度ごとの実績を返します。取組番号は計画の版ごとに異なります。{SOURCE}",
    response_model=Initiatives,
    responses=problems(400, 404),
)
async def list_initiatives(request: Request, params: Annotated[PlanParams, Query()]) -> Response:
    return await answer(request, lambda reading: _initiatives(reading, params), params=params)


@router.get(
    "/api/v1/indicators",
    summary="指標の一覧",
    description=(
        "成果指標（目標あり）と参考指標（方向だけ）を、年度ごとの値、95 % 区間、状態とともに返します。"
        "`state` は `fiscal_year` の状態で、値のない年度は「不明」です。"
        f"基準の年度の値には状態がありません。{SOURCE}"
    ),
    response_model=Indicators,
    responses=problems(400, 404),
)
async def list_indicators(request: Request, params: Annotated[PlanYearParams, Query()]) -> Response:
    return await answer(request, lambda reading: _indicators(reading, params), params=params)
