"""Dated records of districts that no source of ours gives: later plan states, projects with grants, shares of old people.

All invented and marked row by row. The numbers of projects by year are those of the sample's indicator
(`progress_records.py`); 46 in R1 is the plan's own figure.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws, shares

Row = dict[str, Any]

PROJECTS = {2019: 46, 2020: 41, 2021: 45, 2022: 52, 2023: 59, 2024: 66}
"""Projects that count, by fiscal year."""
DISTRICTS = {2019: 12, 2020: 11, 2021: 11, 2022: 12, 2023: 12, 2024: 12}
"""Districts with projects, by fiscal year."""
_WITH_PROJECTS = (5, 19, 14, 29, 11, 6, 24, 26, 2, 18, 9, 21)
_THEMES = (
    ("防災", "避難訓練と安否確認"),
    ("見守り", "高齢者の見守り訪問"),
    ("環境", "花壇づくりと清掃"),
    ("子ども", "子どもの居場所づくり"),
    ("伝統", "地域の祭りの継承"),
    ("交流", "世代をつなぐ交流会"),
    ("移動", "買い物の送迎の試行"),
    ("情報", "地域だよりの発行"),
)

_DOCUMENT = "https://example.com/mihon/chiiki-keikaku-{no}-{year}"
# District → (state, first day, note) after the record of the plan book, in order.
_LATER: dict[int, tuple[tuple[str, date, str | None], ...]] = {
    5: (("revised", date(2024, 4, 1), None),),
    28: (("revised", date(2023, 10, 1), None),),
    9: (
        ("in_preparation", date(2023, 6, 1), "策定委員会を開いています。"),
        ("adopted", date(2025, 4, 1), None),
    ),
    10: (
        ("adopted", date(2021, 10, 1), None),
        ("expired", date(2025, 4, 1), "次の計画を話し合っています。"),
    ),
    18: (("in_preparation", date(2025, 5, 1), "アンケートの結果をまとめています。"),),
    1: (("none", date(2022, 4, 1), "町内会の連絡会議で、年度ごとの重点を決めています。"),),
    8: (("none", date(2022, 4, 1), "防災と見守りの部会が、活動ごとに計画を立てています。"),),
    24: (("none", date(2023, 4, 1), "地区の懇談会で課題を話し合い、地域づくり事業に取り組んでいます。"),),
}


def with_later_states(records: list[Row]) -> list[Row]:
    """Rows of district_plan: the plan book's records, ended where an invented one follows."""
    names = {fact.no: fact.name for fact in facts.districts()}
    found: list[Row] = []
    for record in records:
        no = record["district_no"]
        later = _LATER.get(no, ())
        found.append({**record, "valid_to": later[0][1] if later else None})
        for index, (state, begins, note) in enumerate(later):
            has_plan = state in ("adopted", "revised", "expired")
            written = begins if state != "expired" else later[index - 1][1]
            found.append(
                {
                    "district_no": no,
                    "record_no": index + 2,
                    "state": state,
                    "title": f"{names[no]}地区地域づくり計画（見本）" if has_plan else None,
                    "document_url": _DOCUMENT.format(no=no, year=written.year) if has_plan else None,
                    "stated_on": None,
                    "note": note,
                    "valid_from": begins,
                    "valid_to": later[index + 1][1] if index + 1 < len(later) else None,
                    **SAMPLE,
                }
            )
    return found


def project_records(seed: int) -> list[Row]:
    """Rows of project: titles, grants in steps of 1,000 yen, participants; every seventh participant count is missing."""
    draws = Draws(seed, "projects")
    names = {fact.no: fact.name for fact in facts.districts()}
    rows: list[Row] = []
    for year, total in PROJECTS.items():
        chosen = _WITH_PROJECTS[: DISTRICTS[year]]
        extra = shares(
            total - len(chosen), [draws.real(0.6, 1.0) / (1 + place / 6) for place in range(len(chosen))]
        )
        for no, more in zip(chosen, extra, strict=True):
            first = draws.whole(0, len(_THEMES) - 1)
            for number in range(1 + more):
                theme, title = _THEMES[(first + number) % len(_THEMES)]
                rows.append(
                    {
                        "project_id": f"sample-{year}-{no:02}-{number + 1:02}",
                        "district_no": no,
                        "fiscal_year": year,
                        "title": f"{names[no]}地区 {title}（見本）",
                        "theme": theme,
                        "grant_yen": draws.whole(40, 300) * 1000,
                        "participants": None if len(rows) % 7 == 6 else draws.whole(12, 240),
                        "counts_as_project": True,
                        **SAMPLE,
                    }
                )
    return rows


AGED_YEARS = (2020, 2025)


def aged_records(seed: int) -> list[Row]:
    """Rows of area_figure: share of people of 65 years and more by district, higher outside the centre."""
    draws = Draws(seed, "aged")
    rows: list[Row] = []
    for fact in facts.districts():
        outside = fact.no in (17, 20, 21, 23, 26, 27, 28, 29, 30)
        share = draws.real(0.31, 0.42) if outside else draws.real(0.22, 0.33)
        for place, year in enumerate(AGED_YEARS):
            rows.append(
                {
                    "area_kind": "district",
                    "area_key": str(fact.no),
                    "measure": "aged_65_share",
                    "fiscal_year": year,
                    "value": round(share + 0.02 * place, 3),
                    "unit": "rate",
                    **SAMPLE,
                }
            )
    return rows
