"""The record of a meeting: what its form asks (`kyodo_geo.records`)."""

from __future__ import annotations

from kyodo_geo.errors import InputError
from kyodo_geo.meetings.meeting import STATES
from kyodo_geo.meetings.people import AUDIENCES, check_audience
from kyodo_geo.quality import Quality
from kyodo_geo.records import Facts, Field, Kind


def _check(facts: Facts) -> None:
    check_audience(facts)
    starts, ends = facts["starts"], facts["ends"]
    if ends is not None and starts is None:
        raise InputError("終わりの時刻を入れるときは、始まりの時刻も入力してください。", field="starts")
    if ends is not None and ends <= starts:
        raise InputError("終わりの時刻が、始まりの時刻より前になっています。", field="ends")
    if facts["state"] == "fixed" and (starts is None or ends is None):
        raise InputError("「確定」にするときは、始まりと終わりの時刻を入力してください。", field="starts")


MEETINGS = Kind(
    "meetings", "meeting", "会長などを呼ぶ会議",
    "市が町内会・自治会長などに出席を頼む会議です（取組4）。決まる前の「予定」から登録すると、ほかの課が日をそろえられます。",
    lambda said: said["title"],
    (
        Field("title", "会議の名前", required=True, most=120),
        Field("department", "担当課", required=True, most=80),
        Field("held_on", "日", "day", required=True, hint="例：令和8年11月26日"),
        Field("starts", "始まり", "time", hint="例：14:00。未定なら空のまま"),
        Field("ends", "終わり", "time", hint="例：15:30"),
        Field("place", "会場", most=120, hint="例：市役所 本館 大会議室"),
        Field("facility_id", "会場の施設", "reference", to="facility", listed=False,
              hint="選ぶと、ほかの会場からの移動にかかる時間を見積もれます"),
        Field("audience", "呼ぶ人", "choice", required=True, options=AUDIENCES),
        Field("district_nos", "地区（一部の地区だけのとき）", "several", to="district", listed=False,
              hint="例：1、3、5〜7。すべての地区なら空のまま"),
        Field("association_ids", "町内会・自治会（名前で選ぶとき）", "several", to="association", most=4000, listed=False,
              hint="1 行に 1 つ。「名前で選ぶ」のときだけ"),
        Field("state", "状態", "choice", required=True, options=STATES, default="planned"),
        Field("reason", "郵送や電子メールで済まない理由", "words", most=500, listed=False, hint="庁内だけに出ます"),
        Field("note", "出席する人へのお知らせ", "words", most=500, listed=False,
              hint="カレンダーに入ります。人の名前や電話は書かないでください"),
        Field("quality", "記録の種類", "choice", required=True, listed=False, default="real",
              options=tuple((quality.value, quality.label) for quality in Quality)),
        Field("source", "出典", most=300, listed=False),
        Field("required", "出席が必要（任意なら外す）", "tick", default="yes"),
        Field("shown", "公開の予定表（/meetings）に載せる", "tick", listed=False),
    ),
    ("title", "department", "held_on", "starts"), "共有のカレンダー", "/staff/meetings/entries", _check,
    dated="held_on",
    instead="中止になったときは、取り消さずに、状態を「中止」にしてください。購読している人のカレンダーにも「中止」が伝わります。",
)  # fmt: skip
