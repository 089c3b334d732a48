"""Contradictions in the lookup's data, for staff: what the check of the data finds and what lookups have met."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.asking import ready
from api.auth.principals import signed_in
from api.live import Ready
from api.params import No
from api.routes.accounts import NO_STORE, page
from api.services import Served, Services
from api.tables import BOM, safe
from geodata.database import Audience
from geodata.queries.disagreements import disagreements

router = APIRouter(include_in_schema=False)

KINDS = {
    "rule_overlap": "住所の範囲が重なっている",
    "area_overlap": "区域の図が重なっている",
    "rule_outside_area": "住所の範囲が区域の図の外にある",
    "unknown_town": "一覧にない町・字の範囲",
}
DAYS = 90
SHOWN = 300


@router.get("/staff/data-faults")
async def data_faults(request: Request, services: Served, params: No) -> Response:
    """The page: counts by kind, each contradiction, and the towns where lookups met one."""
    principal = await signed_in(request)
    held = await ready(services, None)
    rows, met = await run_sync(_read, services, held, limiter=services.limiter)
    return page(
        request,
        services,
        "data_faults.html",
        user=principal,
        csrf_token=principal.csrf_token,
        counts=[{"label": label, "count": Counter(row["kind"] for row in rows)[kind]} for kind, label in KINDS.items()],
        faults=rows[:SHOWN],
        total=len(rows),
        met=met,
        days=DAYS,
    )  # fmt: skip


@router.get("/staff/data-faults.csv")
async def data_faults_csv(request: Request, services: Served, params: No) -> Response:
    """All of them as a table."""
    await signed_in(request)
    held = await ready(services, None)
    rows, _ = await run_sync(_read, services, held, limiter=services.limiter)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["種類", "町内会・自治会", "内容"])
    for row in rows:
        writer.writerow([row["label"], safe("、".join(row["names"])), safe(row["text"])])
    headers = {**NO_STORE, "Content-Disposition": 'attachment; filename="data-faults.csv"'}
    return Response((BOM + out.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


def _read(services: Services, held: Ready) -> tuple[list[dict[str, Any]], list[tuple[str, int]]]:
    names = {item.association_id: item.name for item in held.index.snapshot.associations}
    rows = [
        {
            "kind": fault.kind,
            "label": KINDS.get(fault.kind, fault.kind),
            "names": [names.get(key, key) for key in fault.associations],
            "text": fault.text,
        }
        for fault in held.index.faults
    ]
    with services.database.read(Audience.STAFF) as conn:
        return rows, disagreements(conn, held.municipality, days=DAYS)
