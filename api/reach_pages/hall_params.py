"""What the outlook of the neighbourhood halls is asked with, and the same as rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from api.clock import today
from api.params import Integer, left_empty
from api.reach_pages.params import ReachParams
from kyodo_geo.dates import fiscal_year_of

if TYPE_CHECKING:
    from kyodo_geo.hall_outlook import Rules

Yen = Annotated[Annotated[Integer, Field(ge=0, le=10_000_000_000)] | None, BeforeValidator(left_empty)]
Percent = Annotated[
    Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] | None, BeforeValidator(left_empty)
]


class HallsParams(ReachParams):
    """Years of the outlook and terms of the subsidies; terms that are not given are unknown."""

    base: Annotated[Annotated[Integer, Field(ge=2000, le=2100)] | None, BeforeValidator(left_empty)] = None
    years: Annotated[Integer, Field(ge=1, le=60)] = 20
    repair_after: Annotated[Integer, Field(ge=1, le=99)] = 30
    rebuild_after: Annotated[Integer, Field(ge=2, le=120)] = 60
    repair_price: Yen = None
    repair_rate: Percent = None
    repair_ceiling: Yen = None
    rebuild_price: Yen = None
    rebuild_rate: Percent = None
    rebuild_ceiling: Yen = None


class HallsFileParams(HallsParams):
    """The same for files; `part` says which table."""

    part: Literal["halls", "periods", "years", "districts", "without"] = "halls"


FIELDS = (
    ("years", "見通しの年数", 1, 60, "1", True),
    ("repair_after", "大規模修繕までの年数", 1, 99, "1", True),
    ("rebuild_after", "建替えまでの年数", 2, 120, "1", True),
    ("repair_price", "大規模修繕の単価（円/m²）", 0, 10_000_000_000, "1", False),
    ("repair_rate", "大規模修繕の補助率（%）", 0, 100, "any", False),
    ("repair_ceiling", "大規模修繕の補助の上限（円）", 0, 10_000_000_000, "1", False),
    ("rebuild_price", "建替えの単価（円/m²）", 0, 10_000_000_000, "1", False),
    ("rebuild_rate", "建替えの補助率（%）", 0, 100, "any", False),
    ("rebuild_ceiling", "建替えの補助の上限（円）", 0, 10_000_000_000, "1", False),
)
"""Fields of the form: name, label, least, most, step, whether it must be filled."""


def rules_of(params: HallsParams) -> Rules:
    """Raises `InputError` for years that contradict."""
    from kyodo_geo.hall_outlook import Rules, Subsidy

    return Rules(
        fiscal_year_of(today()) if params.base is None else params.base,
        params.years,
        params.repair_after,
        params.rebuild_after,
        Subsidy(params.repair_price, params.repair_rate, params.repair_ceiling),
        Subsidy(params.rebuild_price, params.rebuild_rate, params.rebuild_ceiling),
    )


def fields_of(params: HallsParams) -> list[dict[str, Any]]:
    """The fields with what was asked."""
    found = []
    for name, label, low, high, step, required in FIELDS:
        value = getattr(params, name)
        found.append(
            {
                "name": name, "label": label, "low": low, "high": high, "step": step, "required": required,
                "value": "" if value is None else f"{value:g}" if isinstance(value, float) else value,
            }
        )  # fmt: skip
    return found
