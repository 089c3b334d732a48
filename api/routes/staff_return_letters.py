"""Asking for the returns: letters with codes, mail, and a note that somebody rang up. Once a day at most for each."""

from __future__ import annotations

from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from pydantic import BeforeValidator

from api.answers import private
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.mail.server import sends_mail
from api.paper.serve import PDF, attachment, origin, rendered
from api.params import DistrictNo, No, Params
from api.returns import letters
from api.returns.codes import code_until
from api.routes.accounts import form_of, page
from api.routes.staff_returns import MOST_FIELDS, ONE, Year, own, whole
from api.services import Served, Services
from api.tickets.forms import ASSOCIATION
from geodata import returns
from geodata.database import Audience
from geodata.queries.association_names import district_names
from geodata.queries.generation import resolve
from kyodo_geo.errors import InputError

router = APIRouter(include_in_schema=False)

EMPTY = BeforeValidator(lambda value: value or None)
DONE = {
    "mail": "メールでのお願いを受け付けました。順に送ります。",
    "phone": "電話でお願いしたことを記録しました。",
    "sent": "送付済みにしました。",
}


class LetterParams(Params):
    """Which district, whether its rows begin ticked, and what was just done."""

    district: Annotated[DistrictNo | None, EMPTY] = None
    pick: Literal["all", "none"] | None = None
    done: Literal["mail", "phone", "sent"] | None = None


def _page(
    request: Request, services: Services, user: Principal, fiscal_year: int, params: LetterParams, shown: Shown = PLAIN
) -> Response:  # fmt: skip
    found, rows = letters.waiting(services, fiscal_year, params.district)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        known = district_names(conn, ref)
        credit = place_credit(conn, ref)
    return page(
        request, services, "staff_return_letters.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, own=own(fiscal_year), round=found, rows=rows, asked=params, shown=shown,
        first=[item for item in rows if item.first], again=[item for item in rows if not item.first],
        districts=[(no, f"{no} {name}") for no, name in known], done=DONE[params.done] if params.done else None,
        sends_mail=sends_mail(services.settings), until=code_until(found.due_on), most=letters.MOST_LETTERS, today=today(),
    )  # fmt: skip


@router.get(ONE + "/letters")
async def letters_page(
    request: Request, services: Served, fiscal_year: Year, params: Annotated[LetterParams, Query()]
) -> Response:  # fmt: skip
    """Who has not answered, and how to ask them."""
    user = await signed_in(request)
    return await run_sync(
        lambda: _page(request, services, user, fiscal_year, params), limiter=services.limiter
    )


def _ids(sent: Sent) -> frozenset[str]:
    return frozenset(
        item for item in sent.form.getlist("id") if isinstance(item, str) and ASSOCIATION.fullmatch(item)
    )


def _as_asked(sent: Sent) -> LetterParams:
    return LetterParams(district=whole(sent.text("district")) or None)


@router.post(ONE + "/letters.pdf")
async def print_letters(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """The letters of the chosen, each with a new code."""
    user = await signed_in(request)
    form = await form_of(request, MOST_FIELDS)
    csrf.check_form(request, form, services.settings, user)
    sent, address = Sent(user, form), origin(request, services)

    def build() -> str | Response:
        try:
            with services.database.read(Audience.STAFF) as conn:
                due = returns.one_round(conn, services.settings.municipality, fiscal_year).due_on
            return letters.print_letters(
                services, fiscal_year, _ids(sent), until=code_until(due), actor=sent.actor, address=address
            )
        except InputError as error:
            shown = Shown(400, "letters", sent.values(), error.message)
            return _page(request, services, user, fiscal_year, _as_asked(sent), shown)

    made = await run_sync(build, limiter=services.limiter)
    if not isinstance(made, str):
        return made
    return private(await rendered(services, made), PDF, attachment(f"nendo-koshin-{fiscal_year}.pdf"))


async def _recorded(request: Request, services: Services, fiscal_year: int, way: str) -> Response:
    def work(sent: Sent) -> str:
        deed = letters.ask_by_mail if way == "mail" else letters.note_telephone
        deed(services, fiscal_year, _ids(sent), actor=sent.actor)
        district = whole(sent.text("district"))
        return f"{own(fiscal_year)}/letters?{f'district={district}&' if district else ''}done={way}"

    return await act(
        request, services, "letters", work,
        lambda sent, shown: _page(request, services, sent.user, fiscal_year, _as_asked(sent), shown), lambda sent, error: (),
        most_fields=MOST_FIELDS,
    )  # fmt: skip


@router.post(ONE + "/letters/mail")
async def ask_by_mail(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Mail to the chosen whose address is known."""
    return await _recorded(request, services, fiscal_year, "mail")


@router.post(ONE + "/letters/phone")
async def note_telephone(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Note that somebody rang the chosen up."""
    return await _recorded(request, services, fiscal_year, "phone")


@router.post(ONE + "/letters/sent")
async def mark_sent(request: Request, services: Served, fiscal_year: Year, params: No) -> Response:
    """Note that the forms of the chosen went out in another way (workbooks by mail, papers by hand)."""

    def work(sent: Sent) -> str:
        ids = _ids(sent)
        if not ids:
            raise InputError("町内会・自治会を選んでください。")
        with services.database.write(Audience.STAFF) as conn:
            done = returns.mark_sent(
                conn, services.settings.municipality, fiscal_year, ids, on=today(), actor=sent.actor
            )
        if not done:
            raise InputError("選んだ町内会・自治会は、もう送付済みです。")
        district = whole(sent.text("district"))
        return f"{own(fiscal_year)}/letters?{f'district={district}&' if district else ''}done=sent"

    return await act(
        request, services, "letters", work,
        lambda sent, shown: _page(request, services, sent.user, fiscal_year, _as_asked(sent), shown), lambda sent, error: (),
        most_fields=MOST_FIELDS,
    )  # fmt: skip
