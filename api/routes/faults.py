"""Contradictions in the lookup's data, for staff: what the check of the data finds and what lookups have met."""

from __future__ import annotations

from collections import Counter
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.answers import CSV
from api.asking import ready
from api.auth.principals import signed_in
from api.live import Ready
from api.params import No
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from api.tables import rows_to_csv
from geodata.database import Audience
from geodata.queries.disagreements import disagreements

router = APIRouter(include_in_schema=False)

KINDS = {
    "rule_overlap": "住所の範囲が重なっている",
    "area_overlap": "区域の図が重なっている",
    "rule_outside_area": "住所の範囲が区域の図の外にある",
    "block_outside_area": "番の位置が区域の図の外にある",
    "block_not_listed": "区域の図の中の番が範囲にない",
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
        dataset=held.index.snapshot.dataset or None,
        counts=_counts(rows),
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
    quality = held.index.snapshot.dataset.get("quality_label", "")
    table = rows_to_csv(
        ["種類", "町内会・自治会", "内容", "データの質"],
        ([row["label"], "、".join(row["names"]), row["text"], quality] for row in rows),
    )
    return Response(table, 200, {**NO_STORE, **disposition("data-faults.csv")}, media_type=CSV)


def _counts(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = Counter(row["kind"] for row in rows)
    return [{"label": label, "count": found[kind]} for kind, label in KINDS.items()]


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
