"""What the page of one case shows: where it stands, its way, what the rule says now, and the forms of what may come next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.clock import JAPAN, today
from api.credits import place_credit
from api.edit_forms import Line, history_lines
from api.record_pages import options_of
from api.record_words import note_of, row_of, sayer
from api.services import Services
from geodata.database import Audience
from geodata.edits import history, records
from geodata.grants import cases
from geodata.grants.budgets import left
from geodata.grants.case_changes import rule_of_decision
from geodata.grants.case_rules import Weighed, weigh
from geodata.grants.cases import Case, KeptStep
from geodata.queries.generation import resolve
from kyodo_geo.grants.case_checks import NEEDS_YEN, YEN, settlement
from kyodo_geo.grants.case_fields import CASE_SCHEMES, NOUN, typed_figures
from kyodo_geo.grants.cases import Deed, Standing, State, Step, allowed, effective
from kyodo_geo.grants.step_fields import DUE, SAYS_FIGURES, fields_of
from kyodo_geo.records import Field, typed_of

ACTIONS = {f"edit.{NOUN}.add": "登録", f"edit.{NOUN}.correct": "訂正"}
DONE = {
    "add": "案件を登録しました。", "correct": "案件の内容を直しました。",
    **{deed.value: f"「{deed.label}」を登録しました。" for deed in Deed},
    "undo": "直前の手続きを取り消しました。",
}  # fmt: skip
NEXT = {
    State.CONSULTATION: "申請を受けたら、申請日と申請額を登録します。",
    State.APPLIED: "きまりの計算と条件を確かめて、交付か不交付を決めます。",
    State.GRANTED: "事業が終わったら、実績報告を登録します。",
    State.REPORTED: "報告された額で計算し直して、額を確定します。",
    State.SETTLED: "支払ったら、支払日と額を登録します。",
    State.REFUSED: "不交付で終わりました。",
    State.WITHDRAWN: "取下げ・取消しで終わりました。地図と年度の集計には入りません。",
    State.PAID: "支払まで終わりました。",
    State.PAID_BACK: "全額の返還で終わりました。地図と年度の集計には入りません。",
}
ROW_PAGES = {
    "projects": "/staff/projects", "hall-rent": "/staff/records/hall-subsidies",
    "hall-works": "/staff/records/hall-subsidies",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """A form for a deed. `conditions`: of the rule, that may be ticked; `open`: the natural next one."""

    deed: Deed
    fields: list[Field]
    stored: dict[str, str]
    conditions: list[Any]
    open: bool


@dataclass(frozen=True, slots=True)
class Walked:
    """A step of the way in words. `gone`: it was taken back."""

    kept: KeptStep
    label: str
    amount: str | None
    figures: list[tuple[str, str]]
    due: str | None
    gone: bool


def context(services: Services, no: int) -> dict[str, Any]:
    """Of the page; raises NotFoundError."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        case = cases.one(conn, ref.municipality_code, no)
        kind, now = case.kind, case.standing
        deed = deed_to_weigh(now)
        weighed = None
        if deed is not None:
            step = Step(0, deed, today())
            weighed = weigh(
                conn, ref, case.scheme, case.facts, step, case.steps, no, by=rule_of_decision(case)
            )
        refs = records.references(conn, ref, kind)
        told = history.history(conn, ref.municipality_code, cases.target(no))
        found = {
            "ref": ref,
            "dataset": place_credit(conn, ref),
            "budget_left": left(conn, ref.municipality_code, case.scheme, case.year),
        }
    stored_years = [case.year]
    return {
        **found, "case": case, "kind": kind, "scheme": CASE_SCHEMES[case.scheme], "now": now, "weighed": weighed,
        "words": row_of(kind, case.facts, refs), "title": case.facts.get("title") or case.facts["applicant"],
        "options": {field.name: options_of(field, refs, case.facts[field.name], stored_years) for field in kind.fields},
        "forms": forms(case, now, weighed), "walked": walked(case), "next_words": NEXT[now.state],
        "late": now.overdue(today()), "due_words": DUE.get(now.last.deed, "期限"), "row_page": ROW_PAGES.get(case.scheme),
        "stored": {field.name: typed_of(field, case.facts[field.name]) for field in kind.fields},
        "history": _history(told, case, refs), "zone": JAPAN, "version": case.mark, "papers": papers(now),
    }  # fmt: skip


