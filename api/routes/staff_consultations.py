"""Staff keep the consultations of the centres (取組18): the generic editor, bound to one's own centre where one is set."""

from __future__ import annotations

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from api import record_pages
from api.auth.principals import Principal, signed_in
from api.centres.own_centre import OwnCentre, own_centre
from api.params import No
from api.record_pages import Wanted
from api.routes.staff_records import EMPTY, RecordParams, csv_of
from api.services import Served, Services
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


async def _bound(request: Request, services: Services) -> tuple[Principal, OwnCentre]:
    user = await signed_in(request)
    return user, await run_sync(own_centre, services, user, limiter=services.limiter)


@router.get("/staff/consultations")
async def consultation_list(request: Request, services: Served, params: Asked) -> Response:
    """The consultations of a year (default: the newest), with the forms for more."""
    user, own = await _bound(request, services)
    return await run_sync(
        lambda: record_pages.list_page(
            request, services, user, CONSULTATIONS, params.wanted, start=own.start
        ),
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
    _, own = await _bound(request, services)
    return await record_pages.add(
        request, services, CONSULTATIONS, params.wanted, check=own.check, start=own.start
    )


@router.post("/staff/consultations/table")
async def add_consultations(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    _, own = await _bound(request, services)
    return await record_pages.add_table(
        request, services, CONSULTATIONS, params.wanted, check=own.check, start=own.start
    )


@router.get("/staff/consultations/{consultation_id}")
async def consultation_page(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """One consultation: its form and its history."""
    user, own = await _bound(request, services)
    return await run_sync(
        lambda: record_pages.one_page(
            request, services, user, CONSULTATIONS, consultation_id, done=params.done, single=own.single
        ),
        limiter=services.limiter,
    )


@router.post("/staff/consultations/{consultation_id}")
async def correct_consultation(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """Put a consultation right."""
    _, own = await _bound(request, services)
    return await record_pages.correct(
        request, services, CONSULTATIONS, consultation_id, own.single, check=own.check, start=own.start
    )


@router.post("/staff/consultations/{consultation_id}/withdraw")
async def withdraw_consultation(
    request: Request, services: Served, consultation_id: ConsultationId, params: Asked
) -> Response:
    """Take a consultation back."""
    _, own = await _bound(request, services)
    return await record_pages.withdraw(
        request, services, CONSULTATIONS, consultation_id, own.single, start=own.start
    )
