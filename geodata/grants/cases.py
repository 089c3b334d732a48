"""Cases of grants (取組9–12): list, one with its steps, entering, correcting, the next step. Audience `STAFF`.

Whoever changes a case says what they saw; nobody overwrites another unseen. Steps are only added. What a case means for
the maps follows in the same transaction (`geodata.grants.feeding`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

from geodata.database import Connection
from geodata.edits.history import hold, tell
from geodata.edits.records import flat, put, selected
from geodata.queries.generation import Ref
from kyodo_geo.edits import check_stamp, stamp
from kyodo_geo.errors import InputError, NotFoundError
from kyodo_geo.grants.case_checks import checked
from kyodo_geo.grants.case_fields import CASE_KINDS, NOUN, PERSONAL
from kyodo_geo.grants.cases import FAILED, Deed, Figures, Standing, Step, standing
from kyodo_geo.records import Facts, Kind

TWICE = "同じ案件が、もう登録されています（第{no}号）。別のものなら、名前か始まりの日を変えて、区別できるようにしてください。"
LINKED = "選んだ記録は、ほかの案件と結び付いています。"


@dataclass(frozen=True, slots=True)
class KeptStep:
    """A step with what was worked out when it was entered, as it was then (JSON), and who entered it when."""

    step: Step
    entered_by: str
    entered_at: datetime
    rule: dict[str, Any] | None = None
    calculation: dict[str, Any] | None = None
    conditions: list[dict[str, Any]] | None = None
    doubts: list[str] | None = None
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class Beside:
    """What is kept beside a new step: the rule it was weighed by, and how."""

    rule: dict[str, Any] | None = None
    calculation: dict[str, Any] | None = None
    conditions: list[dict[str, Any]] | None = None
    doubts: list[str] | None = None
    answered: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A case. `facts`: the fields of its kind; `row_id`: of project or hall_subsidy that stands for it."""

    no: int
    kind: Kind
    facts: Facts
    kept: tuple[KeptStep, ...]
    made_id: str | None
    before: Facts | None
    entered_by: str
    entered_at: datetime
    erased_at: datetime | None

    @property
    def scheme(self) -> str:
        return self.kind.key

    @property
    def year(self) -> int:
        return int(self.facts["fiscal_year"])

    @property
    def steps(self) -> list[Step]:
        return [kept.step for kept in self.kept]

    @property
    def standing(self) -> Standing:
        return standing(self.steps)

    @property
    def row_id(self) -> str | None:
        return self.facts.get("linked_id") or self.made_id

    @property
    def seen(self) -> dict[str, Any]:
        """What a mark is made of."""
        return {**self.facts, "steps": len(self.kept), "made": self.made_id}

    @property
    def mark(self) -> str:
        return stamp(self.seen)

    def weighed_at(self, *deeds: Deed) -> KeptStep | None:
        """The newest step of these deeds that was not taken back and was weighed by a rule."""
        held = {step.no for step in self.standing.steps}
        own = [kept for kept in self.kept if kept.step.no in held and kept.step.deed in deeds]
        return next((kept for kept in reversed(own) if kept.rule is not None), None)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases a list shows; None is any. `late`: those whose next step is overdue on `today`."""

    today: date
    scheme: str | None = None
    fiscal_year: int | None = None
    state: str | None = None
    district: int | None = None
    late: bool = False


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list. `district_no` of an association: where it is now."""

    no: int
    scheme: str
    fiscal_year: int
    district_no: int | None
    district: str | None
    association_id: str | None
    association: str | None
    applicant: str
    title: str | None
    work: str | None
    state: str
    requested_yen: int | None
    decided_yen: int | None
    settled_yen: int | None
    paid_yen: int
    due_on: date | None
    late: bool
    days: Mapping[str, date] = field(default_factory=dict)
    quality: str = "real"
    source: str | None = None


def target(no: int) -> str:
    """Name in the audit log."""
    return f"{NOUN}/{no}"


