"""Dated records of support: figures by district and year, subsidies for halls. All invented.

Where the plan prints a figure of R1 for the whole city, the districts' invented ones add up to it.
"""

from __future__ import annotations

from typing import Any

from geodata.sample import facts, sizes
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws, shares

Row = dict[str, Any]

YEARS = range(2019, 2025)
"""Fiscal years R1 to R6."""

# R1 of the first three is printed in the plan; the years after it agree with the invented ones of the indicators.
MEETINGS_ASKED = (8, 5, 7, 9, 12)
"""Meetings on local problems attended at a district's request; not counted yet in R6."""
TRAINED = (60, 16, 24, 36, 40, 38)
LED = (40, 22, 37, 48, 52, 50)
"""Participants of 取組26 and 27: together 100 in R1."""
EXCHANGED = (0, 0, 0, 46, 63, 71)
"""Participants of 取組22, new in R3."""
PRESENTED = (48, 0, 35, 58, 77, 90)
"""Participants of 取組23; none in R2, the year of the epidemic."""
ADVISERS = (6, 3, 4, 7, 8, 11)
RENTED = (2, 1, 2, 2, 3, 4)
BUILT = (4, 3, 3, 5, 4, 6)


def support_records(seed: int, halls: list[Row]) -> dict[str, list[Row]]:
    """Rows of area_figure and hall_subsidy; `halls` are the canonical rows of the kind halls."""
    return {
        "area_figure": figure_records(seed),
        "hall_subsidy": subsidy_records(seed, halls),
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
        if index < len(MEETINGS_ASKED):
            rows += [_figure(no, "meetings_contact", year, draws.whole(2, 9), "件") for no in numbers]
        for measure, totals, weight, unit in (
            ("meetings_issue", MEETINGS_ASKED, asking, "件"),
            ("adviser_dispatches", ADVISERS, asking, "件"),
            ("participants_22", EXCHANGED, spread, "人"),
            ("participants_23", PRESENTED, spread, "人"),
            ("participants_26", TRAINED, spread, "人"),
            ("participants_27", LED, spread, "人"),
        ):
            if index < len(totals):
                parts = shares(totals[index], [weight[no] for no in numbers])
                rows += [
                    _figure(no, measure, year, part, unit) for no, part in zip(numbers, parts, strict=True)
                ]
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
    """Some rented halls and works a year, at halls of the sample."""
    draws = Draws(seed, "subsidies")
    rented = [hall for hall in halls if hall["ownership"] == "rented"]
    owned = [hall for hall in halls if hall["ownership"] == "owned"]
    rows: list[Row] = []
    for year, rents, works in zip(YEARS, RENTED, BUILT, strict=True):
        for hall in draws.some(rented, rents):
            rows.append(_subsidy(len(rows) + 1, year, "rent", None, hall, draws.whole(8, 24) * 10_000))
        for hall in draws.some(owned, works):
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
