"""Kinds of records of the centres, events, cases and advisers, for the generic editor (`kyodo_geo.records`)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from kyodo_geo.centres.terms import (
    ASKERS,
    CASE_STATES,
    EVENT_STATES,
    INITIATIVES,
    RESULTS,
    VISIT_WAYS,
    WAYS,
)
from kyodo_geo.errors import InputError
from kyodo_geo.records import MAX_PEOPLE, MAX_YEN, OFFICERS, PROJECTS, Facts, Field, Kind

_TIME = re.compile(r"(?:午前)?([01]?[0-9]|2[0-3])(?::|時)([0-5][0-9])?分?")

_BASIS = (PROJECTS.field("quality"), PROJECTS.field("source"))
_DISTRICT = replace(PROJECTS.field("district_no"), required=False, listed=False)
_ASSOCIATION = Field("association_id", "町内会・自治会", "reference", to="association", listed=False)
MAX_TEXT = 4_000


def _topics(facts: Facts) -> None:
    named = [facts[name] for name in ("topic_id", "topic_2", "topic_3")]
    if named[1] is None and named[2] is not None:
        raise InputError("内容の 2 つ目を選んでから、3 つ目を選んでください。", field="topic_2")
    for name, earlier in (("topic_2", named[:1]), ("topic_3", named[:2])):
        if facts[name] is not None and facts[name] in earlier:
            raise InputError("同じ内容が 2 回選ばれています。", field=name)
    if facts["association_id"] is not None and facts["asker"] != "association":
        raise InputError(
            "町内会・自治会は、相談した人が「町内会・自治会」のときだけ選べます。", field="association_id"
        )


def time_of(text: str, field: str, label: str) -> str:
    """A time as people write it (9:30, 13時30分, 13時) → HH:MM; raises InputError."""
    found = _TIME.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        raise InputError(f"{label}は、13:30 のように入力してください。", field=field)
    return f"{int(found[1]):02}:{found[2] or '00'}"


def _event(facts: Facts) -> None:
    for name, label in (("starts_at", "始まる時刻"), ("ends_at", "終わる時刻")):
        if facts[name] is not None:
            facts[name] = time_of(facts[name], name, label)
    first, last = facts["starts_on"], facts["ends_on"]
    if last is not None and last < first:
        raise InputError("終わりの日が、始まりの日より前になっています。", field="ends_on")
    if last == first:
        facts["ends_on"] = None
    one_day = facts["ends_on"] is None
    if one_day and facts["starts_at"] and facts["ends_at"] and facts["ends_at"] <= facts["starts_at"]:
        raise InputError("終わる時刻が、始まる時刻より前になっています。", field="ends_at")
    if facts["apply_until"] is not None and facts["apply_until"] > (last or first):
        raise InputError("申込みの締切が、催しの日より後になっています。", field="apply_until")
    if facts["participants"] is not None and facts["state"] != "held":
        raise InputError("参加者数は、「開催済み」のときだけ入力できます。", field="participants")


def _case(facts: Facts) -> None:
    closed = facts["state"] == "closed"
    if closed and facts["closed_on"] is None:
        raise InputError("「終了」にするときは、終了した日を入力してください。", field="closed_on")
    if not closed and facts["closed_on"] is not None:
        raise InputError("終了した日は、「終了」のときだけ入力できます。", field="closed_on")
    if closed and facts["closed_on"] < facts["opened_on"]:
        raise InputError("終了した日が、始めた日より前になっています。", field="closed_on")


def _visit(facts: Facts) -> None:
    if facts["next_on"] is not None and facts["next_on"] < facts["visited_on"]:
        raise InputError("次の予定の日が、この日より前になっています。", field="next_on")
    if not any(facts[name] for name in ("heard", "advice", "next_step")):
        raise InputError("聞いたこと、助言、次にすることのどれかを入力してください。", field="heard")


def _dispatch(facts: Facts) -> None:
    if facts["district_no"] is None and facts["association_id"] is None:
        raise InputError("派遣した先の地区か、町内会・自治会を選んでください。", field="district_no")


TOPICS = Kind(
    "topics", "consultation-topic", "相談の内容の一覧",
    "市民協働推進センターの相談を分けるための内容です。使わなくなった内容は、取り消さずに「終わりの日」を入れると、"
    "前の年度の件数が残ります。",
    lambda said: said["label"],
    (
        Field("label", "内容", required=True, most=60, listed=False),
        Field("sort_order", "並び順", "whole", required=True, most=10_000, hint="小さい順に並びます。例：10"),
        OFFICERS.field("valid_from"), OFFICERS.field("valid_to"), *_BASIS,
    ),
    ("label",), "相談の登録と、公開の件数", "/staff/records/topics", OFFICERS.check,
)  # fmt: skip

CONSULTATIONS = Kind(
    "consultations", "consultation", "市民協働推進センターの相談",
    "6 つのセンターで受けた相談（取組18）です。公開されるのは、センターと内容ごとの件数だけです。"
    "相談の内容の文は職員だけが見られ、決まった日数がたつと消えます。相談した人の名前や連絡先は入れないでください。",
    lambda said: f"{said['held_on']} {said['body_id']}",
    (
        Field("body_id", "センター", "reference", required=True, to="centre", listed=False),
        Field("held_on", "相談の日", "day", required=True, listed=False, hint="例：令和8年4月1日"),
        Field("asker", "相談した人", "choice", required=True, options=ASKERS),
        _ASSOCIATION,
        replace(_DISTRICT, listed=True),
        Field("way", "方法", "choice", required=True, options=WAYS),
        Field("topic_id", "内容", "reference", required=True, to="topic"),
        Field("topic_2", "内容の 2 つ目", "reference", to="topic", listed=False),
        Field("topic_3", "内容の 3 つ目", "reference", to="topic", listed=False),
        Field("minutes", "かかった時間（分）", "whole", most=1440, unit="分", hint="不明なら空のまま"),
        Field("content", "相談の内容の文（公開されません）", "words", most=MAX_TEXT, personal=True, listed=False),
        Field("result", "結果", "choice", required=True, options=RESULTS),
        Field("passed_to", "つないだ先", most=120, listed=False, hint="課や団体の名前。個人の名前は入れません"),
        Field("file_no", "整理番号", "code", most=40, listed=False, hint="同じ日の似た相談を分けるとき。例：2"),
        *_BASIS,
    ),
    ("body_id", "held_on", "asker", "way", "topic_id", "topic_2", "minutes", "file_no"),
    "公開の件数（センターと内容ごと）", "/staff/consultations", _topics,
    dated="held_on", filters=("body_id", "topic_id", "asker"),
)  # fmt: skip

EVENTS = Kind(
    "events", "event", "催し（講座、交換会、発表会など）",
    "取組3・20・22・23・26・27 の催しです。「公開する」にチェックのある催しだけが、公開のページに出ます。",
    lambda said: said["title"],
    (
        Field("title", "名前", required=True, most=120),
        Field("initiative_no", "取組", "choice", required=True, options=INITIATIVES),
        Field("starts_on", "始まりの日", "day", required=True, hint="例：令和8年10月1日"),
        Field("ends_on", "終わりの日", "day", listed=False, hint="1 日だけなら空のまま"),
        Field("starts_at", "始まる時刻", most=12, listed=False, hint="例：13:30"),
        Field("ends_at", "終わる時刻", most=12, listed=False, hint="例：15:30"),
        Field("facility_id", "会場の施設", "reference", to="facility", listed=False),
        Field("place", "会場（言葉で）", most=120, listed=False, hint="施設の一覧にないときや、部屋の名前"),
        replace(_DISTRICT, label="対象の地区", hint="市全体なら空のまま"),
        Field("audience", "対象の人", most=200, listed=False, hint="例：町内会・自治会の役員"),
        Field("capacity", "定員（人）", "whole", most=MAX_PEOPLE, unit="人", listed=False, hint="なければ空のまま"),
        Field("apply_until", "申込みの締切", "day", listed=False),
        Field("apply_how", "申込みの方法", most=200, listed=False, hint="例：電話 019-000-0000（市民協働推進課）"),
        Field("state", "状態", "choice", required=True, options=EVENT_STATES, default="planned"),
        Field("theme", "講演のテーマ", most=200, listed=False),
        Field("materials_url", "資料のアドレス", "link", listed=False, most=500, hint="https:// で始まるもの"),
        Field("participants", "参加者の合計（人）", "whole", most=MAX_PEOPLE, unit="人", hint="不明なら空のまま"),
        Field("published", "公開する", "tick", listed=False),
        *_BASIS,
    ),
    ("title", "starts_on", "initiative_no"), "催しのページと Atom フィード（公開するもの）", "/staff/events", _event,
    dated="starts_on", filters=("initiative_no", "state"),
)  # fmt: skip

CASES = Kind(
    "risk-cases", "risk-case", "見守りの記録",
    "支援の必要な町内会・自治会（取組14）ごとの記録です。市民協働推進課とセンターの職員だけが見られます。",
    lambda said: said["association_id"],
    (
        Field("association_id", "町内会・自治会", "reference", required=True, to="association"),
        Field("opened_on", "始めた日", "day", required=True, hint="例：令和8年4月1日"),
        Field("figures", "きまりによる判定と数値", "words", most=1_000, listed=False, hint="始めた日の判定です。書き足せます"),
        Field("reason", "始めた理由", "words", most=2_000, personal=True, listed=False),
        Field("person_name", "担当の職員", most=80, personal=True, listed=False),
        Field("state", "状態", "choice", required=True, options=CASE_STATES, default="open"),
        Field("closed_on", "終了した日", "day", listed=False, hint="「終了」のときだけ"),
        Field("outcome", "結果", "words", most=2_000, personal=True, listed=False, hint="終了のときに、何がどう変わったか"),
        *_BASIS,
    ),
    ("association_id", "opened_on"), "見守りの一覧と、職員用の地図の件数", "/staff/at-risk", _case,
)  # fmt: skip

VISITS = Kind(
    "risk-visits", "risk-visit", "訪問と助言", "見守りの記録に付く、訪問や助言です。",
    lambda said: said["visited_on"],
    (
        Field("visited_on", "日", "day", required=True, hint="例：令和8年4月1日"),
        Field("way", "方法", "choice", required=True, options=VISIT_WAYS),
        Field("person_name", "行った職員", most=80, personal=True),
        Field("heard", "聞いたこと", "words", most=MAX_TEXT, personal=True),
        Field("advice", "助言したこと", "words", most=MAX_TEXT, personal=True),
        Field("next_step", "次にすること", "words", most=1_000, personal=True),
        Field("next_on", "次の予定の日", "day"),
    ),
    ("visited_on", "way", "heard", "advice"), "見守りの記録", "/staff/at-risk", _visit, within=("case_id",),
)  # fmt: skip

DISPATCHES = Kind(
    "dispatches", "adviser-dispatch", "アドバイザーの派遣",
    "地区や町内会・自治会への、NPO などのアドバイザーの派遣（取組13）です。地区ごとの回数は、年度の数値に取り込めます。",
    lambda said: f"{said['dispatched_on']} {said['theme']}",
    (
        Field("dispatched_on", "派遣した日", "day", required=True, listed=False, hint="例：令和8年4月1日"),
        Field("adviser", "アドバイザー（団体・分野）", required=True, most=120, hint="個人の名前は入れません"),
        Field("theme", "テーマ", required=True, most=200, listed=False),
        replace(_DISTRICT, listed=True),
        replace(_ASSOCIATION, listed=True),
        Field("hours", "時間", "amount", most=1_000, unit="時間", listed=False),
        Field("cost_yen", "費用（円）", "whole", most=MAX_YEN, unit="円", hint="不明なら空のまま（0 とは違います）"),
        Field("case_id", "見守りの記録", "reference", to="case", listed=False),
        Field("result", "結果", "words", most=2_000, listed=False),
        *_BASIS,
    ),
    ("dispatched_on", "adviser", "theme", "district_no", "association_id"), "職員用の一覧と、年度ごとの数値への取り込み",
    "/staff/records/dispatches", _dispatch, dated="dispatched_on",
)  # fmt: skip

CENTRE_KINDS = (TOPICS, CONSULTATIONS, EVENTS, CASES, VISITS, DISPATCHES)
