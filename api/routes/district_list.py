"""All districts as a page and as a file, and one district's figures as a file."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from api import district_csv, district_profile
from api.answers import CSV, HTML, Built, Reading, answer
from api.clock import today
from api.district_list import district_list
from api.district_profile import ProfileParams
from api.openapi import problems
from api.params import Data, DistrictNoPath
from api.routes.downloads import disposition
from api.tables import to_csv

router = APIRouter(tags=["districts"])

CSV_ANSWER: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

FILES = (
    ("/downloads/districts.csv", "表（CSV）", "表計算ソフトで開けます"),
    ("/api/v1/districts", "区域と数値（GeoJSON）", "GIS で開けます"),
)


@router.get("/districts", include_in_schema=False)
async def districts_page(request: Request, params: Data) -> Response:
    """Every district, each a link to its page."""

    def build(reading: Reading) -> bytes:
        found = district_list(reading)
        kept = params.model_dump(mode="json", exclude_none=True)
        asked = f"?{urlencode(kept)}" if kept else ""
        return reading.services.pages.render(
            "districts.html",
            path="/districts",
            ref=reading.ref,
            dataset=found.dataset,
            table=found.table,
            picture=found.picture.svg if found.picture else None,
            downloads=[
                {"href": f"{path}{asked}", "label": label, "note": note} for path, label, note in FILES
            ],
        ).encode()

    return await answer(request, build, params=params, media_type=HTML)


@router.get(
    "/downloads/districts.csv",
    summary="地区の一覧（CSV）",
    description="地区ごとの人口、世帯数、加入率、計画の状態、町内会・自治会の数。UTF-8（BOM 付き）。",
    responses={**problems(400, 404), **CSV_ANSWER},
    response_class=Response,
)
async def districts_file(request: Request, params: Data) -> Response:
    def build(reading: Reading) -> Built:
        found = district_list(reading)
        return Built(to_csv(found.table, found.dataset), disposition(f"districts_{today():%Y%m%d}.csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/downloads/districts/{no}.csv",
    summary="地区のページの数値（CSV）",
    description="地区のページと同じ数値を、1 行に 1 つずつ。UTF-8（BOM 付き）で、非公表の値は「非公表」です。",
    responses={**problems(400, 404), **CSV_ANSWER},
    response_class=Response,
)
async def district_file(
    request: Request, no: DistrictNoPath, params: Annotated[ProfileParams, Query()]
) -> Response:
    def build(reading: Reading) -> Built:
        body = district_csv.to_csv(district_profile.gather(reading, no, params.compare))
        return Built(body, disposition(f"district_{no:02}_{today():%Y%m%d}.csv"))

    return await answer(request, build, params=params, media_type=CSV)
