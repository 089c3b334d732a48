"""Invented rules and yearly figures of grants, so that every page has something to show. The city's own are not known here."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from geodata.sample import sizes
from geodata.sample.buildings import SAMPLE
from geodata.sample.draws import Draws
from kyodo_geo.grants.keeping import as_json
from kyodo_geo.grants.schemes import COMMUNITY, HALL_RENT, HALL_WORKS, INCENTIVE, PROJECTS
from kyodo_geo.grants.table import Band, Check, Condition, Part, Rounding, RuleTable, Whole

Row = dict[str, Any]

FIGURE_YEARS = range(2022, 2025)
"""Fiscal years R4 to R6: before the first rule, so that no calculation of the sample's rules stands beside them."""

NOTE = "見本のきまりです（架空）。盛岡市の実際の額ではありません。実際のきまりの下書きを作って、置き換えてください。"
PUT_INTO_FORCE = datetime(2025, 3, 31, 15, tzinfo=UTC)


def grant_records() -> list[Row]:
    """Rows of grant_rule: the incentive for R7 and R8, the others for R8."""
    found = [(INCENTIVE.key, 2025, _incentive(300)), (INCENTIVE.key, 2026, _incentive(320))]
    found += [(key, 2026, rule) for key, rule in _others().items()]
    return [
        {
            "scheme": key, "fiscal_year": year, "version": 1, "state": "in-force", "rules": as_json(rule),
            "created_at": PUT_INTO_FORCE, "created_by": "sample", "in_force_at": PUT_INTO_FORCE, "in_force_by": "sample",
            **SAMPLE,
        }
        for key, year, rule in found
    ]  # fmt: skip


def grant_figures(seed: int) -> list[Row]:
    """Rows of area_figure: what the incentive and the subsidy of community activities came to by district and year."""
    draws = Draws(seed, "grants")
    households = {no: 100 * weight for no, weight in sizes.household_weights().items()}
    each = {no: draws.real(250, 330) for no in households}
    rows: list[Row] = []
    for year in FIGURE_YEARS:
        paid = {
            no: 100 * round(count * each[no] * draws.real(0.97, 1.03) / 100)
            for no, count in households.items()
        }
        rows += [_figure("district", str(no), "grant_incentive", year, yen) for no, yen in paid.items()]
        rows.append(_figure("city", "03201", "grant_incentive_total", year, sum(paid.values())))
        # A small district does not ask for it every year.
        rows += [
            _figure(
                "district", str(no), "community_grant_yen", year, 1_000 * (draws.whole(90, 140) + 50 * large)
            )
            for no, count in households.items()
            if (large := min(2, int(count / 3_000))) or draws.chance(0.8)
        ]
    return rows


def _figure(area_kind: str, key: str, measure: str, year: int, yen: int) -> Row:
    return {
        "area_kind": area_kind, "area_key": key, "measure": measure, "fiscal_year": year, "value": float(yen), "unit": "円",
        **SAMPLE,
    }  # fmt: skip


def _incentive(per_household: int) -> RuleTable:
    return RuleTable(
        (
            Part("均等割", "20,000円"),
            Part("世帯割", f"会員世帯数 × {per_household}円"),
            Part("規模割", by="世帯数", bands=(Band(0, "0円"), Band(200, "5,000円"), Band(500, "10,000円"))),
        ),
        Whole(Rounding(100)),
        (Condition(Check.APPROVED_RETURN, "その年度の届が出ている"),),
        NOTE,
    )


def _others() -> dict[str, RuleTable]:
    plan = Condition(Check.ADOPTED_PLAN, "地区の地域づくり計画に基づく事業である")
    return {
        PROJECTS.key: RuleTable(
            (Part("補助額", "対象経費 × 80%", rounding=Rounding(1_000)),),
            Whole(Rounding(1_000), most=300_000), (plan,), NOTE,
        ),
        COMMUNITY.key: RuleTable(
            (
                Part(
                    "人口割", by="地区人口",
                    bands=(Band(0, "100,000円"), Band(5_000, "150,000円"), Band(10_000, "200,000円")),
                ),
                Part("団体割", "地区の団体数 × 2,000円"),
            ),
            Whole(Rounding(1_000)), (), NOTE,
        ),
        HALL_RENT.key: RuleTable(
            (Part("補助額", "月額賃借料 × 1/2 × 月数", most=240_000),), Whole(Rounding(1_000)),
            (Condition(Check.TICKED, "賃貸借契約書の写しがある"),), NOTE,
        ),
        HALL_WORKS.key: RuleTable(
            (Part("補助額", "対象経費 × 1/3"),), Whole(Rounding(1_000), most=3_000_000, smallest=50_000),
            (
                Condition(Check.STANDARD_1981, "耐震基準に合う建物である"),
                Condition(Check.NONE_WITHIN, "10 年以内に同じ補助を受けていない", 10),
            ),
            NOTE,
        ),
    }  # fmt: skip