def cases(conn: Connection, ref: Ref, wanted: Wanted) -> list[CaseRow]:
    """Newest year first, then by scheme and number. `days`: deed → day of the newest step that was not taken back."""
    rows = conn.execute(
        """
        WITH held AS (
            SELECT case_no, jsonb_object_agg(deed, day ORDER BY step_no) AS days
            FROM (
                SELECT case_no, step_no, deed, day, depth, min(depth) OVER (
                    PARTITION BY case_no ORDER BY step_no ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS lowest
                FROM (
                    SELECT case_no, step_no, deed, day, sum(CASE WHEN deed = 'undo' THEN -1 ELSE 1 END)
                           OVER (PARTITION BY case_no ORDER BY step_no) AS depth
                    FROM grant_step WHERE municipality_code = %(m)s
                ) counted
            ) looked
            WHERE deed <> 'undo' AND lowest >= depth
            GROUP BY case_no
        )
        SELECT c.case_no AS no, c.scheme, c.fiscal_year, coalesce(c.district_no, p.district_no) AS district_no,
               d.name AS district, c.association_id, n.name AS association, c.applicant, c.title, c.work, c.state,
               c.requested_yen, c.decided_yen, c.settled_yen, c.paid_yen, c.due_on,
               coalesce(c.due_on < %(today)s, false) AS late, coalesce(h.days, '{}') AS days, c.quality, c.source
        FROM grant_case c
        LEFT JOIN held h USING (case_no)
        LEFT JOIN association_districts(%(m)s, %(g)s) p ON p.association_id = c.association_id
        LEFT JOIN association_area n ON n.municipality_code = c.municipality_code
            AND n.association_id = c.association_id AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        LEFT JOIN district_area d ON d.municipality_code = c.municipality_code
            AND d.district_no = coalesce(c.district_no, p.district_no)
            AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        WHERE c.municipality_code = %(m)s AND (%(scheme)s::text IS NULL OR c.scheme = %(scheme)s)
          AND (%(year)s::int IS NULL OR c.fiscal_year = %(year)s) AND (%(state)s::text IS NULL OR c.state = %(state)s)
          AND (%(district)s::int IS NULL OR coalesce(c.district_no, p.district_no) = %(district)s)
          AND (NOT %(late)s OR c.due_on < %(today)s)
        ORDER BY c.fiscal_year DESC, array_position(ARRAY['projects', 'community', 'hall-rent', 'hall-works'], c.scheme),
                 c.case_no
        """,
        {
            **ref.args, "today": wanted.today, "scheme": wanted.scheme, "year": wanted.fiscal_year, "state": wanted.state,
            "district": wanted.district, "late": wanted.late,
        },
    )  # fmt: skip
    return [CaseRow(**{**row, "days": _days(row["days"])}) for row in rows]


def _days(kept: Mapping[str, str]) -> dict[str, date]:
    return {deed: date.fromisoformat(day) for deed, day in kept.items()}


def years(conn: Connection, code: str) -> list[int]:
    """Fiscal years with a case, newest first."""
    rows = conn.execute(
        "SELECT DISTINCT fiscal_year FROM grant_case WHERE municipality_code = %s ORDER BY 1 DESC", (code,)
    )
    return [row["fiscal_year"] for row in rows]


def one(conn: Connection, code: str, no: int) -> Case:
    """A case with all its steps; raises NotFoundError."""
    row = conn.execute(
        "SELECT scheme, made_id, before, entered_by, entered_at, erased_at FROM grant_case "
        "WHERE municipality_code = %s AND case_no = %s",
        (code, no),
    ).fetchone()
    if row is None:
        raise NotFoundError("この番号の案件はありません。")
    kind = CASE_KINDS[row.pop("scheme")]
    query = sql.SQL("SELECT {} FROM grant_case WHERE municipality_code = %(m)s AND case_no = %(no)s").format(
        sql.SQL(", ").join(selected(field) for field in kind.fields)
    )
    facts = conn.execute(query, {"m": code, "no": no}).fetchone()
    assert facts is not None
    return Case(no, kind, facts, tuple(_steps(conn, code, no)), **row)


def _steps(conn: Connection, code: str, no: int) -> list[KeptStep]:
    rows = conn.execute(
        """
        SELECT step_no AS no, deed, day, yen, figures, participants, due_on, words, paper_no, unknown_past, entered_by,
               entered_at, rule, calculation, conditions, doubts, answered
        FROM grant_step WHERE municipality_code = %s AND case_no = %s ORDER BY step_no
        """,
        (code, no),
    )
    own = ("entered_by", "entered_at", "rule", "calculation", "conditions", "doubts", "answered")
    found = []
    for row in rows:
        beside = {name: row.pop(name) for name in own}
        step = Step(**{**row, "deed": Deed(row["deed"]), "figures": read_figures(row["figures"])})
        found.append(KeptStep(step, **beside))
    return found


