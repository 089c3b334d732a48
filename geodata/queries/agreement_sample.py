"""The sample's invented figures of the agreement, to be laid beside what is counted while the sample is active.

The invented ones are sums of `area_figure` marked as sample (`geodata/sample/agreement_records.py`), never rows of the
counters. They are gone as soon as associations that are not invented are active.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from geodata.database import Connection
from geodata.queries.agreement import MonthRow
from geodata.queries.generation import Ref

PREFIX = "agreement_"

_COUNTS = [field.name for field in fields(MonthRow) if field.name not in ("month", "district_no")]
_MEMBERS = {
    "leaflet": "leaflets", "referral": "referrals", "wish": "wishes",
    "by_page": "page", "by_counter": "counter", "by_partner_page": "partner_page",
}  # fmt: skip
"""Names in the measures that are not those of `MonthRow`."""

_ACTIVE = """
    EXISTS (SELECT FROM dataset d WHERE d.municipality_code = %(m)s AND d.quality = 'sample'
            AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'associations'))
"""


def newest_invented_year(conn: Connection, ref: Ref, this_year: int) -> int | None:
    """The newest fiscal year with invented figures, up to this one."""
    row = conn.execute(
        f"""
        SELECT max(fiscal_year) AS newest FROM area_figure
        WHERE municipality_code = %(m)s AND quality = 'sample' AND starts_with(measure, %(prefix)s)
          AND fiscal_year <= %(year)s AND {_ACTIVE}
        """,  # noqa: S608 - a text of ours
        {**ref.args, "prefix": PREFIX, "year": this_year},
    ).fetchone()
    return None if row is None else row["newest"]


def invented(conn: Connection, ref: Ref, fiscal_year: int) -> list[MonthRow]:
    """The sample's rows of a fiscal year, while the associations are a sample. They change with the revision alone."""
    rows = conn.execute(
        f"""
        SELECT area_kind, area_key, measure, value::int AS count FROM area_figure
        WHERE municipality_code = %(m)s AND quality = 'sample' AND starts_with(measure, %(prefix)s)
          AND fiscal_year = %(year)s AND {_ACTIVE}
        """,  # noqa: S608 - a text of ours
        {**ref.args, "prefix": PREFIX, "year": fiscal_year},
    )
    held: dict[tuple[date, int | None], dict[str, int]] = {}
    for row in rows:
        what, _, number = row["measure"].removeprefix(PREFIX).rpartition("_")
        month = int(number)
        first = date(fiscal_year if month >= 4 else fiscal_year + 1, month, 1)
        district = int(row["area_key"]) if row["area_kind"] == "district" else None
        held.setdefault((first, district), {})[_MEMBERS.get(what, what)] = row["count"]
    return [_row(month, district, counts) for (month, district), counts in held.items()]


def _row(month: date, district_no: int | None, counts: Mapping[str, int]) -> MonthRow:
    known: dict[str, Any] = {name: counts.get(name, 0) for name in _COUNTS}
    return MonthRow(month=month, district_no=district_no, **known)


def merged(rows: Iterable[MonthRow]) -> list[MonthRow]:
    """One row per month and district, in the order of `agreement.monthly`."""
    held: dict[tuple[date, int | None], dict[str, int]] = {}
    for row in rows:
        sums = held.setdefault((row.month, row.district_no), dict.fromkeys(_COUNTS, 0))
        for name in _COUNTS:
            sums[name] += getattr(row, name)
    keys = sorted(held, key=lambda key: (key[0], key[1] is None, key[1] or 0))
    return [_row(*key, held[key]) for key in keys]
