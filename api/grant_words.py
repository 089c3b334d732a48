"""Changes of grants' rules and calculations in words, for their histories and the audit log."""

from __future__ import annotations

from typing import Any

from api.edit_forms import QUALITY_CHOICES
from api.edit_forms import shown as in_words
from geodata.grants import runs
from kyodo_geo.errors import KyodoError
from kyodo_geo.grants import words
from kyodo_geo.grants.keeping import table_of
from kyodo_geo.grants.schemes import SCHEMES

RULE_ACTIONS = {
    "edit.grant-rule.save": "下書きの保存",
    "edit.grant-rule.discard": "下書きの削除",
    "edit.grant-rule.force": "適用",
}
RUN_ACTIONS = {
    "edit.grant-run.calculate": "計算",
    "edit.grant-run.decide": "決定",
    "edit.grant-run.pay": "支払",
    "edit.grant-run.discard": "削除",
}
LABELS = {
    "parts": "計算の行", "whole": "合計", "conditions": "条件", "form": "きまりの形", "note": "説明", "quality": "記録の種類",
    "source": "出典", "rule_version": "きまりの版", "state": "状態", "corrects": "訂正する計算", "reason": "理由",
    "fiscal_year": "年度", "decided_on": "決定の日", "paid_on": "支払の日", "associations": "団体",
    "unknown": "計算できない団体", "total_yen": "合計（円）", "version": "版",
}  # fmt: skip
HEADS = ("grants", "grant-runs")
_NOTHING: dict[str, Any] = {
    "form": 1, "parts": [], "conditions": [], "note": "",
    "whole": {"rounding": {"unit": 1, "way": "down"}, "least": None, "most": None, "cap": "", "smallest": None},
}  # fmt: skip


def say(name: str, value: Any) -> str:
    """A value of a kept rule or run in words; what is no rule of this form is shown as it is."""
    if name == "quality":
        return dict(QUALITY_CHOICES).get(value) or in_words(value)
    if name == "state":
        return runs.STATES.get(value) or in_words(value)
    if name not in ("parts", "whole", "conditions") or value is None:
        return in_words(value)
    try:
        table = table_of({**_NOTHING, name: value})
    except KyodoError:
        return in_words(str(value))
    lines = {
        "parts": [words.part_line(part) for part in table.parts],
        "whole": words.whole(table.whole),
        "conditions": [words.condition_line(one) for one in table.conditions],
    }[name]
    return in_words(lines or None)


def target_words(target: str) -> tuple[str, str | None]:
    """What `grants/incentive/2026` and `grant-runs/3` are, and the page where they are kept."""
    head, _, key = target.partition("/")
    if head == "grant-runs":
        return f"協働推進奨励金の計算 第{key}号", f"/staff/grants/runs/{key}"
    scheme, _, year = key.partition("/")
    name = SCHEMES[scheme].name if scheme in SCHEMES else scheme
    return f"{name}のきまり、{year}年度", f"/staff/grants/rules/{scheme}/{year}"
