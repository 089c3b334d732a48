"""What the yearly return asks, as data: form, workbook, checks and comparison follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from kyodo_geo.records import Field

MOST_HOUSEHOLDS = 50_000
MOST_COPIES = 50_000
PUBLISH = (("yes", "公開してよい"), ("no", "公開しない"))
CIRCULATION_TO = (("president", "会長と同じ"), ("other", "会長とは別の人"))
BASIS = (("reported", "町内会・自治会で数えた"), ("register", "市から届いた住民基本台帳の数"))
HALL_USE = (("owned", "持っている"), ("rented", "借りている"), ("none", "ない"))
AREA_ANSWER = (("confirmed", "この区域で合っています"), ("wrong", "違います"))


@dataclass(frozen=True, slots=True)
class Section:
    """A group of questions that stand together on form, workbook and paper."""

    key: str
    title: str
    lead: str
    fields: tuple[Field, ...]


SECTIONS: tuple[Section, ...] = (
    Section(
        "president", "会長", "変わっていなければ、そのままにしてください。",
        (
            Field("president_name", "会長の名前", most=80, personal=True),
            Field("president_phone", "会長の電話", "phone", personal=True, hint="例：019-000-0000"),
            Field("president_address", "会長の住所（郵便が届くところ）", personal=True),
            Field("president_email", "会長のメールアドレス", most=200, personal=True, hint="なければ空のまま"),
            Field(
                "president_published", "会長の連絡先の公開", "choice", options=PUBLISH,
                hint="毎年お尋ねします。「公開してよい」のときだけ、市のページに載せます。選ばなければ公開しません",
            ),
        ),
    ),
    Section(
        "circulation", "回覧文書", "市からの回覧文書をお届けする先と部数です。",
        (
            Field("circulation_copies", "回覧部数", "whole", most=MOST_COPIES, unit="部"),
            Field("circulation_to", "回覧文書の届け先", "choice", options=CIRCULATION_TO),
            Field("circulation_name", "届け先の名前（会長と別のとき）", most=80, personal=True),
            Field("circulation_phone", "届け先の電話", "phone", personal=True),
            Field("circulation_address", "届け先の住所", personal=True),
        ),
    ),
    Section(
        "figures", "世帯数", "基準日の数を入れてください。分からない数は空のままにします（0 とは違います）。",
        (
            Field("households", "区域の世帯数", "whole", most=MOST_HOUSEHOLDS, unit="世帯"),
            Field("households_basis", "区域の世帯数の数え方", "choice", options=BASIS),
            Field("member_households", "加入世帯数", "whole", most=MOST_HOUSEHOLDS, unit="世帯"),
        ),
    ),
    Section(
        "hall", "自治公民館", "町内会・自治会で使う公民館についてお尋ねします。",
        (
            Field("hall_use", "自治公民館", "choice", options=HALL_USE),
            Field("hall_name", "公民館の名前", most=200),
            Field("hall_address", "公民館の住所", most=200),
        ),
    ),
    Section(
        "area", "区域", "区域を見て、合っているか確かめてください。",
        (
            Field("area_text", "区域（言葉）", "words", most=2000, hint="例：みたけ三丁目1番〜12番、15番"),
            Field("area_answer", "区域の確認", "choice", options=AREA_ANSWER),
            Field("area_note", "違うところ", "words", most=1000, hint="「違います」のとき、どこが違うか"),
        ),
    ),
    Section(
        "words", "市へのご要望・ご連絡", "",
        (
            Field("wishes", "ご要望", "words", most=2000),
            Field("reason", "数が大きく変わったときなどの理由", "words", most=1000, hint="例：集合住宅ができた"),
            Field("filled_by", "記入した人", most=80, personal=True),
        ),
    ),
)  # fmt: skip

QUESTIONS: tuple[Field, ...] = tuple(field for section in SECTIONS for field in section.fields)
PERSONAL: tuple[str, ...] = tuple(field.name for field in QUESTIONS if field.personal)
FREE_WORDS = ("wishes", "reason", "area_note")
"""Where people may have written of other people: kept no longer than names are, and told in no log."""
_BY_NAME = {field.name: field for field in QUESTIONS}


def question(name: str) -> Field:
    """The question of that name; KeyError where there is none."""
    return _BY_NAME[name]
