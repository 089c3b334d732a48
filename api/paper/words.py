"""What leaflets say, in plain Japanese, easy Japanese (やさしい日本語, with readings) and English.

A reading stands in square brackets: `[町内会|ちょうないかい]`; `spell` turns it into marked-up furigana. What
associations do is said in general words: what one of them really does is for it to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup, escape

Lang = Literal["ja", "easy", "en"]
HTML_LANG = {"ja": "ja", "easy": "ja", "en": "en"}

_READING = re.compile(r"\[([^\[\]|]+)\|([^\[\]|]+)\]")


@dataclass(frozen=True, slots=True)
class Words:
    """Texts of one language; `deeds` are (title, sentence) pairs. `{name}`, `{city}`, `{copies}` are filled in."""

    title: str
    lead: str
    voluntary: str
    voluntary_more: str
    deeds_heading: str
    deeds_note: str
    deeds: tuple[tuple[str, str], ...]
    area_heading: str
    area_more: str
    area_unknown: str
    map_note: str
    fee_heading: str
    fee_unknown: str
    contact_heading: str
    contact_city: str
    contact_own: str
    phone: str
    email: str
    district: str
    qr: str
    source_heading: str
    as_of: str
    unknown: str
    sample: str
    sample_note: str
    unofficial: str
    building_title: str
    building_lead: str
    test_code: str
    preview: str

    def quality(self, value: str) -> str:
        """The mark for data that are not the city's own; empty for real data."""
        return {"sample": self.sample, "unofficial": self.unofficial}.get(value, "")


JA = Words(
    title="町内会・自治会 加入のご案内",
    lead="この地域の町内会・自治会は「{name}」です。",
    voluntary="加入は任意です。",
    voluntary_more="内容を確かめたうえで、入るかどうかをご自分でお決めください。",
    deeds_heading="町内会・自治会がしていること",
    deeds_note="一般的な例です。活動の内容は団体ごとに違います。",
    deeds=(
        ("防災と助け合い", "防災訓練や、災害のときの声かけ・安否の確認"),
        ("安全と見守り", "子どもや高齢の方の見守り、防犯灯の管理"),
        ("きれいなまち", "ごみ集積所の管理、道路や公園の清掃"),
        ("交流", "お祭りや運動会などの行事、世代をこえた集まり"),
        ("お知らせ", "回覧板や掲示板での、市や地域の情報の共有"),
    ),
    area_heading="区域",
    area_more="ほか {count} 件。すべては二次元コードのページに載せています。",
    area_unknown="区域を書いた資料は、まだ登録されていません。",
    map_note="太い線の中が区域です。境界の近くは、下の問い合わせ先でお確かめください。",
    fee_heading="会費",
    fee_unknown="公表されている会費の情報はありません。問い合わせ先でお確かめください。",
    contact_heading="問い合わせ先",
    contact_city="市の窓口からおつなぎします。",
    contact_own="団体が公開している連絡先です。",
    phone="電話",
    email="メール",
    district="コミュニティ推進地区",
    qr="くわしいページ",
    source_heading="出典",
    as_of="時点",
    unknown="不明",
    sample="見本データ（架空）",
    sample_note="実際の町内会・自治会ではありません。",
    unofficial="非公式（当サービスの推定）",
    building_title="お住まいのみなさまへ",
    building_lead="この建物のある場所は「{name}」の区域です。",
    test_code="試験用のアドレスです",
    preview="確認用（配布の数に入りません）",
)

