"""What the public zone answers (`KYODO_ZONE=public`): everything for everybody, tickets where they are taken, nothing else.

The one place that decides, beside the table of access. A route is out unless it is named in by a rule here, so that a new
route of the staff, an upload or an edit is refused without anybody thinking of it.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.access_table import ACCESS, EVERYBODY
from kyodo_geo.errors import ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from starlette.requests import Request

    from api.settings import Settings

PUBLIC = "public"

SIGN_IN = ("/login", "/welcome", "/logout", "/account")
"""Addresses (and what lies below them) of people who sign in."""
RETURNS = "/returns/"
"""Returns of associations: none is in the public zone, whose page `/returns` says how to answer otherwise."""
OTHER_POSTS = frozenset(
    {
        ("POST", path)
        for path in (
            "/lookup",
            "/embed/lookup",
            "/lookup/suggest",
            "/associations/{association_id}/leaflet.pdf",
            "/lookup/sheet.pdf",
            "/api/v1/lookup",
            "/api/v1/lookup/batch",
        )
    }
)
"""Questions in bodies, because addresses belong into no address line: they change nothing."""
PAGE_TICKETS = frozenset({("POST", "/referrals/new"), ("POST", "/join/new")})
PARTNERS_OWN = frozenset(
    {
        ("GET", "/partner"),
        ("GET", "/partner/tickets"),
        ("GET", "/partner/tickets/{no}"),
        ("POST", "/partner/members"),
        ("POST", "/partner/members/stop"),
        ("GET", "/api/v1/referrals"),
        ("POST", "/api/v1/referrals"),
    }
)

NOT_HERE = "このページは、公開用の環境にはありません。職員の仕事のページは、庁内の環境で使えます。"
NOT_TAKEN = "この環境では、質問や加入の希望を受け付けていません。お手数ですが、下の窓口へお電話ください。"


@dataclass(frozen=True, slots=True)
class Zone:
    """What the pages of one application may lead to."""

    staff: bool
    sign_in: bool
    page_tickets: bool


def zone_of(settings: Settings) -> Zone:
    """Of an application."""
    if settings.zone != PUBLIC:
        return Zone(True, True, True)
    return Zone(False, "partner" in settings.public_tickets, "page" in settings.public_tickets)


def open_routes(*, pages: bool, partners: bool) -> frozenset[tuple[str, str]]:
    """Routes of the public zone. `pages`: residents' forms are taken; `partners`: offices sign in and pass on."""
    found = {
        (method, path)
        for (method, path), roles in ACCESS.items()
        if roles == EVERYBODY
        and (method in ("GET", "OPTIONS") or (method, path) in OTHER_POSTS or path.startswith("/ogc/"))
        and not _of_sign_in(path)
        and not path.startswith(RETURNS)
    }
    if pages or partners:
        found |= PAGE_TICKETS
    if partners:
        found |= PARTNERS_OWN | {entry for entry in ACCESS if _of_sign_in(entry[1])}
    return frozenset(found)


_open_routes = functools.cache(open_routes)


def refuse(request: Request, settings: Settings) -> None:
    """Raise where the public zone has no such page: NotFoundError, or ForbiddenError for a form that is not taken here."""
    entry = (request.method, request.scope["route"].path)
    takes = settings.public_tickets
    if entry in _open_routes(pages="page" in takes, partners="partner" in takes):
        return
    if entry in PAGE_TICKETS:
        raise ForbiddenError(NOT_TAKEN)
    raise NotFoundError(NOT_HERE)


def _of_sign_in(path: str) -> bool:
    return any(path == start or path.startswith(start + "/") for start in SIGN_IN)