def read_figures(kept: Mapping[str, int | str]) -> Figures:
    """Figures as they are kept: whole numbers as numbers, others as text, so that none loses a place."""
    return {key: value if isinstance(value, int) else Decimal(value) for key, value in kept.items()}


def kept_figures(figures: Figures) -> dict[str, int | str]:
    """Figures as JSON."""
    return {key: value if isinstance(value, int) else str(value) for key, value in figures.items()}


def add(
    conn: Connection, code: str, kind: Kind, facts: Facts, first: list[tuple[Step, Beside]], *, today: date, actor: str
) -> int:  # fmt: skip
    """Enter a case with its first steps; returns its number. Raises InputError, also when it is there already."""
    hold(conn, code, f"{NOUN}s")
    _refuse_twice(conn, code, kind, facts, None)
    now: list[Step] = []
    for step, _ in first:
        checked(now, step, int(facts["fiscal_year"]), today)
        now.append(step)
    stands = standing(now)
    row = conn.execute(
        "SELECT coalesce(max(case_no), 0) + 1 AS no FROM grant_case WHERE municipality_code = %s", (code,)
    ).fetchone()
    assert row is not None
    no: int = row["no"]
    own = {**facts, **_amounts(stands), "case_no": no, "scheme": kind.key, "entered_by": actor}
    query = sql.SQL("INSERT INTO grant_case (municipality_code, {}) VALUES (%(m)s, {})").format(
        sql.SQL(", ").join(map(sql.Identifier, own)), sql.SQL(", ").join(map(put, own))
    )
    _run(conn, query, {"m": code, **flat(own)})
    for step, beside in first:
        _insert(conn, code, no, step, beside, actor)
        _tell_step(conn, code, no, step, beside, actor, kind)
    _tell_facts(conn, code, no, kind, actor, "add", None, facts)
    return no


def correct(conn: Connection, code: str, no: int, new: Facts, *, version: str, actor: str) -> Case:
    """Put the case's own facts right; returns the case as it was. Raises InputError, EditConflictError, NotFoundError."""
    hold(conn, code, target(no))
    hold(conn, code, f"{NOUN}s")
    case = one(conn, code, no)
    check_stamp(version, case.seen)
    if new == case.facts:
        return case
    _refuse_twice(conn, code, case.kind, new, no)
    decides = next((s.day for s in case.standing.steps if s.deed in (Deed.GRANT, Deed.CHANGE)), None)
    if decides is not None and new["fiscal_year"] != case.year:
        raise InputError(
            "決定のある案件の年度は変えられません。決定を取り消してから直してください。", field="fiscal_year"
        )
    return case


def write(conn: Connection, code: str, case: Case, new: Facts, *, actor: str) -> None:
    """Keep the facts that `correct` let pass."""
    sets = sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(field.name), put(field.name)) for field in case.kind.fields
    )
    erased = sql.SQL(", erased_at = NULL") if any(new[name] for name in PERSONAL) else sql.SQL("")
    query = sql.SQL("UPDATE grant_case SET {}{} WHERE municipality_code = %(m)s AND case_no = %(no)s").format(
        sets, erased
    )
    _run(conn, query, {"m": code, "no": case.no, **flat(new)})
    _tell_facts(conn, code, case.no, case.kind, actor, "correct", case.facts, new)


def held(conn: Connection, code: str, no: int, version: str) -> Case:
    """The case, held until the transaction ends, if it is as somebody saw it. Raises EditConflictError, NotFoundError."""
    hold(conn, code, target(no))
    case = one(conn, code, no)
    check_stamp(version, case.seen)
    return case


def add_step(
    conn: Connection, code: str, case: Case, step: Step, beside: Beside, *, today: date, actor: str
) -> Standing:
    """Add a step to a case that `held` gave; returns how it stands now. Raises InputError, ConflictError."""
    now = checked(case.steps, step, case.year, today)
    _insert(conn, code, case.no, step, beside, actor)
    amounts = _amounts(now)
    query = sql.SQL("UPDATE grant_case SET {} WHERE municipality_code = %(m)s AND case_no = %(no)s").format(
        sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in amounts)
    )
    conn.execute(query, {"m": code, "no": case.no, **amounts})
    _tell_step(conn, code, case.no, step, beside, actor, case.kind)
    return now


