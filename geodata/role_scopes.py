"""The scope of a role: for which districts, association or centre somebody has it. Audience `AUTH`."""

from __future__ import annotations

from geodata.database import Connection
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role


def set_scope(
    conn: Connection, municipality: str, login: str, role: Role, scope: str | None, *, called: str
) -> None:
    """Holds at the next request. Raises NotFoundError without that role (`called` so in the sentence)."""
    done = conn.execute(
        "UPDATE user_role r SET scope = %s FROM app_user u WHERE r.municipality_code = %s AND r.role = %s "
        "AND u.municipality_code = r.municipality_code AND u.user_id = r.user_id AND u.login = %s",
        (scope, municipality, role.value, login),
    ).rowcount
    if not done:
        raise NotFoundError(f"{called}の役割を持つ利用者「{login}」はいません。", login=login)


def scope_of(conn: Connection, municipality: str, user_id: int, role: Role) -> tuple[bool, str | None]:
    """Whether a user has the role, and its scope (None: nothing is set)."""
    row = conn.execute(
        "SELECT scope FROM user_role WHERE municipality_code = %s AND user_id = %s AND role = %s",
        (municipality, user_id, role.value),
    ).fetchone()
    return row is not None, None if row is None else row["scope"]
