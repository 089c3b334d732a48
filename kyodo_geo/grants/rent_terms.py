"""The terms of the rent subsidy that the pages of vacant houses show, as a rule table: so that both say the same.

Where a year has no rule table of its own, its cases are calculated by the terms. Where it has, it is compared with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from kyodo_geo.grants.calculate import Calculation, calculate
from kyodo_geo.grants.schemes import HALL_RENT
from kyodo_geo.grants.table import Check, Condition, Part, ReadTable, RuleTable, checked
from kyodo_geo.vacancy.terms import Terms

NO_RATE = "家賃補助の条件に、補助率の登録がありません"
TRIALS = (20_000, 40_000, 60_000, 80_000, 120_000, 200_000)
"""Rents a month, yen, that both are worked out for."""
_MONTHS = 12


def as_table(terms: Terms) -> ReadTable | None:
    """The terms as a rule table; None where they have no rate, so that nothing can be calculated."""
    if terms.rate is None:
        return None
    percent = f"{(Decimal(str(terms.rate)) * 100).normalize():f}"
    month = f"月額賃借料 × {percent}%"
    if terms.cap_yen_month is not None:
        month = f"小さい方({month}、{terms.cap_yen_month}円)"
    return checked(
        HALL_RENT,
        RuleTable((Part("賃借料の補助", f"{month} × 月数"),), conditions=tuple(_conditions(terms))),
    )


def _conditions(terms: Terms) -> Iterator[Condition]:
    if terms.max_years is not None:
        yield Condition(Check.TICKED, f"補助を受けるのが {terms.max_years} 年までである")
    if terms.min_households is not None:
        yield Condition(Check.TICKED, f"団体の世帯数が {terms.min_households:,} 世帯以上である")
    if terms.legal_form is not None:
        yield Condition(Check.TICKED, f"団体の形が{terms.legal_form}である"[:200])


def differences(terms: Terms, rule: ReadTable) -> list[tuple[int, int | None, int | None]]:
    """(rent a month, by the terms, by the rule) of the trials on which they do not agree; nothing without a rate."""
    own = as_table(terms)
    if own is None:
        return []
    return [
        (rent, mine, theirs)
        for rent in TRIALS
        if (mine := _year(own, rent).total) != (theirs := _year(rule, rent).total) and theirs is not None
    ]


def _year(read: ReadTable, rent: int) -> Calculation:
    figures: dict[str, Any] = {"月額賃借料": rent, "月数": _MONTHS, "対象経費": rent * _MONTHS}
    return calculate(read, figures)
