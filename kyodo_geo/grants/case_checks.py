"""What a step of a case needs: an allowed deed, days in order, amounts within their bounds, words where words are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from kyodo_geo.dates import fiscal_year_label, fiscal_year_range
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.grants.cases import Deed, Standing, Step, allowed, standing
from kyodo_geo.grants.conditions import Judged
from kyodo_geo.records import MAX_YEN

NEEDS_YEN = frozenset({Deed.APPLY, Deed.GRANT, Deed.CHANGE, Deed.SETTLE, Deed.PAY, Deed.PAY_BACK})
NEEDS_WORDS = frozenset({Deed.REFUSE, Deed.WITHDRAW, Deed.CHANGE, Deed.PAY_BACK, Deed.UNDO})
DECIDES = frozenset({Deed.GRANT, Deed.CHANGE})
"""Decisions on the amount, which the conditions and the budget are held against."""
YEN = {
    Deed.APPLY: "申請額",
    Deed.GRANT: "交付決定額",
    Deed.CHANGE: "変更後の交付決定額",
    Deed.SETTLE: "確定額",
    Deed.PAY: "支払額",
    Deed.PAY_BACK: "返還額",
}
"""What the amount of a deed is called."""


def settlement(decided: int, by_rule: int | None) -> int | None:
    """The amount to settle: by the rule on the real figures, never above what was decided; None where unknown."""
    return None if by_rule is None else min(decided, by_rule)


def checked(old: Sequence[Step], new: Step, fiscal_year: int, today: date) -> Standing:
    """How the case stands with the new step. Raises InputError with `field`, ConflictError where it may not follow."""
    now = standing(old) if old else None
    if new.deed not in allowed(now):
        raise ConflictError(
            f"今の状態（{now.state.label if now else '新しい案件'}）では、「{new.deed.label}」はできません。"
            "画面を開き直して、今の状態を確かめてください。"
        )
    _day(now, new, fiscal_year, today)
    _amount(now, new)
    if new.deed in NEEDS_WORDS and not new.words:
        raise InputError("理由を入力してください。", field="words")
    return standing([*old, new])


def _day(now: Standing | None, new: Step, fiscal_year: int, today: date) -> None:
    if new.day > today:
        raise InputError("日付が今日より後になっています。行った日を入力してください。", field="day")
    if now is not None and new.deed is not Deed.UNDO and new.day < now.last.day:
        raise InputError(
            f"日付が、前の手続き（{now.last.deed.label}、{now.last.day.isoformat()}）より前になっています。",
            field="day",
        )
    first, last = fiscal_year_range(fiscal_year)
    if new.deed in DECIDES and not first <= new.day <= last:
        raise InputError(
            f"決定の日が、{fiscal_year_label(fiscal_year)}の外です。日付か、案件の年度を確かめてください。",
            field="day",
        )
    if new.due_on is not None and new.due_on < new.day:
        raise InputError("期限が、この手続きの日より前になっています。", field="due_on")


def _amount(now: Standing | None, new: Step) -> None:
    if new.deed not in NEEDS_YEN:
        return
    label = YEN[new.deed]
    if new.yen is None:
        if new.unknown_past and new.deed is Deed.APPLY:
            return
        raise InputError(f"{label}を入力してください。", field="yen")
    least = 0 if new.deed is Deed.SETTLE else 1
    if not least <= new.yen <= MAX_YEN:
        raise InputError(f"{label}は、{least:,} 円から {MAX_YEN:,} 円までにしてください。", field="yen")
    if now is None:
        return
    most, why = MAX_YEN, ""
    if new.deed is Deed.GRANT and now.requested is not None:
        most, why = now.requested, "申請額"
    elif new.deed is Deed.SETTLE:
        most, why = now.decided or 0, "交付決定額"
    elif new.deed is Deed.PAY:
        most, why = now.to_pay, "まだ支払っていない額"
    elif new.deed is Deed.PAY_BACK:
        most, why = now.paid, "これまでに支払った額"
    if new.yen > most:
        raise InputError(f"{label}が、{why}（{most:,} 円）を超えています。", field="yen")


def doubts(
    new: Step,
    now: Standing,
    by_rule: int | None,
    reasons: Iterable[str],
    judged: Iterable[Judged],
    over_yen: int,
) -> tuple[str, ...]:
    """Why a decision or a settlement does not stand by itself: each has to be answered in words.

    `now`: before the step; `by_rule`: what the rule comes to, None with `reasons`; `over_yen`: by how much the budget is
    exceeded with it.
    """
    if new.deed not in (*DECIDES, Deed.SETTLE) or new.yen is None:
        return ()
    found = [f"きまりの表で計算できません（{reason}）" for reason in reasons] if by_rule is None else []
    if new.deed is Deed.SETTLE:
        due = settlement(now.decided or 0, by_rule)
        if due is not None and new.yen != due:
            found.append(f"確定額 {new.yen:,} 円が、計算した額 {due:,} 円と違います")
        return tuple(found)
    if by_rule is not None and new.yen > by_rule:
        found.append(f"{YEN[new.deed]} {new.yen:,} 円が、きまりの計算 {by_rule:,} 円を超えています")
    for item in judged:
        if item.met is not True:
            verdict = "満たしません" if item.met is False else "確かめていません"
            found.append(f"条件「{item.words}」を{verdict}（{item.reason}）")
    return (*found, *excess(over_yen))


def excess(over_yen: int) -> tuple[str, ...]:
    """The budget as a doubt; `over_yen`: by how much it is exceeded."""
    return (f"予算の枠を {over_yen:,} 円超えます",) if over_yen > 0 else ()
