"""Staff keep the consultations of the centres (取組18): the generic editor."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api import record_pages
from api.auth.principals import signed_in
from api.params import No
from api.record_pages import Wanted
from api.routes.staff_records import EMPTY, RecordParams, csv_of
from api.services import Served
from kyodo_geo.centres.kinds import CONSULTATIONS

router = APIRouter(include_in_schema=False)

ConsultationId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,80}$")]
Name = Annotated[str | None, Field(pattern=r"^[0-9A-Za-z_-]{1,80}$"), EMPTY]


class ConsultationParams(RecordParams):
    """Which year and district, which centre, topic and kind of asker."""

    body_id: Name = None
    topic_id: Name = None
    asker: Name = None

    @property
    def wanted(self) -> Wanted:
        asked = {"body_id": self.body_id, "topic_id": self.topic_id, "asker": self.asker}
        chosen = {name: value for name, value in asked.items() if value}
        return Wanted(self.fiscal_year, self.district, self.done, chosen)


Asked = Annotated[ConsultationParams, Query()]


@router.get("/staff/consultations")
async def consultation_list(request: Request, services: Served, params: Asked) -> Response:
    """The consultations of a year (default: the newest), with the forms for more."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, CONSULTATIONS, params.wanted),
        limiter=services.limiter,
    )


@router.get("/staff/consultations/table.csv")
async def consultation_table(request: Request, services: Served, params: No) -> Response:
    """All of them under the headings that the pasted table takes, without what was said."""
    await signed_in(request)
    return await run_sync(csv_of, services, CONSULTATIONS, limiter=services.limiter)


@router.post("/staff/consultations")
async def add_consultation(request: Request, services: Served, params: Asked) -> Response:
    """Enter a consultation."""
    return await record_pages.add(request, services, CONSULTATIONS, params.wanted)


@router.post("/staff/consultations/table")
async def add_consultations(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, CONSULTATIONS, params.wanted)


@router.get("/staff/consultations/{consultation_id}")
async def consultation_page(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """One consultation: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(
            request, services, user, CONSULTATIONS, consultation_id, done=params.done
        ),
        limiter=services.limiter,
    )


@router.post("/staff/consultations/{consultation_id}")
async def correct_consultation(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """Put a consultation right."""
    return await record_pages.correct(request, services, CONSULTATIONS, consultation_id)


@router.post("/staff/consultations/{consultation_id}/withdraw")
async def withdraw_consultation(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """Take a consultation back."""
    return await record_pages.withdraw(request, services, CONSULTATIONS, consultation_id)
