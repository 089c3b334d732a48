"""Dated records of support: officers of districts, figures by district and year, subsidies for halls. All invented.

Where the plan prints a figure of R1 for the whole city, the districts' invented ones add up to it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts, sizes
from geodata.sample.draws import Draws, shares

Row = dict[str, Any]

SAMPLE = {"quality": "sample", "source": "見本データ（架空の値）"}
YEARS = range(2019, 2025)
"""Fiscal years R1 to R6."""
BEGAN = date(2021, 4, 1)
"""First day of the officers' records: that of the plan."""

MEETINGS_ASKED = (8, 7, 9, 11, 14, 16)
"""Meetings on local problems attended at a district's request; R1 is the plan's baseline."""
TRAINED = (100, 62, 84, 108, 121, 137)
"""Participants of 取組26 and 27 together; R1 is the plan's baseline."""
ADVISERS = (6, 3, 5, 8, 9, 12)
EXCHANGED = (0, 0, 74, 96, 118, 126)
"""Participants of 取組22, new in R3."""
PRESENTED = (180, 0, 95, 150, 172, 190)
"""Participants of 取組23; none in R2, the year of the epidemic."""

_OFFICES = ("市民協働推進課", "都南総合支所", "玉山総合事務所")
_TAMAYAMA = (27, 28, 29, 30)
_TONAN = (24, 25, 26)
_PROBLEMS = (
    "道路管理課",
    "公園みどり課",
    "長寿社会課",
    "危機管理防災課",
    "環境企画課",
    "学務教職員課",
    "交通政策課",
)
_PHONE = "000-000-0000"


def support_records(seed: int, halls: list[Row]) -> dict[str, list[Row]]:
    """Rows of officer, area_figure and hall_subsidy; `halls` are the canonical rows of the kind halls."""
    return {
        "officer": officer_records(seed),
        "area_figure": figure_records(seed),
        "hall_subsidy": subsidy_records(seed, halls),
    }


def officer_records(seed: int) -> list[Row]:
    """A contact officer for each district, officers for problems where a district asked, three coordinators."""
    draws = Draws(seed, "officers")
    rows = []
    for fact in facts.districts():
        area = 2 if fact.no in _TAMAYAMA else 1 if fact.no in _TONAN else 0
        rows.append(_officer(f"contact-{fact.no}", 1, fact.no, "contact", _OFFICES[area], BEGAN))
        rows.append(
            _officer(f"coordinator-{area + 1}", fact.no, fact.no, "coordinator", _OFFICES[area], BEGAN)
        )
        wanted = draws.some(_PROBLEMS, draws.whole(0, 3) if fact.plan_in_r3 else draws.whole(0, 1))
        for number, office in enumerate(wanted, start=1):
            began = date(draws.whole(2021, 2024), 4, 1)
            rows.append(_officer(f"issue-{fact.no}-{number}", 1, fact.no, "issue", office, began))
    return rows


def _officer(identifier: str, record: int, district: int, kind: str, office: str, began: date) -> Row:
    return {
        "officer_id": identifier,
        "record_no": record,
        "district_no": district,
        "kind": kind,
        "office": office,
        "office_phone": _PHONE,
        "person_name": None,
        "valid_from": began,
        "valid_to": None,
        **SAMPLE,
    }


def figure_records(seed: int) -> list[Row]:
    """Meetings, dispatches and participants by district and year; events of the city by year."""
    draws = Draws(seed, "support")
    weights = sizes.household_weights()
    numbers = [fact.no for fact in facts.districts()]
    rows: list[Row] = []
    for index, year in enumerate(YEARS):
        spread = {no: weights[no] * draws.real(0.3, 1.7) for no in numbers}
        asking = {no: spread[no] ** 0.3 * draws.real(0, 1) ** 2 for no in numbers}
        attended = {no: draws.whole(2, 9) for no in numbers}
        rows += [_figure(no, "meetings_contact", year, attended[no], "件") for no in numbers]
        first, second = round(TRAINED[index] * 0.6), TRAINED[index] - round(TRAINED[index] * 0.6)
        for measure, total, weight, unit in (
            ("meetings_issue", MEETINGS_ASKED[index], asking, "件"),
            ("adviser_dispatches", ADVISERS[index], asking, "件"),
            ("participants_22", EXCHANGED[index], spread, "人"),
            ("participants_23", PRESENTED[index], spread, "人"),
            ("participants_26", first, spread, "人"),
            ("participants_27", second, spread, "人"),
        ):
            parts = shares(total, [weight[no] for no in numbers])
            rows += [_figure(no, measure, year, part, unit) for no, part in zip(numbers, parts, strict=True)]
        events = {22: EXCHANGED[index] > 0, 23: PRESENTED[index] > 0, 26: 3 + index % 3, 27: 2}
        rows += [
            {
                **_figure(0, f"events_{number}", year, int(held), "回"),
                "area_kind": "city",
                "area_key": "03201",
            }
            for number, held in events.items()
        ]
    return rows


def _figure(district: int, measure: str, year: int, value: int, unit: str) -> Row:
    return {
        "area_kind": "district",
        "area_key": str(district),
        "measure": measure,
        "fiscal_year": year,
        "value": float(value),
        "unit": unit,
        **SAMPLE,
    }


def subsidy_records(seed: int, halls: list[Row]) -> list[Row]:
    """Two or three rented halls and four to seven works a year, at halls of the sample."""
    draws = Draws(seed, "subsidies")
    rented = [hall for hall in halls if hall["ownership"] == "rented"]
    owned = [hall for hall in halls if hall["ownership"] == "owned"]
    rows: list[Row] = []
    for year in YEARS:
        for hall in draws.some(rented, draws.whole(2, 3)):
            rows.append(_subsidy(len(rows) + 1, year, "rent", None, hall, draws.whole(8, 24) * 10_000))
        for hall in draws.some(owned, draws.whole(4, 7)):
            work = draws.pick(("repair", "repair", "repair", "extension", "new"))
            yen = draws.whole(60, 480) * 10_000 * (4 if work == "new" else 1)
            rows.append(_subsidy(len(rows) + 1, year, "works", work, hall, yen))
    return rows


def _subsidy(number: int, year: int, kind: str, work: str | None, hall: Row, yen: int) -> Row:
    return {
        "subsidy_id": f"subsidy-{number:03}",
        "fiscal_year": year,
        "kind": kind,
        "work": work,
        "association_id": hall["association_id"],
        "hall_id": hall["hall_id"],
        "amount_yen": yen,
        **SAMPLE,
    }
