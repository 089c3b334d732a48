"""Server-side sessions and one-time links: only hashes of their tokens are stored. Audience `AUTH`.

Expiry is judged by the database's clock, so that all workers agree.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from kyodo_geo.roles import Role

TOUCH_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Session:
    """A live session with its user's present roles."""

    user_id: int
    login: str
    display_name: str
    csrf_token: str
    roles: frozenset[Role]
    office_id: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that still works."""

    user_id: int
    login: str
    display_name: str


def open_session(
    conn: Connection, municipality: str, token_hash: bytes, user_id: int, csrf_token: str, *, hours: int
) -> None:
    """Store a new session that ends after `hours`, used or not."""
    conn.execute(
        "INSERT INTO session (municipality_code, session_hash, user_id, csrf_token, expires_at) "
        "VALUES (%s, %s, %s, %s, now() + make_interval(hours => %s))",
        (municipality, token_hash, user_id, csrf_token, hours),
    )


def find_session(
    conn: Connection, municipality: str, token_hash: bytes, *, idle_minutes: int
) -> Session | None:
    """The session if it has not ended, was used within `idle_minutes`, and its user is active.

    Needs a writing transaction: the time of the last request is kept to the minute.
    """
    row = conn.execute(
        """
        SELECT s.user_id, u.login, u.display_name, s.csrf_token, u.office_id,
               s.last_seen_at < now() - make_interval(secs => %(touch)s) AS stale,
               coalesce((SELECT array_agg(role) FROM user_role r WHERE r.municipality_code = s.municipality_code
                         AND r.user_id = s.user_id), '{}') AS roles
        FROM session s JOIN app_user u USING (municipality_code, user_id)
        WHERE s.municipality_code = %(m)s AND s.session_hash = %(hash)s AND u.active AND s.expires_at > now()
          AND s.last_seen_at > now() - make_interval(mins => %(idle)s)
        """,
        {"m": municipality, "hash": token_hash, "idle": idle_minutes, "touch": TOUCH_SECONDS},
    ).fetchone()
    if row is None:
        return None
    if row["stale"]:
        conn.execute(
            "UPDATE session SET last_seen_at = now() WHERE municipality_code = %s AND session_hash = %s",
            (municipality, token_hash),
        )
    roles = frozenset(Role(role) for role in row["roles"])
    return Session(
        row["user_id"], row["login"], row["display_name"], row["csrf_token"], roles, row["office_id"]
    )


def close_session(conn: Connection, municipality: str, token_hash: bytes) -> None:
    """End one session."""
    conn.execute(
        "DELETE FROM session WHERE municipality_code = %s AND session_hash = %s", (municipality, token_hash)
    )


def add_link(conn: Connection, municipality: str, token_hash: bytes, user_id: int, *, minutes: int) -> None:
    """Store a one-time link; earlier unused links of the same user stop working."""
    conn.execute(
        "DELETE FROM sign_in_link WHERE municipality_code = %s AND user_id = %s AND used_at IS NULL",
        (municipality, user_id),
    )
    conn.execute(
        "INSERT INTO sign_in_link (municipality_code, token_hash, user_id, expires_at) "
        "VALUES (%s, %s, %s, now() + make_interval(mins => %s))",
        (municipality, token_hash, user_id, minutes),
    )


def find_link(conn: Connection, municipality: str, token_hash: bytes) -> Link | None:
    """The link if it still works; looking at it does not use it up."""
    row = conn.execute(
        """
        SELECT u.user_id, u.login, u.display_name
        FROM sign_in_link l JOIN app_user u USING (municipality_code, user_id)
        WHERE l.municipality_code = %s AND l.token_hash = %s AND u.active AND l.used_at IS NULL
          AND l.expires_at > now()
        """,
        (municipality, token_hash),
    ).fetchone()
    return None if row is None else Link(**row)


def use_link(conn: Connection, municipality: str, token_hash: bytes) -> Link | None:
    """Use the link up; of two requests at the same moment one gets it, the other None."""
    row = conn.execute(
        """
        UPDATE sign_in_link l SET used_at = now() FROM app_user u
        WHERE l.municipality_code = %s AND l.token_hash = %s AND l.used_at IS NULL AND l.expires_at > now()
          AND u.municipality_code = l.municipality_code AND u.user_id = l.user_id AND u.active
        RETURNING u.user_id, u.login, u.display_name
        """,
        (municipality, token_hash),
    ).fetchone()
    return None if row is None else Link(**row)


def purge(conn: Connection, *, idle_minutes: int) -> dict[str, int]:
    """Delete sessions and links that can no longer be used; returns how many of each."""
    sessions = conn.execute(
        "DELETE FROM session WHERE expires_at <= now() OR last_seen_at <= now() - make_interval(mins => %s)",
        (idle_minutes,),
    ).rowcount
    links = conn.execute(
        "DELETE FROM sign_in_link WHERE expires_at <= now() OR used_at < now() - interval '1 day'"
    ).rowcount
    return {"sessions": sessions, "links": links}
