"""Invented monthly figures of the agreement (取組1), as rows of `area_figure`: nobody looked up, took or asked anything.

They are sums by district and month, never rows of the working counters: those count what really happens in a trial, and
nothing invented may stay in them. Readers: `geodata/queries/agreement_sample.py`.
"""

from __future__ import annotations

from typing import Any

from geodata.sample import facts, sizes
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws, shares

Row = dict[str, Any]

YEARS = (2024, 2025)
"""Fiscal years R6 and R7, whole."""
MONTHS = (4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3)
BUSY = {3: 2.6, 4: 1.9, 9: 1.2, 10: 1.2, 2: 1.4}
"""People move in spring and autumn; a month that is not named counts as 1."""
LOOKUPS_A_MONTH = (70, 110)
"""Lookups of a quiet month in each of the years."""
OUTCOMES = (("one", 0.74), ("several", 0.12), ("none_here", 0.08))
"""Share of each outcome that has a district; of the rest the place is not known."""
CHANNELS = (("partner_page", 0.5), ("page", 0.27), ("counter", 0.23))


def measure(what: str, month: int) -> str:
    """Name of a figure of one month in `area_figure`."""
    return f"agreement_{what}_{month:02}"


def agreement_records(seed: int) -> list[Row]:
    """Lookups by outcome, leaflets, referrals, wishes and those who joined, where above 0."""
    draws = Draws(seed, "agreement")
    weights = sizes.household_weights()
    numbers = [fact.no for fact in facts.districts()]
    rows: list[Row] = []
    for year, quiet in zip(YEARS, LOOKUPS_A_MONTH, strict=True):
        for month in MONTHS:
            lookups = round(quiet * BUSY.get(month, 1.0) * draws.real(0.85, 1.15))
            placed = {what: round(lookups * share) for what, share in OUTCOMES}
            lost = lookups - sum(placed.values())
            counts = {
                **placed,
                "leaflet": round(placed["one"] * draws.real(0.55, 0.75)),
                "referral": round(lookups * draws.real(0.05, 0.1)),
                "wish": round(lookups * draws.real(0.03, 0.06)),
            }
            for what, total in counts.items():
                wanted = [weights[no] * draws.real(0.4, 1.6) for no in numbers]
                parts = dict(zip(numbers, shares(total, wanted), strict=True))
                rows += [_figure("district", str(no), what, year, month, part) for no, part in parts.items()]
                if what == "wish":
                    joined = {no: sum(draws.chance(0.6) for _ in range(part)) for no, part in parts.items()}
                    rows += [
                        _figure("district", str(no), "joined", year, month, n) for no, n in joined.items()
                    ]
            known = {"outside_city": lost // 3, "not_understood": lost - lost // 3}
            asked = shares(lookups, [share for _, share in CHANNELS])
            known |= {f"by_{name}": count for (name, _), count in zip(CHANNELS, asked, strict=True)}
            rows += [_figure("city", "03201", what, year, month, n) for what, n in known.items()]
    return [row for row in rows if row["value"]]


def _figure(area_kind: str, area_key: str, what: str, year: int, month: int, value: int) -> Row:
    return {
        "area_kind": area_kind,
        "area_key": area_key,
        "measure": measure(what, month),
        "fiscal_year": year,
        "value": float(value),
        "unit": "枚" if what == "leaflet" else "件",
        **SAMPLE,
    }
