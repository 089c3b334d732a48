"""A backup in the audit log: entered once it is whole, so that the entry itself is in the next one."""

from __future__ import annotations

import psycopg
from psycopg.rows import dict_row

from geodata.audit import record
from geodata.backup.folder import Backup


def note(owner_url: str, done: Backup, *, by: str) -> None:
    """One entry for each municipality in it, with the seal and the size."""
    details = {"seal": done.seal, "bytes": sum(file["bytes"] for file in done.manifest["files"])}
    with psycopg.connect(owner_url, row_factory=dict_row) as conn:
        conn.execute("SET search_path = kyodo, public")
        for place in done.manifest["municipalities"]:
            record(conn, place["code"], by, "backup.make", done.folder.name, details)
