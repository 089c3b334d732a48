"""People, households and members of the sample: invented numbers of believable size."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample import facts, sizes
from geodata.sample.associations import Layout
from geodata.sample.claims import Claims
from geodata.sample.draws import Draws, shares
from geodata.sample.ground import Ground
from geodata.sample.rules import flat_id
from kyodo_geo.crs import area_m2

Row = dict[str, Any]

MUNICIPALITY = "03201"
YEARS = tuple(range(2019, 2026))
"""Fiscal years R1 to R7 (令和元年度–令和7年度)."""

CITY_RATES = (0.875, 0.8717, 0.8675, 0.8632, 0.8590, 0.8551, 0.8518)
"""Members / households of the whole sample by year. The first is the city's published figure for R1."""

REGISTER_SOURCE = "見本データ（架空の世帯数）"
TINY = {21: 9, 23: 7, 30: 5}
"""District → households of its smallest association: groups so small that figures on them are withheld."""

_FLAT_HOUSEHOLDS = 48
_RATES = (
    0.84, 0.76, 0.81, 0.88, 0.91, 0.89, 0.86, 0.90, 0.85, 0.88, 0.83, 0.90, 0.91, 0.92, 0.85,  # 1-15
    0.88, 0.95, 0.83, 0.76, 0.95, 0.94, 0.88, 0.96, 0.84, 0.87, 0.96, 0.97, 0.92, 0.94, 0.97,  # 16-30
)  # fmt: skip


def households_by_cell(seed: int, layout: Layout, ground: Ground) -> list[int]:
    """Households of each cell; the city's sum is exact."""
    draws = Draws(seed, "households")
    weights = [draws.real(0.4, 1.6) for _ in ground.cells]
    fixed: dict[int, int] = {}
    for no, households in TINY.items():
        smallest = min(
            (s for s in layout.sketches if s.district_no == no),
            key=lambda s: (len(s.cells), s.association_id),
        )
        parts = shares(households, [1.0] * len(smallest.cells))
        fixed |= dict(zip(smallest.cells, parts, strict=True))
    per_district = sizes.household_weights()
    of_cell = []
    for cell, no in enumerate(ground.district):
        members = ground.of_district(int(no))
        of_cell.append(
            0.0
            if cell in fixed
            else per_district[int(no)] * weights[cell] / sum(weights[i] for i in members if i not in fixed)
        )
    found = shares(sizes.HOUSEHOLDS - sum(fixed.values()), of_cell)
    return [fixed.get(cell, count) for cell, count in enumerate(found)]


def small_area_rows(seed: int, ground: Ground, households: list[int]) -> list[Row]:
    """Canonical rows of the kind small-areas: one per cell."""
    draws = Draws(seed, "people")
    per_household = [
        1.9 if no in (1, 2, 3, 11, 15, 16, 18) else 2.5 if no in (20, 23, 26, 27, 28, 29, 30) else 2.1
        for no in map(int, ground.district)
    ]
    weights = [
        count * size * draws.real(0.93, 1.07) for count, size in zip(households, per_household, strict=True)
    ]
    people = shares(sizes.PEOPLE, weights)
    return [
        {
            "key_code": key_code(cell),
            "name": f"見本小地域{cell + 1:03}",
            "people": people[cell],
            "households": households[cell],
            "area_m2": float(round(area_m2(ground.cells[cell], MUNICIPALITY))),
            "geom": ground.cells[cell],
        }
        for cell in range(len(ground.cells))
    ]


def key_code(cell: int) -> str:
    """Key of a fine cell; the letter tells it from a census KEY_CODE."""
    return f"S{cell + 1:04}"


