"""For which association somebody is an officer: the scope of the role. Audience `AUTH`."""

from __future__ import annotations

from geodata.audit import record
from geodata.database import Connection
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
    done = conn.execute(
        "UPDATE user_role r SET scope = %s FROM app_user u WHERE r.municipality_code = %s AND r.role = %s "
        "AND u.municipality_code = r.municipality_code AND u.user_id = r.user_id AND u.login = %s",
        (association_id, municipality, Role.ASSOCIATION_OFFICER.value, login),
    ).rowcount
    if not done:
        raise NotFoundError(f"町内会・自治会の役員の役割を持つ利用者「{login}」はいません。", login=login)
    record(conn, municipality, by, "user.association", login, {"association": association_id})


def association_of(conn: Connection, municipality: str, user_id: int) -> str | None:
    """Whose officer a user is; None for nobody's."""
    row = conn.execute(
        "SELECT scope FROM user_role WHERE municipality_code = %s AND user_id = %s AND role = %s",
        (municipality, user_id, Role.ASSOCIATION_OFFICER.value),
    ).fetchone()
    return None if row is None else row["scope"]
