"""The yearly inquiry: planners start and decide, any staff of a department answers on the page."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import signed_in
from api.edit_forms import STALE_FORM, Sent, Shown, act
from api.inquiry import forms, pages
from api.inquiry.pages import BASE
from api.params import No, Params, plain_integer
from api.services import Served
from geodata.database import Audience
from geodata.inquiries import answers, deciding, rounds
from geodata.queries import plans as plan_queries
from geodata.queries.generation import resolve
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError
from kyodo_geo.inquiry import ItemState

router = APIRouter(include_in_schema=False)

STATES = {"close": "closed", "open": "open"}
MARKS = ("sent", "reminded")
INQUIRY_ID = re.compile(r"q[0-9a-f]{32}")
InquiryId = Annotated[str, Path(pattern=f"^{INQUIRY_ID.pattern}$")]
DepartmentId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]
ItemNo = Annotated[int, BeforeValidator(plain_integer), Path(ge=1, le=999)]


class DoneParams(Params):
    """What was just done."""

    done: (
        Literal["start", "sent", "reminded", "close", "open", "answer", "same", "accept", "aside", "all"]
        | None
    ) = None


Done = Annotated[DoneParams, Query()]


@router.get(BASE)
async def inquiry_list(request: Request, services: Served, params: Done) -> Response:
    """The rounds."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.list_page(request, services, user, done=params.done), limiter=services.limiter
    )


@router.post(BASE)
async def start_inquiry(request: Request, services: Served, params: No) -> Response:
    """Start a round."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            plans = {
                plan["plan_id"]: (plan["first_fiscal_year"], plan["last_fiscal_year"])
                for plan in plan_queries.plans(conn, ref)
            }
            made = rounds.start(conn, ref.municipality_code, forms.asked_of(sent, plans), actor=sent.actor)
        return f"{BASE}/{made}?done=start"

    return await act(
        request, services, "start", work,
        lambda sent, shown: pages.list_page(request, services, sent.user, shown), lambda sent, error: (),
    )  # fmt: skip


@router.get(BASE + "/{inquiry_id}")
async def inquiry_page(request: Request, services: Served, inquiry_id: InquiryId, params: Done) -> Response:
    """One round."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.round_page(request, services, user, inquiry_id, done=params.done),
        limiter=services.limiter,
    )


@router.post(BASE + "/{inquiry_id}/state")
async def change_state(request: Request, services: Served, inquiry_id: InquiryId, params: No) -> Response:
    """Close a round, or open it again."""

    def work(sent: Sent) -> str:
        state = STATES.get(sent.text("deed"))
        if state is None:
            raise InputError(STALE_FORM)
        with services.database.write(Audience.STAFF) as conn:
            rounds.set_state(conn, services.settings.municipality, inquiry_id, state, actor=sent.actor)
        return f"{BASE}/{inquiry_id}?done={'close' if state == 'closed' else 'open'}"

    return await act(
        request, services, "state", work,
        lambda sent, shown: pages.round_page(request, services, sent.user, inquiry_id, shown), lambda sent, error: (),
    )  # fmt: skip


@router.post(BASE + "/{inquiry_id}/marks")
async def mark_sheets(request: Request, services: Served, inquiry_id: InquiryId, params: No) -> Response:
    """Note that sheets went out, or that departments were reminded."""

    def work(sent: Sent) -> str:
        deed = sent.text("deed")
        if deed not in MARKS:
            raise InputError(STALE_FORM)
        chosen = [value for value in sent.form.getlist("department") if isinstance(value, str)]
        with services.database.write(Audience.STAFF) as conn:
            rounds.mark(conn, services.settings.municipality, inquiry_id, chosen, deed, actor=sent.actor)
        return f"{BASE}/{inquiry_id}?done={deed}"

    return await act(
        request, services, "marks", work,
        lambda sent, shown: pages.round_page(request, services, sent.user, inquiry_id, shown), lambda sent, error: (),
        most_fields=300,
    )  # fmt: skip


