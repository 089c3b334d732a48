"""Households, members and 回覧部数 from the approved returns (年度更新) of a fiscal year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geodata.database import Connection

if TYPE_CHECKING:
    from geodata.grants.ground import Known


def returned(conn: Connection, code: str, year: int) -> dict[str, dict[str, Known]]:
    """Association → figures of its approved return; associations without one are missing."""
    return {}
