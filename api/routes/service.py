"""Whether the process lives, whether it can answer, and the description of the API."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse, PlainTextResponse

from api.cache import PUBLIC_FRESH, send
from api.live import NO_DATABASE
from api.openapi import document, problems
from api.params import No
from api.schemas.service import Health, Readiness
from api.services import Served
from geodata.database import Audience
from geodata.queries.generation import revisions
from kyodo_geo.errors import UnavailableError

router = APIRouter(tags=["service"])

READ_ONLY = "主データベースに接続できません。読み取りだけに答えています。"


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
        "データベースに接続できれば自動で回復します。"
    ),
    response_model=Readiness,
    responses={**problems(400), 503: {"model": Readiness, "description": "まだ答えられない。理由は reasons"}},
)
async def readyz(services: Served, params: No) -> Response:
    reasons = services.live.reasons()
    # The primary is away and the replica is there: everything is answered, nothing can be written.
    read_only = reasons == [NO_DATABASE] and services.database.replica is not None
    if not reasons or read_only:
        try:
            await run_sync(_touch_database, services, limiter=services.limiter)
        except UnavailableError as error:
            reasons, read_only = [error.message], False
    held = services.live.ready(services.settings.municipality)
    body = {
        "status": "read-only" if read_only else "unavailable" if reasons else "ok",
        "reasons": [READ_ONLY] if read_only else reasons,
        "municipality": services.settings.municipality,
        "revision": held.revision if held else None,
        "generation_no": held.generation_no if held else None,
    }
    return JSONResponse(body, 503 if reasons and not read_only else 200, {"Cache-Control": "no-store"})


def _touch_database(services: Served) -> None:
    with services.database.read(Audience.PUBLIC) as conn:
        revisions(conn)


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
