"""A staff page that reads an association's area in words: rules, normal form, what is not read and where.

Nothing is stored, counted or logged: it is for trying out a text before it is loaded.
"""

from __future__ import annotations

from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.asking import ready
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.held import Ready
from api.params import No
from api.routes.accounts import form_of, page
from api.services import Served, Services
from kyodo_geo.addresses import Gazetteer
from kyodo_geo.notation import Finding, Notation, normal_form, read_notation
from kyodo_geo.rules import describe

router = APIRouter(include_in_schema=False)

MAX_AREA = 5_000
"""Characters of a text on the page; a request's body ends at 64 KiB, and percent signs take nine bytes for one."""
MAX_SHOWN = 200
AROUND, MAX_MARKED = 16, 80
"""Characters shown beside and of the place a finding is about."""
KINDS = {"whole": "含む（全域）", "part": "含む（一部）", "except": "除く"}


@router.get("/staff/notation")
async def notation_page(request: Request, services: Served, params: No) -> Response:
    """The empty form."""
    return _page(request, services, await signed_in(request))


@router.post("/staff/notation")
async def read_text(request: Request, services: Served, params: No) -> Response:
    """The form with the text and what was read of it."""
    principal = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, principal)
    given = form.get("area")
    area = given if isinstance(given, str) else ""
    if not area.strip():
        return _page(request, services, principal, 400, error="区域を入力してください。")
    if len(area) > MAX_AREA:
        message = f"区域は {MAX_AREA:,} 文字以内で入力してください（いまは {len(area):,} 文字）。"
        return _page(request, services, principal, 400, area=area[:MAX_AREA], error=message)
    held = await ready(services, None)
    found = await run_sync(read_area, held, area, limiter=services.limiter)
    return _page(request, services, principal, area=area, result=shown_reading(found, area))


def read_area(held: Ready, area: str) -> Notation:
    """The area in words, with the towns of the municipality."""
    snapshot = held.index.snapshot
    gazetteer = Gazetteer(snapshot.towns, snapshot.municipality_code) if snapshot.towns else None
    return read_notation(area, gazetteer=gazetteer, municipality=snapshot.municipality_name)


def shown_reading(found: Notation, area: str) -> dict[str, Any]:
    """What a page says of a reading: normal form, rules, and findings with their places."""
    rules = found.rules
    return {
        "normal": normal_form(rules),
        "total": len(rules),
        "rules": [
            {"words": describe(rule).removesuffix("を除く"), "kind": KINDS[rule.kind]}
            for rule in rules[:MAX_SHOWN]
        ],
        "findings": [_finding(finding, area) for finding in found.findings[:MAX_SHOWN]],
        "found": len(found.findings),
        "readable": found.readable,
    }


def _finding(finding: Finding, area: str) -> dict[str, Any]:
    start, end = finding.start, max(finding.end, finding.start + 1)
    before = area[max(0, start - AROUND) : start].rpartition("\n")[2]
    after = area[end : end + AROUND].partition("\n")[0]
    marked = " ".join(area[start:end].split()) or "↵"
    return {
        "kind": finding.kind.value,
        "label": finding.kind.label,
        "line": finding.line,
        "column": finding.column,
        "message": finding.message,
        "before": before,
        "marked": marked if len(marked) <= MAX_MARKED else marked[:MAX_MARKED] + "…",
        "after": after,
        "suggestions": finding.suggestions,
    }


def _page(
    request: Request,
    services: Services,
    principal: Principal,
    status: int = 200,
    *,
    area: str = "",
    error: str | None = None,
    result: dict[str, Any] | None = None,
) -> Response:
    return page(
        request, services, "staff_notation.html", status,
        user=principal, csrf_token=principal.csrf_token, area=area, error=error, result=result, limit=MAX_AREA,
    )  # fmt: skip
