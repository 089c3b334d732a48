"""How a route says that its answer may take the short way next time (`api/hot_answers.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from starlette.requests import Request

if TYPE_CHECKING:
    from api.cache import Answer, ByteCache

OFFERS = "kyodo.offers"
"""Name of the list in the scope that takes what routes offer; absent where nobody asks for offers."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An answer in a cache of bytes, and under what it lies there.

    `day`: the day it was made for. `kept_at`: what the cache calls its revision, where that is not the municipality's;
    `revision`: that of the municipality it was made at, where the route knows. `route`: the template that the log names,
    where no route has been asked.
    """

    answer: Answer
    cache: ByteCache
    key: tuple[object, ...]
    municipality: str
    day: date
    kept_at: int | None = None
    revision: int | None = None
    route: str | None = None


@dataclass(slots=True)
class Uses:
    """How often the short way was taken, how often not, and how many requests are remembered."""

    hits: int = 0
    misses: int = 0
    entries: int = 0


def offer(request: Request, offered: Offer | None) -> None:
    """Let the same request be answered from the cache at once while the municipality's revision stays.

    For an answer that depends on nothing but what `key` holds and the data of this revision: not on who asks, nor on
    anything that is counted or written down when it is sent. The response has to be sent as it is: a private one, one with
    a cookie, one that is no form of the answer or one that the cache did not keep is never learnt.
    """
    offers = request.scope.get(OFFERS)
    if offers is not None and offered is not None:
        offers.append(offered)
