"""Server-side sessions and one-time links: only hashes of their tokens are stored. Audience `AUTH`.

Expiry is judged by the database's clock, so that all workers agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.roles import Role

TOUCH_SECONDS = 60
OVERLAP_SECONDS = 60
"""How long the token before still works once the next was seen: for requests a browser sent side by side."""
OFFER_MINUTES = 10
"""How long an offered token is waited for before another is offered: longer than any answer takes to arrive."""
VIA = ("password", "link", "directory", "provider")


@dataclass(frozen=True, slots=True)
class Session:
    """A live session with its user's present roles. `offered`: the caller's new token was noted and must reach the browser.

    `session_hash` is that of the present token, whichever of its tokens the request brought.
    """

    user_id: int
    login: str
    display_name: str
    csrf_token: str
    roles: frozenset[Role]
    office_id: str | None = None
    session_no: int = 0
    via: str = "password"
    offered: bool = False
    session_hash: bytes = b""


@dataclass(frozen=True, slots=True)
class Whence:
    """Where a session was begun from, as its owner's list shows it: coarse, and gone with the session."""

    device: str | None = None
    network: str | None = None


NOWHERE = Whence()


@dataclass(frozen=True, slots=True)
class Listed:
    """A session in its owner's list."""

    session_no: int
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    via: str
    device: str | None
    network: str | None


@dataclass(frozen=True, slots=True)
class Link:
    """A one-time link that still works."""

    user_id: int
    login: str
    display_name: str
    office_id: str | None = None


def open_session(
    conn: Connection,
    municipality: str,
    token_hash: bytes,
    user_id: int,
    csrf_token: str,
    *,
    hours: int,
    via: str = "password",
    whence: Whence = NOWHERE,
    provider_session: str | None = None,
) -> None:
    """Store a new session that ends after `hours`, used or not."""
    conn.execute(
        "INSERT INTO session (municipality_code, session_hash, user_id, csrf_token, expires_at, via, device, network, "
        "provider_session) VALUES (%s, %s, %s, %s, now() + make_interval(hours => %s), %s, %s, %s, %s)",
        (
            municipality,
            token_hash,
            user_id,
            csrf_token,
            hours,
            via,
            whence.device,
            whence.network,
            provider_session,
        ),
    )


def find_session(
    conn: Connection,
    municipality: str,
    token_hash: bytes,
    *,
    idle_minutes: int,
    offer: bytes | None = None,
    rotate_minutes: int = 0,
) -> Session | None:
    """The session if it has not ended, was used within `idle_minutes`, and its user is active.

    Needs a writing transaction: the time of the last request is kept to the minute, and tokens change. `offer` is the hash
    of a new token: noted, and `offered` set, when the present one is older than `rotate_minutes`. It takes the place of the
    present one when a request brings it, so that an answer that is lost signs nobody out; the token before then works for
    `OVERLAP_SECONDS` more. Whoever brings it later holds a copy: the session ends.
    """
    row = conn.execute(
        """
        SELECT s.user_id, u.login, u.display_name, s.csrf_token, u.office_id, s.session_no, s.via, s.session_hash,
               s.last_seen_at < now() - make_interval(secs => %(touch)s) AS stale,
               s.next_hash = %(hash)s AS arrived,
               s.former_hash = %(hash)s AS former, s.former_until > now() AS in_time,
               s.session_hash = %(hash)s AND s.rotated_at < now() - make_interval(mins => %(rotate)s)
                   AND (s.offered_at IS NULL OR s.offered_at < now() - make_interval(mins => %(wait)s)) AS due,
               coalesce((SELECT array_agg(role) FROM user_role r WHERE r.municipality_code = s.municipality_code
                         AND r.user_id = s.user_id), '{}') AS roles
        FROM session s JOIN app_user u USING (municipality_code, user_id)
        WHERE s.municipality_code = %(m)s AND u.active AND s.expires_at > now()
          AND (s.session_hash = %(hash)s OR s.next_hash = %(hash)s OR s.former_hash = %(hash)s)
          AND s.last_seen_at > now() - make_interval(mins => %(idle)s)
        """,
        {
            "m": municipality,
            "hash": token_hash,
            "idle": idle_minutes,
            "touch": TOUCH_SECONDS,
            "rotate": rotate_minutes,
            "wait": OFFER_MINUTES,
        },
    ).fetchone()
    if row is None:
        return None
    if row["former"] and not row["in_time"]:
        end_session(conn, municipality, row["user_id"], row["session_no"])
        record(conn, municipality, row["login"], "sign-in.copied", row["login"], kind="sign-in")
        return None
    if row["arrived"]:
        conn.execute(
            "UPDATE session SET former_hash = session_hash, former_until = now() + make_interval(secs => %s), "
            "session_hash = next_hash, next_hash = NULL, offered_at = NULL, rotated_at = now() "
            "WHERE municipality_code = %s AND session_no = %s AND next_hash = %s",
            (OVERLAP_SECONDS, municipality, row["session_no"], token_hash),
        )
    offered = False
    if offer is not None and rotate_minutes and row["due"]:
        # Of two requests at the same moment the second finds the offer of the first.
        offered = bool(
            conn.execute(
                "UPDATE session SET next_hash = %s, offered_at = now() WHERE municipality_code = %s AND session_hash = %s "
                "AND (offered_at IS NULL OR offered_at < now() - make_interval(mins => %s))",
                (offer, municipality, token_hash, OFFER_MINUTES),
            ).rowcount
        )
    if row["stale"]:
        conn.execute(
            "UPDATE session SET last_seen_at = now() WHERE municipality_code = %s AND session_no = %s",
            (municipality, row["session_no"]),
        )
    roles = frozenset(Role(role) for role in row["roles"])
    return Session(
        row["user_id"], row["login"], row["display_name"], row["csrf_token"], roles, row["office_id"],
        row["session_no"], row["via"], offered, token_hash if row["arrived"] else bytes(row["session_hash"]),
    )  # fmt: skip


