"""Contradictions in the lookup's data, for staff: what the check of the data finds and what lookups have met."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from api.answers import CSV
from api.asking import ready
from api.auth.principals import signed_in
from api.held import Ready
from api.params import Integer, No, Params
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
TOWNS_PER_PAGE = 50


class UncoveredParams(Params):
    """Which page of the towns with uncovered blocks."""

    page: Annotated[Integer, Field(ge=1, le=10_000)] = 1


@router.get("/staff/data-faults")
async def data_faults(
    request: Request, services: Served, params: Annotated[UncoveredParams, Query()]
) -> Response:
    """The page: counts by kind, each contradiction, the towns where lookups met one, and blocks without a rule."""
    principal = await signed_in(request)
    held = await ready(services, None)
    rows, met = await run_sync(_read, services, held, limiter=services.limiter)
    uncovered = await run_sync(held.index.uncovered, limiter=services.limiter)
    pages = max(1, -(-len(uncovered) // TOWNS_PER_PAGE))
    here = min(params.page, pages)
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
        uncovered=uncovered[(here - 1) * TOWNS_PER_PAGE : here * TOWNS_PER_PAGE],
        uncovered_page=here,
        uncovered_pages=pages,
        uncovered_totals={
            "towns": len(uncovered),
            "whole": sum(item.whole for item in uncovered),
            "blocks": sum(item.blocks for item in uncovered),
            "in_area": sum(item.in_area for item in uncovered),
        },
        has_rules=bool(held.index.snapshot.rules),
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


@router.get("/staff/uncovered-blocks.csv")
async def uncovered_csv(request: Request, services: Served, params: No) -> Response:
    """Every town with blocks that no rule covers, as a table."""
    await signed_in(request)
    held = await ready(services, None)
    uncovered = await run_sync(held.index.uncovered, limiter=services.limiter)
    quality = held.index.snapshot.dataset.get("quality_label", "")
    table = rows_to_csv(
        ["町・字", "小字", "町の全体", "どの範囲にも入らない番", "番の数", "うち区域の図の中",
         "一部の号だけの番の数", "データの質"],
        (
            [
                item.town, item.koaza or "", "はい" if item.whole else "", f"{item.ranges}番" if item.ranges else "",
                item.blocks, item.in_area, item.partly, quality,
            ]
            for item in uncovered
        ),
    )  # fmt: skip
    return Response(table, 200, {**NO_STORE, **disposition("uncovered-blocks.csv")}, media_type=CSV)


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
