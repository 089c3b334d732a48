"""The list of a round: every return with what differs and what looks wrong, filtered and counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from geodata import returns
from geodata.database import Connection
from geodata.queries.generation import Ref
from geodata.returns import Checked, Return, Round
from kyodo_geo.returns import ReturnState, Severity

Only = Literal["unanswered", "late", "doubts", "clear", "sent-back", "approved", "fed", "area"]
FILTERS: dict[str, str] = {
    "unanswered": "回答がない",
    "late": "回答がなく、期限を過ぎた",
    "doubts": "承認待ち：確かめるところがある",
    "clear": "承認待ち：確かめるところがない",
    "sent-back": "差し戻し",
    "approved": "承認済み",
    "fed": "反映済み",
    "area": "区域が違うとの回答",
}
WAITING = (ReturnState.RECEIVED, ReturnState.CHECKED)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the list."""

    row: Return
    doubts: int
    wrong: int
    changed: int
    late: bool

    @property
    def waiting(self) -> bool:
        """Whether a planner has to decide."""
        return self.row.state in WAITING

    @property
    def clear(self) -> bool:
        """Whether it may be approved together with others."""
        return self.waiting and not self.doubts

    @property
    def answered(self) -> bool:
        return self.row.state.answered

    def figure(self, name: str) -> tuple[int | None, int | None]:
        """(before, now) of a figure."""
        now = self.row.answers.as_dict()[name] if self.row.answers else None
        return self.row.held.as_dict()[name], now


@dataclass(frozen=True, slots=True)
class District:
    """How far a district is."""

    no: int | None
    name: str
    asked: int
    answered: int
    approved: int
    late: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A round's returns: all counted, some shown."""

    round: Round
    rows: list[Row]
    shown: list[Row]
    districts: list[District]

    @property
    def asked(self) -> int:
        return len(self.rows)

    @property
    def answered(self) -> int:
        return sum(row.answered for row in self.rows)

    def number(self, only: str) -> int:
        """How many lines a filter shows."""
        return sum(1 for row in self.rows if chosen(row, only))


def chosen(row: Row, only: str | None) -> bool:
    """Whether a line belongs to a filter."""
    state = row.row.state
    match only:
        case "unanswered":
            return not row.answered
        case "late":
            return row.late
        case "doubts":
            return row.waiting and bool(row.doubts)
        case "clear":
            return row.clear
        case "area":
            return row.row.area_state == "wrong"
        case "sent-back" | "approved" | "fed":
            return state.value == only
        case _:
            return True


def listing(
    conn: Connection,
    ref: Ref,
    fiscal_year: int,
    on: date,
    *,
    district: int | None = None,
    only: str | None = None,
) -> Listing:
    """The list on a day. Raises NotFoundError."""
    found = returns.one_round(conn, ref.municipality_code, fiscal_year)
    rows = [
        _row(item, found, on)
        for item in returns.check_all(conn, ref, returns.listed(conn, ref.municipality_code, fiscal_year))
    ]
    shown = [
        row for row in rows if (district is None or row.row.district_no == district) and chosen(row, only)
    ]
    return Listing(found, rows, shown, _districts(rows))


def _row(item: Checked, of: Round, on: date) -> Row:
    grave = [doubt for doubt in item.doubts if doubt.severity >= Severity.DOUBT]
    wrong = sum(1 for doubt in grave if doubt.severity is Severity.WRONG)
    late = on > of.due_on and not item.row.state.answered
    return Row(item.row, len(grave), wrong, len(item.differences), late)


def _districts(rows: Iterable[Row]) -> list[District]:
    by: dict[int | None, list[Row]] = {}
    for row in rows:
        by.setdefault(row.row.district_no, []).append(row)
    return [
        District(
            no, items[0].row.district_name or ("地区のない町内会・自治会" if no is None else ""), len(items),
            sum(item.answered for item in items),
            sum(item.row.state in (ReturnState.APPROVED, ReturnState.FED) for item in items), sum(item.late for item in items),
        )
        for no, items in sorted(by.items(), key=lambda pair: (pair[0] is None, pair[0] or 0))
    ]  # fmt: skip


HEADINGS = (
    "地区の番号", "地区", "番号", "町内会・自治会", "状態", "回答の方法", "受付日", "区域の世帯数", "加入世帯数", "回覧部数",
    "前の世帯数", "前の加入世帯数", "前の回覧部数", "区域の確認", "確かめるところ", "お願いした日",
)  # fmt: skip


def table(rows: Sequence[Row]) -> list[list[Any]]:
    """The list as a table for files; nothing personal."""
    return [
        [
            row.row.district_no if row.row.district_no is not None else "", row.row.district_name or "", row.row.association_id,
            row.row.name, row.row.state.label, row.row.came_by.label if row.row.came_by else "",
            f"{row.row.received_at:%Y-%m-%d}" if row.row.received_at else "",
            *(_plain(row.figure(name)[1]) for name in FIGURES), *(_plain(row.figure(name)[0]) for name in FIGURES),
            {"confirmed": "合っている", "wrong": "違う"}.get(row.row.area_state or "", ""), row.doubts,
            " ".join(str(day) for day in row.row.reminded),
        ]
        for row in rows
    ]  # fmt: skip


FIGURES = ("households", "member_households", "circulation_copies")


def _plain(value: int | None) -> int | str:
    return "" if value is None else value
