"""Keys of partners: the city's list, where they are issued, replaced and revoked, and each office's own page.

A key is shown in the answer to the form that made it, once, and nowhere else.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Request, Response
from starlette.datastructures import FormData

from api.access_table import SCOPE_LABELS
from api.auth import csrf
from api.auth.principals import Principal, signed_in
from api.clock import JAPAN, now, today
from api.params import No
from api.routes.accounts import page, text
from api.routes.offices import member_of_an_office
from api.services import Served, Services
from geodata import offices, partner_keys
from geodata.database import Audience
from geodata.partner_keys import PartnerKey
from kyodo_geo.errors import InputError, KyodoError

router = APIRouter(include_in_schema=False)

OVERLAP_DAYS = 14
"""How long the old key goes on beside its successor, unless somebody says otherwise."""
MAX_LABEL = 100
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]


def state_of(key: PartnerKey) -> str:
    """The key's state in one word of the page: works, revoked, over, or soon."""
    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is None:
        return "works"
    left = (key.expires_at - now()).total_seconds()
    return "over" if left <= 0 else "soon" if left < 30 * 86400 else "works"


def _told(services: Services, keys: list[PartnerKey]) -> list[dict[str, Any]]:
    settings = services.settings
    return [
        {
            "key": key,
            "state": state_of(key),
            "scopes": [SCOPE_LABELS[scope] for scope in key.scopes],
            "rate": key.rows_per_minute
            or (settings.widget_lookups_per_minute if key.publishable else settings.key_rows_per_minute),
        }
        for key in keys
    ]


# -- the city's list ------------------------------------------------------------------------------------------


