"""Kinds of record around the plan: who is responsible, a successor with its parts, and what became of the old ones.

A plan and its parts are entered while the plan is a draft; what is in force the database refuses to change.
"""

from __future__ import annotations

import re
from typing import Any

from kyodo_geo.errors import InputError
from kyodo_geo.plan_items import PLAN_FORM, PlanItem
from kyodo_geo.records import BASIS, Facts, Field, Kind
from kyodo_geo.ticket_entries import EMAIL

YEARS_AHEAD = 12
CHAPTERS = (("associations", "町内会・自治会"), ("districts", "地域協働"))
INDICATOR_KINDS = (("outcome", "成果指標"), ("reference", "参考指標"))
DIRECTIONS = (("up", "増えるほどよい"), ("down", "減るほどよい"))
NOVELTIES = (("new", "新規"), ("expanded", "拡充"))
CHALLENGES = tuple((name, name) for name in ("担い手", "活性化", "資金", "施設", "情報共有"))
RELATIONS = (
    ("continue", "継続"), ("improve", "見直して継続"), ("merge", "統合"), ("split", "分割"), ("new", "新規"), ("end", "終了"),
)  # fmt: skip
ROLES = (("lead", "主担当（照会に答える）"), ("with", "関係課"))
_INDICATOR_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")


def _email(facts: Facts) -> None:
    if facts["email"] is not None and not EMAIL.fullmatch(facts["email"]):
        raise InputError("メールは、課のアドレスを 1 つだけ入力してください。", field="email")


def _years(facts: Facts) -> None:
    first, last = facts["first_year"], facts["last_year"]
    if first is not None and last is not None and last < first:
        raise InputError("終わりの年度が、始まりの年度より前になっています。", field="last_year")


def _plan(facts: Facts) -> None:
    if not PLAN_FORM.fullmatch(facts["plan_id"]):
        raise InputError("記号は、英小文字、数字、ハイフンで入力してください（例 r8-r12）。", field="plan_id")
    if facts["last_fiscal_year"] < facts["first_fiscal_year"]:
        raise InputError("終わりの年度が、始まりの年度より前になっています。", field="last_fiscal_year")
    if facts["successor_of"] == facts["plan_id"]:
        raise InputError("前の計画には、別の計画を選んでください。", field="successor_of")


def _policy(facts: Facts) -> None:
    if not 1 <= facts["policy_no"] <= 9:
        raise InputError("基本方針の番号は 1 から 9 までです。", field="policy_no")


def _initiative(facts: Facts) -> None:
    if not 1 <= facts["initiative_no"] <= 999:
        raise InputError("取組番号は 1 から 999 までです。", field="initiative_no")
    _policy(facts)
    if not facts["for_associations"] and not facts["for_districts"]:
        raise InputError("対象を 1 つ以上選んでください。", field="for_associations")


def _indicator(facts: Facts) -> None:
    if not _INDICATOR_ID.fullmatch(facts["indicator_id"]):
        raise InputError("記号は、英数字、ハイフン、下線で入力してください。", field="indicator_id")
    goal = (facts["target"], facts["target_fiscal_year"])
    if (facts["kind"] == "outcome") != (None not in goal) or (None in goal) != (goal == (None, None)):
        raise InputError(
            "成果指標には目標と目標の年度を入れ、参考指標には入れないでください。", field="target"
        )
    if goal[1] is not None and goal[1] <= facts["baseline_fiscal_year"]:
        raise InputError("目標の年度は、基準の年度より後にしてください。", field="target_fiscal_year")
    if facts["unit"] == "%":
        for name in ("baseline", "target"):
            if facts[name] is not None and facts[name] > 100:
                raise InputError("割合は 100 以下で入力してください。", field=name)


