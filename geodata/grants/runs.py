"""Calculations of a grant for all associations of a year: calculate, decide, pay, put right. Audience `STAFF`.

What was decided stays as it was. A later correction is another run for the same year; what is paid then is the difference.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.grants import figures, ground, rules
from geodata.queries.generation import Ref
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.edits import EditConflictError
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.grants.calculate import calculate as work_out
from kyodo_geo.grants.schemes import INCENTIVE, scheme_of
from kyodo_geo.quality import Quality, worst

STATES = {"calculated": "計算済み", "decided": "決定", "paid": "支払済み"}
MAX_REASON = 200
_COLUMNS = (
    "run_no, scheme, fiscal_year, rule_version, state, corrects, reason, basis, calculated_at, calculated_by, decided_on, "
    "decided_by, paid_on, paid_by, quality, source"
)


@dataclass(frozen=True, slots=True)
class Run:
    """A run, with how many associations it holds and what it comes to."""

    run_no: int
    scheme: str
    fiscal_year: int
    rule_version: int
    state: str
    corrects: int | None
    reason: str | None
    basis: dict[str, Any]
    calculated_at: datetime
    calculated_by: str
    decided_on: date | None
    decided_by: str | None
    paid_on: date | None
    paid_by: str | None
    quality: str
    source: str | None
    associations: int
    unknown: int
    total_yen: int
    final: bool
    """Decided, and no decided run corrects it: this is what holds for the year."""

    @property
    def title(self) -> str:
        return f"{fiscal_year_label(self.fiscal_year)} {scheme_of(self.scheme).name}{'（訂正）' if self.corrects else ''}"


@dataclass(frozen=True, slots=True)
class Row:
    """What was calculated for one association; `figures`: name → {"value", "source", "as_of"}."""

    association_id: str
    name: str
    district_no: int | None
    figures: dict[str, dict[str, Any]]
    amount_yen: int | None
    steps: list[dict[str, Any]]
    reasons: list[str]


def target(run_no: int) -> str:
    """Name in the audit log."""
    return f"grant-runs/{run_no}"


def runs(conn: Connection, code: str, *, year: int | None = None, run_no: int | None = None) -> list[Run]:
    """Runs, newest first."""
    rows = conn.execute(
        f"""
        SELECT {_COLUMNS}, n.associations, n.unknown, n.total_yen,
               r.state <> 'calculated' AND NOT EXISTS (
                   SELECT FROM grant_run later WHERE later.municipality_code = r.municipality_code
                     AND later.corrects = r.run_no AND later.state <> 'calculated') AS final
        FROM grant_run r CROSS JOIN LATERAL (
            SELECT count(*)::int AS associations, (count(*) FILTER (WHERE amount_yen IS NULL))::int AS unknown,
                   coalesce(sum(amount_yen), 0)::bigint AS total_yen
            FROM grant_run_row w WHERE w.municipality_code = r.municipality_code AND w.run_no = r.run_no
        ) n
        WHERE municipality_code = %(m)s AND (%(year)s::int IS NULL OR fiscal_year = %(year)s)
          AND (%(no)s::int IS NULL OR run_no = %(no)s)
        ORDER BY run_no DESC
        """,  # noqa: S608 - our own names
        {"m": code, "year": year, "no": run_no},
    )
    return [Run(**row) for row in rows]


def one(conn: Connection, code: str, run_no: int) -> Run:
    """Raises NotFoundError."""
    found = runs(conn, code, run_no=run_no)
    if not found:
        raise NotFoundError("この計算はありません。一覧から選んでください。")
    return found[0]


def final(conn: Connection, code: str, year: int) -> Run | None:
    """What holds for the year; None when nothing has been decided."""
    return next((run for run in runs(conn, code, year=year) if run.final), None)


def corrected(conn: Connection, code: str, run: Run) -> list[Run]:
    """What a correction puts right, newest first, back to the year's first decision; empty where it corrects nothing."""
    found: list[Run] = []
    while run.corrects is not None:
        run = one(conn, code, run.corrects)
        found.append(run)
    return found


def rows(conn: Connection, code: str, run_no: int, *, association_id: str | None = None) -> list[Row]:
    """The associations of a run, by district and id."""
    found = conn.execute(
        """
        SELECT association_id, name, district_no, figures, amount_yen, steps, reasons FROM grant_run_row
        WHERE municipality_code = %(m)s AND run_no = %(no)s AND (%(id)s::text IS NULL OR association_id = %(id)s)
        ORDER BY district_no NULLS LAST, name COLLATE "ja-x-icu", association_id
        """,
        {"m": code, "no": run_no, "id": association_id},
    )
    return [Row(**row) for row in found]


