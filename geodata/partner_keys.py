"""Keys of partners' programs: shown once, stored as SHA-256. Audience `AUTH`.

A trigger tells every worker (`NOTIFY kyodo_keys`) when a key is issued or revoked.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime

import psycopg

from geodata.audit import record
from geodata.database import Connection
from kyodo_geo.errors import InputError, NotFoundError

KEY_FORM = re.compile(r"kg_([0-9a-f]{12})_([0-9A-Za-z_-]{43})")


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


_COLUMNS = "key_id, label, office_id, scopes, created_at, created_by, expires_at, revoked_at"


def issue(
    conn: Connection,
    municipality: str,
    label: str,
    *,
    by: str,
    office_id: str | None = None,
    expires_on: date | None = None,
) -> tuple[str, str]:
    """Make a key; returns (key_id, the key). The key holds 256 random bits and cannot be had again.

    Raises `InputError` for an unknown office. `expires_on` is the last day it works (Japan time).
    """
    key_id = secrets.token_hex(6)
    key = f"kg_{key_id}_{secrets.token_urlsafe(32)}"
    try:
        conn.execute(
            """
            INSERT INTO partner_key (municipality_code, key_id, key_hash, office_id, label, created_by, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, (%s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')
            """,
            (municipality, key_id, digest(key), office_id, label, by, expires_on),
        )
    except psycopg.errors.ForeignKeyViolation:
        raise InputError(
            f"市区町村 {municipality} に、事業所「{office_id}」は登録されていません。", field="office"
        ) from None
    record(conn, municipality, by, "key.issue", key_id, {"label": label, "office_id": office_id})
    return key_id, key


def digest(key: str) -> bytes:
    """What is stored of a key. A plain hash is enough: 256 random bits cannot be guessed."""
    return hashlib.sha256(key.encode()).digest()


def keys(conn: Connection, municipality: str) -> list[PartnerKey]:
    """All keys, newest first, revoked ones too."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM partner_key WHERE municipality_code = %s ORDER BY created_at DESC, key_id",  # noqa: S608
        (municipality,),
    )
    return [PartnerKey(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]


def find(conn: Connection, municipality: str, key: str) -> PartnerKey | None:
    """The key's row if it was not revoked; `expires_at` is for the caller to look at on every use."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM partner_key "  # noqa: S608
        "WHERE municipality_code = %s AND key_hash = %s AND revoked_at IS NULL",
        (municipality, digest(key)),
    ).fetchone()
    return None if row is None else PartnerKey(**{**row, "scopes": tuple(row["scopes"])})


def revoke(conn: Connection, municipality: str, key_id: str, *, by: str) -> None:
    """Revoke a key for good; raises `NotFoundError` when there is none that works."""
    done = conn.execute(
        "UPDATE partner_key SET revoked_at = now() "
        "WHERE municipality_code = %s AND key_id = %s AND revoked_at IS NULL",
        (municipality, key_id),
    ).rowcount
    if not done:
        raise NotFoundError(f"有効な鍵「{key_id}」はありません。", key_id=key_id)
    record(conn, municipality, by, "key.revoke", key_id)
