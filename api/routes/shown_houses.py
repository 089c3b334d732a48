"""Vacant houses outside the city's staff: the listed ones for everybody, the consented ones for whom the owner named.

What is listed is read as the public and lies in the caches like other public answers. What somebody is told by name is read
by the session that asks (`consented_houses` of the database looks the person up itself), written down, and never stored.
"""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import CSV, GEOJSON, HTML, Built, Reading, answer, private
from api.auth.principals import Principal, signed_in
from api.geojson import collection
from api.openapi import GeoJSON, problems
from api.params import No, Place
from api.routes.accounts import page
from api.routes.downloads import disposition
from api.schemas.records import ConsentedHouses, ListedHouses
from api.services import Served, Services
from api.shown_houses.rows import COLUMNS, credit_of, features, to_csv, words
from geodata.audit import record
from geodata.database import Audience
from geodata.queries import shown_houses
from geodata.queries.generation import Ref, resolve

router = APIRouter(tags=["houses"])

LISTED = "/listed-houses"
CONSENTED = "/consented-houses"


@router.get(LISTED, include_in_schema=False)
async def listed_page(request: Request, params: Place) -> Response:
    """The table of the houses that are listed now."""

    def build(reading: Reading) -> bytes:
        rows = shown_houses.listed(reading.conn, reading.ref.municipality_code)
        return reading.services.pages.render(
            "listed_houses.html", path=LISTED, ref=reading.ref, dataset=credit_of(rows) if rows else None,
            columns=COLUMNS, rows=words(rows), municipality=params.municipality,
        ).encode()  # fmt: skip

    return await answer(request, build, params=params, media_type=HTML)


@router.get(LISTED + ".csv", include_in_schema=False)
async def listed_file(request: Request, params: Place) -> Response:
    """The same as a file."""

    def build(reading: Reading) -> Built:
        rows = shown_houses.listed(reading.conn, reading.ref.municipality_code)
        return Built(to_csv(rows, named=False), disposition("listed_houses.csv"))

    return await answer(request, build, params=params, media_type=CSV)


@router.get(
    "/api/v1/listed-houses",
    summary="公開されている空き家",
    description="空き家バンクなどで公開されている空き家を GeoJSON で返します。公開をやめたものは、すぐに出なくなります。",
    response_model=ListedHouses,
    response_class=GeoJSON,
    responses=problems(400, 404),
)
async def listed_data(request: Request, params: Place) -> Response:
    def build(reading: Reading) -> bytes:
        rows = shown_houses.listed(reading.conn, reading.ref.municipality_code)
        return collection(features(rows), credit_of(rows), municipality=reading.ref.municipality_code)

    return await answer(request, build, params=params, media_type=GEOJSON)


@router.get(CONSENTED, include_in_schema=False)
async def consented_page(request: Request, services: Served, params: No) -> Response:
    """The houses whose owner named the association or office of who is signed in."""
    user = await signed_in(request)
    ref, rows = await run_sync(_told, services, user, limiter=services.limiter)
    return page(
        request, services, "consented_houses.html", user=user, csrf_token=user.csrf_token, ref=ref,
        dataset=credit_of(rows) if rows else None, columns=COLUMNS,
        rows=[
            {**said, "consented_on": row["consented_on"], "recipients": row["recipients"]}
            for said, row in zip(words(rows), rows, strict=True)
        ],
    )  # fmt: skip


@router.get(CONSENTED + ".csv", include_in_schema=False)
async def consented_file(request: Request, services: Served, params: No) -> Response:
    """The same as a file."""
    user = await signed_in(request)
    _, rows = await run_sync(_told, services, user, limiter=services.limiter)
    return private(
        to_csv(rows, named=True), CSV, {**disposition("consented_houses.csv"), "X-Robots-Tag": "noindex"}
    )


@router.get(
    "/api/v1/consented-houses",
    summary="所有者が同意した空き家（名指しされた相手だけ）",
    description="所有者が書面で相手に挙げた町内会・自治会や会員店の利用者に、その空き家だけを返します。見たことは監査の記録に残ります。",
    response_model=ConsentedHouses,
    response_class=GeoJSON,
    responses=problems(400, 401, 403),
    openapi_extra={"security": [{"session": []}]},
)
async def consented_data(request: Request, services: Served, params: No) -> Response:
    user = await signed_in(request)
    ref, rows = await run_sync(_told, services, user, limiter=services.limiter)
    body = collection(features(rows), credit_of(rows), municipality=ref.municipality_code)
    return private(body, GEOJSON, {"X-Robots-Tag": "noindex"})


def _told(services: Services, user: Principal) -> tuple[Ref, list[dict[str, Any]]]:
    """What the person may be told of, once it stands in the audit log that they were."""
    code = services.settings.municipality
    assert user.session_hash is not None
    with services.database.read(Audience.PARTNER) as conn:
        ref = resolve(conn, code)
        rows = shown_houses.consented(conn, code, user.session_hash)
    if rows:
        seen = {
            "rows": len(rows),
            "generation": ref.generation_no,
            "houses": [row["house_id"] for row in rows],
        }
        with services.database.write(Audience.AUTH) as conn:
            record(conn, code, user.login or "unknown", "vacant-houses.view", "consented", seen, kind="view")
    return ref, rows
