"""Offices of partners: the city's list with invitations in bulk, and each office's own page."""

from __future__ import annotations

import re
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import FormData, UploadFile

from api.answers import CSV
from api.auth import csrf
from api.auth.invitations import invite, invite_successor, links_file, read_links_file
from api.auth.principals import Principal, signed_in
from api.clock import today
from api.office_list import example, read_office_list
from api.params import No
from api.routes.accounts import NO_STORE, page, text
from api.routes.agreement import FIGURES, by_month, sums
from api.routes.downloads import disposition
from api.services import Served, Services
from geodata import offices
from geodata.database import Audience
from geodata.queries import agreement
from geodata.queries.generation import resolve
from kyodo_geo.dates import fiscal_year_of, fiscal_year_range
from kyodo_geo.errors import ForbiddenError, InputError, KyodoError

router = APIRouter(include_in_schema=False)

PARTNER_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
OfficeId = Annotated[str, Path(pattern=r"^[0-9A-Za-z_-]{1,40}$")]


# -- the city's list ------------------------------------------------------------------------------------------


def _list_page(
    request: Request, services: Services, principal: Principal, status: int = 200, error: str | None = None,
    entered: str | None = None, partner_id: str = "", partner: str = "",
) -> Response:  # fmt: skip
    with services.database.read(Audience.AUTH) as conn:
        held = offices.offices(conn, services.settings.municipality)
    return page(
        request, services, "staff_offices.html", status,
        user=principal, csrf_token=principal.csrf_token, offices=held, error=error, entered=entered,
        example=example(), partner_id=partner_id, partner=partner,
    )  # fmt: skip


@router.get("/staff/offices")
async def office_list(request: Request, services: Served, params: No) -> Response:
    """All offices."""
    principal = await signed_in(request)
    return await run_sync(_list_page, request, services, principal, limiter=services.limiter)


@router.post("/staff/offices")
async def enter_offices(request: Request, services: Served, params: No) -> Response:
    """Enter a list; the answer is a page with the links, which are shown this once."""
    principal = await signed_in(request)
    form = await request.form(max_files=1, max_fields=10)
    csrf.check_form(request, form, services.settings, principal)
    by = principal.login or ""

    def work(content: bytes) -> Response:
        partner_id, partner = text(form, "partner_id").strip(), text(form, "partner").strip()
        try:
            if not PARTNER_ID.fullmatch(partner_id) or not 0 < len(partner) <= 100:
                raise InputError("団体の番号（半角の英数字）と名前を入力してください。", field="partner_id")
            if not content:
                raise InputError("一覧のファイルを選んでください。", field="file")
            rows = read_office_list(content)
            found = invite(services.database, services.settings, partner_id, partner, rows, by=by)
        except KyodoError as error:
            return _list_page(
                request, services, principal, 400, error.message, partner_id=partner_id, partner=partner
            )
        if not found.lines:
            told = f"{len(found.entered.known_logins)} 件を確かめました。新しいアカウントはありません。"
            return _list_page(request, services, principal, entered=told)
        return page(
            request, services, "staff_offices_entered.html",
            user=principal, csrf_token=principal.csrf_token, partner_id=partner_id, partner=partner,
            entered=found.entered, lines=found.lines,
            file=(found.links or b"").decode("utf-8-sig"),
        )  # fmt: skip

    return await run_sync(work, await _upload(form), limiter=services.limiter)


async def _upload(form: FormData) -> bytes:
    file = form.get("file")
    return await file.read() if isinstance(file, UploadFile) else b""


@router.post("/staff/offices/links.csv")
async def links_as_file(request: Request, services: Served, params: No) -> Response:
    """The links back as a file. They stand in the page that was shown and nowhere here."""
    principal = await signed_in(request)
    form = await request.form(max_files=0, max_fields=10)
    csrf.check_form(request, form, services.settings, principal)
    links = form.get("links")
    lines = read_links_file(links if isinstance(links, str) else "")
    name = f"invitations_{today():%Y%m%d}.csv"
    return Response(links_file(lines), 200, {**NO_STORE, **disposition(name)}, media_type=CSV)


