"""Dated records that staff keep one by one: which kinds there are, what their forms ask, and what may be kept.

A kind is declared once; form, checks, list, bulk entry and history follow from its fields. The yearly figures by
district, which are one number each, are `kyodo_geo.figure_sheets`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kyodo_geo import edit_entries as entries
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import STAGES as FACILITY_STAGES
from kyodo_geo.quality import Quality
from kyodo_geo.ticket_entries import PHONE

Facts = dict[str, Any]
Known = Mapping[str, Collection[str]]
"""What fields refer to ("district", "association" …) → ids there are."""

MAX_YEN = 1_000_000_000
MAX_PEOPLE = 1_000_000
FIRST_YEAR, LAST_YEAR = 1950, 2200
_POINT = re.compile(r"(\d{1,2}(?:\.\d{1,8})?)[,、\s]+(\d{1,3}(?:\.\d{1,8})?)")
JAPAN = (122.0, 20.0, 154.5, 46.0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `form`: line / words / code / phone / link / day / last_day / whole / amount / year / choice / tick /
    yes_no / point / reference.

    `words` may have several lines. `code` is a number of a ledger, in narrow letters. `amount` may have a fraction and is
    above 0. `yes_no` may be unknown, which a `tick` may not.
    `last_day` is typed as the last day it holds and kept as the day after. `to` names what a reference points at.
    `personal`: the audit log says that it changed, never what it was. `listed`: a column of the list.
    """

    name: str
    label: str
    form: str = "line"
    required: bool = False
    most: int = 200
    least: int = 0
    unit: str = ""
    hint: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    to: str | None = None
    personal: bool = False
    listed: bool = True
    default: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. `same`: fields by which a second one is the same record entered twice.

    `dated`: the day by whose fiscal year the list is chosen, where no field is a year itself. `filters`: fields by which
    the list may be narrowed besides year and district. `within`: columns that no form asks for, because the address
    says them (a visit's case).
    """

    key: str
    noun: str
    title: str
    lead: str
    name_of: Callable[[Mapping[str, str]], str]
    fields: tuple[Field, ...]
    same: tuple[str, ...]
    where: str
    base: str
    check: Callable[[Facts], None] = lambda facts: None
    dated: str = ""
    filters: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @property
    def yearly(self) -> bool:
        """Whether the list shows one fiscal year."""
        return bool(self.dated) or self.has("fiscal_year")

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)

    def has(self, name: str) -> bool:
        return any(field.name == name for field in self.fields)


def entry(kind: Kind, typed: Callable[[str], str], known: Known) -> Facts:
    """What a form says, field by field; raises InputError with `field`."""
    facts = {field.name: value(field, typed(field.name), known) for field in kind.fields}
    kind.check(facts)
    return facts


def value(field: Field, text: str, known: Known) -> Any:
    """One field; raises InputError with `field`."""
    found = _READ[field.form](field, text, known)
    if field.required and found is None:
        verb = "選んで" if field.form in ("choice", "reference", "year") else "入力して"
        raise InputError(f"{field.label}を{verb}ください。", field=field.name)
    return found


def typed_of(field: Field, kept: Any) -> str:
    """A kept value as it stands in its field."""
    if kept is None:
        return ""
    if field.form == "tick":
        return "yes" if kept else ""
    if field.form == "yes_no":
        return "yes" if kept else "no"
    if field.form == "last_day":
        return str(_day(kept) - timedelta(days=1))
    if field.form == "point":
        return f"{kept[1]}, {kept[0]}"
    return str(kept)


def _day(kept: Any) -> date:
    return kept if isinstance(kept, date) else date.fromisoformat(str(kept))


def _line(field: Field, text: str, known: Known) -> str | None:
    return entries.line(text, field.name, field.label, most=field.most)


def _words(field: Field, text: str, known: Known) -> str | None:
    return entries.words(text, field.name, field.label, most=field.most)


def _code(field: Field, text: str, known: Known) -> str | None:
    return entries.line(unicodedata.normalize("NFKC", text), field.name, field.label, most=field.most)


def _phone(field: Field, text: str, known: Known) -> str | None:
    found = entries.line(unicodedata.normalize("NFKC", text), field.name, field.label, most=30)
    if found is not None and not PHONE.fullmatch(found):
        raise InputError(f"{field.label}は、019-000-0000 のように入力してください。", field=field.name)
    return found


def _whole(field: Field, text: str, known: Known) -> int | None:
    found = entries.whole(text, field.name, field.label, most=field.most, unit=field.unit)
    if found is not None and found < field.least:
        raise InputError(f"{field.label}は {field.least:,} 以上にしてください。", field=field.name)
    return found


def _amount(field: Field, text: str, known: Known) -> float | None:
    return entries.amount(text, field.name, field.label, most=field.most, unit=field.unit)


def _year(field: Field, text: str, known: Known) -> int | None:
    found = entries.whole(text, field.name, field.label, most=LAST_YEAR, unit="年度")
    if found is not None and found < FIRST_YEAR:
        raise InputError(f"{field.label}を選んでください。", field=field.name)
    return found


def _choice(field: Field, text: str, known: Known) -> str | None:
    words = {label: key for key, label in field.options}
    found = words.get(text.strip(), text.strip())
    if not found and not field.required:
        return None
    return entries.choice(found, field.name, field.label, [key for key, _ in field.options])


def _reference(field: Field, text: str, known: Known) -> str | int | None:
    found = unicodedata.normalize("NFKC", text).strip()
    if field.to == "district":  # A table of the city may say 「5 松園」 or 「第5」.
        number = re.match(r"第?([0-9]{1,3})(?![0-9])", found)
        found = number[1].lstrip("0") if number else found
    if not found and not field.required:
        return None
    entries.choice(found, field.name, field.label, known[field.to or ""])
    return int(found) if field.to == "district" else found


def _tick(field: Field, text: str, known: Known) -> bool:
    return text in ("yes", "はい", "○", "1")


def _yes_no(field: Field, text: str, known: Known) -> bool | None:
    if not text and not field.required:
        return None
    return entries.choice(text, field.name, field.label, ("yes", "no")) == "yes"


def _first(field: Field, text: str, known: Known) -> date | None:
    return entries.day(text, field.name, field.label)


def _last(field: Field, text: str, known: Known) -> date | None:
    found = entries.day(text, field.name, field.label)
    return None if found is None else found + timedelta(days=1)


def _link(field: Field, text: str, known: Known) -> str | None:
    return entries.link(text, field.name, field.label)


def _point(field: Field, text: str, known: Known) -> list[float] | None:
    """緯度, 経度 as map programs write them → [lon, lat]."""
    found = unicodedata.normalize("NFKC", text).strip().strip("()")
    if not found:
        return None
    match = _POINT.fullmatch(found)
    if match is None:
        raise InputError(
            f"{field.label}は、39.70360, 141.15270 のように、緯度、経度の順で入力してください。",
            field=field.name,
        )
    lat, lon = float(match[1]), float(match[2])
    if not (JAPAN[0] <= lon <= JAPAN[2] and JAPAN[1] <= lat <= JAPAN[3]):
        raise InputError(
            f"{field.label}が日本の外です。緯度、経度の順になっているか確かめてください。", field=field.name
        )
    return [lon, lat]


_READ: Mapping[str, Callable[[Field, str, Known], Any]] = {
    "line": _line,
    "words": _words,
    "code": _code,
    "phone": _phone,
    "link": _link,
    "day": _first,
    "last_day": _last,
    "whole": _whole,
    "amount": _amount,
    "year": _year,
    "choice": _choice,
    "reference": _reference,
    "tick": _tick,
    "yes_no": _yes_no,
    "point": _point,
}


def _in_order(facts: Facts) -> None:
    first, after = facts["valid_from"], facts["valid_to"]
    if first is not None and after is not None and after <= first:
        raise InputError("終わりの日が、始まりの日より前になっています。", field="valid_to")


def _works(facts: Facts) -> None:
    if facts["work"] is not None and facts["kind"] != "works":
        raise InputError(
            "工事の種類は、補助が「整備事業」のときだけ選べます。「賃借料」なら、選ばないでください。",
            field="work",
        )


_DISTRICT = Field("district_no", "地区", "reference", required=True, to="district")
_YEAR = Field("fiscal_year", "年度", "year", required=True, listed=False)
_PERIOD = (
    Field("valid_from", "始まりの日", "day", hint="例：令和8年4月1日。不明なら空のまま"),
    Field("valid_to", "終わりの日", "last_day", hint="この日まで。続いていれば空のまま"),
)
_BASIS = (
    Field(
        "quality", "記録の種類", "choice", required=True, listed=False, default="real",
        options=tuple((quality.value, quality.label) for quality in Quality),
    ),
    Field("source", "出典", most=300, hint="例：令和8年度 実績報告書", listed=False),
)  # fmt: skip

PROJECTS = Kind(
    "projects", "project", "地域づくり事業",
    "地区が行った事業（取組9）を年度ごとに登録します。件数は成果指標「地域づくり事業の件数」に数えます。",
    lambda said: said["title"],
    (
        Field("title", "事業の名前", required=True), _DISTRICT, _YEAR,
        Field("theme", "分野", most=60, hint="例：防災、見守り"),
        Field("grant_yen", "補助金（円）", "whole", most=MAX_YEN, unit="円", hint="不明なら空のまま（0 とは違います）"),
        Field("participants", "参加者数（人）", "whole", most=MAX_PEOPLE, unit="人", hint="不明なら空のまま"),
        *_BASIS,
        Field("counts_as_project", "指標に数える", "tick", default="yes"),
    ),
    ("district_no", "fiscal_year", "title"), "地域づくり事業の地図", "/staff/projects",
)  # fmt: skip

OFFICERS = Kind(
    "officers", "officer", "地域担当職員・専任職員",
    "地区を担当する職員（取組15・16）です。課と電話は公開の地図に出ます。職員の名前は公開されません。",
    lambda said: f"{said['district_no']} {said['kind']}",
    (
        replace(_DISTRICT, listed=False),
        Field("kind", "担当", "choice", required=True, listed=False, options=(
            ("contact", "地域窓口担当"), ("issue", "地域課題担当"), ("coordinator", "専任職員"),
        )),
        Field("office", "課", required=True, most=80),
        Field("office_phone", "課の電話", "phone"),
        Field("person_name", "職員の名前（公開されません）", most=80, personal=True, listed=False),
        *_PERIOD, *_BASIS,
    ),
    ("district_no", "kind", "office", "person_name", "valid_from"), "地域への支援の地図", "/staff/records/officers",
    _in_order,
)  # fmt: skip

BODIES = Kind(
    "bodies", "body", "センターと地域の組織",
    "市民協働推進センター（取組17・18）、地区の組織、地域づくり組織などです。事務所の電話だけを載せます。",
    lambda said: said["name"],
    (
        Field("name", "名前", required=True, most=120),
        Field("kind", "種類", "choice", required=True, options=(
            ("centre", "市民協働推進センター"), ("district-organisation", "コミュニティ推進地区組織"),
            ("community-building", "地域づくり組織"), ("federation", "連合会"), ("committee", "会議"),
            ("other", "そのほか"),
        )),
        Field("district_no", "地区", "reference", to="district"),
        Field("facility_id", "入っている施設", "reference", to="facility", hint="地図では、施設の位置に出ます"),
        Field("phone", "事務所の電話", "phone"),
        Field("geom", "位置（緯度, 経度）", "point", hint="施設に入っていないとき。例：39.70360, 141.15270", listed=False),
        *_PERIOD, *_BASIS,
    ),
    ("kind", "name", "valid_from"), "地域への支援の地図と地区のページ", "/staff/records/bodies",
    _in_order,
)  # fmt: skip

SUBSIDIES = Kind(
    "hall-subsidies", "hall-subsidy", "自治公民館への補助",
    "賃借料の補助（取組11）と整備事業の補助（取組12）です。地図は職員だけが見られます。",
    lambda said: f"{said['association_id']} {said['kind']}",
    (
        _YEAR,
        Field("association_id", "町内会・自治会", "reference", required=True, to="association", listed=False),
        Field("kind", "補助", "choice", required=True, listed=False, options=(
            ("rent", "空き家等利用自治公民館 賃借料"), ("works", "自治公民館 整備事業"),
        )),
        Field("work", "工事の種類", "choice", options=(("new", "新築"), ("extension", "増改築"), ("repair", "修繕"))),
        Field("amount_yen", "補助金（円）", "whole", most=MAX_YEN, unit="円", hint="不明なら空のまま（0 とは違います）"),
        Field("hall_id", "自治公民館", "reference", to="hall", hint="地図では、公民館の位置に出ます", listed=False),
        Field("geom", "位置（緯度, 経度）", "point", hint="一覧にない公民館のとき。例：39.70360, 141.15270", listed=False),
        *_BASIS,
    ),
    ("fiscal_year", "association_id", "kind", "work", "amount_yen"), "自治公民館への補助の地図（職員）",
    "/staff/records/hall-subsidies", _works,
)  # fmt: skip

STAGES = Kind(
    "stages", "facility-stage", "公共施設の方針",
    "施設をこれからどうするかの判断と、その理由です。職員だけが見られます。前の判断は消さずに、新しい日で登録すると、履歴になります。",
    lambda said: f"{said['facility_id']} {said['stage']}",
    (
        Field("facility_id", "施設", "reference", required=True, to="facility", listed=False),
        Field("decided_on", "決めた日", "day", required=True, hint="例：令和8年4月1日"),
        Field("stage", "方針", "choice", required=True, listed=False, options=tuple((name, name) for name in FACILITY_STAGES)),
        Field("reason", "理由", "words", required=True, most=2000),
        Field(
            "evaluation", "評価の結果", "words", most=500, listed=False,
            hint="施設評価や指定管理者の評価で分かったこと。例：利用は多いが、空調と屋根の傷みが進む",
        ),
        Field("decided_by", "決めた人・会議", required=True, most=120),
        *_BASIS,
    ),
    ("facility_id", "decided_on"), "職員用の施設カルテ", "/staff/records/stages",
)  # fmt: skip

KINDS = {kind.key: kind for kind in (PROJECTS, OFFICERS, BODIES, SUBSIDIES, STAGES)}