def check_mapping(facts: Facts) -> None:
    """A mapping that says what it says: raises InputError with `field`."""
    old, new, relation = facts["old_item"], facts["new_item"], facts["relation"]
    if (old is None) != (relation == "new"):
        raise InputError(
            "「新規」のときだけ、前の計画の欄を空にします。ほかのときは、前の計画の取組か指標を選んでください。",
            field="old_item",
        )
    if (new is None) != (relation == "end"):
        raise InputError(
            "「終了」のときだけ、新しい計画の欄を空にします。ほかのときは、新しい計画の取組か指標を選んでください。",
            field="new_item",
        )
    sides = [PlanItem.of(name) for name in (old, new) if name is not None]
    if new is not None and sides[-1].plan_id != facts["plan_id"]:
        raise InputError("新しい計画の取組か指標を選んでください。", field="new_item")
    if old is not None and sides[0].plan_id == facts["plan_id"]:
        raise InputError("前の計画の取組か指標を選んでください。", field="old_item")
    if len({side.kind for side in sides}) > 1:
        raise InputError("取組は取組と、指標は指標と対応させてください。", field="new_item")
    if facts["same_measure"] and (len(sides) < 2 or sides[0].kind != "indicator"):
        raise InputError("「測り方が同じ」は、指標どうしの対応だけで選べます。", field="same_measure")


def _plan_field(to: str, label: str = "計画") -> Field:
    return Field("plan_id", label, "reference", required=True, to=to, listed=False)


def _year(name: str, label: str, **more: Any) -> Field:
    return Field(name, label, "year", ahead=YEARS_AHEAD, **more)


DEPARTMENTS = Kind(
    "departments", "department", "担当課",
    "計画の取組と指標を担当する課です。照会は、この課に送ります。課のメールと電話だけを入れ、個人のものは入れないでください。",
    lambda said: said["name"],
    (
        Field("name", "課の名前", required=True, most=80),
        Field("email", "課のメール", most=200, hint="照会と催促の宛先。例：ka@example.lg.jp"),
        Field("phone", "課の電話", "phone"),
        *BASIS,
    ),
    ("name",), "担当課の登録", "/staff/records/departments", _email,
)  # fmt: skip

RESPONSIBILITIES = Kind(
    "responsibilities", "responsibility", "取組・指標の担当",
    "取組と指標を、どの課がいつから担当するかです。主担当は同時に 1 つの課で、照会に答えます。"
    "担当が替わったら、前の担当に終わりの年度を入れてから、次の担当を登録します。",
    lambda said: said["item"],
    (
        Field("item", "取組・指標", "reference", required=True, to="plan-item", listed=False),
        Field("department_id", "担当課", "reference", required=True, to="department"),
        Field("role", "役割", "choice", required=True, options=ROLES, default="lead"),
        _year("first_year", "始まりの年度", hint="計画の始めからなら、選ばない"),
        _year("last_year", "終わりの年度", hint="続いていれば、選ばない"),
        *BASIS,
    ),
    ("item", "department_id", "role", "first_year"), "照会", "/staff/records/responsibilities", _years,
)  # fmt: skip

PLANS = Kind(
    "plans", "successor-plan", "次の計画（下書き）",
    "次の計画を登録します。「有効にする」までは下書きで、職員だけが見られます。有効な計画は、ここでは直せません。",
    lambda said: said["name"],
    (
        Field("plan_id", "記号", "code", required=True, most=20, hint="英小文字と数字。例：r8-r12（後から変えないでください）"),
        Field("name", "計画の名前", required=True),
        _year("first_fiscal_year", "始まりの年度", required=True),
        _year("last_fiscal_year", "終わりの年度", required=True),
        Field("successor_of", "前の計画", "reference", required=True, to="plan-in-force"),
    ),
    ("plan_id",), "職員の画面", "/staff/records/plans", _plan,
)  # fmt: skip

POLICIES = Kind(
    "plan-policies", "successor-policy", "次の計画の基本方針",
    "下書きの計画の基本方針です。番号は計画ごとに付けます。",
    lambda said: f"{said['policy_no']} {said['name']}",
    (
        _plan_field("draft-plan"),
        Field("policy_no", "番号", "whole", required=True, most=9),
        Field("name", "基本方針", required=True),
    ),
    ("plan_id", "policy_no"), "職員の画面", "/staff/records/plan-policies", _policy,
)  # fmt: skip

