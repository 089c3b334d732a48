"""Membership by association, for staff only: one district's associations, and one association over the years."""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.auth.principals import signed_in
from api.credits import credit
from api.district_charts import short_year
from api.figures import RATE_KINDS, shown_rate
from api.params import DistrictNoPath, No
from api.routes.accounts import page
from api.routes.associations import AssociationId
from api.services import Served, Services
from geodata.database import Audience
from geodata.queries import association_membership, districts
from geodata.queries import associations as association_queries
from geodata.queries.association_membership import AssociationYear
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import resolve
from kyodo_geo.comparison import Measure
from kyodo_geo.dates import fiscal_year_label

router = APIRouter(include_in_schema=False)
MOST = 1000
DENOMINATORS = {"register": "住民基本台帳", "census": "国勢調査", "reported": "町内会・自治会の報告"}


@router.get("/staff/districts/{no}")
async def staff_district(request: Request, services: Served, no: DistrictNoPath, params: No) -> Response:
    """Associations of a district with their newest rate and its change."""
    principal = await signed_in(request)
    found = await run_sync(_district, services, no, limiter=services.limiter)
    return page(
        request, services, "staff_district.html", user=principal, csrf_token=principal.csrf_token, **found
    )


@router.get("/staff/associations/{association_id}/membership")
async def staff_association(
    request: Request, services: Served, association_id: AssociationId, params: No
) -> Response:
    """One association's households, members and rate by year."""
    principal = await signed_in(request)
    found = await run_sync(_association, services, association_id, limiter=services.limiter)
    return page(
        request,
        services,
        "staff_association_membership.html",
        user=principal,
        csrf_token=principal.csrf_token,
        **found,
    )


def _district(services: Services, no: int) -> dict[str, Any]:
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        row = districts.district(conn, ref, no, None)
        members, _ = association_queries.page(conn, ref, district=no, limit=MOST)
        years = association_membership.by_association(conn, ref, [item.id for item in members])
        infos = active_datasets(conn, ref)
    known = sorted({year.fiscal_year for held in years.values() for year in held})
    newest, first = (known[-1], known[0]) if known else (None, None)
    rows = [_line(item.id, item.name, years.get(item.id, []), newest) for item in members]
    return {
        "ref": ref,
        "dataset": credit(infos, (*RATE_KINDS, "districts")),
        "district": row,
        "rows": rows,
        "newest": newest,
        "first": first,
    }


def _line(key: str, name: str, years: list[AssociationYear], newest: int | None) -> dict[str, Any]:
    """One row of the table; the change is from the association's first known year to its newest."""
    latest = next((year for year in years if year.fiscal_year == newest), None)
    change = _change(years)
    return {
        "id": key,
        "name": name,
        "households": latest.households if latest else None,
        "members": latest.member_households if latest else None,
        "rate": latest.rate if latest else None,
        "change": change.words if change else None,
        "change_value": float(change.difference) if change and change.difference is not None else None,
        "since": years[0].fiscal_year if change else None,
    }


def _change(years: list[AssociationYear]) -> Measure | None:
    """Newest known rate against the first one; None with fewer than two."""
    known = [year for year in years if year.rate is not None]
    if len(known) < 2:
        return None
    last, first = (_percent(year) for year in (known[-1], known[0]))
    return Measure("rate", "加入率", "%", last, first, digits=1, scale="high")


def _percent(year: AssociationYear) -> float | None:
    shown = shown_rate(year.rate)
    return None if shown is None else shown * 100


def _association(services: Services, association_id: str) -> dict[str, Any]:
    from maps.charts import Chart, Series, line_chart

    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        row = association_queries.one(conn, ref, association_id)
        years = association_membership.by_association(conn, ref, [row.id]).get(row.id, [])
        infos = active_datasets(conn, ref)
    chart = line_chart(
        Chart(
            id="rates",
            title=f"{row.name}の年度別の加入率",
            x=tuple(short_year(year.fiscal_year) for year in years),
            rows=tuple(fiscal_year_label(year.fiscal_year) for year in years),
            series=(Series("加入率", tuple(_percent(year) for year in years)),),
            unit="%",
            digits=1,
        )
    )
    return {
        "ref": ref,
        "dataset": credit(infos, RATE_KINDS),
        "row": row,
        "years": years,
        "chart": chart,
        "change": _change(years),
        "denominators": DENOMINATORS,
    }
