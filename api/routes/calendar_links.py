"""Calendars that programs subscribe to: staff's secret addresses, and the meetings that everybody may see."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator

from api.auth.principals import Principal, signed_in
from api.auth.tokens import TOKEN_FORM, digest, new_token
from api.clock import JAPAN, now, today
from api.credits import place_credit
from api.edit_forms import PLAIN, Sent, Shown, act
from api.meetings.reading import KEEPERS, Calendar, narrowed
from api.params import DistrictNo, No, Params, left_empty
from api.routes.accounts import NO_STORE, page
from api.routes.downloads import disposition
from api.services import Served, Services
from geodata import calendar_links
from geodata.database import Audience, Connection
from geodata.queries import meetings as queries
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.meetings.ical import CALENDAR, calendar
from kyodo_geo.meetings.meeting import STATES, said_day

router = APIRouter(include_in_schema=False)

LINKS = "/staff/meetings/links"
BACK, AHEAD = 92, 732
"""Days that a subscription reaches: what is long over goes from people's calendars."""
PUBLIC_AHEAD = 366
EMPTY = BeforeValidator(left_empty)
LinkId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$")]
Token = Annotated[str, Path(pattern=f"^{TOKEN_FORM.pattern}$")]


class LinksParams(Params):
    """What was just done."""

    done: Literal["revoke"] | None = None


class PublicParams(Params):
    """Whose meetings."""

    district: Annotated[DistrictNo | None, EMPTY] = None


# -- staff's links --------------------------------------------------------------------------------------------


@router.get(LINKS)
async def links_page(request: Request, services: Served, params: Annotated[LinksParams, Query()]) -> Response:
    """One's own links (a planner's: everybody's), and the form for another one."""
    user = await signed_in(request)
    done = "リンクを取り消しました。もう読めません。" if params.done else None
    return await run_sync(lambda: _links(request, services, user, PLAIN, done), limiter=services.limiter)


@router.post(LINKS)
async def make_link(request: Request, services: Served, params: No) -> Response:
    """Make a link; the answer shows its address, this once."""

    def work(sent: Sent) -> Shown:
        label = entries.line(sent.text("label"), "label", "何に使うか", most=80, required=True) or ""
        department = entries.line(sent.text("department"), "department", "担当課", most=80)
        token = new_token()
        with services.database.write(Audience.STAFF) as conn:
            ref = resolve(conn, services.settings.municipality)
            district = _district(conn, ref, sent.text("district"))
            try:
                calendar_links.issue(
                    conn, ref.municipality_code, label, digest(token), district=district, department=department,
                    by=sent.actor,
                )  # fmt: skip
            except ConflictError as error:
                raise InputError(error.message, field="label") from None
        return Shown(200, "made", {}, extra=f"{services.settings.public_url}/calendar/{token}.ics")

    return await act(
        request, services, "link", work,
        lambda sent, shown: _links(request, services, sent.user, shown, None), lambda sent, error: (),
    )  # fmt: skip


def _district(conn: Connection, ref: Ref, text: str) -> int | None:
    if not text:
        return None
    entries.choice(text, "district", "地区", [str(no) for no, _ in district_names(conn, ref)])
    return int(text)


@router.post(f"{LINKS}/{{link_id}}/revoke")
async def revoke_link(request: Request, services: Served, link_id: LinkId, params: No) -> Response:
    """End a link at once."""

    def work(sent: Sent) -> str:
        with services.database.write(Audience.STAFF) as conn:
            try:
                calendar_links.revoke(
                    conn, services.settings.municipality, link_id, by=sent.actor,
                    anybodys=not KEEPERS.isdisjoint(sent.user.roles),
                )  # fmt: skip
            except NotFoundError as error:
                raise InputError(error.message) from None
        return f"{LINKS}?done=revoke"

    return await act(
        request, services, "revoke", work,
        lambda sent, shown: _links(request, services, sent.user, shown, None), lambda sent, error: (),
    )  # fmt: skip


