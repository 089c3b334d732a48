"""A key's minute: counted in rows, told in headers, refused with the seconds to wait."""

from __future__ import annotations

import pytest

from api.auth.principals import ANYBODY, Principal
from api.errors import problem_of
from api.rate_limit import RateLimits
from api.settings import Settings
from kyodo_geo.errors import TooManyRequestsError
from kyodo_geo.roles import Role

PROGRAM = Principal(frozenset({Role.PARTNER}), key_id="a")
PAGE = Principal(frozenset({Role.PUBLIC}), key_id="b", publishable=True)


class Clock:
    now = 120.0  # a minute begins

    def __call__(self) -> float:
        return self.now


def limits(clock: Clock) -> RateLimits:
    settings = Settings(key_rows_per_minute=1000, widget_lookups_per_minute=2)
    return RateLimits(settings, clock=clock)


def test_what_is_left_is_told_and_comes_back_after_a_minute() -> None:
    clock = Clock()
    rates = limits(clock)
    assert rates.take(PROGRAM, 600) == {
        "RateLimit-Limit": "1000", "RateLimit-Remaining": "400", "RateLimit-Reset": "60",
    }  # fmt: skip
    clock.now += 20.5
    assert rates.take(PROGRAM, 400)["RateLimit-Remaining"] == "0"
    with pytest.raises(TooManyRequestsError) as caught:
        rates.take(PROGRAM)
    problem = problem_of(caught.value)
    assert problem.status == 429
    assert problem.headers == {
        "Retry-After": "40", "RateLimit-Limit": "1000", "RateLimit-Remaining": "0", "RateLimit-Reset": "40",
    }  # fmt: skip
    clock.now += 40
    assert rates.take(PROGRAM, 1000)["RateLimit-Remaining"] == "0"


def test_what_is_refused_is_not_counted() -> None:
    rates = limits(Clock())
    rates.take(PROGRAM, 999)
    with pytest.raises(TooManyRequestsError):
        rates.take(PROGRAM, 2)
    assert rates.take(PROGRAM, 1)["RateLimit-Remaining"] == "0"


def test_keys_count_apart_and_those_for_pages_have_their_own_limit() -> None:
    rates = limits(Clock())
    rates.take(PROGRAM, 1000)
    assert rates.take(PAGE)["RateLimit-Limit"] == "2"
    rates.take(PAGE)
    with pytest.raises(TooManyRequestsError):
        rates.take(PAGE)


def test_nobody_without_a_key_is_counted() -> None:
    rates = limits(Clock())
    assert rates.take(None, 10_000) == rates.take(ANYBODY, 10_000) == {}
