"""Which districts a federation's user looks after: the scope of the role. Audience `AUTH`."""

from __future__ import annotations

from collections.abc import Collection

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role


def area_of(conn: Connection, municipality: str, user_id: int) -> frozenset[int] | None:
    """District numbers, or None for the whole municipality (nothing is set); empty for who is no federation's user."""
    row = conn.execute(
        "SELECT scope FROM user_role WHERE municipality_code = %s AND user_id = %s AND role = %s",
        (municipality, user_id, Role.FEDERATION.value),
    ).fetchone()
    if row is None:
        return frozenset()
    scope: str | None = row["scope"]
    return None if scope is None else frozenset(int(part) for part in scope.split(",") if part)


def set_area(
    conn: Connection, municipality: str, login: str, districts: Collection[int] | None, *, by: str
) -> None:
    """Limit a federation's user to districts; None: the whole municipality. Raises NotFoundError without that role."""
    scope = None if districts is None else ",".join(str(no) for no in sorted(set(districts)))
    done = conn.execute(
        "UPDATE user_role r SET scope = %s FROM app_user u WHERE r.municipality_code = %s AND r.role = %s "
        "AND u.municipality_code = r.municipality_code AND u.user_id = r.user_id AND u.login = %s",
        (scope, municipality, Role.FEDERATION.value, login),
    ).rowcount
    if not done:
        raise NotFoundError(f"連合組織の役割を持つ利用者「{login}」はいません。", login=login)
    record(conn, municipality, by, "user.area", login, {"districts": scope})
