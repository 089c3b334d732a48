"""Invite offices' people in bulk, or one successor: accounts with one-time links, shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth.links import new_link
from api.tables import rows_to_csv
from geodata import offices
from geodata.database import Audience, Database
from geodata.offices import Entered
from kyodo_geo.offices import OfficeRow

if TYPE_CHECKING:
    from api.settings import Settings

OFFICE_MINUTES = 14 * 24 * 60
"""Lists pass through the association of agents before they reach an office."""
HEADER = ("事業所番号", "事業所名", "担当者", "利用者名", "リンク（1回だけ、14日間有効）")


@dataclass(frozen=True, slots=True)
class Invited:
    """What a list brought, with the links of the new accounts as CSV (None when there is none)."""

    entered: Entered
    links: bytes | None


def invite(
    database: Database,
    settings: Settings,
    partner_id: str,
    partner: str,
    rows: Sequence[OfficeRow],
    *,
    by: str,
) -> Invited:
    """Enter the list and make a link for every new account, all in one transaction."""
    code = settings.municipality
    with database.write(Audience.AUTH) as conn:
        entered = offices.enter(conn, code, partner_id, partner, rows, by=by)
        new = [row for row in rows if row.login in set(entered.new_logins)]
        lines = [
            (
                row.office_id,
                row.name,
                row.person,
                row.login,
                new_link(conn, settings, row.login, OFFICE_MINUTES, by=by),
            )
            for row in new
        ]
    return Invited(entered, rows_to_csv(HEADER, lines) if lines else None)


def invite_successor(
    database: Database, settings: Settings, office_id: str, login: str, name: str, *, by: str
) -> str:
    """Account for a colleague or successor of the same office; returns the link."""
    with database.write(Audience.AUTH) as conn:
        offices.add_member(conn, settings.municipality, office_id, login, name, by=by)
        return new_link(conn, settings, login, OFFICE_MINUTES, by=by)