@router.post("/staff/offices/{office_id}/close")
async def close_office(request: Request, services: Served, office_id: OfficeId, params: No) -> Response:
    """The office leaves the agreement."""
    principal = await signed_in(request)
    form = await request.form(max_files=0, max_fields=10)
    csrf.check_form(request, form, services.settings, principal)

    def work() -> Response:
        with services.database.write(Audience.AUTH) as conn:
            stopped = offices.close(
                conn, services.settings.municipality, office_id, today(), by=principal.login or ""
            )
        told = f"事業所「{office_id}」を終了しました。停止したアカウント: {stopped}"
        return _list_page(request, services, principal, entered=told)

    return await run_sync(work, limiter=services.limiter)


# -- the office's own page ------------------------------------------------------------------------------------


async def member_of_an_office(request: Request) -> tuple[Principal, str]:
    """The signed-in person and the office; raises ForbiddenError for a partner without an office."""
    principal = await signed_in(request)
    if principal.office_id is None:
        raise ForbiddenError("事業所のアカウントでサインインしてください。")
    return principal, principal.office_id


def _own_page(
    request: Request, services: Services, principal: Principal, office_id: str, status: int = 200,
    error: str | None = None, link: str | None = None, done: str | None = None, login: str = "", name: str = "",
) -> Response:  # fmt: skip
    code = services.settings.municipality
    year = fiscal_year_of(today())
    with services.database.read(Audience.AUTH) as conn:
        held, people = offices.office(conn, code, office_id), offices.members(conn, code, office_id)
    with services.database.read(Audience.PARTNER, office=office_id) as conn:
        ref = resolve(conn, code)
        rows = agreement.monthly(conn, code, ref.generation_no, *fiscal_year_range(year))
    return page(
        request, services, "partner_office.html", status,
        ref=ref, user=principal, csrf_token=principal.csrf_token, office=held, members=people, year=year,
        figures=FIGURES, months=by_month(rows), total=sums(rows),
        error=error, link=link, done=done, new_login=login, new_name=name,
    )  # fmt: skip


@router.get("/partner")
async def own_page(request: Request, services: Served, params: No) -> Response:
    """What the office finds here: its people and its figures."""
    principal, office_id = await member_of_an_office(request)
    return await run_sync(_own_page, request, services, principal, office_id, limiter=services.limiter)


async def _sent(request: Request, services: Services) -> tuple[Principal, str, FormData]:
    principal, office_id = await member_of_an_office(request)
    form = await request.form(max_files=0, max_fields=10)
    csrf.check_form(request, form, services.settings, principal)
    return principal, office_id, form


@router.post("/partner/members")
async def add_member(request: Request, services: Served, params: No) -> Response:
    """An account for a colleague or successor; its link is shown this once."""
    principal, office_id, form = await _sent(request, services)
    login, name = text(form, "login").strip(), text(form, "name").strip()

    def work() -> Response:
        shown: dict[str, Any]
        try:
            if not name:
                raise InputError("名前を入力してください。", field="name")
            link = invite_successor(
                services.database, services.settings, office_id, login, name, by=principal.login or ""
            )
            shown = {"link": link}
        except KyodoError as error:
            shown = {"status": 400, "error": error.message, "login": login, "name": name}
        return _own_page(request, services, principal, office_id, **shown)

    return await run_sync(work, limiter=services.limiter)


@router.post("/partner/members/stop")
async def stop_member(request: Request, services: Served, params: No) -> Response:
    """Stop a colleague's account after a hand-over; one's own stays."""
    principal, office_id, form = await _sent(request, services)
    login = text(form, "login")

    def work() -> Response:
        if login == principal.login:
            return _own_page(
                request, services, principal, office_id, 400,
                error="自分のアカウントは停止できません。引き継いだ人が停止してください。",
            )  # fmt: skip
        with services.database.write(Audience.AUTH) as conn:
            offices.stop_member(
                conn, services.settings.municipality, office_id, login, by=principal.login or ""
            )
        return _own_page(request, services, principal, office_id, done=f"「{login}」を停止しました。")

    return await run_sync(work, limiter=services.limiter)