@router.get(BASE + "/{inquiry_id}/{department_id}")
async def sheet_page(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, params: Done
) -> Response:
    """One department's sheet."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.sheet_page(request, services, user, inquiry_id, department_id, done=params.done),
        limiter=services.limiter,
    )


@router.post(BASE + "/{inquiry_id}/{department_id}/accept")
async def accept_all(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, params: No
) -> Response:
    """Accept every answer of a department that nobody has to choose about; doubtful values stay for a closer look."""

    def work(sent: Sent) -> str:
        code, kept = services.settings.municipality, 0
        with services.database.write(Audience.STAFF) as conn:
            for item in answers.items(conn, code, inquiry_id, department_id)[department_id]:
                if item.state is not ItemState.READY:
                    continue
                try:
                    content, _ = forms.decision_of(item, sent)
                    doubt = deciding.accept(
                        conn, code, inquiry_id, department_id, item.number, content, seen=item.seen,
                        deciding=forms.deciding(sent.actor),
                    )  # fmt: skip
                except InputError as error:
                    raise InputError(f"{item.title}：{error.message}") from None
                kept += doubt is None
        if not kept:
            raise InputError("まとめて入れられる回答がありません。項目ごとに確かめてください。")
        return f"{BASE}/{inquiry_id}/{department_id}?done=all"

    return await act(
        request, services, "all", work,
        lambda sent, shown: pages.sheet_page(request, services, sent.user, inquiry_id, department_id, shown),
        lambda sent, error: (),
    )  # fmt: skip


@router.get(BASE + "/{inquiry_id}/{department_id}/{item_no}")
async def item_page(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, item_no: ItemNo, params: Done
) -> Response:  # fmt: skip
    """One item of a sheet."""
    user = await signed_in(request)
    return await run_sync(
        lambda: pages.item_page(
            request, services, user, inquiry_id, department_id, item_no, done=params.done
        ),
        limiter=services.limiter,
    )


@router.post(BASE + "/{inquiry_id}/{department_id}/{item_no}")
async def answer_item(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, item_no: ItemNo, params: No
) -> Response:  # fmt: skip
    """Answer an item on the page."""

    def work(sent: Sent) -> str:
        code = services.settings.municipality
        with services.database.write(Audience.STAFF) as conn:
            item = answers.find(conn, code, inquiry_id, department_id, item_no)
            content = forms.answer_of(item, sent.text)
            told = answers.receive(
                conn, code, inquiry_id, department_id, {item_no: content}, came_as="web", actor=sent.actor
            )
        done = "answer" if told[item_no] == "new" else "same"
        return f"{BASE}/{inquiry_id}/{department_id}/{item_no}?done={done}"

    return await act(
        request, services, "answer", work,
        lambda sent, shown: pages.item_page(request, services, sent.user, inquiry_id, department_id, item_no, shown),
        lambda sent, error: (), most_fields=forms.MOST_FIELDS,
    )  # fmt: skip


@router.post(BASE + "/{inquiry_id}/{department_id}/{item_no}/accept")
async def decide_item(
    request: Request, services: Served, inquiry_id: InquiryId, department_id: DepartmentId, item_no: ItemNo, params: No
) -> Response:  # fmt: skip
    """Accept an item's answer field by field, or set its answers aside."""

    def work(sent: Sent) -> str | Shown:
        code, here = services.settings.municipality, f"{BASE}/{inquiry_id}/{department_id}/{item_no}"
        with services.database.write(Audience.STAFF) as conn:
            if sent.text("deed") == "aside":
                deciding.set_aside(
                    conn, code, inquiry_id, department_id, item_no, seen=sent.version, actor=sent.actor
                )
                return f"{here}?done=aside"
            item = answers.find(conn, code, inquiry_id, department_id, item_no)
            content, how = forms.decision_of(item, sent)
            doubt = deciding.accept(
                conn, code, inquiry_id, department_id, item_no, content, seen=sent.version, deciding=how
            )
        return Shown(200, "accept", sent.values(), extra=doubt) if doubt else f"{here}?done=accept"

    def compare(sent: Sent, error: EditConflictError) -> list[tuple[str, object, object]]:
        return []

    return await act(
        request, services, "accept", work,
        lambda sent, shown: pages.item_page(request, services, sent.user, inquiry_id, department_id, item_no, shown),
        compare,
    )  # fmt: skip
