"""The 3-year plan adds up to the stream of cost, whatever the scenario; what is not known is counted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.assets.forecast import Building
from kyodo_geo.errors import InputError
from kyodo_geo.scenarios.actions import Action
from kyodo_geo.scenarios.effects import Effects, Stock, effects
from kyodo_geo.scenarios.plan import plan, whole_yen
from kyodo_geo.scenarios.terms import Holding, Prices
from kyodo_geo.unit_costs import Assumptions, default_unit_costs

PRICES = Prices(
    *({cost.use_class: cost for cost in default_unit_costs() if cost.rule_set == rules} for rules in ("60-year", "80-year")),
    Assumptions(),
)  # fmt: skip
STOCK = Stock(
    (
        Holding(Building("a1", 1000.0, 1990, "市民文化"), {"a": None}),
        Holding(Building("b1", 333.3, 1969, "市民文化", False), {"b": 100.0, "c": 233.3}),
        Holding(Building("d1", None, 1990, "市民文化"), {"d": None}),
        Holding(Building("x1", 70.0, 2000, "学校"), {}),
    ),
    PRICES, {key: key for key in "abcd"},
)  # fmt: skip


def effects_of(*actions: Action) -> Effects:
    return effects(STOCK, actions, base=2026, horizon=20)


CHOICES = st.lists(
    st.builds(
        Action, st.integers(2026, 2045), st.sampled_from("abcd"),
        st.sampled_from(["長寿命化", "大規模改修", "建替", "廃止・除却", "転用"]),
        st.none(), st.none(), st.none() | st.integers(0, 10**9),
    ),
    max_size=3, unique_by=lambda action: action.facility_id,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(CHOICES, st.integers(2026, 2043))
def test_three_years_add_up_to_the_stream(actions: list[Action], first: int) -> None:
    found = effects_of(*actions)
    made = plan(found, first)
    at = slice(first - 2026, first - 2023)
    assert list(made.total) == [round(float(yen)) for yen in found.costs.by_year[at]]
    assert [a + b for a, b in zip(made.sums, made.upkeep, strict=True)] == list(made.total)
    assert np.allclose(made.upkeep, found.costs.upkeep.sum(axis=0)[at], atol=1)
    for project in made.projects:
        assert all(value is None or value >= 0 for value in project.yen)


def test_what_nobody_knows_is_undecided_and_counted() -> None:
    made = plan(effects_of(Action(2027, "a", "転用"), Action(2028, "d", "大規模改修")), 2026)
    rows = {(project.facility, project.action is None): project for project in made.projects}
    assert rows["a", False].yen == (0, None, 0) and "不明" in rows["a", False].unknown[0]
    assert rows["d", False].yen == (0, 0, None)
    assert rows["d", True].yen == (None, None, None)
    assert made.undecided == (1, 2, 2)


def test_a_cost_that_is_typed_stands_in_its_years() -> None:
    made = plan(effects_of(Action(2027, "a", "建替", cost_yen=100)), 2027)
    row = next(project for project in made.projects if project.action is not None)
    assert all(value is not None and abs(value - 100 / 3) <= 1 for value in row.yen)


def test_years_outside_are_refused() -> None:
    for first in (2025, 2044):
        with pytest.raises(InputError):
            plan(effects_of(), first)


@given(st.lists(st.floats(0, 1e10), min_size=1, max_size=9))
def test_whole_yen_add_up(values: list[float]) -> None:
    assert sum(whole_yen(values)) == round(sum(values))
    assert all(abs(a - b) <= 1 for a, b in zip(whole_yen(values), values, strict=True))