def register_rows(seed: int, ground: Ground, small_areas: list[Row]) -> list[Row]:
    """Canonical rows of the kind register-population: city and districts on 1 April of each year."""
    draws = Draws(seed, "register")
    trends = {fact.no: draws.real(-0.014, 0.006) for fact in facts.districts()}
    rows: list[Row] = []
    for year in YEARS:
        of_year: list[Row] = []
        for fact in facts.districts():
            cells = ground.of_district(fact.no)
            passed = year - YEARS[0]
            people = sum(small_areas[i]["people"] for i in cells) * (1.004 + trends[fact.no] * passed)
            # Households fall more slowly than people: they become smaller.
            households = sum(small_areas[i]["households"] for i in cells) * (
                1.02 + (trends[fact.no] + 0.009) * passed
            )
            of_year.append(_register("district", str(fact.no), year, round(people), round(households)))
        city = [sum(row[name] for row in of_year) for name in ("people", "households")]
        rows += [_register("city", MUNICIPALITY, year, *city), *of_year]
    return rows


def _register(kind: str, key: str, year: int, people: int, households: int) -> Row:
    return {
        "area_kind": kind,
        "area_key": key,
        "as_of": date(year, 4, 1),
        "people": people,
        "households": households,
    }


def membership_rows(seed: int, layout: Layout, claims: Claims, households: list[int]) -> list[Row]:
    """Canonical rows of the kind membership; in R1 members / households of the city is 0.8750 to the digit."""
    draws = Draws(seed, "membership")
    base, likely = _first_year(draws, layout, claims, households)
    ids = sorted(base)
    trends = {key: draws.real(-0.006, 0.010) for key in ids}
    fading = {key: draws.real(0.3, 1.7) for key in ids}
    missing = _missing(draws, [key for key in ids if base[key] > 100])
    rows: list[Row] = []
    for year, city_rate in zip(YEARS, CITY_RATES, strict=True):
        passed = year - YEARS[0]
        counts = {key: max(1, round(base[key] * (1 + trends[key] * passed))) for key in ids}
        lost = CITY_RATES[0] - city_rate
        wanted = {key: likely[key] - lost * fading[key] for key in ids}
        members = _members(counts, wanted, round(city_rate * sum(counts.values())))
        rows += [
            {
                "association_id": key,
                "fiscal_year": year,
                "households": counts[key],
                "member_households": members[key],
                "denominator": "register",
                "denominator_as_of": date(year, 4, 1),
                "denominator_source": REGISTER_SOURCE,
            }
            for key in ids
            if (key, year) not in missing
        ]
    return rows


def _first_year(
    draws: Draws, layout: Layout, claims: Claims, households: list[int]
) -> tuple[dict[str, int], dict[str, float]]:
    """Households and likely rate of each association. A cell in two areas is counted with the first one."""
    base = {
        sketch.association_id: sum(households[c] for c in sketch.cells if layout.owners[c][0] == index)
        for index, sketch in enumerate(layout.sketches)
    }
    likely = {
        sketch.association_id: min(0.995, max(0.45, _RATES[sketch.district_no - 1] + draws.bell(0.045)))
        for sketch in layout.sketches
    }
    for number, flat in enumerate(claims.flats):
        around = layout.sketches[flat.around].association_id
        base[around] -= _FLAT_HOUSEHOLDS
        base[flat_id(layout, number)] = _FLAT_HOUSEHOLDS
        likely[flat_id(layout, number)] = draws.real(0.9, 1.0)
    return base, likely


def _missing(draws: Draws, candidates: list[str]) -> set[tuple[str, int]]:
    """Three associations that did not report in one year, and one that did not in two."""
    keys = draws.some(candidates, 4)
    return {(keys[0], 2020), (keys[1], 2021), (keys[2], 2023), (keys[3], 2022), (keys[3], 2023)}


def _members(counts: dict[str, int], rates: dict[str, float], total: int) -> dict[str, int]:
    """Whole numbers of members near count × rate whose sum is exactly `total`."""
    low, high = -0.5, 0.5
    for _ in range(60):
        shift = (low + high) / 2
        if sum(_member(counts[key], rates[key] + shift) for key in counts) < total:
            low = shift
        else:
            high = shift
    members = {key: _member(counts[key], rates[key] + low) for key in counts}
    for key in sorted(counts, key=lambda key: (-counts[key], key)):
        if sum(members.values()) == total:
            break
        if members[key] < counts[key]:
            members[key] += 1
    return members


def _member(count: int, rate: float) -> int:
    return min(count, max(0, int(count * rate + 0.5)))
