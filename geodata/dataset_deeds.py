"""What people did to datasets, from the audit log. Audience `LOADER`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from geodata.database import Connection


def dataset_deeds(
    conn: Connection, municipality: str, actions: Sequence[str], *, limit: int = 200
) -> list[dict[str, Any]]:
    """at, actor, action, target, details, newest first; `is_here`: the upload it names has not been deleted yet."""
    return conn.execute(
        """
        SELECT a.at, a.actor, a.action, a.target, a.details,
               EXISTS (SELECT FROM dataset_upload u WHERE u.municipality_code = a.municipality_code
                       AND u.upload_id = a.target AND u.expires_at > now()) AS is_here
        FROM audit a WHERE a.municipality_code = %s AND a.action = ANY(%s)
        ORDER BY a.entry_no DESC LIMIT %s
        """,
        (municipality, list(actions), limit),
    ).fetchall()
