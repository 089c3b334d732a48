"""Column layouts of デジタル庁「自治体標準オープンデータセット」 (formerly 推奨データセット), as far as they could be confirmed.

The definition book itself was out of reach; columns and their order are those of files and programs of several publishers
that follow it. docs/OPEN_DATA.md says which, and what stays unconfirmed.
"""

from __future__ import annotations

from dataclasses import dataclass

CODE_HEADINGS = ("全国地方公共団体コード", "都道府県コード又は市区町村コード", "市区町村コード")
"""Whose data a row is: in the standard, in the older data set, and in some older files."""

ADDRESS = "所在地_連結表記"
HAZARD_HEADINGS = {
    "flood": "災害種別_洪水",
    "landslide": "災害種別_崖崩れ、土石流及び地滑り",
    "storm-surge": "災害種別_高潮",
    "earthquake": "災害種別_地震",
    "tsunami": "災害種別_津波",
    "fire": "災害種別_大規模な火事",
    "inland-flood": "災害種別_内水氾濫",
    "volcano": "災害種別_火山現象",
}
"""Column of each hazard of `kyodo_geo.facility_terms.HAZARDS`: 1, or empty."""
ALSO_SHELTER = "指定避難所との重複"

_PLACE = (
    "所在地_全国地方公共団体コード", "町字ID", ADDRESS, "所在地_都道府県", "所在地_市区町村", "所在地_町字",
    "所在地_番地以下", "建物名等(方書)", "緯度", "経度",
)  # fmt: skip
_CONTACT = (
    "電話番号", "内線番号", "連絡先メールアドレス", "連絡先FormURL", "連絡先備考（その他、SNSなど）", "郵便番号",
)  # fmt: skip
_BARRIER_FREE = (
    "車椅子可", "車椅子貸出", "ツエ貸出", "バリアフリートイレ", "スロープ、エレベータ、エスカレータ", "点字ブロック等の移動支援",
    "点字や読上による支援", "盲導犬・介助犬、聴導犬同伴", "字幕", "筆談対応", "優先駐車場", "オストメイト対応トイレ", "授乳室",
    "おむつ替えコーナー", "飲食可否", "ベビーカー貸出", "ベビーカー利用",
)  # fmt: skip
_AGES = (*(f"{age}-{age + 4}歳" for age in range(0, 85, 5)), "85歳以上")


@dataclass(frozen=True, slots=True)
class Layout:
    """One data set of the standard: `name` is that of its files, `number` that in the definition book."""

    name: str
    number: str
    title: str
    columns: tuple[str, ...]
    rests_on: tuple[str, ...]
    """Kinds of datasets whose content it gives, the main one first."""


PUBLIC_FACILITY = Layout(
    "public_facility", "01", "公共施設一覧",
    (
        "全国地方公共団体コード", "ID", "地方公共団体名", "名称", "名称_カナ", "名称_英字", "名称_通称", "POIコード",
        "外部識別子", "外部識別子の値", *_PLACE, "高度の種別", "高度の値", *_CONTACT, "法人番号", "団体名", "利用可能曜日",
        "開始時間", "終了時間", "利用可能時間特記事項", "説明", *_BARRIER_FREE, "URL", "画像", "画像_ライセンス", "備考",
    ),
    ("facilities",),
)  # fmt: skip
EVACUATION_SPACE = Layout(
    "evacuation_space", "03", "指定緊急避難場所一覧",
    (
        "全国地方公共団体コード", "ID", "名称", "名称_カナ", "名称_英字", *_PLACE, "標高", *_CONTACT, "市区町村コード",
        "地方公共団体名", *HAZARD_HEADINGS.values(), ALSO_SHELTER, "想定収容人数", "対象となる町会・自治会", "URL", "画像",
        "画像_ライセンス", "備考",
    ),
    ("facilities",),
)  # fmt: skip
POPULATION = Layout(
    "population", "04", "地域・年齢別人口",
    (
        "全国地方公共団体コード", "地域コード", "地方公共団体名", "調査年月日", "地域名", "総人口", "男性", "女性",
        *(f"{age}の{sex}" for age in _AGES for sex in ("男性", "女性")), "世帯数", "備考",
    ),
    ("register-population",),
)  # fmt: skip

EVENT = Layout(
    "event", "06", "イベント一覧",
    (
        "都道府県コード又は市区町村コード", "NO", "都道府県名", "市区町村名", "イベント名", "イベント名_カナ", "イベント名_英語",
        "開始日", "終了日", "開始時間", "終了時間", "開始日時特記事項",
        "説明", "料金(基本)", "料金(詳細)", "連絡先名称", "連絡先電話番号",
        "連絡先内線番号", "主催者", "場所名称", "住所", "方書", "緯度", "経度", "アクセス方法", "駐車場情報", "定員",
        "参加申込終了日", "参加申込終了時間", "参加申込方法", "URL", "備考",
    ),
    (),
)  # fmt: skip
"""In the layout of the former 推奨データセット, whose columns three independent programs agree on; the newer one is 未確認."""

LAYOUTS: dict[str, Layout] = {
    layout.name: layout for layout in (PUBLIC_FACILITY, EVACUATION_SPACE, POPULATION, EVENT)
}

_NEW = frozenset({"全国地方公共団体コード", ADDRESS})
_OLD = frozenset({"住所", "方書"})
_OLD_CODES = frozenset(CODE_HEADINGS[1:])


def follows(headings: frozenset[str]) -> str | None:
    """ "standard" or "former" where the headings are those of a list of places in these layouts, else None.

    Judged by what only they have: the code beside the joined address; in the older one the code beside 住所 and 方書.
    """
    if headings >= _NEW:
        return "standard"
    if headings >= _OLD and headings & _OLD_CODES and {"緯度", "経度"} <= headings:
        return "former"
    return None
