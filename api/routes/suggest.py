"""Suggestions while an address is typed. The text stands in the body and is neither kept nor counted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.answers import JSON, private
from api.asking import ready
from api.geojson import dumps
from api.params import No, Text
from api.security import refuse_foreign_form
from api.services import Served

router = APIRouter(include_in_schema=False)

LIMIT = 8


class Typed(BaseModel):
    """What stands in the field so far."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[Text, Field(max_length=40)]


@router.post("/lookup/suggest")
async def suggest(
    request: Request, services: Served, typed: Annotated[Typed, Body()], params: No
) -> Response:
    """Names of towns and associations that begin with the text, or the towns of a postal code; never what was typed."""
    refuse_foreign_form(request)
    held = await ready(services, None)
    found = [{"text": item.text, "kind": item.kind} for item in held.index.suggest(typed.text, LIMIT)]
    if not found:  # a postal code has towns, and no name begins like one
        towns = held.index.towns_of_postal_code(typed.text)
        found = [{"text": town, "kind": "town"} for town in towns[:LIMIT]]
    return private(dumps({"suggestions": found}), JSON)