INITIATIVES = Kind(
    "plan-initiatives", "successor-initiative", "次の計画の取組",
    "下書きの計画の取組です。番号が前の計画と違ってもかまいません。前の取組との対応は、別に登録します。",
    lambda said: f"{said['initiative_no']} {said['title']}",
    (
        _plan_field("draft-plan"),
        Field("initiative_no", "取組番号", "whole", required=True, most=999),
        Field("title", "取組", required=True, listed=False),
        Field("policy_no", "基本方針の番号", "whole", required=True, most=9),
        Field("direction", "取組の方向性", required=True),
        Field("challenge", "課題", "choice", required=True, options=CHALLENGES),
        Field("novelty", "区分", "choice", options=NOVELTIES, hint="これまでどおりなら、選ばない"),
        Field("priority", "重点取組", "tick"),
        Field("for_associations", "対象：町内会・自治会", "tick"),
        Field("for_districts", "対象：地域協働", "tick"),
    ),
    ("plan_id", "initiative_no"), "職員の画面", "/staff/records/plan-initiatives", _initiative,
)  # fmt: skip

INDICATORS = Kind(
    "plan-indicators", "successor-indicator", "次の計画の指標",
    "下書きの計画の指標です。成果指標には目標があり、参考指標には向きだけがあります。",
    lambda said: said["title"],
    (
        _plan_field("draft-plan"),
        Field("indicator_id", "記号", "code", required=True, most=40, hint="英数字。例：participation"),
        Field("title", "指標", required=True, listed=False),
        Field("chapter", "対象", "choice", required=True, options=CHAPTERS),
        Field("kind", "種類", "choice", required=True, options=INDICATOR_KINDS),
        Field("unit", "単位", required=True, most=20, hint="例：%、件、人"),
        Field("direction", "望ましい向き", "choice", required=True, options=DIRECTIONS),
        _year("baseline_fiscal_year", "基準の年度", required=True),
        Field("baseline", "基準", "figure", required=True),
        _year("target_fiscal_year", "目標の年度", hint="参考指標では、選ばない"),
        Field("target", "目標", "figure", hint="参考指標では、空のまま"),
        Field("measured_by", "測り方", most=300, listed=False),
        Field("sort_order", "表示の順", "whole", required=True, most=999, listed=False, default="1"),
    ),
    ("plan_id", "indicator_id"), "職員の画面", "/staff/records/plan-indicators", _indicator,
)  # fmt: skip

MAPPINGS = Kind(
    "plan-mappings", "plan-mapping", "新旧の計画の対応",
    "前の計画の取組と指標が、次の計画でどうなったかです。"
    "1 つが複数に分かれるときも、複数が 1 つになるときも、対応を 1 件ずつ登録します。",
    lambda said: f"{said['old_item'] or '（新規）'} → {said['new_item'] or '（終了）'}",
    (
        _plan_field("successor-plan", "新しい計画"),
        Field("old_item", "前の計画の取組・指標", "reference", to="plan-item", listed=False),
        Field("relation", "どうなったか", "choice", required=True, options=RELATIONS),
        Field("new_item", "新しい計画の取組・指標", "reference", to="plan-item", listed=False),
        Field("same_measure", "測り方が同じ（指標の値を続けて読める）", "tick"),
        Field("note", "備考", most=300),
    ),
    ("plan_id", "old_item", "new_item"), "新旧対照の表", "/staff/records/plan-mappings", check_mapping,
)  # fmt: skip

PLAN_KINDS = {
    kind.key: kind
    for kind in (DEPARTMENTS, RESPONSIBILITIES, PLANS, POLICIES, INITIATIVES, INDICATORS, MAPPINGS)
}
