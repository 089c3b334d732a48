"""The staff's inbox of tickets: find, open, pass on, answer, close, note, erase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator, Field
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse

from api.answers import reading_of
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, today
from api.credits import place_credit
from api.mail.server import mail_server, sends_mail
from api.params import DistrictNo, Integer, No, Params
from api.routes.accounts import NO_STORE, form_of
from api.routes.partner_tickets import TicketNo
from api.services import Served, Services
from api.settings import Settings
from api.tickets.forms import typed
from geodata.queries.association_names import district_names
from geodata.tickets import Filters
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.tickets import ERASERS, Kind, State, following

router = APIRouter(include_in_schema=False)

# A form sends fields that were left alone as empty texts.
EMPTY = BeforeValidator(lambda value: value or None)


class InboxParams(Params):
    """What to show."""

    state: Annotated[State | None, EMPTY] = None
    kind: Annotated[Kind | None, EMPTY] = None
    district: Annotated[DistrictNo | None, EMPTY] = None
    overdue: Literal["", "yes"] = ""
    cursor: Annotated[Integer, Field(ge=1, le=2_147_483_647)] | None = None


def mail_note(settings: Settings) -> str | None:
    """What staff have to know about mail: that none is sent, and why; None when all is well."""
    try:
        if mail_server(settings) is None:
            return "メールのサーバーが設定されていないため、お知らせのメールは送られません。この一覧を開いて確かめてください。"
    except InputError as error:
        return f"メールを送れません。{error.message} 管理者に知らせてください。"
    if settings.mail_staff is None:
        return (
            "職員の受信アドレス（KYODO_MAIL_STAFF）が設定されていないため、新しい取次はメールで届きません。"
        )
    return None


@router.get("/staff/tickets")
async def staff_tickets(
    request: Request, services: Served, params: Annotated[InboxParams, Query()]
) -> Response:
    """The inbox."""
    user = await signed_in(request)
    filters = Filters(params.state, params.kind, today() if params.overdue else None, params.district)

    def render() -> str:
        ref, rows, after, offices = services.desk.inbox(filters, params.cursor)
        with reading_of(services) as reading:
            districts = district_names(reading.conn, reading.ref)
            dataset = place_credit(reading.conn, reading.ref)
        return services.pages.render(
            "staff_tickets.html", path="/staff/tickets", ref=ref, dataset=dataset, offices=offices,
            user=user, csrf_token=user.csrf_token, rows=rows, following=after, today=today(), zone=JAPAN,
            asked=params, districts=districts,
            states=list(State), kinds=list(Kind), mail_note=mail_note(services.settings),
            kept=params.model_dump(exclude_defaults=True, exclude={"cursor"}, mode="json"),
        )  # fmt: skip

    return HTMLResponse(await run_sync(render, limiter=services.limiter), 200, NO_STORE)


def _ticket(
    services: Services,
    no: int,
    user: Principal,
    error: str | None = None,
    values: dict[str, str] | None = None,
) -> str:
    opened = services.desk.open(no, user)
    summary = opened.detail.summary
    with reading_of(services) as reading:
        dataset = place_credit(reading.conn, reading.ref)
    return services.pages.render(
        "staff_ticket.html", path="/staff/tickets", ref=opened.ref, dataset=dataset, user=user, csrf_token=user.csrf_token,
        ticket=opened.detail, office=opened.office, district=opened.district, events=opened.events,
        mail=opened.mail, contacts=opened.contacts,
        choices=following(summary.kind, summary.state), today=today(), zone=JAPAN, error=error,
        values=values or {"answer": "", "note": "", "to": ""}, may_erase=bool(ERASERS & user.roles),
        mail_note=mail_note(services.settings), keep_days=services.settings.ticket_retention_days,
        sends_mail=sends_mail(services.settings),
    )  # fmt: skip


@router.get("/staff/tickets/{no}")
async def staff_ticket(request: Request, services: Served, no: TicketNo, params: No) -> Response:
    """One ticket with everything the staff need to go on."""
    user = await signed_in(request)
    html = await run_sync(_ticket, services, no, user, limiter=services.limiter)
    return HTMLResponse(html, 200, NO_STORE)


async def _act(
    request: Request, services: Services, no: int, work: Callable[[FormData, Principal], Any]
) -> Response:
    """Do what the form says; what cannot be done is said on the ticket's page as it is now, with what was typed."""
    user = await signed_in(request)
    form = await form_of(request)
    csrf.check_form(request, form, services.settings, user)
    try:
        await run_sync(work, form, user, limiter=services.limiter)
    except (InputError, ConflictError) as error:
        status = 409 if isinstance(error, ConflictError) else 400
        values = {name: typed(form, name) for name in ("answer", "note", "to")}
        html = await run_sync(_ticket, services, no, user, error.message, values, limiter=services.limiter)
        return HTMLResponse(html, status, NO_STORE)
    return RedirectResponse(f"/staff/tickets/{no}", 303, NO_STORE)


def _version(form: FormData) -> int:
    text = typed(form, "version")
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise InputError("画面を開き直して、もう一度操作してください。")
    return int(text)


@router.post("/staff/tickets/{no}/state")
async def change_ticket(request: Request, services: Served, no: TicketNo, params: No) -> Response:
    """Pass on, answer, close, enter a result."""

    def work(form: FormData, user: Principal) -> None:
        try:
            to = State(typed(form, "to"))
        except ValueError:
            raise InputError("次の状態を選んでください。", field="to") from None
        services.desk.change(
            no, to, _version(form), user, answer=typed(form, "answer"), note=typed(form, "note")
        )

    return await _act(request, services, no, work)


@router.post("/staff/tickets/{no}/note")
async def note_ticket(request: Request, services: Served, no: TicketNo, params: No) -> Response:
    """Write a note."""
    return await _act(
        request, services, no,
        lambda form, user: services.desk.note(no, _version(form), user, typed(form, "note")),
    )  # fmt: skip


@router.post("/staff/tickets/{no}/erase")
async def erase_ticket(request: Request, services: Served, no: TicketNo, params: No) -> Response:
    """Erase what the ticket says, on the person's request."""

    def work(form: FormData, user: Principal) -> None:
        if typed(form, "sure") != "yes":
            raise InputError("消去するときは、確認の欄にチェックを入れてください。", field="sure")
        services.desk.erase(no, user)

    return await _act(request, services, no, work)
