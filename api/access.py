"""The check that every request passes, against the table of `api/access_table.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from api import zones
from api.access_table import ACCESS, EVERYBODY, FOR_PAGES_ELSEWHERE, KEY_SCOPES, SCOPE_LABELS
from kyodo_geo.errors import ForbiddenError, InputError, SignInRequiredError
from kyodo_geo.roles import Role

if TYPE_CHECKING:
    from api.auth.principals import Principal


FIRST: dict[tuple[str, str], Callable[[Request], Awaitable[None]]] = {}
"""(method, path) → what may refuse the request before its sender is asked for a role, because nobody's would do."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One route as the application serves it."""

    method: str
    path: str
    name: str


def routes_of(app: FastAPI) -> Iterator[Entry]:
    """Every route and mount of the application, one entry per method (HEAD comes with GET, OPTIONS is refused)."""
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        methods = context.methods or {"GET"}
        if context.methods is None:
            path += "/{path:path}"
        for method in sorted(methods - {"HEAD"}):
            yield Entry(method, path, context.name or "")


def check_complete(app: FastAPI) -> None:
    """Refuse to build an application with a route nobody has decided about."""
    served = {(entry.method, entry.path) for entry in routes_of(app)}
    missing = sorted(served - set(ACCESS))
    stale = sorted(set(ACCESS) - served)
    if missing or stale:
        raise RuntimeError(
            f"api/access_table.py: routes without an entry {missing}, entries without a route {stale}"
        )


def allowed(method: str, path: str) -> frozenset[Role]:
    """Roles that may use the route; none for an unknown one."""
    return ACCESS.get((method, path), frozenset())


def require(principal: Principal, roles: frozenset[Role]) -> None:
    """Raise SignInRequiredError or ForbiddenError unless the principal has one of the roles."""
    if roles & principal.roles:
        return
    if principal.anonymous:
        raise SignInRequiredError("このページまたはデータを見るには、サインインが必要です。")
    raise ForbiddenError(
        "このページまたはデータは、担当の職員だけが使えます。必要なときは管理者にお問い合わせください。"
    )


async def enforce(request: Request) -> None:
    """Dependency of the whole application: the table decides before any route's own code runs."""
    from api.auth.principals import identify

    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise InputError("同じ名前のパラメーターは 1 回だけ指定してください。")
    settings = request.app.state.services.settings
    if settings.zone == zones.PUBLIC:
        zones.refuse(request, settings)
    route = request.scope["route"]
    first = FIRST.get((request.method, route.path))
    if first is not None:
        await first(request)
    roles = allowed(request.method, route.path)
    if roles == EVERYBODY and not _shows_credentials(request):
        return
    principal = await identify(request)
    if principal.publishable and (request.method, route.path) not in FOR_PAGES_ELSEWHERE:
        raise ForbiddenError("ウェブページに書く鍵でできるのは、住所や地点を 1 件ずつ調べることだけです。")
    require(principal, roles)
    require_scope(principal, request.method, route.path)


def require_scope(principal: Principal, method: str, path: str) -> None:
    """Raise ForbiddenError when the route wants a scope that the principal's key does not have."""
    wanted = KEY_SCOPES.get((method, path))
    if principal.key_id and wanted is not None and wanted not in principal.scopes:
        raise ForbiddenError(
            f"この鍵では「{SCOPE_LABELS[wanted]}」（{wanted}）は使えません。必要なときは、市の担当に頼んでください。",
            scope=wanted,
        )


def _shows_credentials(request: Request) -> bool:
    """A key that no longer holds must be refused even where none is needed: its holder has to learn of it."""
    return "authorization" in request.headers
