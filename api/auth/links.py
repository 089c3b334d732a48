"""One-time links: for the first administrator, and for users who need to (re)set their password.

The link opens a page; only sending that page's form uses it up, so that mail scanners and browsers that fetch
ahead do no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.auth.tokens import digest, new_token
from geodata import accounts
from geodata.audit import record
from geodata.database import Audience, Connection, Database
from geodata.sessions import add_link
from kyodo_geo.errors import ConflictError, NotFoundError
from kyodo_geo.roles import Role

if TYPE_CHECKING:
    from api.settings import Settings

ADMIN_LOGIN = "admin"
ADMIN_MINUTES = 60
INVITE_MINUTES = 24 * 60


def create_admin_link(db: Database, settings: Settings) -> str:
    """Link for the administrator `admin`, who is made when nobody is there; earlier unused links stop working."""
    with db.write(Audience.AUTH) as conn:
        try:
            accounts.user(conn, settings.municipality, ADMIN_LOGIN)
        except NotFoundError:
            accounts.add_user(
                conn, settings.municipality, ADMIN_LOGIN, "管理者", {Role.ADMINISTRATOR}, by="command line"
            )
        return new_link(conn, settings, ADMIN_LOGIN, ADMIN_MINUTES, by="command line")


def create_link(db: Database, settings: Settings, login: str, *, minutes: int = INVITE_MINUTES) -> str:
    """Link for an existing, active user; raises NotFoundError or ConflictError."""
    with db.write(Audience.AUTH) as conn:
        return new_link(conn, settings, login, minutes, by="command line")


def new_link(conn: Connection, settings: Settings, login: str, minutes: int, *, by: str) -> str:
    """The same within a transaction of the caller's; earlier unused links of the user stop working."""
    user = accounts.user(conn, settings.municipality, login)
    if not user.active:
        raise ConflictError(f"利用者「{login}」は停止しています。先に利用を再開してください。", login=login)
    if not settings.signs_in_here(login, user.office_id):
        raise ConflictError(
            f"利用者「{login}」は、市の認証システムか庁内のパスワードでサインインします。リンクは要りません。",
            login=login,
        )
    token = new_token()
    add_link(conn, settings.municipality, digest(token), user.user_id, minutes=minutes)
    record(conn, settings.municipality, by, "user.link", login, {"minutes": minutes})
    return f"{settings.public_url}/welcome?token={token}"
