"""For which association somebody is an officer: the scope of the role. Audience `AUTH`."""

from __future__ import annotations

from geodata.audit import record
from geodata.database import Connection
from geodata.role_scopes import scope_of, set_scope
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role


def set_association(
    conn: Connection, municipality: str, login: str, association_id: str | None, *, by: str
) -> None:
    """Say whose officer a user is (None: nobody's). Holds at the next request; raises NotFoundError without that role
    or association.
    """
    if association_id is not None:
        known = conn.execute(
            "SELECT FROM association WHERE municipality_code = %s AND association_id = %s",
            (municipality, association_id),
        ).fetchone()
        if known is None:
            raise NotFoundError(f"町内会・自治会「{association_id}」はありません。")
    set_scope(
        conn, municipality, login, Role.ASSOCIATION_OFFICER, association_id, called="町内会・自治会の役員"
    )
    record(conn, municipality, by, "user.association", login, {"association": association_id})


def association_of(conn: Connection, municipality: str, user_id: int) -> str | None:
    """Whose officer a user is; None for nobody's."""
    return scope_of(conn, municipality, user_id, Role.ASSOCIATION_OFFICER)[1]
