"""Names above the town: prefectures, and for the cities served their neighbours and former municipalities.

Facts of administrative geography (JIS X 0401/0402); they only serve to tell 市外 from 読み取れない.
"""

from __future__ import annotations

from dataclasses import dataclass


def words(text: str) -> tuple[str, ...]:
    """Names written in a row, with spaces between them."""
    return tuple(text.split())


PREFECTURES = words(
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 "
    "石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 "
    "岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
)

NEIGHBOURS: dict[str, tuple[str, ...]] = {
    "岩手県": words(
        "盛岡市 宮古市 大船渡市 花巻市 北上市 久慈市 遠野市 一関市 陸前高田市 釜石市 二戸市 八幡平市 奥州市 滝沢市 雫石町 "
        "葛巻町 岩手町 紫波町 矢巾町 西和賀町 金ケ崎町 平泉町 住田町 大槌町 山田町 岩泉町 田野畑村 普代村 軽米町 野田村 "
        "九戸村 洋野町 一戸町 滝沢村 西根町 松尾村 安代町"
    ),
}
"""Municipalities of a prefecture (and a few recently merged neighbours) that are named without 郡 or 県 in speech."""

READINGS: dict[str, str] = {
    "盛岡市": "もりおかし",
    "焼津市": "やいづし",
    "岩手県": "いわてけん",
    "静岡県": "しずおかけん",
}


@dataclass(frozen=True, slots=True)
class Former:
    """A municipality or ward that became part of the city.

    `names` as people still write it (without 郡); `county` its former 郡; `towns` the 大字 it brought in as they are
    called today; `renamed` maps the 大字 it had to today's name; `short` is the name that people leave standing
    in front of the town.
    """

    names: tuple[str, ...]
    county: str
    towns: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...] = ()
    short: str | None = None


FORMER: dict[str, tuple[Former, ...]] = {
    "03201": (
        Former(
            names=("玉山区", "玉山村"),
            county="岩手郡",
            towns=words(
                "玉山 渋民 好摩 下田 川崎 芋田 巻堀 松内 寺林 玉山永井 玉山馬場 門前寺 日戸 川又 薮川"
            ),
            renamed=(("永井", "玉山永井"), ("馬場", "玉山馬場")),
            short="玉山",
        ),
        Former(
            names=("都南村",),
            county="紫波郡",
            towns=words(
                "上飯岡 下飯岡 飯岡新田 羽場 湯沢 永井 津志田 三本柳 東見前 西見前 黒川 乙部 手代森 大ケ生"
            ),
        ),
    ),
}
