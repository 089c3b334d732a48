"""What a scenario costs: the base case to the yen, actions one by one, what is unknown, lines and their sums."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyodo_geo.assets import Building, forecast, long_life_cost, renewal_cost
from kyodo_geo.assets.calendar import MIDDLE, REBUILD, calendar
from kyodo_geo.assets.longlife import LongLife
from kyodo_geo.assets.renewal import Standard
from kyodo_geo.facility_terms import ENDS
from kyodo_geo.scenarios.actions import Action, faults
from kyodo_geo.scenarios.costs import NOBODY, NOT_SHARED, Costs, Holding, Prices, costs
from kyodo_geo.unit_costs import Assumptions, UnitCost

CULTURE = "市民文化"
BASE = 2026
PRICES = Prices(
    {CULTURE: UnitCost("60-year", CULTURE, 250_000, 400_000, None, 2_000)},
    {CULTURE: UnitCost("80-year", CULTURE, 250_000, 400_000, 0.3, 1_000)},
    Assumptions(),
)
MILLION = 1_000_000


def hall(
    key: str, built: int | None = 1990, area: float | None = 1_000, extendable: bool | None = True
) -> Holding:
    return Holding(Building(f"b-{key}", area, built, CULTURE, extendable), {key: area})


def of(*actions: Action, stock: list[Holding] | None = None, horizon: int = 40) -> Costs:
    return costs(stock or [hall("A"), hall("B", 2010)], PRICES, actions, base=BASE, horizon=horizon)


def yearly(found: Costs, key: str, part: str = "works") -> dict[int, float]:
    row = getattr(found, part)[found.lines.index(key)]
    return {BASE + at: round(yen / MILLION, 3) for at, yen in enumerate(row) if yen}


@given(built=st.integers(1900, 2060), horizon=st.integers(10, 80), long=st.booleans())
def test_the_calendar_is_what_both_rule_sets_enter(built: int, horizon: int, long: bool) -> None:
    rules = LongLife() if long else Standard()
    price = {REBUILD: 40.0, MIDDLE: 12.0}
    row = np.zeros(horizon)
    for step in calendar(built, BASE, BASE + horizon, rules):
        for year in range(step.year, min(step.year + step.years, BASE + horizon)):
            row[year - BASE] += price.get(step.kind, 25.0) / step.years
    cost = long_life_cost if long else renewal_cost
    more = {"cannot_extend": 0.0} if long else {}
    expected = cost([1.0], [built], 25.0, 40.0, base=BASE, horizon=horizon, **more)  # type: ignore[operator]
    assert row == pytest.approx(expected.cost[0])


def test_without_actions_it_is_the_simple_renewal_of_the_cost_pages() -> None:
    stock = [hall("A"), hall("B", 1950), hall("C", None)]
    found = of(stock=stock)
    page = forecast(
        [h.building for h in stock], PRICES.short, PRICES.long, PRICES.assumed, base=BASE, horizon=40
    )
    assert found.works.tolist() == page.short.tolist()
    assert found.upkeep.sum(axis=1).tolist() == (page.upkeep_short * 40).tolist()
    assert found.ending.sum() == 0
    assert found.unknown.tolist() == [0, 0, 1]


def test_to_keep_a_facility_as_it_is_changes_no_yen() -> None:
    kept = of(Action(2030, "A", "継続"))
    assert kept.total.tolist() == of().total.tolist()


def test_closing_ends_works_and_upkeep_and_takes_the_building_down() -> None:
    found = of(Action(2031, "A", "廃止・除却"))
    assert yearly(found, "A") == {}, "a renovation spread until 2035 is not begun for five years of use"
    assert yearly(found, "A", "ending") == {2031: 23.0}
    assert yearly(found, "A", "upkeep") == dict.fromkeys(range(2026, 2031), 2.0)
    assert yearly(found, "B") == yearly(of(), "B")


def test_works_that_ended_ten_years_before_stay_paid() -> None:
    found = of(Action(2045, "A", "廃止・除却"))
    assert yearly(found, "A") == dict.fromkeys(range(2026, 2036), 25.0)
    assert yearly(of(Action(2044, "A", "廃止・除却")), "A") == {}


def test_a_renovation_takes_the_place_of_the_one_that_is_due() -> None:
    found = of(Action(2030, "A", "大規模改修"))
    assert yearly(found, "A") == {2030: 125.0, 2031: 125.0, **dict.fromkeys((2050, 2051, 2052), 133.333)}


def test_who_renovates_late_rebuilds_ten_years_later_at_the_earliest() -> None:
    found = of(Action(2045, "A", "大規模改修"), stock=[hall("A", 1990)])
    assert {year for year, yen in yearly(found, "A").items() if yen == 133.333} == {2055, 2056, 2057}


def test_rebuilding_smaller_costs_less_then_and_later() -> None:
    found = of(Action(2030, "A", "建替（縮小）", floor_area_m2=600.0))
    assert yearly(found, "A") == {2030: 80.0, 2031: 80.0, 2032: 80.0, 2063: 75.0, 2064: 75.0}
    upkeep = yearly(found, "A", "upkeep")
    assert (upkeep[2032], upkeep[2033]) == (2.0, 1.2)


def test_long_life_follows_the_rules_of_80_years_from_then_on() -> None:
    found = of(Action(2027, "A", "長寿命化"))
    assert yearly(found, "A") == {2030: 125.0, 2031: 125.0, 2050: 120.0}
    assert yearly(found, "A", "upkeep")[2026] == 2.0
    assert yearly(found, "A", "upkeep")[2027] == 1.0


def test_long_life_of_what_cannot_be_extended_changes_its_cycle_not_its_rules() -> None:
    stock = [hall("A", 2010, extendable=False)]
    assert yearly(of(Action(2027, "A", "長寿命化"), stock=stock), "A") == yearly(of(stock=stock), "A")


def test_of_a_building_of_which_that_is_unknown_the_assumed_share_stays() -> None:
    yes, no = ([hall("A", 2010, extendable=e)] for e in (True, False))
    open_ = of(Action(2027, "A", "長寿命化"), stock=[hall("A", 2010, extendable=None)])
    both = [of(Action(2027, "A", "長寿命化"), stock=stock) for stock in (yes, no)]
    assert open_.total == pytest.approx(0.9 * both[0].total + 0.1 * both[1].total)


def test_a_stated_cost_stands_for_that_by_unit_costs() -> None:
    found = of(
        Action(2030, "A", "建替", cost_yen=300 * MILLION),
        Action(2031, "B", "廃止・除却", cost_yen=5 * MILLION),
    )
    assert yearly(found, "A")[2030] == 100.0
    assert yearly(found, "B", "ending") == {2031: 5.0}
    assert [item.unknown for item in found.actions] == [(), ()]


def test_what_is_handed_over_costs_nothing_more_and_says_what_is_not_known() -> None:
    found = of(Action(2031, "A", "譲渡"), Action(2031, "B", "転用"))
    assert yearly(found, "A", "ending") == {}
    assert max(yearly(found, "A", "upkeep")) == 2030
    assert all("不明" in item.unknown[0] for item in found.actions)


def test_a_merger_brings_floor_area_to_the_other_facility() -> None:
    found = of(Action(2030, "A", "集約化", into_facility="B", floor_area_m2=200.0))
    assert yearly(found, "A", "ending") == {2030: round(23 + 80 / 3, 3), 2031: 26.667, 2032: 26.667}
    more = {y: v - yearly(of(), "B", "upkeep").get(y, 0) for y, v in yearly(found, "B", "upkeep").items()}
    assert (round(more[2029], 6), round(more[2030], 6)) == (0.0, 0.4)
    assert yearly(found, "B")[2060] == 25.0, "the new part is renovated at 30"


def test_an_empty_building_may_be_taken_down_later_and_is_kept_up_until_then() -> None:
    plan = [Action(2030, "A", "集約化", into_facility="B"), Action(2033, "A", "廃止・除却")]
    assert faults(plan, NAMES, {}, base=BASE, horizon=40) == []
    found = of(*plan)
    assert yearly(found, "A", "ending") == {2033: 23.0}
    assert max(yearly(found, "A", "upkeep")) == 2032
    assert faults([*plan, Action(2034, "A", "譲渡")], NAMES, {}, base=BASE, horizon=40) != []


def test_into_rooms_that_are_there_the_cost_of_moving_is_unknown_and_not_0() -> None:
    found = of(Action(2030, "A", "集約化", into_facility="B"))
    assert "不明" in found.actions[0].unknown[0]


def test_a_building_stands_until_the_last_of_its_facilities_has_left() -> None:
    shared = [Holding(Building("b", 1_000, 2010, CULTURE, True), {"A": 600, "B": 400})]
    one = of(Action(2030, "A", "廃止・除却"), stock=shared)
    assert one.total.tolist() == of(stock=shared).total.tolist()
    assert "ほかの施設も使っている" in one.actions[0].unknown[0]
    both = of(Action(2030, "A", "廃止・除却"), Action(2033, "B", "廃止・除却"), stock=shared)
    assert yearly(both, "A", "ending") == {2033: 13.8}
    assert yearly(both, "B", "ending") == {2033: 9.2}
    assert both.actions[0].unknown == ()


def test_what_cannot_be_computed_is_said_and_counted() -> None:
    stock = [hall("A", None), Holding(Building("s", 500, 1990, CULTURE), {"B": None, "C": 100})]
    found = of(
        Action(2030, "A", "大規模改修"),
        Action(2030, "B", "廃止・除却"),
        Action(2030, "D", "建替"),
        stock=stock,
    )
    assert [bool(item.unknown) for item in found.actions] == [True, True, True]
    assert found.unknown[found.lines.index("A")] == 1
    assert found.lines[-1] == NOT_SHARED
    assert found.actions[2].total == 0
    no_price = replace(PRICES, assumed=Assumptions(demolition_yen_m2=None))
    gone = costs([hall("A")], no_price, [Action(2030, "A", "廃止・除却")], base=BASE, horizon=40)
    assert "不明" in gone.actions[0].unknown[0]


KINDS = st.sampled_from(
    [
        "継続",
        "長寿命化",
        "大規模改修",
        "建替",
        "建替（縮小）",
        "複合化",
        "集約化",
        "転用",
        "譲渡",
        "廃止・除却",
    ]
)
NAMES = dict.fromkeys("ABCDE", "館")


@st.composite
def plans(draw: st.DrawFn) -> list[Action]:
    found: list[Action] = []
    for _ in range(draw(st.integers(0, 7))):
        kind = draw(KINDS)
        key = draw(st.sampled_from("ABCDE"))
        into = (
            draw(st.sampled_from([k for k in "ABCDE" if k != key])) if kind in ("複合化", "集約化") else None
        )
        area = (
            draw(st.none() | st.floats(50, 2_000))
            if kind in ("建替", "建替（縮小）", "複合化", "集約化")
            else None
        )
        cost = draw(st.none() | st.integers(0, 10**9))
        action = Action(draw(st.integers(BASE, BASE + 39)), key, kind, into, area, cost)
        if not faults([*found, action], NAMES, {}, base=BASE, horizon=40):
            found.append(action)
    return found


@st.composite
def stocks(draw: st.DrawFn) -> list[Holding]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        used = draw(st.dictionaries(st.sampled_from("ABCDE"), st.none() | st.floats(10, 900), max_size=3))
        building = Building(
            str(number),
            draw(st.none() | st.floats(10, 5_000)), draw(st.none() | st.integers(1930, 2025)),
            draw(st.sampled_from([CULTURE, None])), draw(st.sampled_from([True, False, None])),
        )  # fmt: skip
        found.append(Holding(building, used))
    return found


@settings(max_examples=150, deadline=None)
@given(stock=stocks(), actions=plans(), data=st.data())
def test_lines_add_up_and_the_order_of_actions_does_not_matter(
    stock: list[Holding], actions: list[Action], data: st.DataObject
) -> None:
    found, base = of(*actions, stock=stock), of(stock=stock)
    assert (found.total >= 0).all() and np.isfinite(found.total).all()
    assert found.total.sum(axis=0) == pytest.approx(found.by_year)
    other = of(*data.draw(st.permutations(actions)), stock=stock)
    assert other.lines == found.lines
    assert other.total == pytest.approx(found.total, rel=1e-12)
    # Lines of facilities that nothing is done with keep what they had, to the yen.
    touched = {a.facility_id for a in actions if a.action != "継続" or a.cost_yen} | {
        a.into_facility for a in actions
    }
    for at, key in enumerate(base.lines):
        if key not in touched or key in (NOBODY, NOT_SHARED):
            assert found.total[found.lines.index(key)].tolist() == base.total[at].tolist()
    # What the actions cost is within the sums.
    assert sum(item.total for item in found.actions) <= found.sum + 1e-3
    for action in actions:
        alone = all(len(h.used) == 1 for h in stock if action.facility_id in h.used)
        if action.action in ENDS and alone:
            last = max(a.year for a in actions if a.facility_id == action.facility_id and a.action in ENDS)
            assert not found.upkeep[found.lines.index(action.facility_id), last - BASE :].any()


@pytest.mark.parametrize(
    ("actions", "says"),
    [
        ([Action(2030, "X", "建替")], "この番号の施設はありません"),
        ([Action(2030, "A", "集約化")], "移す先の施設を選んで"),
        ([Action(2030, "A", "集約化", "X")], "今の記録にありません"),
        ([Action(2030, "A", "集約化", "B"), Action(2029, "B", "廃止・除却")], "2029年度に「廃止・除却」で閉じます"),
        ([Action(2030, "A", "廃止・除却"), Action(2031, "A", "建替")], "閉じたあとの行動"),
        ([Action(2030, "A", "継続"), Action(2030, "A", "建替")], "2 つあります"),
        ([Action(2030, "E", "建替")], "2028年度には廃止されている"),
        ([Action(2030, "A", "集約化", "E")], "2028年度には廃止されています"),
        ([Action(2070, "A", "建替")], "期間（2026〜2065年度）の外"),
        ([Action(2030, "A", "爆破")], "この行動はありません"),
        ([Action(2030, "A", "集約化", "A")], "同じ施設"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_sentence(actions: list[Action], says: str) -> None:
    for order in (actions, actions[::-1]):
        found = faults(order, NAMES, {"E": 2028}, base=BASE, horizon=40)
        assert any(says in line for line in found), found
