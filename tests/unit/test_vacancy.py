"""Filters on vacant houses: pass, fail, or honestly unknown."""

from __future__ import annotations

from datetime import date

import pytest

from kyodo_geo.vacancy.checks import (
    Verdict,
    check_owner,
    check_rank,
    check_road,
    check_room,
    check_seismic,
    overall,
)

PASS, FAIL, UNKNOWN = Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("confirmed", "built", "seismic", "verdict"),
    [
        (date(1981, 6, 1), None, None, PASS),
        (date(1981, 5, 31), None, None, FAIL),
        (date(1970, 1, 1), 1971, "retrofitted", PASS),
        (None, 1980, None, FAIL),
        (None, 1981, None, UNKNOWN),
        (None, 1984, None, UNKNOWN),
        (None, 1985, None, PASS),
        (None, None, None, UNKNOWN),
        (None, 1950, "diagnosed", PASS),
    ],
)
def test_seismic(confirmed: date | None, built: int | None, seismic: str | None, verdict: Verdict) -> None:
    assert check_seismic(confirmed, built, seismic).verdict is verdict


@pytest.mark.parametrize(
    ("rank", "verdict"), [("A", PASS), ("B", PASS), ("C", FAIL), ("D", FAIL), (None, UNKNOWN)]
)
def test_rank(rank: str | None, verdict: Verdict) -> None:
    assert check_rank(rank).verdict is verdict


def test_room_owner_and_road() -> None:
    assert check_room(20, 20).verdict is PASS
    assert check_room(19.9, 20).verdict is FAIL
    assert check_room(None, 20).verdict is UNKNOWN
    assert [check_owner(value).verdict for value in (True, False, None)] == [PASS, FAIL, UNKNOWN]
    assert [check_road(value).verdict for value in (True, False, None)] == [PASS, FAIL, UNKNOWN]


def test_one_failure_outweighs_an_unknown() -> None:
    good, bad, dark = check_rank("A"), check_rank("C"), check_rank(None)
    assert overall([good, dark, bad]) is FAIL
    assert overall([good, dark]) is UNKNOWN
    assert overall([good]) is PASS


def test_every_verdict_has_a_reason() -> None:
    assert all(
        check.reason.endswith("。") for check in (check_rank("C"), check_room(None, 1), check_owner(True))
    )
