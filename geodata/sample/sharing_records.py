"""Invented activity cases, handbooks and subsidies, so that their pages are not empty. Nobody did, wrote or gave any of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from geodata.sample.buildings import SAMPLE

Row = dict[str, Any]
_ENTERED = datetime(2026, 4, 1, 0, 0, tzinfo=UTC)
_PUBLISHED = date(2026, 4, 1)

_CASES = (
    # title, summary, theme, district, body, year, place name, point, story, worked, hard
    (
        "雪の朝の声かけ当番", "雪かきのついでに、ひとり暮らしの家に声をかけました。", "snow", 5, "見本ひばり町内会（架空）", 2025,
        None, None,
        ("雪の多い朝、当番の 2 人が決まった道を歩き、ひとり暮らしの家の前の雪をよけながら声をかけました。\n\n"
        "当番表は回覧板で回し、都合の悪い日は電話で替わりました。"),
        "雪かきという用事があるので、声をかけやすいという感想がありました。",
        "朝早く動ける人が限られ、当番が同じ人に重なりました。",
    ),
    (
        "月に一度のお茶会を公民館で", "だれでも来られるお茶会を、毎月同じ日に開いています。", "care", 14,
        "見本みどり自治会（架空）", 2025,
        "見本公民館（架空）", (141.1700, 39.7200),
        ("毎月第 2 土曜日の午前に、公民館でお茶会を開きました。申し込みはいらず、途中で帰ってもかまいません。\n\n"
        "参加した人に、次の月にやりたいことを聞いて決めました。"),
        "日にちを決めて変えないことで、覚えてもらえました。",
        "男の人の参加が少なく、将棋の台を置いてみることにしました。",
    ),
    (
        "子どもと歩く防災の地図づくり", "子どもの目で、あぶない所と助けてくれる所を調べました。", "safety", 19,
        "見本本宮地区協議会（架空）", 2024, "見本小学校（架空）", (141.1290, 39.6890),
        "夏休みに、子どもと大人が 4 つの組に分かれて歩き、気づいた所を大きな地図に書き込みました。",
        "子どもが説明役になると、大人もよく聞きました。",
        "暑い日だったので、次は秋に行います。",
    ),
    (
        "役員の仕事を小さく分ける", "会長の仕事を 12 に分けて、手伝える人をふやしました。", "successors", 21,
        "見本つなぎ自治会（架空）", 2024,
        None, None,
        "会長がしている仕事を書き出し、12 の小さな仕事に分けました。ひとつだけなら、と引き受ける人が出ました。",
        "仕事の中身が見えると、不安が減るようです。",
        None,
    ),
    (
        "古い写真で語る会", "アルバムの写真を持ち寄り、昔の通りの様子を話しました。", "history", 28,
        "見本好摩地区協議会（架空）", 2023,
        "見本集会所（架空）", (141.1620, 39.8680),
        "家にある古い写真を持ち寄り、場所と年を思い出しながら話しました。写真は写しをとって返しました。",
        "初めて参加した人が、写真をきっかけによく話しました。",
        "写っている人の確認に時間がかかりました。",
    ),
)  # fmt: skip


def case_rows() -> list[Row]:
    """Rows of activity_case, published."""
    return [
        {
            "case_id": f"sample-{number}", "title": title, "summary": summary, "theme": theme, "district_no": district,
            "body": body, "association_id": None, "done_year": year, "story": story, "worked": worked, "hard": hard,
            "place_name": place, "geom": geom, "public_place": geom is not None, "origin": "other", "origin_note": None,
            "keywords": None, "state": "published", "published_on": _PUBLISHED, "changed_at": _ENTERED, **SAMPLE,
        }
        for number, (title, summary, theme, district, body, year, place, geom, story, worked, hard) in enumerate(_CASES, 1)
    ]  # fmt: skip


def handbook_rows() -> list[Row]:
    """Rows of handbook: a current one, and one with an old edition."""
    common = {
        "audience": "新しく役員になった人", "publisher": "見本の課（架空）", "summary": None, "link": None, "retired_on": None,
        "changed_at": _ENTERED, **SAMPLE,
    }  # fmt: skip
    return [
        {
            "handbook_id": "sample-1", "title": "はじめての役員の手引き（見本）", "edition": "第1版",
            "issued_on": date(2022, 4, 1), "topics": "担い手・加入", "replaces_id": None, **common,
        },
        {
            "handbook_id": "sample-2", "title": "はじめての役員の手引き（見本）", "edition": "第2版",
            "issued_on": date(2025, 4, 1), "topics": "担い手・加入", "replaces_id": "sample-1", **common,
        },
        {
            "handbook_id": "sample-3", "title": "回覧板を減らす工夫（見本）", "edition": None,
            "issued_on": date(2024, 10, 1), "topics": "情報の発信", "replaces_id": None, **common,
        },
    ]  # fmt: skip


def notice_rows() -> list[Row]:
    """Rows of subsidy_notice: one with a far deadline, one always open, one that has ended."""
    common = {"link": None, "contact": None, "checked_on": date(2026, 4, 1), "changed_at": _ENTERED, **SAMPLE}
    return [
        {
            "notice_id": "sample-1", "title": "集まる場所づくりの助成（見本）", "giver_kind": "foundation",
            "giver": "見本財団（架空）", "applicants": "町内会・自治会", "purpose": "集会所の机、椅子、台所の道具をそろえる",
            "amount": "1件 30万円まで", "rate": "対象経費の3分の2", "opens_on": date(2026, 4, 1),
            "closes_after": date(2036, 4, 1), "themes": "集まる場所・施設", **common,
        },
        {
            "notice_id": "sample-2", "title": "花いっぱいの苗の助成（見本）", "giver_kind": "other",
            "giver": "見本緑化の会（架空）", "applicants": "地域の団体", "purpose": "公園や道の花壇に植える苗",
            "amount": "苗 200 株まで", "rate": None, "opens_on": None, "closes_after": None, "themes": "環境・美化", **common,
        },
        {
            "notice_id": "sample-3", "title": "防災の資機材の助成（見本）", "giver_kind": "prefecture",
            "giver": "見本県（架空）", "applicants": "自主防災組織", "purpose": "発電機、投光器、担架などの購入",
            "amount": "1件 50万円まで", "rate": "2分の1", "opens_on": date(2025, 4, 1),
            "closes_after": date(2025, 6, 1), "themes": "防災・防犯", **common,
        },
    ]  # fmt: skip
