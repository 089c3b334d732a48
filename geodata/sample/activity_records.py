"""Invented community development projects and officers of the sample, marked as such wherever they are shown.

Only two things are real: 46 projects in R1 (the plan's baseline) in the 12 districts the plan lists.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws, shares

Row = dict[str, Any]

YEARS = tuple(range(2019, 2026))
PROJECTS = (46, 44, 47, 50, 53, 55, 58)
"""Projects that count, by year: the first is the plan's baseline, the others are invented."""

_THEMES = (
    ("防災", "防災訓練と避難路の点検"),
    ("見守り", "登下校の見守り"),
    ("交流", "世代をこえた交流会"),
    ("環境", "花壇づくりと清掃"),
    ("歴史・文化", "地域の歩みを伝える冊子づくり"),
    ("健康", "体操とお茶の会"),
    ("情報", "地区だよりの発行"),
)
_OFFICES = ("見本第一課（架空）", "見本第二課（架空）", "見本第三課（架空）")
_PHONE = "000-000-0002"
_COORDINATED = (5, 14, 27)
_ISSUES = (1, 6, 12, 19, 28)


def project_records(seed: int) -> list[Row]:
    """Rows of project: one to seven a year in districts with a plan, a small meeting grant elsewhere."""
    draws = Draws(seed, "projects")
    adopting = [fact.no for fact in facts.districts() if fact.plan_in_r3]
    others = [fact.no for fact in facts.districts() if not fact.plan_in_r3]
    weights = [draws.real(0.6, 1.6) for _ in adopting]
    rows: list[Row] = []
    for year, total in zip(YEARS, PROJECTS, strict=True):
        for no, count in zip(adopting, shares(total, weights), strict=True):
            rows += [_project(draws, no, year, number) for number in range(1, count + 1)]
        # 取組10 supports organisations without a plan of their own; it does not count for the indicator.
        rows += [_meeting(draws, no, year) for no in others if draws.chance(0.3)]
    return rows


def _project(draws: Draws, no: int, year: int, number: int) -> Row:
    theme, title = _THEMES[(no + number + year) % len(_THEMES)]
    return {
        "project_id": f"sample-{year}-{no:02}-{number}",
        "district_no": no,
        "fiscal_year": year,
        "title": f"{title}（架空）",
        "theme": theme,
        "grant_yen": None if draws.chance(0.04) else 10_000 * draws.whole(5, 30),
        "participants": draws.whole(15, 260),
        "counts_as_project": True,
        **SAMPLE,
    }


def _meeting(draws: Draws, no: int, year: int) -> Row:
    return {
        "project_id": f"sample-{year}-{no:02}-0",
        "district_no": no,
        "fiscal_year": year,
        "title": "コミュニティ推進地区組織の活動（架空）",
        "theme": None,
        "grant_yen": 10_000 * draws.whole(3, 10),
        "participants": None,
        "counts_as_project": False,
        **SAMPLE,
    }


def officer_records(seed: int) -> list[Row]:
    """Rows of officer: a contact officer for every district, some for an issue, three coordinators; no person has a name."""
    draws = Draws(seed, "officers")
    rows = [_officer(fact.no, "contact", draws.pick(_OFFICES)) for fact in facts.districts()]
    rows += [_officer(no, "issue", draws.pick(_OFFICES)) for no in _ISSUES]
    return rows + [_officer(no, "coordinator", _OFFICES[0]) for no in _COORDINATED]


def _officer(no: int, kind: str, office: str) -> Row:
    return {
        "officer_id": f"sample-{kind}-{no:02}",
        "record_no": 1,
        "district_no": no,
        "kind": kind,
        "office": office,
        "office_phone": _PHONE,
        "person_name": None,
        "valid_from": date(2025, 4, 1),
        "valid_to": None,
        **SAMPLE,
    }
