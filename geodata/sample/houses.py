"""Fictitious neighbourhood halls and vacant houses. No address of them exists: 見本 stands in place of a number."""

from __future__ import annotations

from datetime import date
from typing import Any

from geodata.sample.associations import Layout, main_town
from geodata.sample.claims import Claims
from geodata.sample.draws import Draws
from geodata.sample.ground import Ground
from geodata.sample.points import scattered
from geodata.sample.streets import Streets

Row = dict[str, Any]

HALL_SHARE = 0.32
VACANT = 60
_STATES = ("survey",) * 36 + ("consented",) * 14 + ("listed",) * 10
_RANKS = ("A", "A", "A", "A", "A", "B", "B", "B", "B", "C", "D", None)
_LISTED_RANKS = ("A", "A", "B", None)
"""A house offered to the public is never one that the survey found dangerous."""
_USES = ("第一種低層住居専用地域", "第一種中高層住居専用地域", "第一種住居地域", "近隣商業地域")


def hall_rows(seed: int, ground: Ground, streets: Streets, layout: Layout, claims: Claims) -> list[Row]:
    """Canonical rows of the kind halls: about a third of the associations keep one; some places are unknown."""
    draws = Draws(seed, "halls")
    papers = Draws(seed, "halls-confirmed")
    rows: list[Row] = []
    for index, sketch in enumerate(layout.sketches):
        if not draws.chance(HALL_SHARE) or index in claims.without_area:
            continue
        owned = draws.chance(0.8)
        point = scattered(draws, ground, draws.pick(sketch.cells), 1, 30.0)[0]
        number = len(rows) + 1
        rows.append(
            {
                "hall_id": f"hall-{number:03}",
                "association_id": sketch.association_id,
                "name": f"{sketch.name.split('（')[0]} 公民館",
                "address": _address(streets, sketch.cells, number),
                "floor_area_m2": round(draws.real(48, 190), 1) if draws.chance(0.93) else None,
                "built_year": draws.whole(1958, 2012) if draws.chance(0.9) else None,
                "confirmed_on": None,
                "ownership": "owned" if owned else "rented",
                "geom": point if draws.chance(0.95) else None,
            }
        )
    for row in rows:
        # The paper is dated before the hall was finished, and lost for many.
        day = (papers.whole(1, 12), papers.whole(1, 28))
        if papers.chance(0.6) and row["built_year"] is not None:
            row["confirmed_on"] = date(row["built_year"] - 1, *day)
    return rows


def vacant_rows(seed: int, ground: Ground, streets: Streets, layout: Layout) -> list[Row]:
    """Canonical rows of the kind vacant-houses, in all three states and all ranks."""
    draws = Draws(seed, "vacant")
    states = draws.some(_STATES, VACANT)
    papers = Draws(seed, "vacant-papers")
    found: list[Row] = []
    for number, state in enumerate(states, start=1):
        sketch = draws.pick(layout.sketches)
        cell = draws.pick(sketch.cells)
        built = draws.whole(1948, 1998) if draws.chance(0.9) else None
        area = round(draws.real(52, 205), 1)
        consented = state == "consented"
        found.append(
            {
                "house_id": f"vacant-{number:03}",
                "state": state,
                "rank": draws.pick(_RANKS if state == "survey" else _LISTED_RANKS),
                "address": _address(streets, (cell,), number),
                "structure": "木造" if draws.chance(0.85) else "鉄骨造",
                "floors": draws.pick((1, 2, 2, 2)),
                "floor_area_m2": area,
                "largest_room_m2": round(area * draws.real(0.14, 0.3), 1) if draws.chance(0.8) else None,
                # Of houses completed between 1981 and 1984 often only the year is known: then the code is unknown.
                "confirmed_on": date(built - 1, draws.whole(1, 12), draws.whole(1, 28))
                if built is not None and draws.chance(0.35)
                else None,
                "built_year": built,
                "seismic": draws.pick((None, None, None, "diagnosed", "retrofitted")),
                "road_access": draws.pick((True, True, True, False, None)),
                "hazard": draws.pick(
                    (None, None, None, None, "土砂災害警戒区域（見本）", "浸水想定区域（見本）")
                ),
                "owner_willing": True if state == "listed" else draws.pick((True, False, None)),
                "consented_to": [sketch.name] if consented else [],
                "consented_on": date(2024, draws.whole(4, 12), draws.whole(1, 28)) if consented else None,
                "geom": scattered(draws, ground, cell, 1, 25.0)[0],
            }
        )
        found[-1] |= _papers(papers, found[-1]["largest_room_m2"])
    return found


def _papers(draws: Draws, room: float | None) -> Row:
    """What the offices know of a house; little is asked of most, and much of a few."""
    asked = draws.chance(0.45)
    return {
        "neglected": draws.pick((False, False, False, False, True, None)) if not asked else False,
        "certificate": True if asked else draws.pick((True, False, None, None)),
        "use_district": draws.pick(_USES) if asked else draws.pick((*_USES, None)),
        "office_answer": draws.pick(("地区集会所扱い", "地区集会所扱い", "特建扱い"))
        if asked
        else draws.pick(("未確認", None)),
        "capacity": None if room is None or not asked else max(5, round(room)),
        "price_yen": draws.whole(6, 60) * 100_000 if draws.chance(0.3) else None,
    }


def _address(streets: Streets, cells: tuple[int, ...], number: int) -> str:
    """An address that leads nowhere: みたけ三丁目 見本12番（架空）."""
    fact = main_town(cells, streets)
    koaza = f"字{fact.koaza}" if fact.koaza else ""
    return f"{fact.name}{koaza} 見本{number}番（架空）"
