"""Associations at risk beside their case sheets: lines of the list, and the sheet of one case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from api.answers import Reading
from api.staff_map_views import judged
from geodata.queries import risk_cases
from geodata.queries.risk_cases import CaseRow
from kyodo_geo.at_risk import Judgement, Verdict
from kyodo_geo.centres.cases import RUNNING, Due, due_of
from kyodo_geo.centres.terms import CASE_STATES
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

Show = Literal["needed", "cases", "late", "closed", "all"]
SHOWN = {
    "needed": "見守りが必要か、記録のある団体",
    "cases": "対応中・見守り中の記録",
    "late": "次の予定を過ぎた記録",
    "closed": "終了した記録",
    "all": "すべての団体",
}
STATES = dict(CASE_STATES)


@dataclass(frozen=True, slots=True)
class Line:
    """An association, what the rule makes of it (None: it is in no figures any more), and one of its cases or none."""

    association_id: str
    association: str
    district_no: int | None
    district: str | None
    judgement: Judgement | None
    case: CaseRow | None
    due: Due

    @property
    def verdict(self) -> str:
        return "不明" if self.judgement is None else self.judgement.verdict.value

    @property
    def signs(self) -> str:
        return "、".join(sign.label for sign in self.judgement.holding) if self.judgement else ""

    @property
    def state(self) -> str:
        return STATES[self.case.state] if self.case else "記録なし"

    @property
    def running(self) -> bool:
        return self.case is not None and self.case.state in RUNNING

    def takes(self, show: Show) -> bool:
        """Whether the choice shows it."""
        needed = self.judgement is not None and self.judgement.verdict is Verdict.AT_RISK
        return {
            "needed": self.running or (needed and (self.case is None or self.running)),
            "cases": self.running,
            "late": self.due is Due.LATE,
            "closed": self.case is not None and not self.running,
            "all": True,
        }[show]


@dataclass(frozen=True, slots=True)
class Listed:
    """The list on a day; `fiscal_year` is that of the rule's figures (None: there are none)."""

    lines: Sequence[Line]
    fiscal_year: int | None


def listed(reading: Reading) -> Listed:
    """Every association and every case: those whose visit is late first, then running ones, then those at risk."""
    on = reading.on
    rows = risk_cases.cases(reading.conn, reading.ref, fiscal_year_of(on))
    try:
        found = judged(reading, None)
    except NotFoundError:
        return Listed(sorted((_line(row, None, on) for row in rows), key=_order), None)
    lines = [_line(row, found.judgements.get(row.association_id), on) for row in rows]
    going_on = {row.association_id for row in rows if row.state in RUNNING}
    lines += [
        Line(row.id, row.name, row.district_no, row.district, found.judgements[row.id], None, Due.NONE)
        for row in found.rows
        if row.id not in going_on
    ]
    return Listed(sorted(lines, key=_order), found.fiscal_year)


def _line(row: CaseRow, judgement: Judgement | None, on: date) -> Line:
    return Line(
        row.association_id, row.association, row.district_no, row.district, judgement, row,
        due_of(row.state, row.next_on, on),
    )  # fmt: skip


def _order(line: Line) -> tuple[Any, ...]:
    verdicts = list(Verdict)
    return (
        line.due is not Due.LATE,
        not line.running,
        line.case is not None and not line.running,
        -1 if line.judgement is None else verdicts.index(line.judgement.verdict),
        0 if line.judgement is None else -len(line.judgement.holding),
        line.district_no or 9_999,
        line.association,
    )


COLUMNS = (
    "地区の番号", "地区", "町内会・自治会", "判定", "あたるもの", "記録の状態", "始めた日", "終了した日", "訪問・助言（通算）",
    "訪問・助言（今年度）", "派遣", "最後の訪問", "次の予定", "予定のようす",
)  # fmt: skip
"""Of the CSV file: no name of a person, nothing that was said."""


def cells(line: Line) -> list[str | int]:
    """A line of the file."""
    case = line.case
    own: list[str | int] = (
        [""] * 7
        if case is None
        else [
            case.opened_on.isoformat(), case.closed_on.isoformat() if case.closed_on else "", case.visits, case.visits_of_year,
            case.dispatches, case.last_on.isoformat() if case.last_on else "",
            case.next_on.isoformat() if case.next_on and line.running else "",
        ]
    )  # fmt: skip
    return [
        line.district_no or "", line.district or "", line.association, line.verdict, line.signs, line.state, *own,
        line.due.value if line.running else "",
    ]  # fmt: skip