def _staff_page(
    request: Request, services: Services, user: Principal, status: int = 200, *, error: KyodoError | None = None,
    done: str | None = None, shown: tuple[str, str] | None = None, typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    code = services.settings.municipality
    with services.database.read(Audience.AUTH) as conn:
        keys = partner_keys.keys(conn, code)
        held = offices.offices(conn, code)
    told = _told(services, keys)
    return page(
        request, services, "staff_keys.html", status, user=user, csrf_token=user.csrf_token,
        keys=told, soon=[item for item in told if item["state"] == "soon"], names={item.office_id: item.name for item in held},
        offices=[item for item in held if item.closed_on is None], scopes=SCOPE_LABELS, overlap=OVERLAP_DAYS,
        most_overlap=partner_keys.MAX_OVERLAP_DAYS, settings=services.settings, error=error,
        field=error.details.get("field") if error else None, done=done, shown=shown, typed=typed or {},
        today=today(), zone=JAPAN, replaced={key.replaces for key in keys if state_of(key) in ("works", "soon")},
    )  # fmt: skip


@router.get("/staff/keys")
async def staff_keys(request: Request, services: Served, params: No) -> Response:
    """All keys, and the form for another one."""
    user = await signed_in(request)
    return await run_sync(_staff_page, request, services, user, limiter=services.limiter)


async def _sent(request: Request, services: Services, user: Principal) -> FormData:
    form = await request.form(max_files=0, max_fields=20)
    csrf.check_form(request, form, services.settings, user)
    return form


@router.post("/staff/keys")
async def issue_key(request: Request, services: Served, params: No) -> Response:
    """Issue a key; the answer shows it, this once."""
    user = await signed_in(request)
    form = await _sent(request, services, user)
    typed = {
        name: text(form, name).strip() for name in ("label", "office", "until", "kind", "origins", "rate")
    } | {"scopes": [value for value in form.getlist("scope") if isinstance(value, str)]}

    def work() -> Response:
        try:
            wanted = _read(typed)
            with services.database.write(Audience.AUTH) as conn:
                made = partner_keys.issue(conn, services.settings.municipality, by=user.login or "", **wanted)
        except KyodoError as error:
            return _staff_page(request, services, user, 400, error=error, typed=typed)
        return _staff_page(request, services, user, shown=made, done=f"鍵 {made[0]} を発行しました。")

    return await run_sync(work, limiter=services.limiter)


def _read(typed: dict[str, Any]) -> dict[str, Any]:
    """What `partner_keys.issue` is given; raises InputError with the field."""
    label = typed["label"]
    if not 0 < len(label) <= MAX_LABEL:
        raise InputError(f"何に使う鍵かを、{MAX_LABEL} 文字以内で入力してください。", field="label")
    until = _day(typed["until"])
    page_key = typed["kind"] == "publishable"
    origins = typed["origins"].split()
    if page_key != bool(origins):
        raise InputError(
            "ページに書く鍵には、使うサイトのアドレスを入力してください。プログラム用の鍵には要りません。",
            field="origins",
        )
    rate = typed["rate"].replace(",", "")
    if rate and not (rate.isascii() and rate.isdigit() and len(rate) < 10):
        raise InputError("1 分間の件数は数字で入力してください。", field="rate")
    return {
        "label": label,
        "office_id": typed["office"] or None,
        "expires_on": until,
        "origins": origins,
        "scopes": None if page_key else typed["scopes"],
        "rows_per_minute": int(rate) if rate else None,
    }


def _day(value: str) -> date | None:
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise InputError("期限は日付（例 2027-03-31）で入力してください。", field="until") from None
    if found < today() or found.year > 9000:
        raise InputError("期限は今日からあとの日にしてください。", field="until")
    return found


@router.post("/staff/keys/{key_id}/rotate")
async def rotate_key(request: Request, services: Served, key_id: KeyId, params: No) -> Response:
    """Issue the successor of a key; the answer shows it, this once."""
    user = await signed_in(request)
    form = await _sent(request, services, user)
    days, until = text(form, "overlap_days").strip(), text(form, "until").strip()

    def work() -> Response:
        try:
            if not (days.isascii() and days.isdigit() and len(days) < 4):
                raise InputError("前の鍵を使い続けられる日数は数字で入力してください。", field="overlap_days")
            with services.database.write(Audience.AUTH) as conn:
                made = partner_keys.rotate(
                    conn, services.settings.municipality, key_id, by=user.login or "", overlap_days=int(days),
                    expires_on=_day(until),
                )  # fmt: skip
        except KyodoError as error:
            return _staff_page(request, services, user, 400, error=error)
        told = f"鍵 {key_id} を {made[0]} に替えました。前の鍵は {int(days)} 日後に使えなくなります。"
        return _staff_page(request, services, user, shown=made, done=told)

    return await run_sync(work, limiter=services.limiter)


@router.post("/staff/keys/{key_id}/revoke")
async def revoke_key(request: Request, services: Served, key_id: KeyId, params: No) -> Response:
    """Revoke a key, or it and those that came in its place: every worker refuses them within a second."""
    user = await signed_in(request)
    form = await _sent(request, services, user)
    successors = text(form, "successors") == "yes"

    def work() -> Response:
        try:
            with services.database.write(Audience.AUTH) as conn:
                revoked = partner_keys.revoke(
                    conn, services.settings.municipality, key_id, by=user.login or "", successors=successors
                )
        except KyodoError as error:
            return _staff_page(request, services, user, 400, error=error)
        return _staff_page(request, services, user, done=f"鍵 {'、'.join(revoked)} を取り消しました。")

    return await run_sync(work, limiter=services.limiter)


# -- the office's own page ------------------------------------------------------------------------------------


def _own_page(
    request: Request, services: Services, user: Principal, office_id: str, status: int = 200, *,
    error: KyodoError | None = None, shown: tuple[str, str] | None = None, done: str | None = None,
) -> Response:  # fmt: skip
    with services.database.read(Audience.AUTH) as conn:
        keys = partner_keys.keys(conn, services.settings.municipality, office_id=office_id)
    return page(
        request, services, "partner_keys.html", status, user=user, csrf_token=user.csrf_token,
        keys=_told(services, keys), overlap=OVERLAP_DAYS, error=error, shown=shown, done=done, zone=JAPAN,
    )  # fmt: skip


@router.get("/partner/keys")
async def own_keys(request: Request, services: Served, params: No) -> Response:
    """The office's keys: what they may do, when they end, when they were last used."""
    user, office_id = await member_of_an_office(request)
    return await run_sync(_own_page, request, services, user, office_id, limiter=services.limiter)


@router.post("/partner/keys/{key_id}/rotate")
async def rotate_own_key(request: Request, services: Served, key_id: KeyId, params: No) -> Response:
    """The office replaces a key of its own: same rights, same end; the old one goes on for two weeks."""
    user, office_id = await member_of_an_office(request)
    await _sent(request, services, user)

    def work() -> Response:
        code = services.settings.municipality
        try:
            with services.database.write(Audience.AUTH) as conn:
                made = partner_keys.rotate(
                    conn, code, key_id, by=user.login or "", overlap_days=OVERLAP_DAYS, office_id=office_id,
                    keep_end=True,
                )  # fmt: skip
        except KyodoError as error:
            return _own_page(request, services, user, office_id, 400, error=error)
        told = f"鍵 {key_id} を {made[0]} に替えました。前の鍵は {OVERLAP_DAYS} 日後に使えなくなります。"
        return _own_page(request, services, user, office_id, shown=made, done=told)

    return await run_sync(work, limiter=services.limiter)
