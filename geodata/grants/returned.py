"""Households, members and 回覧部数 from the approved returns (年度更新) of a fiscal year."""

from __future__ import annotations

from geodata.database import Connection
from geodata.grants.known import Known
from geodata.returns.year_figures import figures
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.grants.schemes import COPIES, HOUSEHOLDS, MEMBERS


def returned(conn: Connection, code: str, year: int) -> dict[str, dict[str, Known]]:
    """Association → figures of its approved return; what it left open, and associations without one, are missing."""
    found: dict[str, dict[str, Known]] = {}
    as_of = fiscal_year_label(year)
    for key, said in figures(conn, code, year).items():
        if not said.approved:
            continue
        answers = (
            (HOUSEHOLDS, said.households), (MEMBERS, said.member_households), (COPIES, said.circulation_copies),
        )  # fmt: skip
        found[key] = {
            figure.name: Known(value, "年度更新の届（承認済み）", as_of)
            for figure, value in answers
            if value is not None
        }
    return found
