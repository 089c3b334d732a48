"""The lock that files of records and changes of single records hold alike."""

from __future__ import annotations

from geodata.database import Connection


def lock(conn: Connection, municipality: str) -> None:
    """Until the transaction ends nobody else changes records of facilities."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtext('kyodo.records'), hashtext(%s))", (municipality,))
