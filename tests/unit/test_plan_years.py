"""Which year the pages of the yearly work open with."""

from kyodo_geo.plan_years import plan_years

PLANS = [("r8-r12", 2026, 2030), ("r3-r7", 2021, 2025)]


def test_the_year_that_has_just_ended_comes_first_whichever_plan_it_is_of() -> None:
    assert plan_years(PLANS, 2026)[:2] == [("r3-r7", 2025), ("r8-r12", 2026)]
    assert plan_years(PLANS, 2028)[:3] == [("r8-r12", 2027), ("r8-r12", 2028), ("r8-r12", 2026)]


def test_a_year_that_has_not_begun_is_not_among_them_and_an_old_plan_opens_with_its_last() -> None:
    assert ("r8-r12", 2027) not in plan_years(PLANS, 2026)
    assert plan_years(PLANS[1:], 2030)[0] == ("r3-r7", 2025)
    assert plan_years(PLANS[:1], 2020) == []
