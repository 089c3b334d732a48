"""Users and their roles. All of it needs the audience `AUTH`; passwords arrive here hashed.

Functions that change something write the audit entry in the same transaction.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from geodata.audit import record
from geodata.database import Connection
from geodata.sessions import end_sessions
from kyodo_geo.errors import ConflictError, InputError, NotFoundError
from kyodo_geo.roles import Role

MAX_FAILURES = 5
LOCK_MINUTES = 15
LOGIN_FORM = re.compile(r"[0-9A-Za-z._@+-]{1,80}")
"""What the database takes as a sign-in name."""


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
    office_id: str | None = None
    has_totp: bool = False
    codes_left: int = 0


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in attempt that was counted and may go on to the password check."""

    user_id: int
    login: str
    password_hash: str | None
    office_id: str | None = None


_USER = """
    SELECT u.user_id, u.login, u.display_name, u.active, u.password_hash IS NOT NULL AS has_password,
           CASE WHEN u.locked_until > now() THEN u.locked_until END AS locked_until, u.last_sign_in_at,
           u.office_id, EXISTS (SELECT FROM user_totp t WHERE t.municipality_code = u.municipality_code
                                AND t.user_id = u.user_id AND t.confirmed_at IS NOT NULL) AS has_totp,
           (SELECT count(*) FROM recovery_code c WHERE c.municipality_code = u.municipality_code
            AND c.user_id = u.user_id AND c.used_at IS NULL) AS codes_left,
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
    """Give a user exactly these roles. When they change, every session of the user ends: a new one starts with a new token."""
    wanted = sorted({role.value for role in roles if role is not Role.PUBLIC})
    held = sorted(
        row["role"]
        for row in conn.execute(
            "SELECT role FROM user_role WHERE municipality_code = %s AND user_id = %s",
            (municipality, user_id),
        )
    )
    conn.execute(
        "DELETE FROM user_role WHERE municipality_code = %s AND user_id = %s AND role <> ALL(%s)",
        (municipality, user_id, wanted),
    )
    conn.execute(
        "INSERT INTO user_role (municipality_code, user_id, role, granted_by) "
        "SELECT %s, %s, unnest(%s::text[]), %s ON CONFLICT DO NOTHING",
        (municipality, user_id, wanted, by),
    )
    if held != wanted:
        end_sessions(conn, municipality, user_id)
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
        end_sessions(conn, municipality, found.user_id)
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
    end_sessions(conn, municipality, user_id)
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
        RETURNING user_id, login, password_hash, office_id
        """,
        {"m": municipality, "login": login, "most": MAX_FAILURES, "minutes": LOCK_MINUTES},
    ).fetchone()
    return None if row is None else Attempt(**row)


def spelt(conn: Connection, municipality: str, login: str) -> str | None:
    """The name as it is entered here of whom is meant by one typed in any case, active or not; None for nobody.

    A directory takes all spellings for the same person: so must the count of failures. Of several the very same comes first.
    """
    row = conn.execute(
        "SELECT login FROM app_user WHERE municipality_code = %(m)s AND lower(login) = lower(%(login)s) "
        "ORDER BY login = %(login)s DESC, login LIMIT 1",
        {"m": municipality, "login": login},
    ).fetchone()
    return None if row is None else str(row["login"])


def forget_failures(conn: Connection, municipality: str, user_id: int) -> None:
    """No failed attempts, no lock."""
    conn.execute(
        "UPDATE app_user SET failed_attempts = 0, locked_until = NULL WHERE municipality_code = %s AND user_id = %s",
        (municipality, user_id),
    )


def unlock(conn: Connection, municipality: str, login: str, *, by: str) -> bool:
    """Forget failed attempts; True when the account was locked."""
    found = user(conn, municipality, login)
    forget_failures(conn, municipality, found.user_id)
    record(conn, municipality, by, "user.unlock", login)
    return found.locked_until is not None


def user_by_id(conn: Connection, municipality: str, user_id: int) -> User:
    """One user by number; raises `NotFoundError`."""
    row = conn.execute(
        "SELECT login FROM app_user WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    ).fetchone()
    if row is None:
        raise NotFoundError("この利用者はいません。")
    return user(conn, municipality, row["login"])


def attempt_failed(conn: Connection, municipality: str, login: str | None, *, why: str | None = None) -> None:
    """Write down a failed sign-in; the login only where it exists (a password may have been typed in its place)."""
    known = None
    if login is not None:
        known = conn.execute(
            "SELECT login, locked_until > now() AS locked FROM app_user WHERE municipality_code = %s AND login = %s",
            (municipality, login),
        ).fetchone()
    details: dict[str, Any] = {"locked": bool(known and known["locked"])}
    if why is not None:
        details["why"] = why
    actor = known["login"] if known else "unknown"
    record(conn, municipality, actor, "sign-in.failed", actor, details, kind="sign-in")


def attempt_succeeded(
    conn: Connection,
    municipality: str,
    user_id: int,
    login: str,
    *,
    via: str = "password",
    second: str | None = None,
) -> None:
    """Forget earlier failures and write down the sign-in: how the first step was taken, and the second if there was one."""
    conn.execute(
        "UPDATE app_user SET failed_attempts = 0, locked_until = NULL, last_sign_in_at = now() "
        "WHERE municipality_code = %s AND user_id = %s",
        (municipality, user_id),
    )
    details = {"via": via, **({"second": second} if second else {})}
    record(conn, municipality, login, "sign-in", login, details, kind="sign-in")
