"""Figures of the agreement of one fiscal year: what was counted, and the sample's invented ones while it is active."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from api.services import Services
from geodata.database import Connection
from geodata.queries import agreement, agreement_sample
from geodata.queries.agreement import MonthRow
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_range

FIGURES = (
    ("lookups", "検索"),
    ("one", "一つに決まった"),
    ("several", "候補が複数"),
    ("none_here", "登録なし"),
    ("outside_city", "市外"),
    ("not_understood", "読み取れず"),
    ("leaflets", "チラシ"),
    ("referrals", "取次"),
    ("wishes", "加入の申込み"),
    ("joined", "うち加入"),
)
"""What pages show by month and district."""


def shown(rows: Iterable[MonthRow]) -> list[MonthRow]:
    """Rows with anything in `FIGURES`: not those where other channels alone have asked."""
    return [row for row in rows if any(getattr(row, key) for key, _ in FIGURES)]


@dataclass(frozen=True, slots=True)
class YearRows:
    """Rows by month and district. `counted` alone may change without a new revision; `invented`: others are among `rows`."""

    year: int
    rows: list[MonthRow]
    counted: tuple[MonthRow, ...]
    invented: bool


def year_rows(services: Services, conn: Connection, ref: Ref, wanted: int | None, this_year: int) -> YearRows:
    """The year asked for; else this one where its page shows anything counted, else the newest with invented figures."""
    year = this_year if wanted is None else wanted
    counted = _counted(conn, ref, year)
    if wanted is None and not shown(counted):
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
