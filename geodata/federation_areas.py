"""Which districts a federation's user looks after: the scope of the role. Audience `AUTH`."""

from __future__ import annotations

from collections.abc import Collection

from geodata.audit import record
from geodata.database import Connection
from geodata.role_scopes import scope_of, set_scope
from kyodo_geo.roles import Role


def area_of(conn: Connection, municipality: str, user_id: int) -> frozenset[int] | None:
    """District numbers, or None for the whole municipality (nothing is set); empty for who is no federation's user."""
    known, scope = scope_of(conn, municipality, user_id, Role.FEDERATION)
    if not known:
        return frozenset()
    return None if scope is None else frozenset(int(part) for part in scope.split(",") if part)


def set_area(
    conn: Connection, municipality: str, login: str, districts: Collection[int] | None, *, by: str
) -> None:
    """Limit a federation's user to districts; None: the whole municipality. Raises NotFoundError without that role."""
    scope = None if districts is None else ",".join(str(no) for no in sorted(set(districts)))
    set_scope(conn, municipality, login, Role.FEDERATION, scope, called="連合組織")
    record(conn, municipality, by, "user.area", login, {"districts": scope})
