"""Which civic collaboration centre somebody works for: the scope of the role. Audience `AUTH`."""

from __future__ import annotations

from geodata.audit import record
from geodata.database import Connection
from geodata.role_scopes import scope_of, set_scope
from kyodo_geo.errors import NotFoundError
from kyodo_geo.roles import Role


def set_centre(conn: Connection, municipality: str, login: str, centre: str | None, *, by: str) -> str | None:
    """Say whose staff a user is, by id or name of the centre (None: nobody's in particular); the centre's id.

    Holds at the next request. Raises NotFoundError without that role, or unless exactly one centre is meant.
    """
    found = None
    if centre is not None:
        rows = conn.execute(
            "SELECT body_id FROM body WHERE municipality_code = %s AND kind = 'centre' AND %s IN (body_id, name)",
            (municipality, centre),
        ).fetchall()
        if len(rows) != 1:
            raise NotFoundError(
                f"市民協働推進センター「{centre}」はないか、同じ名前がいくつもあります。番号で指定してください。"
            )
        found = str(rows[0]["body_id"])
    set_scope(conn, municipality, login, Role.CENTRE_STAFF, found, called="市民協働推進センター")
    record(conn, municipality, by, "user.centre", login, {"centre": found})
    return found


def centre_of(conn: Connection, municipality: str, user_id: int) -> str | None:
    """The centre a user works for; None where none is set."""
    return scope_of(conn, municipality, user_id, Role.CENTRE_STAFF)[1]
