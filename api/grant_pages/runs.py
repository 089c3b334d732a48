"""Calculations of the incentive on pages: the list with its form, and one run with sums, differences and what is next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from api.auth.principals import Principal
from api.clock import JAPAN, today
from api.edit_forms import PLAIN, Shown, history_lines
from api.grant_pages.rules import FIRST_YEAR
from api.grant_words import LABELS, RUN_ACTIONS, say
from api.routes.accounts import page
from api.services import Services
from geodata.database import Audience, Connection
from geodata.edits import history
from geodata.grants import rules, runs
from geodata.grants.runs import Row, Run
from geodata.queries.association_names import district_names
from geodata.queries.generation import Ref, resolve
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.grants.changes import Change, Summary, changes, newest_known, summary
from kyodo_geo.grants.schemes import INCENTIVE

BASE = "/staff/grants/runs"
DONE = {
    "calculated": "計算しました。計算できない団体と前の年度との差を確かめて、よければ決定してください。",
    "decided": "決定しました。地区ごとの合計を、年度ごとの数値に登録しました。",
    "paid": "支払済みにしました。",
    "discarded": "計算を消しました。",
}
SHOWN = {name: LABELS[name] for name in ("state", "decided_on", "paid_on")}


@dataclass(frozen=True, slots=True)
class Read:
    """A run with its rows beside those of the run before it (the one it corrects, else last year's), if there is one.

    Of a correction, an association is held against its newest known amount of all that was decided for the year.
    """

    run: Run
    rows: list[tuple[Row, Change]]
    before: Run | None
    gone: list[Row]
    figures: tuple[str, ...]
    districts: dict[int, str]

    @property
    def unknown(self) -> list[Row]:
        return [row for row, _ in self.rows if row.amount_yen is None]

    @property
    def whole(self) -> Summary:
        return summary(change for _, change in self.rows)

    @property
    def by_district(self) -> list[tuple[str, Summary, int]]:
        """(district, sums, associations that can be calculated)."""
        groups: dict[str, list[Change]] = {}
        for row, change in self.rows:
            groups.setdefault(self.place(row), []).append(change)
        return [
            (label, summary(found), sum(change.after is not None for change in found))
            for label, found in groups.items()
        ]

    @property
    def to_pay(self) -> list[tuple[Row, Change]]:
        """Whom something is paid to or asked back from: of a correction the difference, else the amount."""
        if not self.run.corrects:
            return [
                (row, Change(row.association_id, None, row.amount_yen))
                for row, _ in self.rows
                if row.amount_yen
            ]
        return [(row, change) for row, change in self.rows if change.to_pay]

    def place(self, row: Row) -> str:
        if row.district_no is None:
            return "地区が未登録"
        return f"{row.district_no} {self.districts.get(row.district_no, '')}".strip()

    @property
    def sources(self) -> list[tuple[str, str, int]]:
        """(figure, where it was taken from and when it is of, associations)."""
        found = Counter(
            (name, f"{said['source']}（{said['as_of']}）")
            for row, _ in self.rows
            for name, said in row.figures.items()
        )
        return [(name, source, count) for (name, source), count in sorted(found.items())]


def read(conn: Connection, ref: Ref, run_no: int) -> Read:
    """Raises NotFoundError."""
    code = ref.municipality_code
    run = runs.one(conn, code, run_no)
    earlier = runs.corrected(conn, code, run)
    last = None if earlier else runs.final(conn, code, run.fiscal_year - 1)
    decided = earlier or ([last] if last else [])
    rows = runs.rows(conn, code, run_no)
    held = [runs.rows(conn, code, one.run_no) for one in decided]
    found = {one.key: one for one in changes(newest_known(map(_amounts, held)), _amounts(rows))}
    known = {row.association_id: row for one in reversed(held) for row in one}
    here = {row.association_id for row in rows}
    rule = rules.one(conn, code, run.scheme, run.fiscal_year, run.rule_version)
    return Read(
        run, [(row, found[row.association_id]) for row in rows], next(iter(decided), None),
        [row for key, row in known.items() if key not in here], rule.read().figures, dict(district_names(conn, ref)),
    )  # fmt: skip


def _amounts(rows: Iterable[Row]) -> dict[str, int | None]:
    return {row.association_id: row.amount_yen for row in rows}


def list_page(
    request: Request, services: Services, user: Principal, year: int | None, shown: Shown = PLAIN,
    done: str | None = None,
) -> Response:  # fmt: skip
    """All runs, and the form for another."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found = runs.runs(conn, code)
        ruled = sorted(
            {one.fiscal_year for one in rules.versions(conn, code, INCENTIVE.key, state="in-force")},
            reverse=True,
        )
    now = fiscal_year_of(today())
    offered = ruled or [now]
    return page(
        request, services, "staff_grant_runs.html", shown.status, ref=ref, dataset=None, user=user,
        csrf_token=user.csrf_token, runs=found, states=runs.STATES, shown=shown, done=DONE[done] if done else None,
        years=[(str(one), fiscal_year_label(one)) for one in offered if one >= FIRST_YEAR],
        year=str(year if year in offered else now if now in offered else offered[0]), ruled=bool(ruled), zone=JAPAN,
        rule_base="/staff/grants/rules/incentive", now=now,
    )  # fmt: skip


def run_page(
    request: Request, services: Services, user: Principal, run_no: int, shown: Shown = PLAIN, done: str | None = None
) -> Response:  # fmt: skip
    """One run: sums, who cannot be calculated, differences, what is next."""
    code = services.settings.municipality
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, code)
        found = read(conn, ref, run_no)
        told = history.history(conn, code, runs.target(run_no))
    return page(
        request, services, "staff_grant_run.html", shown.status, ref=ref, dataset=None, user=user,
        csrf_token=user.csrf_token, found=found, run=found.run, base=f"{BASE}/{run_no}", states=runs.STATES, shown=shown,
        done=DONE[done] if done else None, today=today().isoformat(), zone=JAPAN,
        rule_href=f"/staff/grants/rules/{found.run.scheme}/{found.run.fiscal_year}",
        history=history_lines(told, RUN_ACTIONS, SHOWN, say=say, note=_note),
    )  # fmt: skip


def _note(entry: Any) -> str:
    total = entry.changes.get("total_yen", {}).get("after")
    return "" if total is None else f"　合計 {total:,}円"
