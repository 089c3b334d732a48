"""A stock by both rule sets, shares of a building, and facilities beside others of their kind."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.assets import Building, Figures, forecast, portfolio, renewal_cost, shares, works
from kyodo_geo.assets.portfolio import QUADRANTS, ranks
from kyodo_geo.errors import InputError
from kyodo_geo.unit_costs import Assumptions, default_unit_costs
from maps.portfolio import FILLED, HOLLOW, LEFT, SIDE, TOP, Mark, portfolio_chart

SHORT, LONG = (
    {cost.use_class: cost for cost in default_unit_costs() if cost.rule_set == rule}
    for rule in ("60-year", "80-year")
)
OKU = 100_000_000


def of(*buildings: Building, **more: object):  # type: ignore[no-untyped-def]
    return forecast(buildings, SHORT, LONG, Assumptions(), base=2026, **more)  # type: ignore[arg-type]


def simulated(age: int, horizon: int) -> list[float]:
    """The 60-year rules told year by year, for one square metre at 25 and 40."""
    paid = [0.0] * horizon
    overdue_large, overdue_rebuild = 31 <= age <= 50, age >= 60
    for year in range(min(10, horizon)):
        paid[year] += 2.5 * overdue_large + 4.0 * overdue_rebuild
    rebuilt = 10 if overdue_rebuild else None
    now = age
    for year in range(horizon):
        if rebuilt is not None:
            now = year - rebuilt
        elif year:
            now += 1
        if (rebuilt is not None or age <= 30) and now in (30, 31):
            paid[year] += 12.5
        if 60 <= now <= 62 and not (rebuilt is None and overdue_rebuild):
            paid[year] += 40 / 3
            if now == 62:
                rebuilt = year + 1
    return paid


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 120), st.integers(1, 130))
def test_the_sixty_year_rules_against_a_calendar(age: int, horizon: int) -> None:
    found = renewal_cost([1], [2026 - age], 25, 40, base=2026, horizon=horizon)
    assert found.by_year == pytest.approx(simulated(age, horizon))


def test_the_vectors_with_backlog_upkeep_and_demolition() -> None:
    found = of(Building("a", 1200, 1990, "市民文化", True), Building("b", 500, 1960, "市民文化", False))
    assert found.short.sum(axis=1) / OKU == pytest.approx([7.8, 2.0])
    assert found.overdue_short / OKU == pytest.approx([3.0, 2.0])
    assert found.overdue_long / OKU == pytest.approx([0.0, 2.0]), "36 years is young by the long rules"
    assert found.long[1] == pytest.approx(found.short[1]), "what cannot be extended follows the short rules"
    assert found.upkeep_short.tolist() == [2_400_000, 1_000_000]
    assert found.upkeep_long.tolist() == [1_200_000, 1_000_000]
    assert found.demolition is not None and found.demolition.tolist() == [27_600_000, 11_500_000]
    assert found.effect == pytest.approx(float(found.short.sum() - found.long.sum()))
    dearer = of(Building("a", 1200, 1990, "市民文化", True), index=1.3)
    assert dearer.short.sum() == pytest.approx(1.3 * 7.8 * OKU)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(1900, 2030), max_size=5), st.integers(12, 90))
def test_the_works_are_those_of_the_forecast(years: list[int], horizon: int) -> None:
    stock = [Building(str(number), 100, year, "行政") for number, year in enumerate(years)]
    found = works(stock, SHORT, base=2026, horizon=horizon)
    paid = np.zeros((len(stock), horizon))
    for work in found:
        assert 2026 <= work.earliest <= work.wanted <= work.latest < 2026 + horizon
        for year in range(work.wanted, min(work.wanted + work.years, 2026 + horizon)):
            paid[int(work.building_id), year - 2026] += work.cost / work.years
    costs = of(*stock, horizon=horizon)
    assert paid.sum() == pytest.approx(costs.short.sum())
    assert sum(work.cost for work in found if work.overdue) == pytest.approx(costs.overdue_short.sum())
    young = [number for number, year in enumerate(years) if 2026 - year <= 30]
    assert paid[young] == pytest.approx(costs.short[young])
    assert works([Building("x", None, 1950, "行政")], SHORT, base=2026, horizon=40) == []


def test_extendable_unknown_is_the_assumed_share() -> None:
    yes, no, unknown = (of(Building("a", 100, 1990, "学校", answer)).long for answer in (True, False, None))
    assert unknown == pytest.approx(0.9 * yes + 0.1 * no)


@pytest.mark.parametrize("lacking", ["floor_area_m2", "built_year", "use_class"])
def test_an_unknown_building_is_counted_and_costs_nothing(lacking: str) -> None:
    facts = {"floor_area_m2": 1000.0, "built_year": 1960, "use_class": "学校"} | {lacking: None}
    found = of(Building("a", **facts), Building("b", 10, 1990, "学校"))  # type: ignore[arg-type]
    assert found.unknown.tolist() == [True, False]
    assert found.short[0].sum() == found.long[0].sum() == found.overdue_short[0] == found.upkeep_long[0] == 0
    assert found.short[1].sum() > 0


def test_what_is_overdue_is_what_is_spread_over_the_first_years() -> None:
    for age in range(121):
        found = of(Building("a", 100, 2026 - age, "行政", True))
        early = found.short[0, :10]
        spread = early.min() * 10 if age >= 31 else 0.0
        assert found.overdue_short[0] == pytest.approx(spread if age not in range(51, 60) else 0.0), age


def test_no_building_and_an_unknown_class() -> None:
    assert of().short.shape == (0, 40) and of().effect == 0
    with pytest.raises(InputError, match="城"):
        of(Building("a", 1, 2000, "城"))


def test_shares_of_a_building() -> None:
    assert shares({"a": None}) == {"a": 1.0}
    assert shares({"a": 300.0, "b": 100.0}) == {"a": 0.75, "b": 0.25}
    assert shares({"a": 300.0, "b": None}) is None
    assert shares({"a": 0.0, "b": 0.0}) is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=8))
def test_ranks_against_pairs(values: list[int | None]) -> None:
    found = ranks(values)
    known = [value for value in values if value is not None]
    for value, rank in zip(values, found, strict=True):
        if value is None:
            assert rank is None
        elif len(known) > 1:
            wins = sum(value > other for other in known)
            ties = (known.count(value) - 1) / 2
            assert rank == pytest.approx((wins + ties) / (len(known) - 1))
        else:
            assert rank == 0.5


def test_quadrants_are_relative_to_the_kind_and_the_unknown_has_no_place() -> None:
    places = portfolio(
        [
            Figures("a", "館", occupancy=0.9, condition=90, years_left=40, seismic=1, cost_per_m2=1),
            Figures("b", "館", occupancy=0.1, condition=20, years_left=10, seismic=0, cost_per_m2=9),
            Figures("c", "館", condition=50),
            Figures("d", "校", occupancy=0.1, condition=10),
        ]
    )
    assert [place.quadrant for place in places] == [
        QUADRANTS[(True, True)], QUADRANTS[(False, False)], None, QUADRANTS[(True, True)],
    ]  # fmt: skip
    assert places[1].flags == ("残り15年以下", "耐震性なし", "稼働率40%未満", "面積あたりの費用が上位5分の2")
    assert places[2].x is None and places[2].flags == ()
    assert places[0].flags == ()
    assert np.isclose(places[0].y or 0, 1)


def test_how_much_of_each_axis_is_known_is_told_and_drawn() -> None:
    """One known figure gives a quadrant, but not one that looks as sure as that of all six."""
    whole, poor, none = portfolio(
        [
            Figures("a", "館", 0.9, 2.0, 300.0, condition=90, seismic=1, years_left=40),
            Figures("b", "館", occupancy=0.1, users_per_m2=1.0, condition=20),
            Figures("c", "館", condition=50),
        ]
    )
    assert whole.complete and whole.known_words == ("利用：3つともわかる", "状態：3つともわかる")
    assert poor.quadrant is not None and not poor.complete
    assert poor.known_words == ("利用：3つのうち2つだけがわかる", "状態：3つのうち1つだけがわかる")
    assert none.quadrant is None and none.known_words[0] == "利用：3つとも不明"
    marks = [
        Mark(n, f"館{n}", 0.5, 0.5, 1.0, "、".join(p.known_words), p.complete)
        for n, p in enumerate((whole, poor))
    ]
    svg = str(portfolio_chart("chart", "図", marks, QUADRANTS))
    fills = re.findall(r'<circle [^>]*fill="(#\w+)"[^>]*><title>(\d)', svg)
    assert sorted(fills, key=lambda found: found[1]) == [(FILLED, "0"), (HOLLOW, "1")]
    assert "<title>1 館1（利用：3つのうち2つだけがわかる、状態：3つのうち1つだけがわかる）</title>" in svg


def test_neither_the_names_of_the_quadrants_nor_the_numbers_are_hidden_by_a_mark() -> None:
    marks = [
        Mark(1, "甲", 0.0, 0.0, 9.0),
        Mark(2, "乙", 1.0, 1.0, 9.0),
        Mark(3, "丙", 0.5, 0.5, 1.0),
        Mark(4, "丁", 0.5, 0.5, 1.0),
    ]
    svg = str(portfolio_chart("chart", "図", marks, QUADRANTS))
    circles = [
        [float(number) for number in found]
        for found in re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    ]
    assert len(circles) == 4
    assert svg.rindex("<circle") < min(svg.index(f">{number}</text>") for number in (1, 2, 3, 4))
    for x, y, r in circles:
        assert x - r >= LEFT and x + r <= LEFT + SIDE and y - r >= TOP and y + r <= TOP + SIDE
    for words in QUADRANTS.values():
        found = re.search(rf'y="([\d.]+)"[^>]*>{words.partition("（")[0]}<', svg)
        assert found is not None
        assert float(found[1]) < TOP or float(found[1]) - 10.5 > TOP + SIDE, "outside of the frame"
