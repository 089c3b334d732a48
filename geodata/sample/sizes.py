"""How large each district of the sample is. Invented round numbers: they only give town and country their weight."""

from __future__ import annotations

from geodata.sample.facts import districts, towns

PEOPLE = 285_000
HOUSEHOLDS = 138_000
"""Of the whole sample city."""

ASSOCIATIONS = 364
CELLS_PER_ASSOCIATION = 2.45

_HUNDREDS_OF_HOUSEHOLDS = (
    60, 55, 70, 65, 75, 75, 65, 60, 55, 35, 70, 45, 40, 55, 20,  # 1-15
    30, 18, 70, 110, 35, 8, 60, 4, 120, 70, 40, 7, 16, 26, 6,  # 16-30
)  # fmt: skip


def household_weights() -> dict[int, float]:
    """District → weight."""
    return {fact.no: float(weight) for fact, weight in zip(districts(), _HUNDREDS_OF_HOUSEHOLDS, strict=True)}


def association_counts() -> dict[int, int]:
    """District → number of groups of cells; more people live under one association in town than in the country."""
    weights = {no: weight**0.62 for no, weight in household_weights().items()}
    factor = ASSOCIATIONS / sum(weights.values())
    return {no: max(5, round(weight * factor)) for no, weight in weights.items()}


def cell_counts() -> dict[int, int]:
    """District → number of fine cells: at least one for each of its towns."""
    own: dict[int, int] = {}
    for town in towns():
        own[town.district_no] = own.get(town.district_no, 0) + 1
    return {
        no: max(round(count * CELLS_PER_ASSOCIATION), own[no] + 4)
        for no, count in association_counts().items()
    }
