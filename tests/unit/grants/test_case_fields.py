"""Figures of a case's form, and the terms of the rent subsidy as a rule table."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kyodo_geo.errors import InputError
from kyodo_geo.grants import rent_terms
from kyodo_geo.grants.calculate import calculate
from kyodo_geo.grants.case_fields import (
    CASE_KINDS,
    CASE_SCHEMES,
    PERSONAL,
    case_scheme,
    figures,
    typed_figures,
)
from kyodo_geo.grants.schemes import HALL_RENT, HALL_WORKS
from kyodo_geo.grants.table import Part, RuleTable, checked
from kyodo_geo.vacancy.terms import Terms


def test_figures_are_read_as_people_write_them_and_empty_ones_stay_unknown() -> None:
    said = {"eligible_cost": "1,200,000円", "floor_area": "４５．５"}
    found = figures(HALL_WORKS, lambda key: said.get(key, ""))
    assert found == {"eligible_cost": 1_200_000, "floor_area": Decimal("45.5")}
    assert figures(HALL_WORKS, lambda key: "") == {}
    with pytest.raises(InputError, match="対象経費を入力") as caught:
        figures(HALL_WORKS, lambda key: "", ("eligible_cost",))
    assert caught.value.details["field"] == "eligible_cost"


@pytest.mark.parametrize("text", ["-1", "1.234", "NaN", "Infinity", "1e9", "百", "100001"])
def test_an_area_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="小数は 2 けた"):
        figures(HALL_WORKS, lambda key: text if key == "floor_area" else "")


def test_every_scheme_of_cases_has_its_fields_and_the_person_is_personal() -> None:
    assert set(CASE_KINDS) == set(CASE_SCHEMES) == {"projects", "community", "hall-rent", "hall-works"}
    for key, kind in CASE_KINDS.items():
        assert [field.name for field in kind.fields if field.personal] == list(PERSONAL)
        assert set(kind.same) <= {field.name for field in kind.fields}
        assert typed_figures(case_scheme(key))
    with pytest.raises(InputError, match="選んで"):
        case_scheme("incentive")


def test_the_terms_of_the_rent_subsidy_calculate_as_they_read() -> None:
    table = rent_terms.as_table(
        Terms(rate=0.5, cap_yen_month=20_000, max_years=3, min_households=50, legal_form="認可地縁団体")
    )
    assert table is not None and len(table.table.conditions) == 3
    figures_ = {"月額賃借料": 30_000, "月数": 10}
    assert calculate(table, figures_).total == 150_000
    assert calculate(table, {**figures_, "月額賃借料": 60_000}).total == 200_000
    assert calculate(table, {"月数": 10}).total is None
    assert rent_terms.as_table(Terms(cap_yen_month=20_000)) is None


def test_a_rule_table_that_says_something_else_than_the_terms_is_found() -> None:
    terms = Terms(rate=0.5, cap_yen_month=20_000)
    same = checked(HALL_RENT, RuleTable((Part("家賃", "小さい方(月額賃借料 ÷ 2、20,000円) × 月数"),)))
    less = checked(HALL_RENT, RuleTable((Part("家賃", "小さい方(月額賃借料 × 1 ÷ 2、15,000円) × 月数"),)))
    assert rent_terms.differences(terms, same) == []
    assert rent_terms.differences(terms, less)[0] == (40_000, 240_000, 180_000)
