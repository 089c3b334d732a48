"""Who a request comes from: a signed-in user (cookie), a partner's program (key), or anybody."""

from __future__ import annotations

from dataclasses import dataclass

from anyio.to_thread import run_sync
from starlette.requests import Request

from api.auth import cookies
from api.auth.tokens import digest, new_token, well_formed
from geodata.database import Audience
from geodata.partner_keys import PartnerKey
from geodata.sessions import Session, find_session
from kyodo_geo.errors import ForbiddenError, SignInRequiredError
from kyodo_geo.roles import Role, is_staff

WRONG_ORIGIN = "この鍵は、登録されたサイトのページからだけ使えます。"
KEY_REFUSED = "この鍵は使えません。書き間違い、期限切れ、取り消しのどれかです。市の担当に確かめてください。"


@dataclass(frozen=True, slots=True)
class Principal:
    """`session_hash` and `csrf_token` belong to users, `key_id` to programs, `office_id` to both: a partner's office.

    `session_hash` is that of the session's present token, whichever of its tokens came.

    `publishable`: came with a key that everybody can read in a web page; it may only look up, and its
    office is known for the figures alone. `scopes`: what a key may do (`api.access.KEY_SCOPES`).
    `session_no` and `via`: which session it is, and how it was begun (`geodata.sessions.VIA`).
    """

    roles: frozenset[Role]
    login: str | None = None
    display_name: str | None = None
    user_id: int | None = None
    session_hash: bytes | None = None
    csrf_token: str | None = None
    key_id: str = ""
    office_id: str | None = None
    publishable: bool = False
    scopes: frozenset[str] = frozenset()
    session_no: int | None = None
    via: str = ""
    rows_per_minute: int | None = None
    """A limit of the key's own."""

    @property
    def anonymous(self) -> bool:
        return self.user_id is None and not self.key_id

    @property
    def is_staff(self) -> bool:
        """Whether this is one of the city's staff."""
        return is_staff(self.roles)

    @property
    def audience(self) -> Audience:
        """Database role this principal may read as, at most."""
        return Audience.STAFF if is_staff(self.roles) else Audience.PUBLIC


ANYBODY = Principal(frozenset({Role.PUBLIC}))


async def identify(request: Request) -> Principal:
    """The principal of this request, worked out once.

    Raises SignInRequiredError for a key that does not work (a cookie that does not is simply no sign-in), and
    ForbiddenError for a publishable key that is used from elsewhere than its origins.
    """
    known = getattr(request.state, "principal", None)
    if known is None:
        known = request.state.principal = await _identify(request)
    return known


async def _identify(request: Request) -> Principal:
    services = request.app.state.services
    header = request.headers.get("authorization")
    if header is not None:
        scheme, _, key = header.partition(" ")
        if scheme.lower() != "bearer":
            raise SignInRequiredError("Authorization の見出しは「Bearer 鍵」の形で送ってください。")
        known, found = services.key_ring.cached(key.strip())
        if not known:
            found = await run_sync(services.key_ring.get, key.strip(), limiter=services.limiter)
        if found is None:
            raise SignInRequiredError(KEY_REFUSED)
        services.counters.used(found.key_id)
        if found.publishable:
            return _page_of(request, found)
        return Principal(
            frozenset({Role.PUBLIC, Role.PARTNER}),
            login=f"key:{found.key_id}",
            key_id=found.key_id,
            office_id=found.office_id,
            scopes=frozenset(found.scopes),
            rows_per_minute=found.rows_per_minute,
        )
    token = request.cookies.get(cookies.session_name(services.settings))
    if token is None or not well_formed(token):
        return ANYBODY
    fresh = new_token()
    session = await run_sync(_find, request, digest(token), digest(fresh), limiter=services.limiter)
    if session is None:
        return ANYBODY
    if session.offered:
        # `api.middleware.SecurityHeaders` sends it along, where the answer is for this person alone.
        request.state.session_cookie = cookies.session_header(services.settings, fresh)
    return Principal(
        session.roles | {Role.PUBLIC},
        session.login,
        session.display_name,
        session.user_id,
        session.session_hash,
        session.csrf_token,
        office_id=session.office_id,
        session_no=session.session_no,
        via=session.via,
    )


def _page_of(request: Request, key: PartnerKey) -> Principal:
    """A page of one of the key's origins: nobody in particular, whatever the key's office may do. It counts for it.

    Notes the origin for `api.widget_cors`, which lets the page read the answer. Raises ForbiddenError elsewhere.
    """
    origin = request.headers.get("origin")
    if origin not in key.origins:
        raise ForbiddenError(WRONG_ORIGIN)
    request.state.widget_origin = origin
    return Principal(
        frozenset({Role.PUBLIC}), login=f"key:{key.key_id}", key_id=key.key_id,
        office_id=key.office_id, publishable=True, scopes=frozenset(key.scopes), rows_per_minute=key.rows_per_minute,
    )  # fmt: skip


def _find(request: Request, token_hash: bytes, offer: bytes) -> Session | None:
    services = request.app.state.services
    settings = services.settings
    with services.database.write(Audience.AUTH) as conn:
        return find_session(
            conn,
            settings.municipality,
            token_hash,
            idle_minutes=settings.session_idle_minutes,
            offer=offer,
            rotate_minutes=settings.session_rotate_minutes,
        )


async def signed_in(request: Request) -> Principal:
    """The signed-in user; raises SignInRequiredError for anybody else, programs with keys included."""
    principal = await identify(request)
    if principal.user_id is None:
        raise SignInRequiredError("このページを見るには、サインインが必要です。")
    return principal
