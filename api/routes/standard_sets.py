"""Files in the layouts of the 自治体標準オープンデータセット."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from api import standard_sets
from api.answers import CSV, Built, Reading, answer
from api.openapi import problems
from api.params import Data
from api.routes.downloads import disposition
from kyodo_geo.opendata.codes import six_digits
from kyodo_geo.opendata.layouts import LAYOUTS

router = APIRouter(tags=["datasets"])

Name = Annotated[
    str,
    Path(
        pattern=r"^[a-z_]{1,40}$",
        description="、".join(f"{item.name}（{item.title}）" for item in LAYOUTS.values()),
        openapi_examples={"公共施設一覧": {"value": "public_facility"}},
    ),
]


@router.get(
    "/opendata/standard/{name}.csv",
    summary="自治体標準オープンデータセットの形式のファイル（CSV）",
    description=(
        "デジタル庁「自治体標準オープンデータセット」の列の並びで返します。UTF-8（BOM 付き）、改行は CRLF。"
        "わからない項目は空です。見本データや当サービスの推定を含む行は、備考にそう書きます。"
    ),
    responses={**problems(400, 404), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def standard_file(request: Request, name: Name, params: Data) -> Response:
    def build(reading: Reading) -> Built:
        body = standard_sets.file_of(name, reading.conn, reading.ref, reading.on)
        return Built(body, disposition(f"{six_digits(reading.ref.municipality_code)}_{name}.csv"))

    return await answer(request, build, params=params, media_type=CSV)
