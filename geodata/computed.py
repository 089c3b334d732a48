"""Computed arrays that are expensive to make: a cache in the database. Audience `STAFF` or `LOADER`.

An entry is found by its name and the hash of all it was made from, so that it is never stale; it may be gone at any time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from geodata.database import Connection
from kyodo_geo.errors import InputError

MAX_BYTES = 1 << 28


def input_hash(inputs: Mapping[str, Any]) -> str:
    """SHA-256 of what something is computed from: numbers, texts, lists; the order of the keys does not matter."""
    text = json.dumps(dict(inputs), ensure_ascii=True, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def get(conn: Connection, municipality: str, name: str, hashed: str) -> bytes | None:
    """The bytes, None when they have to be made."""
    row = conn.execute(
        "SELECT body FROM computed WHERE municipality_code = %s AND name = %s AND input_hash = %s",
        (municipality, name, hashed),
    ).fetchone()
    return None if row is None else bytes(row["body"])


def put(conn: Connection, municipality: str, name: str, hashed: str, body: bytes) -> None:
    """Keep them; of two writers the last stays. Raises `InputError` above `MAX_BYTES`."""
    if len(body) > MAX_BYTES:
        raise InputError(f"計算の結果が大きすぎて保存できません（{len(body) >> 20:,} MB）。")
    conn.execute(
        "INSERT INTO computed (municipality_code, name, input_hash, body) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (municipality_code, name, input_hash) DO UPDATE SET body = excluded.body, made_at = now()",
        (municipality, name, hashed, body),
    )


def keep_only(conn: Connection, municipality: str, name: str, hashed: str) -> int:
    """Delete the other entries of that name; returns how many."""
    return conn.execute(
        "DELETE FROM computed WHERE municipality_code = %s AND name = %s AND input_hash <> %s",
        (municipality, name, hashed),
    ).rowcount


def has(conn: Connection, municipality: str, name: str, hashed: str) -> bool:
    """Whether the entry is there."""
    row = conn.execute(
        "SELECT FROM computed WHERE municipality_code = %s AND name = %s AND input_hash = %s",
        (municipality, name, hashed),
    ).fetchone()
    return row is not None


def forget(conn: Connection, municipality: str, *, older_than_hours: int = 0) -> int:
    """Delete entries of that age; returns how many."""
    return conn.execute(
        "DELETE FROM computed WHERE municipality_code = %s AND made_at <= now() - make_interval(hours => %s)",
        (municipality, older_than_hours),
    ).rowcount
