"""The database roles of the audiences: created by the migrations where that is allowed."""

from __future__ import annotations

import psycopg
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from geodata.database import Audience
from kyodo_geo.errors import UnavailableError

LOGIN_ROLE = "kyodo_app"
"""The service's login, unless it signs in with another one."""

READS_AS = {Audience.PARTNER: Audience.PUBLIC}
"""Audiences that see all that another one sees."""


def ensure_roles(connection: Connection) -> None:
    """What a migration that brings a role runs; raises `UnavailableError` with the SQL where it may not create it.

    `geodata.migrate.upgrade` has seen to all roles, and to the service's own login, before.
    """
    missing = missing_roles(connection)
    if missing:
        raise UnavailableError(
            "データベースのロールを作成する権限がありません。管理者が次のSQLを実行してから、もう一度お試しください。\n"
            + ";\n".join(missing)
            + ";"
        )


def missing_roles(connection: Connection, login: str | None = None) -> list[str]:
    """Create missing audience roles, let `login` and the migrating role take them; SQL of what is not allowed.

    Roles belong to the whole server, so another database's migration may be doing the same right now; an
    advisory lock on the shared catalogue's database is not possible, so a lost race is simply accepted.
    """
    logins = {str(connection.scalar(text("SELECT current_user")))}
    if login is None and _exists(connection, LOGIN_ROLE):
        login = LOGIN_ROLE
    if login is not None:
        if not _exists(connection, login):
            raise UnavailableError(
                f"サービスの利用者「{login}」（KYODO_DATABASE_URL）が、データベースのサーバーにありません。"
                f"管理者が作ってから、もう一度お試しください。\n"
                f"CREATE ROLE {quoted(login)} LOGIN NOINHERIT PASSWORD '…';"
            )
        logins.add(login)
    missing = []
    absent: set[str] = set()
    for audience in Audience:
        name = audience.value
        create = f"CREATE ROLE {name} NOLOGIN"
        race = f"DO $$ BEGIN {create}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        if not _exists(connection, name) and not allowed(connection, race):
            missing.append(create)
            absent.add(name)
    wanted = [(audience.value, other) for audience, other in READS_AS.items()]
    wanted += [(name, audience) for name in sorted(logins) for audience in Audience]
    for name, audience in wanted:
        grant = f"GRANT {audience.value} TO {quoted(name)}"
        known = not {name, audience.value} & absent
        if known and (_is_member(connection, name, audience) or allowed(connection, grant)):
            continue
        missing.append(grant)
    return missing


def _exists(connection: Connection, role: str) -> bool:
    return bool(connection.scalar(text("SELECT true FROM pg_roles WHERE rolname = :n"), {"n": role}))


def _is_member(connection: Connection, name: str, audience: Audience) -> bool:
    return bool(
        connection.scalar(
            text("SELECT pg_has_role(CAST(:name AS name), CAST(:role AS name), 'MEMBER')"),
            {"name": name, "role": audience.value},
        )
    )


def allowed(connection: Connection, statement: str) -> bool:
    """Run the statement; false when the migrating role may not."""
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(statement)
    except ProgrammingError as error:
        if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            return False
        raise
    return True


def quoted(name: str) -> str:
    """A role or database name as an identifier."""
    return '"' + name.replace('"', '""') + '"'