def deed_to_weigh(now: Standing) -> Deed | None:
    """The decision that is due, which the page shows the rule's answer to."""
    return {State.APPLIED: Deed.GRANT, State.REPORTED: Deed.SETTLE}.get(now.state)


def forms(case: Case, now: Standing, weighed: Weighed | None) -> list[Form]:
    """One form for each deed that may come next, the natural one first and open."""
    scheme = CASE_SCHEMES[case.scheme]
    found = []
    for place, deed in enumerate(allowed(now)):
        judged = (
            list(weighed.judged) if weighed is not None and deed is Deed.GRANT else _judged_before(case, deed)
        )
        natural = place == 0 and deed not in (Deed.PAY_BACK, Deed.UNDO, Deed.WITHDRAW)
        found.append(Form(deed, fields_of(scheme, deed), _stored(case, now, deed, weighed), judged, natural))
    return found


def _judged_before(case: Case, deed: Deed) -> list[Any]:
    """A change is held against the conditions as the decision found them."""
    if deed is not Deed.CHANGE:
        return []
    kept = case.weighed_at(Deed.GRANT)
    return [
        {**item, "number": number} for number, item in enumerate((kept and kept.conditions) or [], start=1)
    ]  # fmt: skip


def _stored(case: Case, now: Standing, deed: Deed, weighed: Weighed | None) -> dict[str, str]:
    """What stands in the form at first: today, the amount that follows, the figures as they are known."""
    found = {"day": today().isoformat()}
    by_rule = weighed.calculation.total if weighed is not None else None
    amounts = {
        Deed.APPLY: now.requested,
        Deed.GRANT: now.requested if by_rule is None else min(by_rule, now.requested or by_rule),
        Deed.SETTLE: settlement(now.decided or 0, by_rule),
        Deed.PAY: now.to_pay,
        Deed.PAY_BACK: -now.to_pay if now.to_pay < 0 else now.paid,
    }
    if deed in NEEDS_YEN and amounts.get(deed) is not None:
        found["yen"] = str(amounts[deed])
    if deed in SAYS_FIGURES:
        found |= {key: str(figure) for key, figure in now.planned.items()}
    return found


def walked(case: Case) -> list[Walked]:
    """All steps, the first first; those taken back are marked."""
    scheme, held = CASE_SCHEMES[case.scheme], {step.no for step in effective(case.steps)}
    figures = typed_figures(scheme)
    found = []
    for kept in case.kept:
        step = kept.step
        found.append(
            Walked(
                kept, step.deed.label,
                None if step.yen is None else f"{YEN.get(step.deed, '額')} {step.yen:,} 円",
                [(f.name, f"{step.figures[f.key]:,} {f.unit}") for f in figures if f.key in step.figures],
                DUE.get(step.deed), step.deed is not Deed.UNDO and step.no not in held,
            )
        )  # fmt: skip
    return found


def papers(now: Standing) -> list[tuple[str, str]]:
    """(name in the address, label) of the papers there are to print."""
    found = []
    if now.state is State.REFUSED:
        found.append(("decision", "不交付決定通知書（案）"))
    elif now.decided is not None:
        changed = any(step.deed is Deed.CHANGE for step in now.steps)
        found.append(("decision", "変更交付決定通知書（案）" if changed else "交付決定通知書（案）"))
    if now.settled is not None:
        found.append(("settlement", "額の確定通知書（案）"))
    found.append(("calculation", "額の計算書"))
    return found


def _history(told: list[history.Entry], case: Case, refs: dict[str, dict[str, str]]) -> list[Line]:
    kind = case.kind
    own = [entry for entry in told if entry.action in ACTIONS]
    labels = {field.name: field.label for field in kind.fields if not field.personal}
    return history_lines(own, ACTIONS, labels, None, note_of(kind), sayer(kind, refs))
