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
from kyodo_geo.errors import InputError, NotFoundError

KEY_FORM = re.compile(r"k[gp]_([0-9a-f]{12})_([0-9A-Za-z_-]{43})")
MAX_ORIGINS = 20
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

    @property
    def publishable(self) -> bool:
        return self.kind == "publishable"


_COLUMNS = "key_id, label, office_id, scopes, created_at, created_by, expires_at, revoked_at, kind, origins"


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
) -> tuple[str, str]:
    """Make a key; returns (key_id, the key). The key holds 256 random bits and cannot be had again.

    With `origins` it is a publishable one, which can only look up. `scopes`: what it may do, everything a key of its
    kind can when left out. Raises `InputError` for an unknown office or scope, or an origin that is none.
    `expires_on` is the last day it works (Japan time).
    """
    allowed = list(dict.fromkeys(normal_origin(origin) for origin in origins))
    if len(allowed) > MAX_ORIGINS:
        raise InputError(f"サイトのアドレスは {MAX_ORIGINS} 個までです。", field="origin")
    kind = "publishable" if allowed else "secret"
    may = _scopes(scopes, publishable=bool(allowed))
    key_id = secrets.token_hex(6)
    key = f"{'kp' if allowed else 'kg'}_{key_id}_{secrets.token_urlsafe(32)}"
    try:
        conn.execute(
            """
            INSERT INTO partner_key
                (municipality_code, key_id, key_hash, office_id, label, created_by, kind, origins, scopes, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, (%s::date + 1)::timestamp AT TIME ZONE 'Asia/Tokyo')
            """,
            (municipality, key_id, digest(key), office_id, label, by, kind, allowed, may, expires_on),
        )
    except psycopg.errors.ForeignKeyViolation:
        raise InputError(
            f"市区町村 {municipality} に、事業所「{office_id}」は登録されていません。", field="office"
        ) from None
    facts = {"label": label, "office_id": office_id, "kind": kind, "origins": allowed, "scopes": may}
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


def keys(conn: Connection, municipality: str) -> list[PartnerKey]:
    """All keys, newest first, revoked ones too."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM partner_key WHERE municipality_code = %s ORDER BY created_at DESC, key_id",  # noqa: S608
        (municipality,),
    )
    return [_key(row) for row in rows]


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
