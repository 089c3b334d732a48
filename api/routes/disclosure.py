"""Files for requests of disclosure: who looked up what when, and everything stored about a person. Administrators alone.

What is asked for stands in the body of the form, never in an address; each file that is taken is an entry of the audit log.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from api.auth.principals import Principal, signed_in
from api.clock import today
from api.disclosure_files import Form, lookups_file, person_file
from api.params import No
from api.routes.accounts import NO_STORE, page, sent_by_user, text
from api.routes.downloads import disposition
from api.services import Served, Services
from geodata.lookup_log import Sought
from kyodo_geo.errors import InputError, KyodoError

router = APIRouter(include_in_schema=False)

REQUEST = re.compile(r"[0-9A-Za-z第号\-_/（）()]{0,40}")
NAME = re.compile(r"[0-9A-Za-z._@+:-]{0,80}")


def _page(
    request: Request, services: Services, user: Principal, status: int = 200, *, error: KyodoError | None = None,
    part: str = "", typed: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    settings = services.settings
    return page(
        request, services, "staff_disclosure.html", status, user=user, csrf_token=user.csrf_token, error=error, part=part,
        field=error.details.get("field") if error else None, typed=typed or {}, today=today(),
        month_ago=today() - timedelta(days=30), settings=settings,
    )  # fmt: skip


@router.get("/staff/disclosure")
async def disclosure_page(request: Request, services: Served, params: No) -> Response:
    """The two forms."""
    user = await signed_in(request)
    return await run_sync(_page, request, services, user, limiter=services.limiter)


async def _answer(
    request: Request, services: Services, part: str, names: tuple[str, ...],
    make: Callable[[Principal, dict[str, str]], tuple[bytes, str]],
) -> Response:  # fmt: skip
    user, form = await sent_by_user(request, services)
    typed = {name: text(form, name).strip() for name in names}

    def work() -> Response:
        try:
            if not REQUEST.fullmatch(typed["request"]):
                raise InputError("請求の番号は、英数字と「第」「号」で 40 文字までです。", field="request")
            body, media = make(user, typed)
        except KyodoError as error:
            return _page(request, services, user, 400, error=error, part=part, typed=typed)
        name = f"{part}_{today():%Y%m%d}.{_form(typed)}"
        return Response(body, 200, {**NO_STORE, **disposition(name)}, media_type=media)

    return await run_sync(work, limiter=services.limiter)


def _form(typed: dict[str, Any]) -> Form:
    return "xlsx" if typed.get("form") == "xlsx" else "csv"


@router.post("/staff/disclosure/lookups")
async def take_lookups(request: Request, services: Served, params: No) -> Response:
    """The log of lookups of a key, an office or a login, or all of it, for a period."""
    code = services.settings.municipality

    def make(user: Principal, typed: dict[str, str]) -> tuple[bytes, str]:
        return lookups_file(
            services.database,
            code,
            _sought(typed),
            _form(typed),
            by=user.login or "",
            request=typed["request"],
        )

    names = ("request", "first", "last", "key", "office", "login", "form")
    return await _answer(request, services, "lookups", names, make)


def _sought(typed: dict[str, str]) -> Sought:
    days = {}
    for field in ("first", "last"):
        try:
            days[field] = date.fromisoformat(typed[field])
        except ValueError:
            raise InputError("期間は日付（例 2026-11-01）で入力してください。", field=field) from None
        if not 2000 <= days[field].year <= 9000:
            raise InputError("期間を確かめてください。", field=field)
    if days["first"] > days["last"]:
        raise InputError("期間の始まりが終わりより後です。", field="first")
    for field in ("key", "office", "login"):
        if not NAME.fullmatch(typed[field]):
            raise InputError("鍵の番号、事業所番号、利用者名は半角で入力してください。", field=field)
    return Sought(
        days["first"], days["last"], typed["key"] or None, typed["office"] or None, typed["login"] or None
    )


@router.post("/staff/disclosure/person")
async def take_person(request: Request, services: Served, params: No) -> Response:
    """Everything that is stored about a person."""
    code = services.settings.municipality

    def make(user: Principal, typed: dict[str, str]) -> tuple[bytes, str]:
        made = person_file(
            services.database,
            code,
            typed["person"],
            _form(typed),
            by=user.login or "",
            request=typed["request"],
        )
        return made[:2]

    return await _answer(request, services, "person", ("request", "person", "form"), make)
