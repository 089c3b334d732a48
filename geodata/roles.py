"""The database roles of the audiences: created by the migrations where that is allowed."""

from __future__ import annotations

from sqlalchemy import Connection, text

from geodata.database import Audience
from kyodo_geo.errors import UnavailableError

LOGIN_ROLE = "kyodo_app"
READS_AS = {Audience.PARTNER: Audience.PUBLIC}
"""Audiences that see all that another one sees."""


def role_statements(login: str) -> list[str]:
    """SQL an administrator may run instead, when the migrating role may not create roles."""
    names = ", ".join(audience.value for audience in Audience)
    return [
        *(f"CREATE ROLE {audience.value} NOLOGIN" for audience in Audience),
        *(f"GRANT {other.value} TO {audience.value}" for audience, other in READS_AS.items()),
        f'GRANT {names} TO "{login}"',
    ]


def ensure_roles(connection: Connection) -> None:
    """Create missing audience roles and let the login role take them.

    Roles belong to the whole server, so another database's migration may be doing the same right now; an
    advisory lock on the shared catalogue's database is not possible, so a lost race is simply accepted.
    Raises `UnavailableError` with the SQL to run when the migrating role may not create roles.
    """
    me = connection.scalar(text("SELECT current_user"))
    may = connection.scalar(
        text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
    )
    logins = {str(me)}
    if connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :n"), {"n": LOGIN_ROLE}):
        logins.add(LOGIN_ROLE)
    for audience in Audience:
        name = audience.value
        if connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :n"), {"n": name}):
            continue
        if not may:
            raise UnavailableError(
                "データベースのロールを作成する権限がありません。管理者が次のSQLを実行してから、もう一度お試しください。\n"
                + ";\n".join(role_statements(str(me)))
                + ";"
            )
        connection.execute(
            text(
                f"DO $$ BEGIN CREATE ROLE {name} NOLOGIN; "
                "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
            )
        )
    for audience, other in READS_AS.items():
        _make_member(connection, audience.value, other)
    for login in sorted(logins):
        for audience in Audience:
            _make_member(connection, login, audience)


def _make_member(connection: Connection, name: str, audience: Audience) -> None:
    member = connection.scalar(
        text("SELECT pg_has_role(CAST(:name AS name), CAST(:role AS name), 'MEMBER')"),
        {"name": name, "role": audience.value},
    )
    if not member:
        connection.execute(text(f'GRANT {audience.value} TO "{name}"'))
