"""The one sheet of a lookup as PDF. The question stands in the body alone and is kept nowhere."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api import memory
from api.answers import private
from api.asking import ready
from api.auth import cookies
from api.auth.principals import identify
from api.held import Ready
from api.lookup_form import read_form
from api.lookup_sheet import PLACES
from api.paper import answer_sheet
from api.paper.serve import PDF, attachment, once, origin
from api.params import No
from api.routes.accounts import form_of
from api.security import refuse_foreign_form
from api.services import Served, Services
from kyodo_geo.errors import InputError
from kyodo_geo.lookup import Answer

router = APIRouter(include_in_schema=False)


@router.post("/lookup/sheet.pdf")
async def one_sheet(request: Request, services: Served, params: No) -> Response:
    """The answer that the page has just shown, on paper: not counted as another lookup."""
    refuse_foreign_form(request)
    asked = read_form(await form_of(request))
    if asked.error is not None:
        raise InputError(asked.error)
    held = await ready(services, None)
    if asked.address is not None:
        signed = cookies.session_name(services.settings) in request.cookies
        who = memory.reader(await identify(request)) if signed else None
        found = await run_sync(_answer, services, held, asked.address, who, limiter=services.limiter)
    else:
        assert asked.lon is not None and asked.lat is not None
        found = held.index.by_point(asked.lon, asked.lat, asked.accuracy_m)
    if found.outcome.value not in PLACES:
        raise InputError("町内会・自治会を調べられなかった場所です。住所を確かめて、調べ直してください。")
    address = origin(request, services)
    body = await once(
        services, lambda reading: answer_sheet.sheet(reading, found, asked.association, address)
    )
    return private(body, PDF, attachment("kekka.pdf"))


def _answer(services: Services, held: Ready, address: str, who: memory.Reader | None) -> Answer:
    """What the page has shown to this person, the register of buildings included."""
    found = held.index.by_address(address)
    return memory.with_memory(services.database, held.municipality, held.index, [(address, found)], who)[0]
