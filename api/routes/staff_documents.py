"""The register of documents sent to presidents (取組5): the records. What they come to: `staff_document_figures`."""

from __future__ import annotations

from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response

from api import record_pages
from api.answers import CSV
from api.auth.principals import signed_in
from api.clock import today
from api.meetings.reading import lock_of, start_of
from api.params import No
from api.record_pages import Single, Wanted
from api.routes.accounts import NO_STORE
from api.routes.downloads import disposition
from api.routes.staff_records import Asked, table_csv
from api.services import Served
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.documents.kinds import DOCUMENTS

router = APIRouter(include_in_schema=False)

BASE = DOCUMENTS.base
DocumentId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,64}$")]
SINGLE = Single(locked=lock_of(DOCUMENTS))
_AS_LIST: dict[str, Any] = {"template": "staff_documents.html", "start": start_of}


@router.get(BASE)
async def document_list(request: Request, services: Served, params: Asked) -> Response:
    """The documents of a year, with the forms for more."""
    user = await signed_in(request)
    wanted = Wanted(params.fiscal_year or fiscal_year_of(today()), None, params.done)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, DOCUMENTS, wanted, **_AS_LIST),
        limiter=services.limiter,
    )


@router.get(f"{BASE}/table.csv")
async def document_table(request: Request, services: Served, params: No) -> Response:
    """All documents under the headings that the pasted table takes."""
    await signed_in(request)
    body = await run_sync(table_csv, services, DOCUMENTS, limiter=services.limiter)
    return Response(body, 200, {**NO_STORE, **disposition("documents.csv")}, media_type=CSV)


@router.post(BASE)
async def add_document(request: Request, services: Served, params: Asked) -> Response:
    """Enter a document."""
    return await record_pages.add(request, services, DOCUMENTS, params.wanted, **_AS_LIST)


@router.post(f"{BASE}/table")
async def add_documents(request: Request, services: Served, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, DOCUMENTS, params.wanted, **_AS_LIST)


@router.get(f"{BASE}/{{document_id}}")
async def document_page(
    request: Request, services: Served, document_id: DocumentId, params: Asked
) -> Response:
    """One document: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(
            request, services, user, DOCUMENTS, document_id, done=params.done, single=SINGLE
        ),
        limiter=services.limiter,
    )


@router.post(f"{BASE}/{{document_id}}")
async def correct_document(
    request: Request, services: Served, document_id: DocumentId, params: Asked
) -> Response:
    """Put a document right."""
    return await record_pages.correct(request, services, DOCUMENTS, document_id, SINGLE, **_AS_LIST)


@router.post(f"{BASE}/{{document_id}}/withdraw")
async def withdraw_document(
    request: Request, services: Served, document_id: DocumentId, params: Asked
) -> Response:
    """Take a document back that was entered by mistake."""
    return await record_pages.withdraw(request, services, DOCUMENTS, document_id, SINGLE, **_AS_LIST)
