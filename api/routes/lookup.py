"""The lookup for programs. Addresses stand in the body or, for convenience, in a query string no log of ours keeps."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response

from api.answers import JSON, private
from api.asking import ask
from api.asking_many import ask_many
from api.auth.principals import Principal, identify
from api.geojson import dumps
from api.openapi import problems
from api.params import NoParams
from api.schemas.batch import MAX_ROWS, MAX_ROWS_WITHOUT_KEY, BatchAnswers, BatchQuestion
from api.schemas.lookup import LookupAnswer, LookupParams, Question
from api.services import Served
from kyodo_geo.errors import SignInRequiredError

router = APIRouter(tags=["lookup"])

QUESTIONS = {
    "住所": {"summary": "住所で調べる", "value": {"address": "盛岡市内丸12番2号"}},
    "地点": {"summary": "経度・緯度で調べる", "value": {"lon": 141.1527, "lat": 39.7036}},
}
MANY = {
    "まとめて": {
        "summary": "住所と地点をまとめて調べる",
        "value": {
            "rows": [
                {"id": "A-1", "address": "盛岡市内丸12番2号"},
                {"id": "A-2", "lon": 141.1527, "lat": 39.7036},
                {"id": "A-3", "address": ""},
            ]
        },
    },
}


def channel_of(principal: Principal | None) -> str:
    """Under which name lookups are counted."""
    if principal is None or not principal.key_id:
        return "api"
    return "widget" if principal.publishable else "partner"


@router.post(
    "/api/v1/lookup",
    summary="住所または地点から町内会・自治会を調べる",
    description=(
        "結果は outcome で分かれます: `one`（1 つ）、`several`（複数の候補）、`none_here`（この場所にはない）、"
        "`outside_city`（市の外）、`not_understood`（読み取れない）。住所は記録に残りません。"
    ),
    response_model=LookupAnswer,
    responses=problems(400, 401, 403, 404, 413, 422, 429, 503),
    openapi_extra={"security": [{}, {"partnerKey": []}]},
)
async def ask_by_body(
    request: Request,
    services: Served,
    question: Annotated[Question, Body(openapi_examples=QUESTIONS)],
    params: Annotated[NoParams, Query()],
) -> Response:
    principal = await identify(request) if "authorization" in request.headers else None
    rate = services.rates.take(principal)
    found = await ask(
        services,
        channel_of(principal),
        municipality=question.municipality,
        address=question.address,
        lon=question.lon,
        lat=question.lat,
        as_of=question.as_of,
        principal=principal,
    )
    return private(dumps(found), JSON, rate)


@router.get(
    "/api/v1/lookup",
    summary="住所または地点から町内会・自治会を調べる（プログラム向け）",
    description="`address`、または `lon` と `lat` を指定します。画面からは使いません（アドレスに住所が残るため）。",
    response_model=LookupAnswer,
    responses=problems(400, 401, 403, 404, 429, 503),
    openapi_extra={"security": [{}, {"partnerKey": []}]},
)
async def ask_by_query(
    request: Request, services: Served, params: Annotated[LookupParams, Query()]
) -> Response:
    principal = await identify(request) if "authorization" in request.headers else None
    rate = services.rates.take(principal)
    found = await ask(
        services,
        channel_of(principal),
        municipality=params.municipality,
        address=params.address,
        lon=params.lon,
        lat=params.lat,
        as_of=params.as_of,
        principal=principal,
    )
    return private(dumps(found), JSON, rate)


@router.post(
    "/api/v1/lookup/batch",
    summary="住所または地点を最大 1,000 件まとめて調べる",
    description=(
        f"1 回に、鍵（`Authorization: Bearer kg_…`）があれば {MAX_ROWS:,} 行、なければ {MAX_ROWS_WITHOUT_KEY} 行まで送れます。"
        "答えは送った順で、行ごとに `result` か `errors` のどちらかが入ります。読めない行があっても、ほかの行には答えます。"
        "`result` の項目は `kyodo-geo lookup-batch` とアップロードの結果の列と同じです。住所は記録に残りません。"
    ),
    response_model=BatchAnswers,
    responses=problems(400, 401, 403, 404, 413, 422, 429),
    openapi_extra={"security": [{}, {"partnerKey": []}]},
)
async def ask_many_by_body(
    request: Request,
    services: Served,
    question: Annotated[BatchQuestion, Body(openapi_examples=MANY)],
    params: Annotated[NoParams, Query()],
) -> Response:
    principal = await identify(request) if "authorization" in request.headers else None
    if principal is None and len(question.rows) > MAX_ROWS_WITHOUT_KEY:
        raise SignInRequiredError(
            f"{MAX_ROWS_WITHOUT_KEY} 行を超えて調べるには、鍵が必要です。分けて送るか、市の担当に鍵を頼んでください。"
        )
    rate = services.rates.take(principal, len(question.rows))
    found = await ask_many(
        services,
        "batch",  # with the key's office: thousands of rows are counted apart from single questions
        question.rows,
        municipality=question.municipality,
        principal=principal,
    )
    return private(dumps(found), JSON, rate)