def close_session(conn: Connection, municipality: str, token_hash: bytes) -> str | None:
    """End one session, whichever of its tokens is given; returns how it was begun, None when there was none."""
    row = conn.execute(
        "DELETE FROM session WHERE municipality_code = %(m)s "
        "AND (session_hash = %(hash)s OR next_hash = %(hash)s OR former_hash = %(hash)s) RETURNING via",
        {"m": municipality, "hash": token_hash},
    ).fetchone()
    return None if row is None else str(row["via"])


def end_session(conn: Connection, municipality: str, user_id: int, session_no: int) -> bool:
    """End one of a user's sessions; False when it is not theirs or has ended."""
    return bool(
        conn.execute(
            "DELETE FROM session WHERE municipality_code = %s AND user_id = %s AND session_no = %s",
            (municipality, user_id, session_no),
        ).rowcount
    )


def end_sessions(conn: Connection, municipality: str, user_id: int, *, but: int | None = None) -> int:
    """End all sessions of a user, but one if it is named, and what they had begun; returns how many sessions."""
    conn.execute(
        "DELETE FROM pending_sign_in WHERE municipality_code = %s AND user_id = %s", (municipality, user_id)
    )
    return conn.execute(
        "DELETE FROM session WHERE municipality_code = %s AND user_id = %s AND session_no IS DISTINCT FROM %s",
        (municipality, user_id, but),
    ).rowcount


def sign_out_everywhere(conn: Connection, municipality: str, user_id: int, login: str, *, by: str) -> int:
    """End all sessions of somebody, as an administrator; returns how many."""
    ended = end_sessions(conn, municipality, user_id)
    record(conn, municipality, by, "user.sign-out", login, {"sessions": ended})
    return ended


def end_provider_sessions(
    conn: Connection, municipality: str, issuer: str, subject: str | None, provider_session: str | None
) -> list[str]:
    """The provider says that somebody signed out: of one of its sessions, or altogether. Returns the logins."""
    rows = conn.execute(
        """
        DELETE FROM session s USING app_user u
        WHERE s.municipality_code = %(m)s AND u.municipality_code = s.municipality_code AND u.user_id = s.user_id
          AND s.via = 'provider'
          AND (%(sid)s::text IS NULL OR s.provider_session = %(sid)s)
          AND (%(sub)s::text IS NULL OR EXISTS (
               SELECT FROM user_identity i WHERE i.municipality_code = s.municipality_code AND i.user_id = s.user_id
               AND i.issuer = %(iss)s AND i.subject = %(sub)s))
          AND (%(sid)s::text IS NOT NULL OR %(sub)s::text IS NOT NULL)
        RETURNING u.login
        """,
        {"m": municipality, "iss": issuer, "sub": subject, "sid": provider_session},
    ).fetchall()
    return sorted({row["login"] for row in rows})


def sessions_of(conn: Connection, municipality: str, user_id: int, *, idle_minutes: int) -> list[Listed]:
    """The live sessions of a user, the last used first."""
    rows = conn.execute(
        "SELECT session_no, created_at, last_seen_at, expires_at, via, device, network FROM session "
        "WHERE municipality_code = %s AND user_id = %s AND expires_at > now() "
        "AND last_seen_at > now() - make_interval(mins => %s) ORDER BY last_seen_at DESC, session_no DESC",
        (municipality, user_id, idle_minutes),
    )
    return [Listed(**row) for row in rows]


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
        SELECT u.user_id, u.login, u.display_name, u.office_id
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
        RETURNING u.user_id, u.login, u.display_name, u.office_id
        """,
        (municipality, token_hash),
    ).fetchone()
    return None if row is None else Link(**row)


def purge(conn: Connection, *, idle_minutes: int) -> dict[str, int]:
    """Delete sessions, links and unfinished sign-ins that can no longer be used; returns how many of each."""
    sessions = conn.execute(
        "DELETE FROM session WHERE expires_at <= now() OR last_seen_at <= now() - make_interval(mins => %s)",
        (idle_minutes,),
    ).rowcount
    links = conn.execute(
        "DELETE FROM sign_in_link WHERE expires_at <= now() OR used_at < now() - interval '1 day'"
    ).rowcount
    pending = conn.execute("DELETE FROM pending_sign_in WHERE expires_at <= now()").rowcount
    rates = conn.execute("DELETE FROM sign_in_rate WHERE began_at < now() - interval '1 hour'").rowcount
    conn.execute("DELETE FROM user_totp WHERE confirmed_at IS NULL AND created_at < now() - interval '1 day'")
    return {"sessions": sessions, "links": links, "pending": pending, "rates": rates}
