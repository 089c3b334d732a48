"""People by age of the sample: census 2015 and 2020, and a projection. Invented, consistent with the small areas.

2020 adds up to the people of every small area, and per district to the share of old people that the sample's yearly
figures give (`district_records.py`).
"""

from __future__ import annotations

from typing import Any

from geodata.sample import facts
from geodata.sample.draws import Draws, shares
from geodata.sample.ground import Ground

Row = dict[str, Any]

CLASSES = tuple((age, age + 4 if age < 85 else None) for age in range(0, 90, 5))
"""0–4 … 80–84, 85 and over."""
AGED_FROM = 65
CENSUS, PROJECTED = (2015, 2020), 2040
CITY_PEOPLE = {2015: 291_500, PROJECTED: 243_000}
"""Of the other years than 2020, whose people are those of the small areas."""
_AGED_SHIFT = {2015: -0.026, 2020: 0.0, PROJECTED: 0.085}
_YOUNG = (39, 42, 43, 47, 48, 47, 51, 57, 63, 71, 66, 62, 63)
_AGED = (68, 72, 53, 43, 46)
"""Weights of the classes under 65 and from 65, about the shape of a provincial city."""


def age_rows(seed: int, ground: Ground, small_areas: list[Row], aged: list[Row]) -> list[Row]:
    """Canonical rows of the kind age-population; `aged` are rows of area_figure with the share of old people."""
    draws = Draws(seed, "ages")
    share_2020 = {
        int(row["area_key"]): row["value"]
        for row in aged
        if row["measure"] == "aged_65_share" and row["fiscal_year"] == 2020
    }
    rows: list[Row] = []
    for year in (*CENSUS, PROJECTED):
        people = _people(draws, year, ground, small_areas)
        old = [0] * len(people)
        for fact in facts.districts():
            cells = ground.of_district(fact.no)
            share = share_2020[fact.no] + _AGED_SHIFT[year]
            of_cells = _old(draws, [people[cell] for cell in cells], share)
            for cell, count in zip(cells, of_cells, strict=True):
                old[cell] = count
        for cell, area in enumerate(small_areas):
            counts = [
                *_split(draws, people[cell] - old[cell], _YOUNG),
                *_split(draws, old[cell], _AGED),
            ]
            rows += [
                {
                    "area_kind": "small-area",
                    "area_key": area["key_code"],
                    "year": year,
                    "age_from": first,
                    "age_to": last,
                    "people": count,
                    "projected": year == PROJECTED,
                }
                for (first, last), count in zip(CLASSES, counts, strict=True)
            ]
    return rows


def _people(draws: Draws, year: int, ground: Ground, small_areas: list[Row]) -> list[int]:
    """People of each cell in the year; the city's sum is exact."""
    counts = [int(area["people"]) for area in small_areas]
    if year not in CITY_PEOPLE:
        return counts
    spread = 0.06 if year < PROJECTED else 0.22
    trend = {fact.no: draws.real(1 - spread, 1 + spread) for fact in facts.districts()}
    weights = [
        count * trend[int(no)] * draws.real(0.96, 1.04)
        for count, no in zip(counts, ground.district, strict=True)
    ]
    return shares(CITY_PEOPLE[year], weights)


def _old(draws: Draws, people: list[int], share: float) -> list[int]:
    """Old people of the cells of a district: their sum is `share` of all, none has more than its people."""
    weights = [count * draws.real(0.8, 1.2) for count in people]
    if sum(weights) <= 0:
        return [0] * len(people)
    wanted = round(sum(people) * share)
    found = [min(count, part) for count, part in zip(people, shares(wanted, weights), strict=True)]
    for cell in range(len(found)):
        found[cell] += min(people[cell] - found[cell], wanted - sum(found))
    return found


def _split(draws: Draws, count: int, weights: tuple[int, ...]) -> list[int]:
    drawn = draws.uniform(len(weights), 1)[:, 0]
    return shares(count, [weight * (0.75 + 0.5 * luck) for weight, luck in zip(weights, drawn, strict=True)])
