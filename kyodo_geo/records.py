"""Dated records that staff keep one by one: which kinds there are, what their forms ask, and what may be kept.

A kind is declared once; form, checks, list, bulk entry and history follow from its fields. The yearly figures by
district, which are one number each, are `kyodo_geo.figure_sheets`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from kyodo_geo import edit_entries as entries
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.errors import InputError
from kyodo_geo.facility_terms import STAGES as FACILITY_STAGES
from kyodo_geo.quality import Quality
from kyodo_geo.ticket_entries import PHONE

Facts = dict[str, Any]
Known = Mapping[str, Collection[str]]
"""What fields refer to ("district", "association" …) → ids there are."""

MAX_YEN = 1_000_000_000
MAX_PEOPLE = 1_000_000
MAX_FIGURE = 1_000_000_000
FIRST_YEAR, LAST_YEAR = 1950, 2200
_POINT = re.compile(r"(\d{1,2}(?:\.\d{1,8})?)[,、\s]+(\d{1,3}(?:\.\d{1,8})?)")
_TIME = re.compile(r"(午前|午後)?(\d{1,2})(?::([0-5]\d)|時(?:([半])|([0-5]?\d)分?)?)")
_SPAN = re.compile(r"第?([1-9]\d{0,2})[〜~\-–]第?([1-9]\d{0,2})")
JAPAN = (122.0, 20.0, 154.5, 46.0)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `form`: line / words / code / phone / link / day / last_day / time / whole / amount / figure / year /
    choice / tick / yes_no / point / reference / several.

    `words` may have several lines. `code` is a number of a ledger, in narrow letters. `amount` may have a fraction and is
    above 0; `figure` may be 0, too. `yes_no` may be unknown, which a `tick` may not.
    `last_day` is typed as the last day it holds and kept as the day after. `to` names what a reference points at;
    `several` is a list of such references, by id or name.
    `personal`: the audit log says that it changed, never what it was. `listed`: a column of the list. `ahead`: how many
    years after this one are on offer.
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
    ahead: int = 1


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record. `same`: fields by which a second one is the same record entered twice.

    `dated`: the day by whose fiscal year its records are listed, where they have no `fiscal_year` of their own.
    `instead`: what to do rather than withdraw, in words.
    `filters`: fields by which the list may be narrowed besides year and district. `within`: columns that no form asks for,
    because the address says them (a visit's case).
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
    dated: str | None = None
    instead: str | None = None
    filters: tuple[str, ...] = ()
    within: tuple[str, ...] = ()

    @property
    def yearly(self) -> bool:
        """Whether its records are listed by fiscal year."""
        return self.dated is not None or self.has("fiscal_year")

    def year_of(self, facts: Mapping[str, Any]) -> int | None:
        """Fiscal year of a record, None for a kind without years."""
        if self.dated is not None:
            return fiscal_year_of(facts[self.dated])
        return facts["fiscal_year"] if self.has("fiscal_year") else None

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
    if field.form == "figure":
        return f"{kept:.10g}"
    if field.form == "time":
        return f"{kept:%H:%M}"
    if field.form == "several":
        return "\n".join(map(str, kept)) if field.to != "district" else "、".join(map(str, kept))
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


def _figure(field: Field, text: str, known: Known) -> float | None:
    return entries.figure(text, field.name, field.label, most=MAX_FIGURE)


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


def _time(field: Field, text: str, known: Known) -> time | None:
    """14:00, 14時30分, 午後2時: as people write hours."""
    found = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))
    if not found:
        return None
    match = _TIME.fullmatch(found)
    hour = -1 if match is None else int(match[2]) + (12 if match[1] == "午後" and int(match[2]) < 12 else 0)
    if match is None or hour > 23 or (match[1] and int(match[2]) > 12):
        raise InputError(f"{field.label}は、14:00 や 午後2時 のように入力してください。", field=field.name)
    return time(hour, 30 if match[4] else int(match[3] or match[5] or 0))


def _several(field: Field, text: str, known: Known) -> list[int] | list[str] | None:
    """A list: districts by number (also 5〜8) or name, others by id or name, one per line; in the order of what there is."""
    there = known[field.to or ""]
    names = there if isinstance(there, Mapping) else dict.fromkeys(there, "")
    found: set[str] = set()
    for part in _parts(field, text, names.values()):
        if part in names:
            found.add(part)
            continue
        hit = [key for key, label in names.items() if part in (label, label.partition(" ")[2])]
        if len(hit) != 1:
            why = "が 2 つ以上あります。番号で入力してください" if hit else "はありません"
            raise InputError(f"{field.label}：「{part[:30]}」{why}。", field=field.name)
        found.add(hit[0])
    kept = [key for key in names if key in found]
    if not kept:
        return None
    return [int(key) for key in kept] if field.to == "district" else kept


def _parts(field: Field, text: str, labels: Collection[str]) -> list[str]:
    """What was named. Numbers of districts may stand apart by blanks, which names and labels (5 松園) may hold too."""
    if field.to != "district":
        lines = re.split(r"[\n、,]", unicodedata.normalize("NFC", text))
        return [" ".join(line.split()) for line in lines if line.strip()]
    parts: list[str] = []
    for chunk in re.split(r"[\n、,・]+", unicodedata.normalize("NFKC", text)):
        whole = chunk.strip()
        for part in [whole] if whole in labels else whole.split():
            match = _SPAN.fullmatch(part)
            if match is not None:
                parts += map(str, range(int(match[1]), int(match[2]) + 1))
            else:
                number = re.fullmatch(r"第?0*([1-9][0-9]{0,2})(?:地区)?", part)
                parts.append(number[1] if number else part)
    return parts


def _tick(field: Field, text: str, known: Known) -> bool:
    return text in ("yes", "はい", "○", "1")


def _yes_no(field: Field, text: str, known: Known) -> bool | None:
    if not text and not field.required:
        return None
    said = {"はい": "yes", "いいえ": "no"}.get(text.strip(), text)
    return entries.choice(said, field.name, field.label, ("yes", "no")) == "yes"


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
    "figure": _figure,
    "year": _year,
    "choice": _choice,
    "reference": _reference,
    "tick": _tick,
    "yes_no": _yes_no,
    "point": _point,
    "time": _time,
    "several": _several,
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
BASIS = (
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
        *BASIS,
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
        *_PERIOD, *BASIS,
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
        *_PERIOD, *BASIS,
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
        *BASIS,
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
        *BASIS,
    ),
    ("facility_id", "decided_on"), "職員用の施設カルテ", "/staff/records/stages",
)  # fmt: skip

BUSY = Kind(
    "busy-periods", "busy-period", "会長などの忙しい時期",
    "総会の時期など、会議や文書を避けたい期間です（取組4）。会議の日程の候補と、重なりの注意に使います。",
    lambda said: said["title"],
    (
        Field("title", "名前", required=True, most=80, hint="例：町内会・自治会の総会"),
        Field("valid_from", "始まりの日", "day", required=True, hint="例：令和8年4月10日"),
        Field("valid_to", "終わりの日", "last_day", required=True, hint="この日まで"),
        *BASIS,
        Field("yearly", "毎年の同じ日", "tick", default="yes"),
    ),
    ("title", "valid_from"), "会議の日程", "/staff/records/busy-periods", _in_order,
    instead="今年だけのことなら、取り消さずに、期間を直してください。",
)  # fmt: skip

KINDS = {kind.key: kind for kind in (PROJECTS, OFFICERS, BODIES, SUBSIDIES, STAGES, BUSY)}
