"""Suggestions while an address is typed. The text stands in the body and is neither kept nor counted."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api import memory
from api.answers import JSON, private
from api.asking import ready
from api.auth import cookies
from api.auth.principals import identify
from api.geojson import dumps
from api.params import No, Text
from api.security import refuse_foreign_form
from api.services import Served, Services
from geodata import buildings

router = APIRouter(include_in_schema=False)

LIMIT = 8
MOST_BUILDINGS = 4


class Typed(BaseModel):
    """What stands in the field so far."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, Field(max_length=40)]


@router.post("/lookup/suggest")
async def suggest(
    request: Request, services: Served, typed: Annotated[Typed, Body()], params: No
) -> Response:
    """Names of towns and associations that begin with the text, or the towns of a postal code; never what was typed.

    Offices, counters and the city get names of the register of buildings first.
    """
    refuse_foreign_form(request)
    # Only somebody who is signed in is looked up: everybody else's typing needs no look at the database.
    signed = cookies.session_name(services.settings) in request.cookies
    who = memory.reader(await identify(request)) if signed else None
    held = await ready(services, None)
    found = await run_sync(_buildings, services, who, typed.text, limiter=services.limiter) if who else []
    found += [{"text": item.text, "kind": item.kind} for item in held.index.suggest(typed.text, LIMIT)]
    if not found:  # a postal code has towns, and no name begins like one
        towns = held.index.towns_of_postal_code(typed.text)
        found = [{"text": town, "kind": "town"} for town in towns[:LIMIT]]
    return private(dumps({"suggestions": found[:LIMIT]}), JSON)


def _buildings(services: Services, who: memory.Reader, text: str) -> list[dict[str, str]]:
    with services.database.read(who.audience, office=who.office) as conn:
        names = buildings.names_beginning(conn, services.settings.municipality, text, MOST_BUILDINGS)
    return [{"text": name, "kind": "building"} for name in names]
