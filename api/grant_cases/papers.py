"""The papers of a case, in words of our own: notices of a decision and a settlement, and the sheet of the calculation.

They are drafts: the city's own forms and numbers hold.
"""

from __future__ import annotations

from typing import Any

from api.clock import today
from api.credits import place_credit
from api.services import Services
from geodata.database import Audience
from geodata.edits import records
from geodata.grants import cases
from geodata.grants.case_changes import rule_of_decision
from geodata.grants.case_rules import weigh
from geodata.grants.cases import Case
from geodata.queries.generation import resolve
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import NotFoundError
from kyodo_geo.grants.case_fields import BASE, CASE_SCHEMES
from kyodo_geo.grants.cases import Deed, Standing, Step

NONE_YET = "この紙は、まだ作れません。決定や額の確定を登録してから、もう一度開いてください。"
_ON = {"decision": (Deed.GRANT, Deed.CHANGE, Deed.REFUSE), "settlement": (Deed.SETTLE,)}
TITLES = {
    Deed.GRANT: "補助金交付決定通知書",
    Deed.CHANGE: "補助金変更交付決定通知書",
    Deed.REFUSE: "補助金不交付決定通知書",
    Deed.SETTLE: "補助金の額の確定通知書",
}


def html(services: Services, no: int, name: str) -> str:
    """The paper before it becomes a PDF. Raises NotFoundError, also where there is nothing to print yet."""
    with services.database.read(Audience.STAFF) as conn:
        ref = resolve(conn, services.settings.municipality)
        case = cases.one(conn, ref.municipality_code, no)
        now = case.standing
        step = _step(now, name)
        if step is None and name != "calculation":
            raise NotFoundError(NONE_YET)
        kept = None if step is None else next(item for item in case.kept if item.step.no == step.no)
        if kept is not None and kept.calculation is not None:
            told: dict[str, Any] = {
                "rule": kept.rule,
                "calculation": kept.calculation,
                "conditions": kept.conditions or _decided(case),
            }
        else:
            asked = step or Step(0, Deed.GRANT, today())
            found = weigh(
                conn, ref, case.scheme, case.facts, asked, case.steps, no, by=rule_of_decision(case)
            )
            told = {
                "rule": found.rule,
                "calculation": found.kept() or _nothing(found),
                "conditions": found.conditions(),
            }
        refs = records.references(conn, ref, case.kind)
        credit = place_credit(conn, ref)
    template = "calculation" if name == "calculation" else "notice"
    return services.pages.render(
        f"paper/grant_{template}.html", path=f"{BASE}/{no}", ref=ref, dataset=credit, html_lang="ja", case=case,
        scheme=CASE_SCHEMES[case.scheme], now=now, step=step, kept=kept, **told, title=_title(case, step, name),
        year_label=fiscal_year_label(case.year), place=_place(case, refs), rows=_rows(case, now, step), printed_on=today(),
        changed_from=_before(now, step), invented=_invented(case, told["rule"]),
    )  # fmt: skip


def _step(now: Standing, name: str) -> Step | None:
    """The step that a paper tells of; the calculation sheet tells of the newest decision or settlement."""
    deeds = _ON.get(name, (*_ON["decision"], *_ON["settlement"]))
    return next((step for step in reversed(now.steps) if step.deed in deeds), None)


def _decided(case: Case) -> list[dict[str, Any]] | None:
    """The conditions as the decision found them."""
    kept = case.weighed_at(Deed.GRANT, Deed.CHANGE)
    return None if kept is None else kept.conditions


def _nothing(found: Any) -> dict[str, Any]:
    return {"total": None, "steps": [], "reasons": list(found.calculation.reasons), "figures": []}


def _title(case: Case, step: Step | None, name: str) -> str:
    if name == "calculation" or step is None:
        return f"{CASE_SCHEMES[case.scheme].name} 額の計算書"
    return TITLES[step.deed]


def _place(case: Case, refs: dict[str, dict[str, str]]) -> str:
    """District or association, by name."""
    if case.facts.get("association_id"):
        return refs["association"].get(case.facts["association_id"], str(case.facts["association_id"]))
    return f"コミュニティ推進地区 {refs['district'].get(str(case.facts['district_no']), case.facts['district_no'])}"


def _before(now: Standing, step: Step | None) -> int | None:
    """What was decided before a change."""
    if step is None or step.deed is not Deed.CHANGE:
        return None
    earlier = [item for item in now.steps if item.no < step.no and item.deed in (Deed.GRANT, Deed.CHANGE)]
    return earlier[-1].yen if earlier else None


def _rows(case: Case, now: Standing, step: Step | None) -> list[tuple[str, Any]]:
    """(heading, value) of the notice's table; days and amounts are put into words by the paper."""
    facts = case.facts
    found: list[tuple[str, Any]] = [
        ("補助の種類", CASE_SCHEMES[case.scheme].name),
        ("年度", fiscal_year_label(case.year)),
    ]
    if facts.get("title"):
        found.append(("事業の名前", facts["title"]))
    if facts.get("work"):
        found.append(("工事の種類", dict(case.kind.field("work").options)[facts["work"]]))
    if facts.get("starts_on") or facts.get("ends_on"):
        found.append(("期間", (facts.get("starts_on"), facts.get("ends_on"))))
    applied = now.day_of(Deed.APPLY)
    if applied is not None:
        found.append(("申請日", applied))
    if now.requested is not None:
        found.append(("申請額", now.requested))
    if step is not None and step.deed is Deed.SETTLE:
        found.append(("交付決定額", now.decided))
        if now.paid:
            found.append(("支払済みの額", now.paid))
    return found


def _invented(case: Case, rule: dict[str, Any] | None) -> bool:
    """Whether anything on the paper is a sample."""
    return case.facts["quality"] == "sample" or (rule or {}).get("quality") == "sample"