def calculate(
    conn: Connection,
    ref: Ref,
    year: int,
    *,
    actor: str,
    corrects: int | None = None,
    reason: str | None = None,
) -> int:
    """Work the incentive out for every association of the generation with the rule in force; returns the run's number.

    `corrects`: the run that holds for the year, whose amounts are put right (with `reason`). Raises NotFoundError where
    no rule is in force, InputError where the year has been decided already, or what is corrected does not hold.
    """
    code = ref.municipality_code
    hold(conn, code, "grant-runs")
    held = final(conn, code, year)
    if corrects is None and held is not None:
        raise InputError(
            f"{fiscal_year_label(year)}は、もう決定しています。直すときは、決定した計算のページで、訂正の計算をしてください。",
            field="fiscal_year",
        )
    if corrects is not None and (held is None or held.run_no != corrects):
        raise InputError(
            "訂正できるのは、その年度の最後に決定した計算だけです。ページを開き直してください。",
            field="reason",
        )
    if corrects is not None and not reason:
        raise InputError("訂正の理由を入力してください。", field="reason")
    rule = rules.in_force(conn, code, INCENTIVE.key, year)
    read = rule.read()
    found = ground.associations(conn, ref, year)
    if not found:
        raise InputError(
            "町内会・自治会のデータがありません。データを有効にしてから、計算してください。",
            field="fiscal_year",
        )
    basis, quality = ground.basis(conn, ref, read.figures)
    row = conn.execute(
        """
        INSERT INTO grant_run (municipality_code, run_no, scheme, fiscal_year, rule_version, corrects, reason, basis,
                               calculated_by, quality, source)
        SELECT %(m)s, 1 + coalesce(max(run_no), 0), %(scheme)s, %(year)s, %(version)s, %(corrects)s, %(reason)s, %(basis)s,
               %(by)s, %(quality)s, %(source)s
        FROM grant_run WHERE municipality_code = %(m)s RETURNING run_no
        """,
        {
            "m": code, "scheme": INCENTIVE.key, "year": year, "version": rule.version, "corrects": corrects,
            "reason": reason, "basis": Jsonb(basis), "by": actor, "quality": worst((quality, Quality(rule.quality))).value,
            "source": rule.source,
        },
    ).fetchone()  # fmt: skip
    assert row is not None
    run_no: int = row["run_no"]
    lines = []
    for item in found:
        done = work_out(read, item.values())
        lines.append((
            code, run_no, item.key, item.name, item.district_no,
            Jsonb({name: asdict(item.figures[name]) for name in read.figures if name in item.figures}),
            done.total, Jsonb([asdict(step) for step in done.steps]), Jsonb(list(done.reasons)),
        ))  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO grant_run_row (municipality_code, run_no, association_id, name, district_no, figures, amount_yen, "
            "steps, reasons) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            lines,
        )
    now = one(conn, code, run_no)
    tell(conn, code, actor, "edit.grant-run.calculate", target(run_no), None, _said(now))
    return run_no


def decide(conn: Connection, code: str, run_no: int, on: date, *, actor: str) -> Run:
    """The amounts are decided. Raises NotFoundError, InputError, EditConflictError when the year was decided meanwhile."""
    run = _locked(conn, code, run_no, "calculated", "決定")
    held = final(conn, code, run.fiscal_year)
    if (held.run_no if held else None) != run.corrects:
        raise EditConflictError(
            run,
            "この計算の後に、同じ年度の別の計算が決定しました。何も変えていません。一覧を見て、計算し直してください。",
        )
    if run.unknown == run.associations:
        raise InputError("計算できた町内会・自治会がないため、決定できません。", field="decided_on")
    now = _move(conn, code, run, actor, "decide", "decided_on = %s, decided_by = %s, state = 'decided'", on)
    decided = [rows(conn, code, item.run_no) for item in (now, *corrected(conn, code, now))]
    figures.keep(conn, code, now, decided, actor=actor)
    return now


def pay(conn: Connection, code: str, run_no: int, on: date, *, actor: str) -> Run:
    """The amounts are paid. Raises NotFoundError, InputError (`paid_on` before the decision), EditConflictError."""
    run = _locked(conn, code, run_no, "decided", "支払")
    if run.decided_on is not None and on < run.decided_on:
        raise InputError("支払の日が、決定の日より前になっています。", field="paid_on")
    return _move(conn, code, run, actor, "pay", "paid_on = %s, paid_by = %s, state = 'paid'", on)


def discard(conn: Connection, code: str, run_no: int, *, actor: str) -> None:
    """Throw a run away that nobody has decided. Raises NotFoundError, EditConflictError."""
    run = _locked(conn, code, run_no, "calculated", "削除")
    conn.execute("DELETE FROM grant_run WHERE municipality_code = %s AND run_no = %s", (code, run_no))
    tell(conn, code, actor, "edit.grant-run.discard", target(run_no), _said(run), None)


def _locked(conn: Connection, code: str, run_no: int, state: str, word: str) -> Run:
    hold(conn, code, "grant-runs")
    run = one(conn, code, run_no)
    if run.state != state:
        raise EditConflictError(
            run, f"この計算は「{STATES[run.state]}」です。{word}はできません。何も変えていません。"
        )
    return run


def _move(conn: Connection, code: str, run: Run, actor: str, verb: str, change: str, on: date) -> Run:
    conn.execute(
        f"UPDATE grant_run SET {change} WHERE municipality_code = %s AND run_no = %s",  # noqa: S608 - our own words
        (on, actor, code, run.run_no),
    )
    now = one(conn, code, run.run_no)
    tell(conn, code, actor, f"edit.grant-run.{verb}", target(run.run_no), _said(run), _said(now))
    return now


def _said(run: Run) -> dict[str, Any]:
    return {
        "fiscal_year": run.fiscal_year, "rule_version": run.rule_version, "state": run.state, "corrects": run.corrects,
        "reason": run.reason, "decided_on": run.decided_on.isoformat() if run.decided_on else None,
        "paid_on": run.paid_on.isoformat() if run.paid_on else None, "associations": run.associations,
        "unknown": run.unknown, "total_yen": run.total_yen,
    }  # fmt: skip
