"""Referrals for partners' programs: the key's office asks the city and reads what came back."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Query, Request, Response

from api.answers import JSON, private
from api.auth.principals import Principal, identify
from api.geojson import dumps
from api.openapi import problems
from api.params import No
from api.schemas.tickets import NewReferral, Receipt, TicketListParams, Tickets
from api.services import Served, Services
from geodata.tickets import Summary
from kyodo_geo.errors import ForbiddenError, InputError
from kyodo_geo.ticket_entries import referral_errors

router = APIRouter(tags=["partners"])

KEY_ONLY: dict[str, Any] = {"security": [{"partnerKey": []}]}
EXAMPLES = {
    "質問だけ": {
        "summary": "質問だけを送る（回答は一覧で読む）",
        "value": {"question": "会費はいくらですか。"},
    },
    "回答をお客様へ": {
        "summary": "お客様の同意を得て連絡先を添える（メールが設定された市では、回答がメールで届く）",
        "value": {
            "question": "ごみの集積所はどこですか。",
            "customer": {"name": "山田 花子", "email": "hanako@example.jp"},
            "consent": True,
        },
    },
}


async def program_of(request: Request) -> tuple[Principal, str]:
    """The program and its office. A browser's session does not do: forms of other sites could use it."""
    found = await identify(request)
    if not found.key_id:
        raise ForbiddenError("この API は、会員店の鍵（Authorization: Bearer）で使います。")
    if not found.office_id:
        raise ForbiddenError("この鍵には会員店が登録されていません。市の担当にお問い合わせください。")
    return found, found.office_id


@router.post(
    "/api/v1/referrals",
    summary="市に質問する（取次）",
    description=(
        "質問を市に取り次ぎ、番号を返します。お客様の氏名・連絡先は、同意（`consent`）があるときだけ送ってください。"
        "10 分に 60 件を超えると 429 で断ります。"
    ),
    response_model=Receipt,
    responses=problems(400, 401, 403, 413, 422, 429),
    openapi_extra=KEY_ONLY,
)
async def ask(
    request: Request,
    services: Served,
    question: Annotated[NewReferral, Body(openapi_examples=EXAMPLES)],
    params: No,
) -> Response:
    program, _ = await program_of(request)
    entry = question.entry()
    for field, message in referral_errors(entry).items():
        raise InputError(message, field=field)
    services.gate.enter("", login=program.login)
    number = await run_sync(services.desk.enter, entry, program, limiter=services.limiter)
    return private(dumps({"ticket_no": number}), JSON)


@router.get(
    "/api/v1/referrals",
    summary="取次の一覧（自店の分）",
    description="鍵の会員店が取り次いだ質問と加入の希望を、新しい順に 50 件ずつ返します。お客様の情報は含みません。",
    response_model=Tickets,
    responses=problems(400, 401, 403),
    openapi_extra=KEY_ONLY,
)
async def own(request: Request, services: Served, params: Annotated[TicketListParams, Query()]) -> Response:
    _, office = await program_of(request)
    body = await run_sync(_list, services, office, params.cursor, limiter=services.limiter)
    return private(body, JSON)


def _list(services: Services, office: str, cursor: int | None) -> bytes:
    _, rows, following = services.desk.own(office, cursor)
    answers = services.desk.own_answers(office, [row.ticket_no for row in rows])
    return dumps({"tickets": [_state(row, answers.get(row.ticket_no)) for row in rows], "next": following})


def _state(row: Summary, answer: str | None) -> dict[str, Any]:
    return {
        "ticket_no": row.ticket_no,
        "kind": row.kind.value,
        "state": row.state.value,
        "state_label": row.state.label,
        "association_id": row.association_id,
        "association": row.association,
        "received_at": row.received_at,
        "due_on": row.due_on,
        "closed_at": row.closed_at,
        "answer": answer,
    }
