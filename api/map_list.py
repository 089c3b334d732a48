"""The public maps, in the order in which the list and the navigation name them: one line each on what they show."""

from __future__ import annotations

MAPS: tuple[tuple[str, str, str], ...] = (
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
)
"""(address, title, what it shows)."""
