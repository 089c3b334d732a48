"""Works by either rule set add up to the forecast; a ceiling is kept with the least moving, or a proof says that it cannot."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.assets import Building, by_year, forecast, least_ceiling, level, long_works, pressing, works
from kyodo_geo.assets.levelling_plan import Question, as_row, solve
from kyodo_geo.errors import InputError
from kyodo_geo.unit_costs import Assumptions, default_unit_costs

SHORT, LONG = (
    {cost.use_class: cost for cost in default_unit_costs() if cost.rule_set == rule}
    for rule in ("60-year", "80-year")
)
BASE, HORIZON = 2026, 40


def spent(planned: list) -> float:
    return float(
        by_year(
            [[w.cost / w.years] * w.years for w in planned], [w.wanted for w in planned], BASE, HORIZON
        ).sum()
    )


@pytest.mark.parametrize("built", range(1930, 2030, 7))
@pytest.mark.parametrize("extendable", [True, False])
def test_works_of_both_rule_sets_cost_what_the_forecast_says(built: int, extendable: bool) -> None:
    stock = [
        Building("b", 1000.0, built, "市民文化", extendable),
        Building("u", None, 1990, "市民文化", True),
    ]
    found = forecast(stock, SHORT, LONG, Assumptions(), base=BASE, horizon=HORIZON, index=1.2)
    assert spent(works(stock, SHORT, base=BASE, horizon=HORIZON, index=1.2)) == pytest.approx(
        found.short.sum()
    )
    planned = long_works(stock, SHORT, LONG, base=BASE, horizon=HORIZON, index=1.2)
    assert spent(planned) == pytest.approx(found.long.sum())
    assert all(w.earliest <= w.wanted <= w.latest for w in planned), "every work may stay where it is"
    by_share = forecast(
        stock, SHORT, LONG, Assumptions(large_type="B", large_share=0.4), base=BASE, horizon=HORIZON
    )
    planned = long_works(stock, SHORT, LONG, base=BASE, horizon=HORIZON, large_share=0.4)
    assert spent(planned) == pytest.approx(by_share.long.sum())


small = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 2), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(small, st.integers(1, 12))
def test_levelling_and_the_least_ceiling_agree_with_trying_everything(given_works, ceiling: int) -> None:
    horizon = 4
    costs = [[float(cost)] * years for cost, years, *_ in given_works]
    wanted = [year for _, _, year, _, _ in given_works]
    earliest = [max(0, year - back) for _, _, year, back, _ in given_works]
    latest = [min(horizon - 1, year + on) for _, _, year, _, on in given_works]
    plans = [
        (
            by_year(costs, plan, 0, horizon).max(),
            sum(sum(c) * abs(y - w) for c, y, w in zip(costs, plan, wanted, strict=True)),
        )
        for plan in product(*(range(a, b + 1) for a, b in zip(earliest, latest, strict=True)))
    ]
    kept = [moved for peak, moved in plans if peak <= ceiling + 1e-9]
    found = level(costs, wanted, earliest, latest, float(ceiling), base=0, horizon=horizon)
    if kept:
        assert found.answer.status == "optimal" and found.answer.objective == pytest.approx(min(kept))
        assert found.begins is not None and by_year(costs, found.begins, 0, horizon).max() <= ceiling + 1e-6
    else:
        assert found.answer.status == "infeasible"
    least = least_ceiling(costs, wanted, earliest, latest, base=0, horizon=horizon)
    best = min(peak for peak, _ in plans)
    assert least.answer.status == "optimal" and least.answer.objective == pytest.approx(best, abs=1e-5)
    span = pressing(costs, earliest, latest, 0, horizon)
    if span is not None:
        assert span[2] / (span[1] - span[0] + 1) <= best + 1e-9, (
            "what must be paid in a span is a bound for every plan"
        )


def test_a_ceiling_that_cannot_be_kept_comes_with_the_least_one_and_years_that_prove_it() -> None:
    stock = [Building(f"b{n}", 1000.0, 1990, "市民文化", True) for n in range(4)]
    rows = [as_row(work, work.building_id) for work in works(stock, SHORT, base=BASE, horizon=HORIZON)]
    told = {"base": BASE, "horizon": HORIZON, "ceiling_yen": 80e6, "seconds": 20, "works": rows}
    found = solve(Question.of(told))
    assert found["status"] == "infeasible" and found["begins"] is None
    assert found["span"]["yen"] > 80e6 * (found["span"]["last"] - found["span"]["first"] + 1)
    least = found["least"]
    assert least["status"] == "optimal" and least["yen"] >= found["span"]["yen"] / 40
    enough = solve(Question.of({**told, "ceiling_yen": np.ceil(least["yen"])}))
    assert enough["status"] in ("optimal", "feasible") and max(enough["after"]) <= np.ceil(least["yen"]) + 1
    assert sum(enough["after"]) == pytest.approx(sum(enough["before"])), (
        "within the horizon nothing is lost here"
    )
    assert solve(Question.of({**told, "ceiling_yen": least["yen"] * 0.99}))["status"] == "infeasible"


@pytest.mark.parametrize(
    "change", [{"works": []}, {"ceiling_yen": "x"}, {"works": [[0] * 9] * 5001}, {"base": None}]
)
def test_a_question_that_cannot_be_read_is_refused(change: dict) -> None:
    with pytest.raises(InputError):
        Question.of({"base": 1, "horizon": 2, "ceiling_yen": 1, "seconds": 1, "works": [[0] * 9], **change})