def _amounts(now: Standing) -> dict[str, Any]:
    """What the steps come to, as lists and sums read it."""
    return {
        "state": now.state.value, "requested_yen": now.requested, "decided_yen": now.decided, "settled_yen": now.settled,
        "paid_yen": now.paid, "due_on": now.due_on,
    }  # fmt: skip


def _insert(conn: Connection, code: str, no: int, step: Step, beside: Beside, actor: str) -> None:
    own = {
        "case_no": no, "step_no": step.no, "deed": step.deed.value, "day": step.day, "yen": step.yen,
        "figures": Jsonb(kept_figures(step.figures)), "participants": step.participants, "due_on": step.due_on,
        "words": step.words, "paper_no": step.paper_no, "unknown_past": step.unknown_past, "entered_by": actor,
        "rule": _json(beside.rule), "calculation": _json(beside.calculation), "conditions": _json(beside.conditions),
        "doubts": _json(beside.doubts), "answered": beside.answered,
    }  # fmt: skip
    query = sql.SQL("INSERT INTO grant_step (municipality_code, {}) VALUES (%(m)s, {})").format(
        sql.SQL(", ").join(map(sql.Identifier, own)), sql.SQL(", ").join(map(sql.Placeholder, own))
    )
    conn.execute(query, {"m": code, **own})


def _json(value: Any) -> Jsonb | None:
    return Jsonb(value) if value else None


def _run(conn: Connection, query: sql.Composed, values: Mapping[str, Any]) -> None:
    try:
        conn.execute(query, values)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name != "uq_grant_case_row":
            raise
        raise InputError(LINKED, field="linked_id") from None


def _refuse_twice(conn: Connection, code: str, kind: Kind, new: Facts, own: int | None) -> None:
    """The same case twice counts twice: a double click, or two people. What was refused or withdrawn may come again."""
    no = twin(conn, code, kind, new, own)
    if no is not None:
        raise InputError(TWICE.format(no=no), field=kind.same[-1])


def twin(conn: Connection, code: str, kind: Kind, new: Facts, own: int | None) -> int | None:
    """The number of another case that is the same and has not failed."""
    same = sql.SQL(" AND ").join(
        sql.SQL("{} IS NOT DISTINCT FROM {}").format(sql.Identifier(name), sql.Placeholder(name))
        for name in kind.same
    )
    query = sql.SQL(
        "SELECT case_no FROM grant_case WHERE municipality_code = %(m)s AND scheme = %(scheme)s AND {} "
        "AND state <> ALL (%(failed)s) AND case_no IS DISTINCT FROM %(own)s LIMIT 1"
    ).format(same)
    own_facts = {name: new[name] for name in kind.same}
    found = conn.execute(
        query, {"m": code, "scheme": kind.key, "own": own, "failed": [state.value for state in FAILED], **own_facts}
    ).fetchone()  # fmt: skip
    return None if found is None else int(found["case_no"])


def _tell_facts(
    conn: Connection, code: str, no: int, kind: Kind, actor: str, action: str, before: Facts | None, after: Facts
) -> None:  # fmt: skip
    touched = [name for name in PERSONAL if (before or {}).get(name) != after.get(name)]
    sides = [
        None if side is None else {name: side[name] for name in side if name not in PERSONAL}
        for side in (before, after)
    ]
    more = {"touched": touched} if touched else {}
    tell(conn, code, actor, f"edit.{NOUN}.{action}", target(no), sides[0], sides[1], scheme=kind.key, **more)


def _tell_step(
    conn: Connection, code: str, no: int, step: Step, beside: Beside, actor: str, kind: Kind
) -> None:  # fmt: skip
    said = {
        "deed": step.deed.value, "day": step.day.isoformat(), "yen": step.yen, "paper_no": step.paper_no,
        "figures": kept_figures(step.figures) or None, "doubts": len(beside.doubts or ()) or None,
    }  # fmt: skip
    more = {name: value for name, value in said.items() if value is not None}
    tell(
        conn, code, actor, f"edit.{NOUN}.step", target(no), None, None, scheme=kind.key, step=step.no, **more
    )
