"""Invite offices' people in bulk, or one successor: accounts with one-time links, shown once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.auth.links import new_link
from api.tables import BOM, rows_to_csv
from geodata import offices
from geodata.database import Audience, Database
from geodata.offices import Entered
from kyodo_geo.errors import InputError
from kyodo_geo.offices import OfficeRow

if TYPE_CHECKING:
    from api.settings import Settings

OFFICE_MINUTES = 14 * 24 * 60
"""Lists pass through the association of agents before they reach an office."""
HEADER = ("事業所番号", "事業所名", "担当者", "利用者名", "リンク（1回だけ、14日間有効）")


@dataclass(frozen=True, slots=True)
class Invited:
    """What a list brought, with one line (as in `HEADER`) for every new account; the last cell is its link."""

    entered: Entered
    lines: list[tuple[str, str, str, str, str]]

    @property
    def links(self) -> bytes | None:
        """The lines as a file to pass on; None when nobody is new."""
        return links_file(self.lines) if self.lines else None


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
    return Invited(entered, lines)


def links_file(lines: Iterable[Sequence[str]]) -> bytes:
    """The lines as a file to pass on."""
    return rows_to_csv(HEADER, lines)


def read_links_file(text: str) -> list[list[str]]:
    """Lines of a file that the page of links carried; raises InputError for anything else."""
    rows = list(csv.reader(io.StringIO(text.removeprefix(BOM), newline="")))
    if len(rows) < 2 or tuple(rows[0]) != HEADER or any(len(row) != len(HEADER) for row in rows):
        raise InputError("リンクの一覧を読み取れません。画面の表を使ってください。", field="links")
    return rows[1:]


def invite_successor(
    database: Database, settings: Settings, office_id: str, login: str, name: str, *, by: str
) -> str:
    """Account for a colleague or successor of the same office; returns the link."""
    with database.write(Audience.AUTH) as conn:
        offices.add_member(conn, settings.municipality, office_id, login, name, by=by)
        return new_link(conn, settings, login, OFFICE_MINUTES, by=by)
