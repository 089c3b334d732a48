"""The calculation sheet of an association: page, paper, and the papers of many in one file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from fastapi import Request, Response

from api.answers import private
from api.auth.principals import Principal
from api.clock import today
from api.grant_pages.files import reading
from api.grant_pages.rules import worded
from api.grant_pages.runs import BASE, Read
from api.paper.serve import PDF, attachment, rendered
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience
from geodata.grants import rules
from geodata.grants.runs import Row
from geodata.queries.generation import Ref, resolve
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.grants.changes import Change

MOST_SHEETS = 60
"""In one file: a sheet takes up to a sixth of a second to print, and nobody waits for minutes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One association's sheet."""

    row: Row
    change: Change
    place: str


def _sheets(found: Read, association_id: str | None = None, district: int | None = None) -> list[Sheet]:
    return [
        Sheet(row, change, found.place(row))
        for row, change in found.rows
        if association_id in (None, row.association_id) and district in (None, row.district_no or 0)
    ]


def _one(found: Read, association_id: str) -> Sheet:
    sheets = _sheets(found, association_id)
    if not sheets:
        raise NotFoundError("この計算に、その町内会・自治会はありません。")
    return sheets[0]


def _context(services: Services, found: Read) -> tuple[Ref, dict[str, Any]]:
    run = found.run
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        rule = rules.one(conn, ref.municipality_code, run.scheme, run.fiscal_year, run.rule_version)
    return ref, {"run": run, "rule": worded(rule), "before": found.before}


def sheet_page(
    request: Request, services: Services, user: Principal, run_no: int, association_id: str
) -> Response:
    """The sheet on a page."""
    found = reading(services, run_no)
    sheet = _one(found, association_id)
    ref, context = _context(services, found)
    order = [row.association_id for row, _ in found.rows]
    at = order.index(association_id)
    return page(
        request, services, "staff_grant_sheet.html", ref=ref, dataset=None, user=user, csrf_token=user.csrf_token,
        sheet=sheet, base=f"{BASE}/{run_no}", previous=order[at - 1] if at else None,
        following=order[at + 1] if at + 1 < len(order) else None, **context,
    )  # fmt: skip


def print_page(
    request: Request, services: Services, user: Principal, run_no: int, district: int | None
) -> Response:
    """All sheets on one page, for the browser to print: a PDF of hundreds of sheets would keep a processor for a minute."""
    found = reading(services, run_no)
    ref, context = _context(services, found)
    return page(
        request, services, "staff_grant_sheets.html", ref=ref, dataset=None, user=user, csrf_token=user.csrf_token,
        sheets=_sheets(found, district=district), base=f"{BASE}/{run_no}", **context,
    )  # fmt: skip


def papers_html(
    services: Services, run_no: int, *, association_id: str | None = None, district: int | None = None
) -> str:
    """The sheets for printing. Raises NotFoundError, InputError where they are too many for one file."""
    found = reading(services, run_no)
    sheets = [_one(found, association_id)] if association_id else _sheets(found, district=district)
    if not sheets:
        raise NotFoundError("この地区の計算書はありません。")
    if len(sheets) > MOST_SHEETS:
        raise InputError(
            f"計算書が {len(sheets)} 枚あります。1 つのファイルは {MOST_SHEETS} 枚までです。"
            "地区を選ぶか、印刷用のページを使ってください。",
            field="district",
        )
    ref, context = _context(services, found)
    printed: date = today()
    return services.pages.render(
        "paper/grant_sheet.html", path=BASE, ref=ref, dataset=None, html_lang="ja", sheets=sheets, printed_on=printed,
        **context,
    )  # fmt: skip


async def paper(services: Services, html: str, name: str) -> Response:
    """The PDF; nobody keeps it."""
    return private(await rendered(services, html), PDF, attachment(name))