def _links(request: Request, services: Services, user: Principal, shown: Shown, done: str | None) -> Response:
    everybodys = not KEEPERS.isdisjoint(user.roles)
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        credit = place_credit(conn, ref)
        names = dict(district_names(conn, ref))
        links = calendar_links.links(conn, ref.municipality_code, login=None if everybodys else user.login)
        departments = queries.departments(conn, ref.municipality_code)
    return page(
        request, services, "staff_calendar_links.html", shown.status, ref=ref, dataset=credit, user=user,
        csrf_token=user.csrf_token, shown=shown, links=links, names=names, done=done, zone=JAPAN,
        departments=[(name, name) for name in departments],
        made=shown.extra if shown.form == "made" else None, everybodys=everybodys, days=calendar_links.DAYS,
        most=calendar_links.MOST_OWN, public_url=services.settings.public_url,
    )  # fmt: skip


@router.get("/calendar/{token}.ics")
async def feed(request: Request, services: Served, token: Token, params: No) -> Response:
    """What a secret address shows: it is asked by programs that cannot sign in. The database looks the address up itself."""

    def work() -> bytes:
        day = today()
        hashed = digest(token)
        with services.database.read(Audience.PUBLIC) as conn:
            code = services.settings.municipality
            found = calendar_links.feed(conn, code, hashed)
            town = queries.town_of(conn, resolve(conn, code))
            shown = queries.of_link(
                conn, code, hashed, town, day - timedelta(days=BACK), day + timedelta(days=AHEAD),
                district=found.district_no, department=found.department,
            )  # fmt: skip
        return calendar(f"市の会議（{found.label}）", code, shown, now())

    return _file(await run_sync(work, limiter=services.limiter), "meetings.ics")


# -- everybody's ----------------------------------------------------------------------------------------------


def _public(services: Services, district: int | None, first: date, last: date) -> Calendar:
    with services.database.read(Audience.PUBLIC) as conn:
        ref = resolve(conn, services.settings.municipality)
        town = queries.town_of(conn, ref)
        names = dict(district_names(conn, ref))
        if district is not None and district not in names:
            raise NotFoundError(f"地区 {district} はありません。")
        found = queries.meetings(conn, ref, town, first, last, shown=True)
        credit = place_credit(conn, ref)
    return Calendar(ref, credit, town, names, narrowed(found, district, None), [], [])


@router.get("/meetings")
async def public_page(
    request: Request, services: Served, params: Annotated[PublicParams, Query()]
) -> Response:
    """Meetings of the coming year that everybody may see."""

    def work() -> Response:
        found = _public(services, params.district, today(), today() + timedelta(days=PUBLIC_AHEAD))
        return page(
            request, services, "meetings.html", ref=found.ref, dataset=found.credit, user=None, csrf_token=None,
            meetings=found.meetings, asked_of=found.asked, names=found.names, params=params, said_day=said_day,
            states=dict(STATES), public_url=services.settings.public_url,
        )  # fmt: skip

    return await run_sync(work, limiter=services.limiter)


@router.get("/meetings.ics")
async def public_feed(
    request: Request, services: Served, params: Annotated[PublicParams, Query()]
) -> Response:
    """The same as a calendar to subscribe to."""

    def work() -> bytes:
        day = today()
        found = _public(
            services, params.district, day - timedelta(days=BACK), day + timedelta(days=PUBLIC_AHEAD)
        )
        where = f"（{found.names[params.district]}地区）" if params.district else ""
        return calendar(f"{found.ref.name}の会議{where}", found.ref.municipality_code, found.meetings, now())

    return _file(await run_sync(work, limiter=services.limiter), "meetings.ics")


def _file(body: bytes, name: str) -> Response:
    headers: dict[str, Any] = {**NO_STORE, **disposition(name), "Content-Type": CALENDAR}
    return Response(body, 200, headers)
