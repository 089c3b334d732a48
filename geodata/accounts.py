"""Users and their roles. All of it needs the audience `AUTH`; passwords arrive here hashed.

Functions that change something write the audit entry in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.roles import Role

MAX_FAILURES = 5
LOCK_MINUTES = 15


@dataclass(frozen=True, slots=True)
class User:
    """One user as others may see them: no password hash."""

    user_id: int
    login: str
    display_name: str
    active: bool
    has_password: bool
    locked_until: datetime | None
    last_sign_in_at: datetime | None
    roles: frozenset[Role]


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in attempt that was counted and may go on to the password check."""

    user_id: int
    login: str
    password_hash: str | None


_USER = """
    SELECT u.user_id, u.login, u.display_name, u.active, u.password_hash IS NOT NULL AS has_password,
           CASE WHEN u.locked_until > now() THEN u.locked_until END AS locked_until, u.last_sign_in_at,
           coalesce(array_agg(r.role ORDER BY r.role) FILTER (WHERE r.role IS NOT NULL), '{}') AS roles
    FROM app_user u LEFT JOIN user_role r USING (municipality_code, user_id)
    WHERE u.municipality_code = %(m)s AND (%(login)s::text IS NULL OR u.login = %(login)s)
    GROUP BY u.municipality_code, u.user_id ORDER BY u.login
"""


def _user(row: dict[str, Any]) -> User:
    return User(**{**row, "roles": frozenset(Role(role) for role in row["roles"])})


def users(conn: Connection, municipality: str) -> list[User]:
    """All users by login."""
    return [_user(row) for row in conn.execute(_USER, {"m": municipality, "login": None})]


def user(conn: Connection, municipality: str, login: str) -> User:
    """One user; raises `NotFoundError`."""
    row = conn.execute(_USER, {"m": municipality, "login": login}).fetchone()
    if row is None:
        raise NotFoundError(f"利用者「{login}」はいません。", login=login)
    return _user(row)


def add_user(
    conn: Connection, municipality: str, login: str, display_name: str, roles: Iterable[Role], *, by: str
) -> User:
    """Enter a user without a password (they set it through a one-time link).

    Raises `ConflictError` when the login is taken and `InputError` when its form is not usable.
    """
    try:
        row = conn.execute(
            "INSERT INTO app_user (municipality_code, login, display_name) VALUES (%s, %s, %s) RETURNING user_id",
            (municipality, login, display_name),
        ).fetchone()
    except psycopg.errors.UniqueViolation:
        raise ConflictError(f"利用者「{login}」はすでにいます。", login=login) from None
    except psycopg.errors.CheckViolation:
        raise InputError(
            "利用者名は、半角の英数字と . _ @ + - だけで、80文字以内にしてください。", field="login"
        ) from None
    except psycopg.errors.ForeignKeyViolation:
        raise NotFoundError(f"市区町村コード {municipality} はこのサービスに登録されていません。") from None
    assert row is not None
    record(conn, municipality, by, "user.add", login, {"display_name": display_name})
    set_roles(conn, municipality, row["user_id"], login, frozenset(roles), by=by)
    return user(conn, municipality, login)


def set_roles(
    conn: Connection, municipality: str, user_id: int, login: str, roles: Collection[Role], *, by: str
) -> None:
    """Give a user exactly these roles; sessions notice at their next request."""
    wanted = sorted({role.value for role in roles if role is not Role.PUBLIC})
    conn.execute(
        "DELETE FROM user_role WHERE municipality_code = %s AND user_id = %s AND role <> ALL(%s)",
        (municipality, user_id, wanted),
    )
    conn.execute(
        "INSERT INTO user_role (municipality_code, user_id, role, granted_by) "
        "SELECT %s, %s, unnest(%s::text[]), %s ON CONFLICT DO NOTHING",
        (municipality, user_id, wanted, by),
    )
    record(conn, municipality, by, "user.roles", login, {"roles": wanted})


def set_active(conn: Connection, municipality: str, login: str, active: bool, *, by: str) -> None:
    """Allow or refuse sign-in; refusing ends every session of the user and every link at once."""
    found = user(conn, municipality, login)
    conn.execute(
        "UPDATE app_user SET active = %s, failed_attempts = 0, locked_until = NULL "
        "WHERE municipality_code = %s AND user_id = %s",
        (active, municipality, found.user_id),
    )
    if not active:
        conn.execute(
            "DELETE FROM session WHERE municipality_code = %s AND user_id = %s", (municipality, found.user_id)
        )
        conn.execute(
            "DELETE FROM sign_in_link WHERE municipality_code = %s AND user_id = %s",
            (municipality, found.user_id),
        )
    record(conn, municipality, by, "user.enable" if active else "user.disable", login)


def set_password(conn: Connection, municipality: str, user_id: int, login: str, password_hash: str) -> None:
    """Store a new password hash; every session of the user ends."""
    conn.execute(
        "UPDATE app_user SET password_hash = %s, failed_attempts = 0, locked_until = NULL "
        "WHERE municipality_code = %s AND user_id = %s",
        (password_hash, municipality, user_id),
    )
    conn.execute("DELETE FROM session WHERE municipality_code = %s AND user_id = %s", (municipality, user_id))
    record(conn, municipality, login, "user.password", login, kind="sign-in")


def rehash(conn: Connection, municipality: str, user_id: int, password_hash: str) -> None:
    """The same password under newer parameters; sessions stay."""
    conn.execute(
        "UPDATE app_user SET password_hash = %s WHERE municipality_code = %s AND user_id = %s",
        (password_hash, municipality, user_id),
    )


def begin_attempt(conn: Connection, municipality: str, login: str) -> Attempt | None:
    """Count an attempt before the password is looked at; None when the login is unknown, inactive or locked.

    Counting first, in one statement, means that attempts sent at the same moment are all counted.
    """
    row = conn.execute(
        """
        UPDATE app_user SET
            failed_attempts = CASE WHEN locked_until <= now() THEN 1 ELSE failed_attempts + 1 END,
            locked_until = CASE WHEN locked_until IS NULL AND failed_attempts + 1 >= %(most)s
                                THEN now() + make_interval(mins => %(minutes)s) END
        WHERE municipality_code = %(m)s AND login = %(login)s AND active
          AND (locked_until IS NULL OR locked_until <= now())
        RETURNING user_id, login, password_hash
        """,
        {"m": municipality, "login": login, "most": MAX_FAILURES, "minutes": LOCK_MINUTES},
    ).fetchone()
    return None if row is None else Attempt(**row)


def attempt_failed(conn: Connection, municipality: str, login: str | None) -> None:
    """Write down a failed sign-in; the login only where it exists (a password may have been typed in its place)."""
    known = None
    if login is not None:
        known = conn.execute(
            "SELECT login, locked_until > now() AS locked FROM app_user WHERE municipality_code = %s AND login = %s",
            (municipality, login),
        ).fetchone()
    details = {"locked": bool(known and known["locked"])}
    actor = known["login"] if known else "unknown"
    record(conn, municipality, actor, "sign-in.failed", actor, details, kind="sign-in")


def attempt_succeeded(conn: Connection, municipality: str, attempt: Attempt) -> None:
    """Forget earlier failures and write down the sign-in."""
    conn.execute(
        "UPDATE app_user SET failed_attempts = 0, locked_until = NULL, last_sign_in_at = now() "
        "WHERE municipality_code = %s AND user_id = %s",
        (municipality, attempt.user_id),
    )
    record(conn, municipality, attempt.login, "sign-in", attempt.login, kind="sign-in")
