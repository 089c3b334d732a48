"""Staff keep the records that the maps of support show: officers, centres and bodies, subsidies for halls."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api import record_pages
from api.answers import CSV
from api.auth.principals import signed_in
from api.params import DistrictNo, FiscalYear, No, Params
from api.record_pages import Wanted
from api.record_words import row_of
from api.routes.accounts import NO_STORE
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata.database import Audience
from geodata.edits import records
from geodata.queries.generation import resolve
from kyodo_geo.record_kinds import ALL_KINDS
from kyodo_geo.records import Kind

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)
KindName = Annotated[
    Literal[
        "officers", "bodies", "hall-subsidies", "stages", "departments", "responsibilities", "body-meetings", "body-actions",
        "plans", "plan-policies", "plan-initiatives", "plan-indicators", "plan-mappings", "busy-periods", "topics",
        "dispatches", "handbooks", "subsidy-notices",
    ],
    Path(),
]  # fmt: skip
RecordId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_~-]{1,80}$")]


class RecordParams(Params):
    """Which year and district, and what was just done."""

    fiscal_year: Annotated[FiscalYear | None, EMPTY] = None
    district: Annotated[DistrictNo | None, EMPTY] = None
    done: Literal["add", "table", "correct", "withdraw"] | None = None

    @property
    def wanted(self) -> Wanted:
        return Wanted(self.fiscal_year, self.district, self.done)


Asked = Annotated[RecordParams, Query()]


@router.get("/staff/records/{kind}")
async def record_list(request: Request, services: Served, kind: KindName, params: Asked) -> Response:
    """The records of a kind, with the forms for more of them."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.list_page(request, services, user, ALL_KINDS[kind], params.wanted),
        limiter=services.limiter,
    )


@router.get("/staff/records/{kind}/table.csv")
async def record_table(request: Request, services: Served, kind: KindName, params: No) -> Response:
    """All records of a kind under the headings that the pasted table takes; no personal field."""
    await signed_in(request)
    return await run_sync(csv_of, services, ALL_KINDS[kind], limiter=services.limiter)


def csv_of(services: Services, kind: Kind) -> Response:
    """`table_csv` as a file."""
    body = table_csv(services, kind)
    return Response(body, 200, {**NO_STORE, **disposition(f"{kind.key}.csv")}, media_type=CSV)


def table_csv(services: Services, kind: Kind) -> bytes:
    """All records of a kind under the headings that the pasted table takes; no personal field."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        refs = records.references(conn, ref, kind)
        rows = records.records(conn, ref.municipality_code, kind)
    fields = [field for field in kind.fields if not field.personal]
    words = [row_of(kind, facts, refs) for _, facts in rows]
    return rows_to_csv(
        [field.label for field in fields], ([row[field.name] for field in fields] for row in words)
    )


@router.post("/staff/records/{kind}")
async def add_record(request: Request, services: Served, kind: KindName, params: Asked) -> Response:
    """Enter a record."""
    return await record_pages.add(request, services, ALL_KINDS[kind], params.wanted)


@router.post("/staff/records/{kind}/table")
async def add_records(request: Request, services: Served, kind: KindName, params: Asked) -> Response:
    """Look at the rows of a pasted table, or enter them."""
    return await record_pages.add_table(request, services, ALL_KINDS[kind], params.wanted)


@router.get("/staff/records/{kind}/{record_id}")
async def record_page(
    request: Request, services: Served, kind: KindName, record_id: RecordId, params: Asked
) -> Response:
    """One record: its form and its history."""
    user = await signed_in(request)
    return await run_sync(
        lambda: record_pages.one_page(request, services, user, ALL_KINDS[kind], record_id, done=params.done),
        limiter=services.limiter,
    )


@router.post("/staff/records/{kind}/{record_id}")
async def correct_record(
    request: Request, services: Served, kind: KindName, record_id: RecordId, params: Asked
) -> Response:
    """Put a record right."""
    return await record_pages.correct(request, services, ALL_KINDS[kind], record_id)


@router.post("/staff/records/{kind}/{record_id}/withdraw")
async def withdraw_record(
    request: Request, services: Served, kind: KindName, record_id: RecordId, params: Asked
) -> Response:
    """Take a record back."""
    return await record_pages.withdraw(request, services, ALL_KINDS[kind], record_id)
