"""One case of a grant: its page, its own facts, its next step, its papers."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response

from api.answers import private
from api.auth.principals import Principal, signed_in
from api.edit_forms import PLAIN, Sent, Shown, act
from api.grant_cases import forms, one, papers
from api.paper.serve import PDF, attachment, rendered
from api.params import No, Params
from api.record_pages import as_said
from api.record_words import said
from api.routes.accounts import page
from api.services import Served, Services
from geodata.database import Audience
from geodata.edits import records
from geodata.grants import cases
from geodata.queries.generation import resolve
from kyodo_geo.grants.case_fields import BASE, PERSONAL
from kyodo_geo.grants.cases import Deed

router = APIRouter(include_in_schema=False)

CaseNo = Annotated[int, Path(ge=1, le=10_000_000)]
Paper = Annotated[Literal["decision", "settlement", "calculation"], Path()]


class CaseParams(Params):
    """What was just done."""

    done: Deed | Literal["add", "correct"] | None = None


@router.get(BASE + "/{no}")
async def case_page(
    request: Request, services: Served, no: CaseNo, params: Annotated[CaseParams, Query()]
) -> Response:
    """Where a case stands, its way, what the rule says, and the forms of what may come next."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, no, PLAIN, params.done), limiter=services.limiter
    )


@router.post(BASE + "/{no}")
async def correct_case(request: Request, services: Served, no: CaseNo, params: No) -> Response:
    """Put the case's own facts right."""
    return await act(
        request, services, "edit", lambda sent: forms.correct(services, no, sent),
        lambda sent, shown: _page(request, services, sent.user, no, shown),
        lambda sent, error: _compare(services, no, sent, facts=True),
    )  # fmt: skip


@router.post(BASE + "/{no}/steps/{deed}")
async def take_case_step(
    request: Request, services: Served, no: CaseNo, deed: Annotated[Deed, Path()], params: No
) -> Response:
    """The next step of a case."""

    return await act(
        request, services, deed.value, lambda sent: forms.take_step(services, no, deed, sent),
        lambda sent, shown: _page(request, services, sent.user, no, shown),
        lambda sent, error: _compare(services, no, sent, facts=False),
    )  # fmt: skip


@router.get(BASE + "/{no}/papers/{paper}.pdf")
async def case_paper(request: Request, services: Served, no: CaseNo, paper: Paper, params: No) -> Response:
    """A paper of the case."""
    await signed_in(request)
    html = await run_sync(papers.html, services, no, paper, limiter=services.limiter)
    return private(await rendered(services, html), PDF, attachment(f"grant-{paper}.pdf"))


def _compare(services: Services, no: int, sent: Sent, *, facts: bool) -> list[tuple[str, object, object]]:
    """Both sides of a conflict: where the case stands, and for its own facts each field."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        case = cases.one(conn, ref.municipality_code, no)
        refs = records.references(conn, ref, case.kind)
    now = case.standing
    last = f"{now.state.label}（{len(case.kept)} 件目の手続き：{case.kept[-1].step.deed.label}）"
    found: list[tuple[str, object, object]] = [("案件の状態", last, "（前に開いた画面の状態）")]
    if facts:
        found += [
            (
                field.label.partition("（公開")[0],
                said(field, case.facts[field.name], refs),
                as_said(field, sent, refs),
            )
            for field in case.kind.fields
            if field.name not in PERSONAL or case.facts[field.name] is not None
        ]
    return found


def _page(
    request: Request, services: Services, user: Principal, no: int, shown: Shown, done: str | None = None
) -> Response:
    found = one.context(services, no)
    return page(
        request, services, "staff_grant_case.html", shown.status, user=user, csrf_token=user.csrf_token, shown=shown,
        base=BASE, done=one.DONE[done] if done else None, **found,
    )  # fmt: skip
