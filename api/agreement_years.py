"""Figures of the agreement of one fiscal year: what was counted, and the sample's invented ones while it is active."""

from __future__ import annotations

from dataclasses import dataclass

from api.services import Services
from geodata.database import Connection
from geodata.queries import agreement, agreement_sample
from geodata.queries.agreement import MonthRow
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_range


@dataclass(frozen=True, slots=True)
class YearRows:
    """Rows by month and district. `counted` alone may change without a new revision; `invented`: others are among `rows`."""

    year: int
    rows: list[MonthRow]
    counted: tuple[MonthRow, ...]
    invented: bool


def year_rows(services: Services, conn: Connection, ref: Ref, wanted: int | None, this_year: int) -> YearRows:
    """The year asked for; else this one where anything was counted in it, else the newest with invented figures."""
    year = this_year if wanted is None else wanted
    counted = _counted(conn, ref, year)
    if wanted is None and not counted:
        newest = agreement_sample.newest_invented_year(conn, ref, this_year)
        if newest is not None and newest != year:
            year, counted = newest, _counted(conn, ref, newest)
    invented = services.drawn.get_or_make(
        ("agreement-sample", ref.municipality_code, ref.generation_no, year),
        ref.revision,
        lambda: agreement_sample.invented(conn, ref, year),
    )
    rows = agreement_sample.merged([*counted, *invented]) if invented and counted else counted or invented
    return YearRows(year, list(rows), tuple(counted), bool(invented))


def _counted(conn: Connection, ref: Ref, year: int) -> list[MonthRow]:
    return agreement.monthly(conn, ref.municipality_code, ref.generation_no, *fiscal_year_range(year))
