"""Initiatives and indicators of the city's plan."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import Reading, answer
from api.geojson import dumps
from api.openapi import problems
from api.params import Identifier, PlaceParams
from api.schemas.records import Indicators, Initiatives
from geodata.queries import plans as plan_queries
from kyodo_geo.quality import Quality, worst

router = APIRouter(tags=["plan"])
SOURCE = "出典は `dataset` にあります（見本では計画のダイジェスト版）。"


class PlanParams(PlaceParams):
    """Which version of the plan."""

    plan: Identifier | None = Field(
        default=None, description="計画の版。指定しなければ最も新しいもの", examples=["r3-r7"]
    )


def _body(reading: Reading, plan: str | None, name: str, items: str, rows: list[dict[str, Any]]) -> bytes:
    """`items` is the member that holds the dated values, each with a quality and a source of its own."""
    plans = plan_queries.plans(reading.conn, reading.ref)
    shown = next((found for found in plans if plan in (None, found["plan_id"])), None)
    quality = worst(Quality(item["quality"]) for row in rows for item in row[items])
    sources = [plan_queries.source(reading.conn, reading.ref, plan)]
    sources += [item["source"] for row in rows for item in row[items]]
    return dumps(
        {
            "municipality": reading.ref.municipality_code,
            "plans": plans,
            "dataset": {
                "title": shown["name"] if shown else None,
                "source": "、".join(dict.fromkeys(filter(None, sources))),
                "licence": "",
                "authority": reading.ref.name,
                "as_of": None,
                "quality": quality.value,
                "quality_label": quality.label,
                "parts": [],
            },
            "quality": quality.value,
            "quality_label": quality.label,
            "count": len(rows),
            name: rows,
        }
    )


@router.get(
    "/api/v1/initiatives",
    summary="取組の一覧",
    description=f"計画の取組と、年度ごとの実績を返します。取組番号は計画の版ごとに異なります。{SOURCE}",
    response_model=Initiatives,
    responses=problems(400, 404),
)
async def list_initiatives(request: Request, params: Annotated[PlanParams, Query()]) -> Response:
    def build(reading: Reading) -> bytes:
        rows = plan_queries.initiatives(reading.conn, reading.ref, params.plan)
        return _body(reading, params.plan, "initiatives", "records", rows)

    return await answer(request, build, params=params)


@router.get(
    "/api/v1/indicators",
    summary="指標の一覧",
    description=f"成果指標（目標あり）と参考指標（方向だけ）を、年度ごとの値とともに返します。{SOURCE}",
    response_model=Indicators,
    responses=problems(400, 404),
)
async def list_indicators(request: Request, params: Annotated[PlanParams, Query()]) -> Response:
    def build(reading: Reading) -> bytes:
        rows = plan_queries.indicators(reading.conn, reading.ref, params.plan)
        return _body(reading, params.plan, "indicators", "values", rows)

    return await answer(request, build, params=params)
