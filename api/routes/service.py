"""Whether the process lives, whether it can answer, and the description of the API."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, PlainTextResponse

from api.cache import PUBLIC_FRESH, send
from api.openapi import document, problems
from api.params import No
from api.schemas.service import Health, Readiness
from api.services import Served

router = APIRouter(tags=["service"])


@router.get(
    "/healthz",
    summary="プロセスが動いているか",
    description="データベースには触れません。",
    response_model=Health,
    responses=problems(400),
)
async def healthz(params: No) -> Response:
    return JSONResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


@router.get(
    "/readyz",
    summary="答える準備ができているか",
    description=(
        "準備ができていないときは 503 と理由を返します。主データベースだけが止まっているときは 200 の read-only です。"
        "止める合図を受けたときは、処理の途中の要求を終えるまで 503 です。"
        "データベースに接続できれば自動で回復します。"
    ),
    response_model=Readiness,
    responses={**problems(400), 503: {"model": Readiness, "description": "まだ答えられない。理由は reasons"}},
)
async def readyz(services: Served, params: No) -> Response:
    told = await run_sync(services.readiness.look, services, limiter=services.limiter)
    held = services.live.ready(services.settings.municipality)
    body = {
        "status": told.status,
        "reasons": told.reasons,
        "warnings": told.warnings,
        "municipality": services.settings.municipality,
        "revision": held.revision if held else None,
        "generation_no": held.generation_no if held else None,
    }
    return JSONResponse(body, 200 if told.ready else 503, {"Cache-Control": "no-store"})


@router.get(
    "/api/v1/openapi.json",
    summary="この API の説明（OpenAPI）",
    description="OpenAPI 3.1 の文書です。人が読む説明は /api にあります。",
    responses=problems(400),
)
async def openapi(request: Request, params: No) -> Response:
    return send(request, document(request.app), PUBLIC_FRESH)


@router.get("/robots.txt", include_in_schema=False)
async def robots(params: No) -> Response:
    """Results of lookups and staff pages are nobody's search result."""
    closed = ("/lookup", "/staff", "/account", "/login", "/welcome", "/partner/batch")
    text = "".join(["User-agent: *\n", *(f"Disallow: {path}\n" for path in closed)])
    return PlainTextResponse(text, headers={"Cache-Control": "public, max-age=3600"})
