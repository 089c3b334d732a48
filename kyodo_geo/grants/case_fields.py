"""What is entered of a case beside its steps, by scheme, as the generic editor's fields; and its figures.

Schemes differ in who applies and for what; how a field is read, shown and compared is `kyodo_geo.records`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from unicodedata import normalize

from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError
from kyodo_geo.grants.cases import Figures
from kyodo_geo.grants.schemes import COMMUNITY, FLOOR, HALL_RENT, HALL_WORKS, PROJECTS, Figure, Scheme
from kyodo_geo.quality import Quality
from kyodo_geo.records import MAX_YEN, Facts, Field, Kind
from kyodo_geo.records import PROJECTS as PROJECT_RECORDS
from kyodo_geo.records import SUBSIDIES as SUBSIDY_RECORDS

BASE = "/staff/grants/cases"
NOUN = "grant-case"

_YEAR = Field("fiscal_year", "年度", "year", required=True)
_DISTRICT = Field("district_no", "地区", "reference", required=True, to="district")
_ASSOCIATION = Field("association_id", "町内会・自治会", "reference", required=True, to="association")
_APPLICANT = Field(
    "applicant", "申請した団体", required=True, most=120, hint="団体の名前。代表の人の名前は書きません"
)
_ASSOCIATIONS_OWN = replace(
    _APPLICANT, required=False, hint="空なら、町内会・自治会の名前になります。代表の人の名前は書きません"
)
_TITLE = Field("title", "事業の名前", required=True)
_THEME = Field("theme", "分野", most=60, hint="例：防災、見守り")
_HALL = Field("hall_id", "自治公民館", "reference", to="hall", hint="地図では、公民館の位置に出ます")
_POINT = Field("geom", "位置（緯度, 経度）", "point", hint="一覧にない公民館のとき。例：39.70360, 141.15270")
_CONFIRMED = Field("confirmed_on", "建築確認の日", "day", hint="不明なら空のまま。例：昭和58年4月1日")
_RETROFITTED = Field("retrofitted", "耐震改修", "yes_no", hint="わからなければ「不明」のまま")
_PERIOD = (
    Field("starts_on", "始まりの日", "day", hint="例：令和8年6月1日。不明なら空のまま"),
    Field("ends_on", "終わりの日", "day", hint="この日まで。不明なら空のまま"),
)
_REST = (
    Field("papers", "受け取った書類", "words", most=1_000, hint="題名を 1 行に 1 つ。例：申請書（6月1日）"),
    Field("contact_name", "連絡先の担当者（公開されません）", most=80, personal=True),
    Field("contact_phone", "連絡先の電話（公開されません）", "phone", personal=True),
    Field(
        "quality", "記録の種類", "choice", required=True, default="real",
        options=tuple((quality.value, quality.label) for quality in Quality),
    ),
    Field("source", "出典", most=300, hint="まとめて登録したときの、もとの資料など"),
)  # fmt: skip


def _linked(kind: Kind, to: str) -> Field:
    return Field(
        "linked_id", f"登録済みの「{kind.title}」の記録", "reference", to=to,
        hint="前から手で登録してある記録と同じものなら、選びます（2 重に数えません）。なければ空のまま",
    )  # fmt: skip


def _in_order(facts: Facts) -> None:
    first, last = facts.get("starts_on"), facts.get("ends_on")
    if first is not None and last is not None and last < first:
        raise InputError("終わりの日が、始まりの日より前になっています。", field="ends_on")


def _kind(scheme: Scheme, fields: tuple[Field, ...], same: tuple[str, ...], where: str) -> Kind:
    return Kind(
        scheme.key, NOUN, scheme.name, f"取組{scheme.initiative}の案件です。",
        lambda said: said.get("title") or said["applicant"], fields, same, where, BASE, _in_order,
    )  # fmt: skip


CASE_KINDS = {
    kind.key: kind
    for kind in (
        _kind(
            PROJECTS,
            (
                _YEAR, _DISTRICT, replace(_APPLICANT, label="申請した団体（地域づくり組織など）"), _TITLE, _THEME, *_PERIOD,
                _linked(PROJECT_RECORDS, "project"), *_REST,
                Field("counts_as_project", "指標「地域づくり事業の件数」に数える", "tick", default="yes"),
            ),
            ("fiscal_year", "district_no", "title"), "地域づくり事業の地図と地区のページ",
        ),
        _kind(
            COMMUNITY,
            (_YEAR, _DISTRICT, replace(_APPLICANT, label="申請した団体（コミュニティ推進地区組織）"), *_PERIOD, *_REST),
            ("fiscal_year", "district_no", "applicant"), "地区のページ",
        ),
        _kind(
            HALL_RENT,
            (
                _YEAR, _ASSOCIATION, _ASSOCIATIONS_OWN, _HALL, _POINT, _CONFIRMED, _RETROFITTED, *_PERIOD,
                _linked(SUBSIDY_RECORDS, "hall-subsidy"), *_REST,
            ),
            ("fiscal_year", "association_id", "hall_id", "starts_on"), "自治公民館への補助の地図（職員）",
        ),
        _kind(
            HALL_WORKS,
            (
                _YEAR, _ASSOCIATION, _ASSOCIATIONS_OWN, _HALL, _POINT,
                replace(SUBSIDY_RECORDS.field("work"), required=True), _CONFIRMED, _RETROFITTED, *_PERIOD,
                _linked(SUBSIDY_RECORDS, "hall-subsidy"), *_REST,
            ),
            ("fiscal_year", "association_id", "work", "starts_on"), "自治公民館への補助の地図（職員）",
        ),
    )
}  # fmt: skip
"""Scheme → what is entered of its cases. 協働推進奨励金 (取組7) has no cases: it is calculated for all associations at once."""
CASE_SCHEMES = {scheme.key: scheme for scheme in (PROJECTS, COMMUNITY, HALL_RENT, HALL_WORKS)}
PERSONAL = ("contact_name", "contact_phone")


def case_scheme(key: str) -> Scheme:
    """The scheme of a key; raises InputError."""
    if key not in CASE_SCHEMES:
        raise InputError("補助の種類を選んでください。", field="scheme")
    return CASE_SCHEMES[key]


def typed_figures(scheme: Scheme) -> list[Figure]:
    """Figures that the case itself says; the others come from the district or the association."""
    return [figure for figure in scheme.figures if figure.typed]


def figures(scheme: Scheme, typed: Callable[[str], str], needed: tuple[str, ...] = ()) -> Figures:
    """The figures of a form, under their keys; empty ones are unknown, unless `needed`. Raises InputError with `field`."""
    found: dict[str, int | Decimal] = {}
    for figure in typed_figures(scheme):
        value = figure_value(figure, typed(figure.key))
        if value is None and figure.key in needed:
            raise InputError(f"{figure.name}を入力してください。", field=figure.key)
        if value is not None:
            found[figure.key] = value
    return found


def figure_value(figure: Figure, text: str) -> int | Decimal | None:
    """One figure from 0, as people write it; an area may have two decimals. Raises InputError with `field`."""
    if figure.key != FLOOR.key:
        return entries.whole(text, figure.key, figure.name, most=MAX_YEN, unit=figure.unit)
    plain = normalize("NFKC", text).replace(",", "").strip().removesuffix("m2").removesuffix("㎡").strip()
    if not plain:
        return None
    try:
        value = Decimal(plain)
    except InvalidOperation:
        value = Decimal(-1)
    exponent = value.as_tuple().exponent if value.is_finite() else -99
    if not value.is_finite() or not 0 <= value <= 100_000 or not isinstance(exponent, int) or exponent < -2:
        raise InputError(
            f"{figure.name}は、0 以上の数（小数は 2 けたまで）で入力してください。", field=figure.key
        )
    return int(value) if value == int(value) else value
