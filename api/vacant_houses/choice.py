"""What the choice of several houses is asked, as it is typed and as it is kept with the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.vacant_houses.params import HouseParams
from kyodo_geo.errors import InputError

MOST = 30
SECONDS = 60
DEFAULT_PRICE = 300
"""万円, only what stands in the form at first: it has to be confirmed by sending it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """At most `count` houses, or as many as the `budget` allows; `price` stands for houses without a quoted price (万円)."""

    houses: HouseParams
    count: int | None
    budget: float | None
    price: float
    seconds: int = SECONDS

    def price_of(self, quoted_yen: int | None) -> float:
        """Yen of one house."""
        return self.price * 10_000 if quoted_yen is None else float(quoted_yen)

    def to_json(self) -> dict[str, Any]:
        """What is kept; `seconds` is what the worker bounds the run by."""
        return {
            "houses": self.houses.model_dump(mode="json", exclude={"show"}),
            "count": self.count,
            "budget": self.budget,
            "price": self.price,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Choice:
        """The question of a run; runs of before minutes by car were on foot everywhere."""
        return cls(
            HouseParams(**{"drive_below": 0, **kept["houses"]}),
            kept["count"],
            kept["budget"],
            kept["price"],
            kept.get("seconds", SECONDS),
        )


def read_choice(
    houses: HouseParams, limit: str, count: int | None, budget: int | None, price: int | None
) -> Choice:
    """From what was typed (万円); raises `InputError` naming the field."""
    if limit not in ("count", "budget"):
        raise InputError("選び方（数か予算）を選んでください。", field="limit")
    if price is None:
        raise InputError(
            "見積りのない空き家の整備費（万円）を入力してください。不明のまま 0 円とは数えません。",
            field="price",
        )
    if limit == "count":
        if count is None or not 1 <= count <= MOST:
            raise InputError(f"選ぶ数は、1 から {MOST} までの整数で入力してください。", field="count")
        return Choice(houses, count, None, float(price))
    if budget is None:
        raise InputError("予算（万円）を入力してください。", field="budget")
    return Choice(houses, None, float(budget), float(price))