EASY = Words(
    title="[町内会|ちょうないかい]・[自治会|じちかい]の あんない",
    lead="ここは「{name}」の [場所|ばしょ]です。",
    voluntary="[入|はい]るか [入|はい]らないかは、[自分|じぶん]で [決|き]めます。",
    voluntary_more="かならず [入|はい]らなければ ならない ものでは ありません。",
    deeds_heading="[町内会|ちょうないかい]・[自治会|じちかい]って なに？",
    deeds_note="[近|ちか]くに [住|す]む [人|ひと]が [助|たす]け[合|あ]う グループです。すること は、グループで [違|ちが]います。",
    deeds=(
        (
            "[地震|じしん]や [大雨|おおあめ]のとき",
            "みんなで [助|たす]け[合|あ]います。[練習|れんしゅう]も します。",
        ),
        ("[安全|あんぜん]", "[子|こ]どもや お[年寄|としよ]りを [見守|みまも]ります。"),
        ("ごみ・そうじ", "ごみを [出|だ]す [場所|ばしょ]を きれいに します。"),
        ("おまつりなど", "いっしょに [楽|たの]しみます。[友|とも]だちが できます。"),
        ("お[知|し]らせ", "[市|し]や まちの [大切|たいせつ]な ことを [伝|つた]えます。"),
    ),
    area_heading="[場所|ばしょ]",
    area_more="ほかに {count} あります。しかくい マーク（QRコード）の ページで [見|み]てください。",
    area_unknown="くわしい [場所|ばしょ]は、[市|し]に [聞|き]いてください。",
    map_note="[太|ふと]い [線|せん]の [中|なか]が この [町内会|ちょうないかい]・[自治会|じちかい]の [場所|ばしょ]です。",
    fee_heading="お[金|かね]（[会費|かいひ]）",
    fee_unknown="いくらかは、ここには [書|か]いてありません。「[聞|き]きたいとき」の ところに [聞|き]いてください。",
    contact_heading="[聞|き]きたいとき",
    contact_city="[市役所|しやくしょ]に [聞|き]いてください。",
    contact_own="この [町内会|ちょうないかい]・[自治会|じちかい]に [聞|き]いてください。",
    phone="[電話|でんわ]",
    email="メール",
    district="[地区|ちく]",
    qr="くわしい ページ",
    source_heading="[情報|じょうほう]の もと",
    as_of="いつの [情報|じょうほう]か",
    unknown="わかりません",
    sample="[見本|みほん]データ（[架空|かくう]）",
    sample_note="[本当|ほんとう]の [町内会|ちょうないかい]・[自治会|じちかい]では ありません。",
    unofficial="[非公式|ひこうしき]（このサービスの [推定|すいてい]）",
    building_title="この [建物|たてもの]に [住|す]む みなさんへ",
    building_lead="この [建物|たてもの]は「{name}」の [場所|ばしょ]に あります。",
    test_code="テストの アドレスです",
    preview="[確認用|かくにんよう]（[配|くば]った [数|かず]に [入|はい]りません）",
)

EN = Words(
    title="Your Neighbourhood Association",
    lead="The neighbourhood association here is {name}.",
    voluntary="Joining is voluntary.",
    voluntary_more="Please find out what it does, and decide for yourself whether to join.",
    deeds_heading="What neighbourhood associations do",
    deeds_note="Common examples; each association decides for itself.",
    deeds=(
        ("Disasters", "Evacuation drills, and looking after each other in an emergency"),
        ("Safety", "Watching over children and older residents, street lighting"),
        ("A clean town", "Looking after the waste collection point, cleaning streets and parks"),
        ("Getting to know people", "Festivals and other events for all ages"),
        ("News", "Notices from the city and the neighbourhood, by circular and notice board"),
    ),
    area_heading="Area (as written by the city)",
    area_more="and {count} more: see the web page behind the QR code.",
    area_unknown="No description of the area has been registered yet.",
    map_note="The bold line encloses the area. Near the line, please ask.",
    fee_heading="Membership fee",
    fee_unknown="No fee has been published. Please ask.",
    contact_heading="Questions",
    contact_city="The city office will put you in touch (in Japanese).",
    contact_own="Contact published by the association (in Japanese).",
    phone="Phone",
    email="E-mail",
    district="Community district",
    qr="Web page of this association (Japanese)",
    source_heading="Source",
    as_of="As of",
    unknown="unknown",
    sample="Sample data (fictitious)",
    sample_note="This is not a real neighbourhood association.",
    unofficial="Unofficial estimate of this service",
    building_title="To all residents of this building",
    building_lead="This building stands in the area of {name}.",
    test_code="Test address",
    preview="Preview: not counted as handed out",
)

WORDS: dict[str, Words] = {"ja": JA, "easy": EASY, "en": EN}


def spell(text: str, **values: object) -> Markup:
    """HTML of a text: readings as furigana, everything else escaped; `values` are data and never markup.

    The reading stands before its word, above which the style sheet puts it.
    """
    made = []
    end = 0
    for found in _READING.finditer(text):
        made.append(_fill(text[end : found.start()], values))
        made.append(
            Markup('<span class="r"><span class="rt">{}</span><span class="rb">{}</span></span>').format(
                found[2], found[1]
            )
        )
        end = found.end()
    made.append(_fill(text[end:], values))
    return Markup("").join(made)


def _fill(text: str, values: dict[str, object]) -> Markup:
    return escape(text.format(**values) if values else text)


def plain(text: str) -> str:
    """The text without its readings, for titles."""
    return _READING.sub(r"\1", text)
