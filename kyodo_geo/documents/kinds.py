"""The record of a sent document: what its form asks (`kyodo_geo.records`)."""

from __future__ import annotations

from kyodo_geo.documents.document import ADDRESSEES, KINDS, WAYS
from kyodo_geo.errors import InputError
from kyodo_geo.meetings.people import check_audience
from kyodo_geo.quality import Quality
from kyodo_geo.records import Facts, Field, Kind

MAX_COPIES = 1_000_000


def _check(facts: Facts) -> None:
    check_audience(facts, audience="addressees")
    if facts["answer_by"] is not None and facts["answer_by"] < facts["sent_on"]:
        raise InputError("回答の期限が、送った日より前になっています。", field="answer_by")


DOCUMENTS = Kind(
    "documents", "document", "会長などに送った文書",
    "市が町内会・自治会長などに送った文書です（取組5）。ここから「会長あて送付文書の数」を数えます。",
    lambda said: said["title"],
    (
        Field("title", "題名", required=True),
        Field("department", "担当課", required=True, most=80),
        Field("sent_on", "送った日", "day", required=True, hint="例：令和8年11月26日"),
        Field("document_no", "文書番号", "code", most=60, hint="例：8市協第123号。なければ空のまま", listed=False),
        Field("addressees", "宛先", "choice", required=True, options=ADDRESSEES),
        Field("district_nos", "地区（一部の地区だけのとき）", "several", to="district", listed=False,
              hint="例：1、3、5〜7。すべての地区なら空のまま"),
        Field("association_ids", "町内会・自治会（名前で選ぶとき）", "several", to="association", most=4000, listed=False,
              hint="1 行に 1 つ。「名前で選ぶ」のときだけ"),
        Field("copies", "部数", "whole", most=MAX_COPIES, unit="部", hint="不明なら空のまま（0 とは違います）"),
        Field("way", "送り方", "choice", required=True, options=WAYS),
        Field("kind", "種類", "choice", required=True, options=KINDS),
        Field("answer_by", "回答の期限", "day", hint="回答がいらなければ空のまま", listed=False),
        Field("quality", "記録の種類", "choice", required=True, listed=False, default="real",
              options=tuple((quality.value, quality.label) for quality in Quality)),
        Field("source", "出典", most=300, listed=False),
        Field("could_mail", "電子メールやホームページで済む", "tick", listed=False),
    ),
    ("title", "department", "sent_on", "addressees", "way", "document_no"), "送付文書の集計", "/staff/documents", _check,
    dated="sent_on",
)  # fmt: skip
