"""The maps, in the order in which the list names them: one line each on what they show."""

from __future__ import annotations

from urllib.parse import urlencode

from api.support.themes import THEMES

Line = tuple[str, str, str]

MAPS: tuple[Line, ...] = (
    (
        "/maps/plan-adoption",
        "地域づくり計画の策定状況",
        "策定、改定、準備中などの状態を、過去の日を選んで見られます。",
    ),
    (
        "/maps/membership",
        "町内会・自治会の加入率",
        "年度ごとの加入率と、2 つの年度の間の増減を地区別に示します。",
    ),
    (
        "/maps/projects",
        "地域づくり事業と補助金",
        "年度ごとの件数、人口千人あたりの件数、補助金の額を地区別に示します。",
    ),
    (
        "/maps/facility-coverage",
        "活動施設の到達圏",
        "地域活動に使える施設と、その近くに住む人の割合を示します。",
    ),
    (
        "/cases",
        "活動事例",
        "町内会・自治会や地区の取り組みを、テーマ、地区、年度、言葉で探せます。",
    ),
)
"""(address, title, what it shows)."""

SUPPORT: tuple[Line, ...] = tuple(
    (f"/maps/support?{urlencode({'theme': theme.key})}", theme.label, theme.initiatives) for theme in THEMES
)
"""The support map by theme: (address, theme, initiatives)."""

FOR_STAFF: tuple[Line, ...] = (
    ("/staff/maps/membership", "町内会・自治会別の加入率", "団体ごとの加入率と、2 つの年度の間の増減"),
    (
        "/staff/maps/at-risk",
        "見守りが必要な町内会・自治会",
        "取組14。世帯数、加入率、高齢化、人口からの判定と、そのきまり",
    ),
    ("/maps/agreement", "協定による案内", "取組1。検索、渡したチラシ、取次の件数"),
    ("/maps/grants", "補助と奨励金", "取組7・10。地区ごと、年度ごとの額と件数"),
    ("/maps/halls", "自治公民館への補助", "取組11・12。賃借と整備の補助"),
)
"""Maps behind the sign-in: (address, title, what it shows)."""

FACILITIES: tuple[Line, ...] = (
    ("/facilities", "施設の一覧", "種別、定員、開設と休館、そこが最寄りの人を、年ごとに示します。"),
    (
        "/facilities/gaps",
        "施設が届かない人",
        "道のりで施設が届かない人を、地区、年齢、理由ごとに示し、2 つの年を比べます。",
    ),
    (
        "/facilities/closing",
        "施設を閉じたときの影響",
        "一つずつ閉じたときに遠くなる人、行き先、部屋の余裕を、年ごとに示します。",
    ),
    (
        "/facilities/costs",
        "公共施設の更新費用",
        "60年で建て替える場合と、80年まで長く使う場合。施設カルテへの入口",
    ),
    (
        "/facilities/scenarios",
        "公共施設の案",
        "まとめる、建て替えるなどの案ごとの費用と、だれが遠くなるか。説明資料（PDF）もあります。",
    ),
)
"""Pages of public facilities: (address, title, what it shows)."""
