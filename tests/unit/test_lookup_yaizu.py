"""Real areas: the facilities of 焼津市 by point and by address, against the 自治会 whose area holds their point."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path

import pytest

from bench.yaizu import Facility, yaizu_facilities, yaizu_index
from kyodo_geo.lookup import LookupIndex, Outcome

pytestmark = pytest.mark.shared


@lru_cache(maxsize=1)
def _city(shared: Path) -> tuple[LookupIndex, list[Facility]]:
    index = yaizu_index(shared)
    return index, yaizu_facilities(shared, index)


def test_every_facility_is_found_by_its_point(shared_data: Path) -> None:
    index, facilities = _city(shared_data)
    assert len(facilities) >= 109
    for facility in facilities:
        answer = index.by_point(facility.lon, facility.lat)
        assert (answer.outcome, [found.id for found in answer.associations]) == (
            Outcome.ONE,
            [facility.association_id],
        ), facility.name


def test_by_address_alone_no_association_is_wrong(shared_data: Path) -> None:
    """The towns' points are good to 635 m and more: nearly all answers are several, which nearly all hold the truth."""
    index, facilities = _city(shared_data)
    outcomes: Counter[str] = Counter()
    assert len(facilities) >= 109, "otherwise nothing below is tried"
    for facility in facilities:
        answer = index.by_address(facility.address)
        ids = [found.id for found in answer.associations]
        outcomes[answer.outcome.value] += 1
        if answer.outcome is Outcome.ONE:
            assert ids == [facility.association_id], facility.address
        outcomes["holds the truth"] += facility.association_id in ids
    assert sum(outcomes[outcome.value] for outcome in Outcome) == len(facilities)
    # As measured: the towns there have no blocks to be placed by, so that one answer alone is rare.
    assert outcomes["one"] >= 2 * len(facilities) // 140
    assert outcomes["holds the truth"] >= 0.97 * len(facilities)
    assert outcomes["outside_city"] == outcomes["none_here"] == 0
