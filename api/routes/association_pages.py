"""Page of an association, its leaflet and its sheet for fax."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api import association_page
from api.answers import HTML, Reading, answer, private
from api.auth.principals import identify
from api.cache import send
from api.paper import fax, sheets
from api.paper.count import count, countable
from api.paper.serve import PDF, MakeHtml, attachment, kept, origin
from api.paper.words import Lang
from api.params import Data, No, Params
from api.routes.accounts import form_of, text
from api.routes.associations import AssociationId
from api.security import refuse_foreign_form
from api.services import Served
from kyodo_geo.errors import InputError

router = APIRouter(include_in_schema=False)

MOST_COPIES = 500
"""Flats of the largest building; more in one go is a slip of the pen."""


class LeafletParams(Params):
    """Which form and language; `receipt` is the 80 mm roll."""

    form: sheets.Form = "a4"
    lang: Lang = "ja"
    copies: Annotated[str, Field(max_length=10)] = ""
    """Sent along by the page's form; a preview has no use for it."""


@router.get("/associations/{association_id}")
async def association(request: Request, association_id: AssociationId, params: Data) -> Response:
    """What everybody may know of one association."""
    return await answer(
        request,
        lambda reading: association_page.html(reading, association_id).encode(),
        params=params,
        media_type=HTML,
    )


@router.get("/associations/{association_id}/leaflet.pdf")
async def preview(
    request: Request,
    services: Served,
    association_id: AssociationId,
    params: Annotated[LeafletParams, Query()],
) -> Response:
    """The leaflet as a preview: says so on the paper, and counts for nothing."""
    made = await kept(
        services,
        *_leaflet(association_id, params.form, params.lang, origin(request, services), counted=False),
    )
    response = send(request, made)
    response.headers.update(attachment("kanyu-annai-kakunin.pdf"))
    return response


@router.post("/associations/{association_id}/leaflet.pdf")
async def hand_out(request: Request, services: Served, association_id: AssociationId, params: No) -> Response:
    """The leaflet to hand out; counted by association, form and the office of who is signed in."""
    refuse_foreign_form(request)
    form = await form_of(request)
    wanted, lang = text(form, "form") or "a4", text(form, "lang") or "ja"
    if wanted not in sheets.LAYOUTS or lang not in sheets.LANGUAGES:
        raise InputError("チラシの形か言葉の指定が正しくありません。ページの一覧から選んでください。")
    copies = _copies(text(form, "copies"))
    principal = await identify(request)
    key, build = _leaflet(association_id, wanted, lang, origin(request, services), counted=True)
    made = await kept(services, key, build)
    number_of = sheets.LAYOUTS[wanted].count_as
    client = request.client.host if request.client else ""
    copies = countable(services, principal, client, copies)
    if copies:
        await run_sync(
            count, services, association_id, number_of, copies, principal, limiter=services.limiter
        )
    return private(made.body, PDF, attachment("kanyu-annai.pdf"))


@router.get("/associations/{association_id}/fax-sheet.pdf")
async def fax_sheet_of(
    request: Request, services: Served, association_id: AssociationId, params: No
) -> Response:
    """The sheet for fax with the association filled in."""
    made = await kept(services, ("fax", association_id), lambda reading: fax.sheet(reading, association_id))
    response = send(request, made)
    response.headers.update(attachment("toritsugi.pdf"))
    return response


@router.get("/fax-sheet.pdf")
async def fax_sheet(request: Request, services: Served, params: No) -> Response:
    """The sheet for fax, blank."""
    made = await kept(services, ("fax", ""), lambda reading: fax.sheet(reading, None))
    response = send(request, made)
    response.headers.update(attachment("toritsugi.pdf"))
    return response


def _leaflet(
    association_id: str, form: str, lang: str, address: str, *, counted: bool
) -> tuple[tuple[object, ...], MakeHtml]:
    """Key of the cache, and what builds the page."""

    def build(reading: Reading) -> str:
        return sheets.leaflet(reading, association_id, form, lang, address, counted=counted)

    return ("leaflet", association_id, form, lang, address, counted), build


def _copies(value: str) -> int:
    if not value:
        return 1
    if not (value.isascii() and value.isdigit()) or not 1 <= int(value[:6]) <= MOST_COPIES:
        raise InputError(f"部数は 1 から {MOST_COPIES} までの数字で入力してください。", field="copies")
    return int(value)
