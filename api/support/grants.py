"""What 協働推進奨励金 (取組7) and コミュニティ活動費の補助 (取組10) come to in the districts, for staff.

The amounts of 7 are staff's: in a district with one association they tell its members. Those of 10 are public, how many
cases stand behind them and what is paid is not (`docs/GRANT_CASES.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.support.amounts import Beside, amount_map
from api.support.parts import Made
from api.support.parts import by_district as figures_of
from geodata.grants import by_district
from geodata.grants.by_district import Received
from kyodo_geo.figure_sheets import COMMUNITY_GRANTS, MEASURES
from kyodo_geo.grants.schemes import COMMUNITY, INCENTIVE

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from geodata.queries.support import FigureRow
    from maps.tables import Cell


@dataclass(frozen=True, slots=True)
class Grant:
    """One choice of the map. `recipients` (with its unit) and `unknown` head the columns of `Received`."""

    key: str
    initiative: int
    title: str
    measure: str
    total: str | None
    recipients: str
    unit: str
    unknown: str
    received: Callable[[Connection, Ref, int], tuple[Received, ...]]
    about: tuple[str, ...]

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure, self.total) if self.total else (self.measure,)

    @property
    def label(self) -> str:
        return f"{self.title}（取組{self.initiative}）"


GRANTS = {
    grant.key: grant
    for grant in (
        Grant(
            INCENTIVE.key, INCENTIVE.initiative, INCENTIVE.name, MEASURES["grant_incentive"].key,
            MEASURES["grant_incentive_total"].key, "額のある団体", "団体", "計算できない団体", by_district.incentive,
            (
                "決定した計算（訂正したときは訂正後）の額です。決定すると年度ごとの数値に登録され、この地図に出ます。",
                "町内会・自治会が 1 つの地区では、額からその団体の会員世帯数が分かるため、職員だけが見られます。",
            ),
        ),
        Grant(
            COMMUNITY.key, COMMUNITY.initiative, COMMUNITY.name, COMMUNITY_GRANTS.key, None, "件数", "件",
            "額が不明の件数", by_district.community,
            ("交付決定をした案件の額です。額を確定した案件は確定額、まだの案件は交付決定額を足しています。",),
        ),
    )
}  # fmt: skip
"""What can be chosen. The other grants have maps of their own: projects (9) and halls (11, 12)."""


def grants(
    reading: Reading,
    found: DistrictFigures,
    grant: Grant,
    year: int | None,
    rows: Sequence[FigureRow],
    received: Sequence[Received],
) -> Made:
    """The map of a grant in a year. `rows`: its figures in all years; `received`: what stands behind those of the year."""
    from maps.specs import Figure
    from maps.tables import Column
    from maps.text import number

    here = [row.no for row in found.rows]
    amounts = figures_of([row for row in rows if row.fiscal_year == year], grant.measure)
    known: dict[int | None, Received] = {row.district_no: row for row in received}
    # Cases are all entered here: without one a district was granted nothing. Of an amount alone nothing more is known.
    complete = bool(received) or (grant.key == COMMUNITY.key and bool(amounts))
    nothing = [no for no in here if complete and no not in known and no not in amounts]
    lines = {
        no: known.get(no, Received(no) if no in nothing or amounts.get(no) == 0 else None) for no in here
    }
    whole = Received(
        None, sum(row.recipients for row in received), sum(row.unknown for row in received),
        sum(row.paid_yen for row in received),
    ) if received else None  # fmt: skip
    columns = (
        Column("recipients", grant.recipients, numeric=True),
        Column("unknown", grant.unknown, numeric=True),
        Column("paid_yen", "うち支払済み（円）", numeric=True),
    )
    said = (
        (
            Figure(grant.recipients, f"{number(whole.recipients)} {grant.unit}"),
            Figure("うち支払済み", f"{number(whole.paid_yen)} 円"),
        )
        if whole
        else ()
    )
    return amount_map(
        reading, found, year, rows, grant.measure, name="grants", title=f"{grant.title}の額", nothing=nothing,
        total=grant.total, beside=Beside(columns, {no: _cells(row) for no, row in lines.items()}, _cells(whole)),
        figures=said, notes=_notes(grant, sum(row is None for row in lines.values()) if amounts else 0),
    )  # fmt: skip


def _cells(row: Received | None) -> tuple[Cell, ...]:
    from maps.tables import Cell
    from maps.text import number

    values = (None, None, None) if row is None else (row.recipients, row.unknown, row.paid_yen)
    return tuple(Cell(number(value), value) for value in values)


def _notes(grant: Grant, unknown: int) -> tuple[str, ...]:
    if not unknown:
        return ()
    return (
        f"{unknown} 地区は、額だけが登録されているか、額もわかりません。{grant.recipients}と支払済みの額の合計に入っていません。",
    )
