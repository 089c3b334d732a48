"""Years after the plan's baseline, which no source of ours gives: invented, marked row by row."""

from __future__ import annotations

from typing import Any

from geodata.sample.buildings import SAMPLE
from geodata.sample.people import CITY_RATES, YEARS
from kyodo_geo.classes import format_percent

Row = dict[str, Any]

VALUE_YEARS = range(2020, 2025)
RECORD_YEARS = range(2021, 2025)

# Such that every state occurs: behind, saved by the sample's size, better, unchanged, worse, not measured.
_VALUES: dict[str, tuple[float | None, ...]] = {
    "participation": (44.1, 47.6, 47.2, 52.4, 53.1),
    "active-groups": (20, 21, 22, 22, 24),
    "letters": (114, 110, 103, 97, 92),
    "projects": (41, 45, 52, 59, 66),
    "project-districts": (11, 11, 12, 12, 12),
    "training": (38, 61, 84, 92, 88),
    "issue-meetings": (5, 7, 9, 12, None),
}
_ANSWERS = {"participation": (1104, 1168, 1131, 1152, 1209)}

# What was done, with a number of each year; None: no record was made.
_RECORDS: dict[int, tuple[str, tuple[int | None, ...]]] = {
    1: ("協定に基づき、加入案内チラシを {n:,} 枚配りました。", (0, 1260, 1840, 2310)),
    2: ("転入の窓口で、加入案内を {n:,} 部渡しました。", (3120, 3480, 3610, 3590)),
    3: ("町内会・自治会基礎講座を {n} 回開きました。", (1, 2, 3, 3)),
    4: ("会議の日程を調整し、{n} 件の会議を同じ日にまとめました。", (None, 4, 6, 9)),
    5: ("会長あて文書を見直し、前年度より {n} 件減らしました。", (4, 7, 6, 5)),
    6: ("町内会・自治会の手引きを改訂し、{n} 部配りました。", (420, 0, 450, 430)),
    7: ("協働推進奨励金の様式を {n} 種類減らしました。", (1, 2, 0, 1)),
    8: ("国や民間の補助制度を {n} 件紹介しました。", (9, 12, 14, 15)),
    9: ("地域づくり事業 {n} 件に補助しました。", (45, 52, 59, 66)),
    10: ("コミュニティ活動費を {n} 地区に補助しました。", (30, 30, 30, 30)),
    11: ("空き家等を使う自治公民館 {n} 件の賃借料を補助しました。", (2, 2, 3, 4)),
    12: ("自治公民館の整備 {n} 件に補助しました。", (3, 5, 4, 6)),
    13: ("専門知識を持つ団体を {n} 回派遣しました。", (4, 7, 8, 11)),
    14: ("職員が {n} 団体の相談に応じました。", (12, 18, 21, 26)),
    15: ("地域担当職員が、地区の会議に {n} 回出席しました。", (7, 9, 12, None)),
    16: ("専任職員を {n} 人置きました。", (2, 2, 2, 3)),
    17: ("市民協働推進員が {n} 件の相談を受けました。", (64, 80, 92, 105)),
    18: ("市民協働推進センターを {n:,} 人が使いました。", (2150, 2890, 3340, 3620)),
    19: ("活動の場となる施設 {n} か所で、整備の方針を話し合いました。", (1, 2, 2, 3)),
    20: ("職員向けの研修に {n} 人が参加しました。", (58, 74, 81, 96)),
    21: ("退職予定者 {n} 人に、地域活動への参加をお願いしました。", (42, 39, None, 51)),
    22: ("地域活動情報交換会に {n} 人が参加しました。", (0, 46, 63, 71)),
    23: ("地域活動事例発表会に {n} 人が参加しました。", (35, 58, 77, 90)),
    24: ("広報紙や SNS で、地域活動を {n} 回紹介しました。", (18, 24, 30, 36)),
    25: ("市のホームページの地域活動の欄を {n} 回更新しました。", (22, 28, 31, 35)),
    26: ("地域活動担い手養成講座に {n} 人が参加しました。", (24, 36, 40, 38)),
    27: ("コミュニティリーダー研修会に {n} 人が参加しました。", (37, 48, 52, 50)),
}
_DOCUMENTED = (1, 9, 26)
_NOTHING_YET = "準備を進めました。"


def later_values(plan_id: str) -> list[Row]:
    """Rows of indicator_value after the baseline."""
    rates = {
        year: float(format_percent(rate))
        for year, rate in zip(YEARS, CITY_RATES, strict=True)
        if year in VALUE_YEARS
    }
    figures = {**_VALUES, "membership-rate": tuple(rates.values())}
    return [
        {
            "plan_id": plan_id,
            "indicator_id": indicator,
            "fiscal_year": year,
            "value": value,
            "sample_size": _ANSWERS[indicator][index] if indicator in _ANSWERS else None,
            "low": None,
            "high": None,
            **SAMPLE,
        }
        for indicator, values in figures.items()
        for index, (year, value) in enumerate(zip(VALUE_YEARS, values, strict=True))
        if value is not None
    ]


def _evidence(no: int, year: int) -> list[dict[str, str | None]]:
    """Documents of a record: a page of the web, and with initiative 9 a paper in the files."""
    if no not in _DOCUMENTED:
        return []
    page: dict[str, str | None] = {
        "title": f"取組{no}の実施報告（見本）",
        "url": f"https://example.com/mihon/torikumi-{no}-{year}",
        "number": None,
    }
    paper: dict[str, str | None] = {
        "title": "補助金の交付決定の一覧（見本）",
        "url": None,
        "number": f"見本{year}第9号",
    }
    return [page, paper] if no == 9 else [page]


def year_records(plan_id: str) -> list[Row]:
    """Rows of initiative_year."""
    return [
        {
            "plan_id": plan_id,
            "initiative_no": no,
            "fiscal_year": year,
            "record": words.format(n=number) if number else _NOTHING_YET,
            "evidence": _evidence(no, year),
            **SAMPLE,
        }
        for no, (words, numbers) in _RECORDS.items()
        for year, number in zip(RECORD_YEARS, numbers, strict=True)
        if number is not None
    ]
