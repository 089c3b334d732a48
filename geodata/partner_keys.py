"""Keys of partners: shown once, stored as SHA-256. Audience `AUTH`.

A secret key (`kg_…`) is for programs. A publishable key (`kp_…`) may stand in a web page: it works from pages of its
origins only, and can only look up. A trigger tells every worker (`NOTIFY kyodo_keys`) when a key is issued or revoked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import ConflictError, InputError, NotFoundError

KEY_FORM = re.compile(r"k[gp]_([0-9a-f]{12})_([0-9A-Za-z_-]{43})")
MAX_ORIGINS = 20
MOST_ROWS = 1_000_000
MAX_OVERLAP_DAYS = 90
SCOPES = ("lookup", "batch", "referral")
"""What a key may do: look up one by one, look up many at once, refer questions and read what became of them."""
_HOST = re.compile(r"[0-9a-z]([0-9a-z.-]*[0-9a-z])?")
_LOCAL = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class PartnerKey:
    """One key as it may be shown: never the secret."""

    key_id: str
    label: str
    office_id: str | None
    scopes: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    kind: str = "secret"
    origins: tuple[str, ...] = ()
    rows_per_minute: int | None = None
    replaces: str | None = None
    last_used_at: datetime | None = None
    """Only where keys are listed."""

    @property
    def prefix(self) -> str:
        """What a key begins with, for finding it in a program."""
        return f"{'kp' if self.publishable else 'kg'}_{self.key_id}_"

    @property
    def publishable(self) -> bool:
        return self.kind == "publishable"


_COLUMNS = (
    "key_id, label, office_id, scopes, created_at, created_by, expires_at, revoked_at, kind, origins, "
    "rows_per_minute, replaces"
)


def _key(row: dict[str, Any]) -> PartnerKey:
    return PartnerKey(**{**row, "scopes": tuple(row["scopes"]), "origins": tuple(row["origins"])})


def normal_origin(text: str) -> str:
    """An origin as browsers send it: `https://host` or `https://host:port`, lower case, without the usual port.

    Raises InputError for anything else; plain http only for this machine, no wildcards.
    """
    wrong = InputError(
        f"「{text[:80]}」はサイトのアドレスとして使えません。https://www.example.jp のように、"
        "パスを付けずに指定してください。",
        field="origin",
    )
    try:
        parts = urlsplit(text.strip().removesuffix("/"))
        host = (parts.hostname or "").encode("idna").decode("ascii").lower()
        port = parts.port
    except (ValueError, UnicodeError):
        raise wrong from None
    secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    if (
        not secure
        or not _HOST.fullmatch(host)
        or parts.path
        or parts.query
        or parts.fragment
        or parts.username
    ):
        raise wrong
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, usual) else f":{port}")


def issue(
    conn: Connection,
    municipality: str,
    label: str,
    *,
    by: str,
    office_id: str | None = None,
    expires_on: date | None = None,
    origins: Sequence[str] = (),
    scopes: Sequence[str] | None = None,
    rows_per_minute: int | None = None,
    replaces: str | None = None,
) -> tuple[str, str]:
    """Make a key; returns (key_id, the key). The key holds 256 random bits and cannot be had again.

    With `origins` it is a publishable one, which can only look up. `scopes`: what it may do, everything a key of its
    kind can when left out. Raises `InputError` for an unknown office or scope, or an origin that is none.
    `expires_on` is the last day it works (Japan time); `rows_per_minute` None is what the setting says.
    """
    allowed = list(dict.fromkeys(normal_origin(origin) for origin in origins))
    if len(allowed) > MAX_ORIGINS:
        raise InputError(f"サイトのアドレスは {MAX_ORIGINS} 個までです。", field="origin")
    if rows_per_minute is not None and not 1 <= rows_per_minute <= MOST_ROWS:
        raise InputError(f"1 分間の件数は 1〜{MOST_ROWS:,} で指定してください。", field="rows_per_minute")
    if office_id is not None:
        _open_office(conn, municipality, office_id)
    kind = "publishable" if allowed else "secret"
    may = _scopes(scopes, publishable=bool(allowed))
    key_id = secrets.token_hex(6)
    key = f"{'kp' if allowed else 'kg'}_{key_id}_{secrets.token_urlsafe(32)}"
    try:
        conn.execute(
            """
            INSERT INTO partner_key
                (municipality_code, key_id, key_hash, office_id, label, created_by, kind, origins, scopes,
                 rows_per_minute, replaces, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, (%s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')
            """,
            (
                municipality,
                key_id,
                digest(key),
                office_id,
                label,
                by,
                kind,
                allowed,
                may,
                rows_per_minute,
                replaces,
                expires_on,
            ),
        )
    except psycopg.errors.ForeignKeyViolation:
        raise InputError(
            f"市区町村 {municipality} に、事業所「{office_id}」は登録されていません。", field="office"
        ) from None
    facts = {
        "label": label, "office_id": office_id, "kind": kind, "origins": allowed, "scopes": may,
        "expires_on": expires_on, "rows_per_minute": rows_per_minute, "replaces": replaces,
    }  # fmt: skip
    record(conn, municipality, by, "key.issue", key_id, facts)
    return key_id, key


def _scopes(wanted: Sequence[str] | None, *, publishable: bool) -> list[str]:
    possible = SCOPES[:1] if publishable else SCOPES
    chosen = list(possible) if wanted is None else [scope for scope in possible if scope in wanted]
    unknown = sorted(set(wanted or ()) - set(possible))
    if unknown or not chosen:
        raise InputError(
            f"鍵にできることは、{'、'.join(possible)} から選んでください。"
            + (f"使えないもの：{'、'.join(unknown)[:80]}" if unknown else ""),
            field="scope",
        )
    return chosen


def digest(key: str) -> bytes:
    """What is stored of a key. A plain hash is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(key.encode()).digest()


def _open_office(conn: Connection, municipality: str, office_id: str) -> None:
    row = conn.execute(
        "SELECT closed_on FROM partner_office WHERE municipality_code = %s AND office_id = %s",
        (municipality, office_id),
    ).fetchone()
    if row is not None and row["closed_on"] is not None:
        raise ConflictError("この事業所は協定から離れています。", office_id=office_id)


def keys(
    conn: Connection,
    municipality: str,
    *,
    office_id: str | None = None,
    ending_within_days: int | None = None,
) -> list[PartnerKey]:
    """Keys with their last use, newest first, revoked ones too; of one office, or only those that work and soon end."""
    rows = conn.execute(
        f"""
        SELECT {_COLUMNS}, last_used_at
        FROM partner_key LEFT JOIN partner_key_use USING (municipality_code, key_id)
        WHERE municipality_code = %(m)s AND (%(office)s::text IS NULL OR office_id = %(office)s)
          AND (%(days)s::int IS NULL OR (revoked_at IS NULL AND expires_at > now()
               AND expires_at < now() + make_interval(days => %(days)s)))
        ORDER BY created_at DESC, key_id
        """,  # noqa: S608 - columns of ours
        {"m": municipality, "office": office_id, "days": ending_within_days},
    )
    return [_key(row) for row in rows]


def find_by_id(conn: Connection, municipality: str, key_id: str) -> PartnerKey:
    """One key by its number; raises NotFoundError."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM partner_key WHERE municipality_code = %s AND key_id = %s",  # noqa: S608
        (municipality, key_id),
    ).fetchone()
    if row is None:
        raise NotFoundError(f"鍵「{key_id}」はありません。", key_id=key_id)
    return _key(row)


def rotate(
    conn: Connection,
    municipality: str,
    key_id: str,
    *,
    by: str,
    overlap_days: int,
    expires_on: date | None = None,
    office_id: str | None = None,
    keep_end: bool = False,
) -> tuple[str, str]:
    """Issue the successor of a key; returns (key_id, the key). It may do the same from the same places at the same rate.

    The old key goes on for `overlap_days` (0: it stops at once), or until its own end where that comes first.
    The successor ends after `expires_on`, or with `keep_end` when the old one would have. With `office_id` only a key of
    that office. Raises `NotFoundError`, `ConflictError` for a key that no longer works
    or was replaced already, `InputError`.
    """
    if not 0 <= overlap_days <= MAX_OVERLAP_DAYS:
        raise InputError(
            f"前の鍵を使い続けられる日数は 0〜{MAX_OVERLAP_DAYS} で指定してください。", field="overlap_days"
        )
    conn.execute(
        "SELECT 1 FROM partner_key WHERE municipality_code = %s AND key_id = %s FOR UPDATE",
        (municipality, key_id),
    )
    old = find_by_id(conn, municipality, key_id)
    if office_id is not None and old.office_id != office_id:
        raise NotFoundError(f"鍵「{key_id}」はありません。", key_id=key_id)
    row = conn.execute(
        "SELECT revoked_at IS NOT NULL OR coalesce(expires_at <= now(), false) AS over, EXISTS (SELECT FROM partner_key n "
        "WHERE n.municipality_code = k.municipality_code AND n.replaces = k.key_id AND n.revoked_at IS NULL) AS replaced "
        "FROM partner_key k WHERE municipality_code = %s AND key_id = %s",
        (municipality, key_id),
    ).fetchone()
    assert row is not None
    if row["over"]:
        raise ConflictError(
            "この鍵は、取り消されたか期限が切れています。新しく発行してください。", key_id=key_id
        )
    if row["replaced"]:
        raise ConflictError("この鍵は、すでに新しい鍵に替えています。", key_id=key_id)
    made, key = issue(
        conn, municipality, old.label, by=by, office_id=old.office_id, expires_on=expires_on, origins=old.origins,
        scopes=old.scopes, rows_per_minute=old.rows_per_minute, replaces=key_id,
    )  # fmt: skip
    if keep_end:
        conn.execute(
            "UPDATE partner_key SET expires_at = %s WHERE municipality_code = %s AND key_id = %s",
            (old.expires_at, municipality, made),
        )
    conn.execute(
        "UPDATE partner_key SET expires_at = least(expires_at, now() + make_interval(days => %(days)s)), "
        "revoked_at = CASE WHEN %(days)s = 0 THEN now() END WHERE municipality_code = %(m)s AND key_id = %(id)s",
        {"m": municipality, "id": key_id, "days": overlap_days},
    )
    record(conn, municipality, by, "key.rotate", key_id, {"new_key": made, "overlap_days": overlap_days})
    return made, key


def find(conn: Connection, municipality: str, key: str) -> PartnerKey | None:
    """The key's row if it was not revoked; `expires_at` is for the caller to look at on every use."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM partner_key "  # noqa: S608
        "WHERE municipality_code = %s AND key_hash = %s AND revoked_at IS NULL",
        (municipality, digest(key)),
    ).fetchone()
    return None if row is None else _key(row)


def widget_origins(conn: Connection, municipality: str) -> list[tuple[str, datetime | None]]:
    """(origin, when its key ends) of every publishable key that was not revoked."""
    rows = conn.execute(
        "SELECT unnest(origins) AS origin, expires_at FROM partner_key "
        "WHERE municipality_code = %s AND kind = 'publishable' AND revoked_at IS NULL",
        (municipality,),
    )
    return [(row["origin"], row["expires_at"]) for row in rows]


def revoke(
    conn: Connection, municipality: str, key_id: str, *, by: str, successors: bool = False
) -> list[str]:
    """Revoke a key for good, with `successors` those that came in its place too; returns the numbers, it first.

    Raises `NotFoundError` when there is none to revoke.
    """
    rows = conn.execute(
        """
        WITH RECURSIVE line AS (
            SELECT key_id FROM partner_key WHERE municipality_code = %(m)s AND key_id = %(id)s
            UNION
            SELECT k.key_id FROM partner_key k JOIN line ON k.replaces = line.key_id
            WHERE k.municipality_code = %(m)s AND %(successors)s
        )
        UPDATE partner_key SET revoked_at = now()
        WHERE municipality_code = %(m)s AND key_id IN (SELECT key_id FROM line) AND revoked_at IS NULL
        RETURNING key_id
        """,
        {"m": municipality, "id": key_id, "successors": successors},
    ).fetchall()
    done = sorted((str(row["key_id"]) for row in rows), key=lambda one: (one != key_id, one))
    if not done:
        raise NotFoundError(f"有効な鍵「{key_id}」はありません。", key_id=key_id)
    for one in done:
        record(conn, municipality, by, "key.revoke", one, {} if one == key_id else {"successor_of": key_id})
    return done
