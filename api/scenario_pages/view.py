"""Everything that page, files and paper say about one scenario in one year."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api import figures as district_figures
from api.facility_costs import hundred_million
from api.reach_pages.gaps import KINDS
from api.reach_pages.params import supply_label
from api.scenario_pages.charts import cost_chart, reach_chart
from api.scenario_pages.figures import YearFigures, years_of
from api.scenario_pages.inputs import Inputs, effects_of, inputs_of
from api.scenario_pages.params import choice_of, choice_words, year_of
from api.scenario_pages.sentences import LostShelter, assumptions, cost_assumptions, lost_shelters, unknowns
from api.scenario_pages.tables import actions_table, facilities_table, moves_table, years_table
from api.support.parts import with_records
from geodata.scenarios import Scenario
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from api.answers import Reading
    from api.figures import DistrictFigures
    from api.reach_pages.shelf import Held
    from api.scenario_pages.params import ScenarioParams
    from kyodo_geo.reach.report import Choice
    from kyodo_geo.scenarios.effects import Effects
    from maps.charts import BuiltChart
    from maps.district_counts import DistrictCountsSpec
    from maps.specs import BuiltMap, Figure
    from maps.tables import Table

STATES = {"draft": "下書き（公開していません）", "published": "公開中", "withdrawn": "取り下げ"}


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """A scenario with its effects; `found` is None where its actions do not fit the records (`faults` says why).

    `counted`: how people within reach are counted, in words.
    """

    scenario: Scenario
    inputs: Inputs
    choice: Choice
    counted: str
    found: Effects | None
    faults: list[str]
    rows: list[YearFigures]
    base_rows: list[YearFigures]

    @property
    def cost_known(self) -> bool:
        """Whether any building can be forecast."""
        return self.inputs.buildings > self.inputs.unknown


@dataclass(frozen=True, slots=True, eq=False)
class ScenarioView:
    """The page in one year. Map and tables of reach are None or empty where people or facilities are not loaded."""

    numbers: Numbers
    year: int
    district: DistrictFigures
    figures: tuple[Figure, ...]
    summary: str
    actions: Table
    years: Table | None
    costs: BuiltChart | None
    reach: BuiltChart | None
    spec: DistrictCountsSpec | None
    facilities: Table | None
    moves: Table | None
    shelters: list[LostShelter]
    unknown: list[str]
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str

    @property
    def scenario(self) -> Scenario:
        return self.numbers.scenario

    def built(self) -> BuiltMap | None:
        """The map, drawn when it is first asked for: the page and its script are asked for one after the other."""
        from maps.build import build_map

        spec = self.spec
        return (
            None
            if spec is None
            else self.numbers.inputs.keep("maps", id(self), lambda: (self, build_map(spec)))[1]
        )


def numbers_of(reading: Reading, held: Held, scenario: Scenario, params: ScenarioParams) -> Numbers:
    """The effects of a stored scenario, or why they cannot be computed from the records of today."""
    inputs = inputs_of(reading, held)
    choice = choice_of(held, params, scenario.base_year)
    counted = choice_words(held.prepared, choice)
    try:
        found = effects_of(
            reading, held, choice, scenario.actions, base=scenario.base_year, horizon=scenario.horizon
        )
    except InputError as error:
        faults = [str(item) for item in error.details.get("faults", [error.message])]
        return Numbers(scenario, inputs, choice, counted, None, faults, [], [])
    return Numbers(
        scenario, inputs, choice, counted, found, [], years_of(found), years_of(found, before=True)
    )


def scenario_view(reading: Reading, held: Held, scenario: Scenario, params: ScenarioParams) -> ScenarioView:
    """All that is said, kept for a while; raises `InputError` for a year outside of the scenario's."""
    year = year_of(scenario, params)
    key = (scenario, choice_of(held, params, scenario.base_year), params.supply, year)
    return inputs_of(reading, held).keep(
        "views", repr(key), lambda: _made(reading, held, scenario, params, year)
    )  # fmt: skip


def _made(
    reading: Reading, held: Held, scenario: Scenario, params: ScenarioParams, year: int
) -> ScenarioView:
    from api.scenario_pages.mapped import spec_of

    numbers = numbers_of(reading, held, scenario, params)
    found, inputs = numbers.found, numbers.inputs
    district = inputs.keep("districts", reading.on, lambda: district_figures.district_figures(reading))
    names = {row.no: row.name for row in district.rows}
    dataset = with_records(
        district.credit(*KINDS, plans=False), [*inputs.qualities, scenario.quality], [scenario.source]
    )  # fmt: skip
    actions = actions_table(
        scenario.actions, dict(inputs.stock.names), found, f"「{scenario.title}」の行動（{len(scenario.actions)} 件）"
    )  # fmt: skip
    period = period_of(numbers, year)
    if found is None:
        lines = cost_assumptions(inputs, scenario.base_year, scenario.horizon)
        return ScenarioView(
            numbers, year, district, (), "", actions, None, None, None, None, None, None, [], [], lines, dataset, period
        )  # fmt: skip
    label = fiscal_year_label(year)
    shown = figures_of(numbers, year)
    summary = summary_of(numbers, year)
    has_reach = found.reach is not None
    # Of no year: made once for all years that are looked at.
    by_year = inputs.keep("by-year", id(found), lambda: (found, *_by_year(numbers)))
    return ScenarioView(
        numbers, year, district, shown, summary, actions,
        *by_year[1:],
        spec_of(reading, held, inputs, found, district, year, summary, shown) if has_reach else None,
        facilities_table(found, inputs, held.prepared, year, f"{label}の施設（{supply_label(params.supply)}）")
        if has_reach
        else None,
        moves_table(found, held.prepared, year, f"{label}に最寄りの施設が変わる人の行き先") if has_reach else None,
        lost_shelters(reading, found, dict(inputs.stock.names), year),
        unknowns(inputs, found, year),
        assumptions(held, inputs, found, numbers.choice, names, year),
        dataset, period,
    )  # fmt: skip


def _by_year(numbers: Numbers) -> tuple[Table, BuiltChart | None, BuiltChart | None]:
    rows, base = numbers.rows, numbers.base_rows
    return (
        years_table(rows, base, "年度別の費用と、届く人・定員"),
        cost_chart(rows, base) if numbers.cost_known else None,
        reach_chart(rows, base),
    )


def period_of(numbers: Numbers, year: int) -> str:
    """Scenario, year and assumptions as they stand in every row of a file."""
    item = numbers.scenario
    return (
        f"{item.title}（第{item.version}版・{STATES[item.state]}）・{item.base_year}〜{item.last_year}年度・地図と移動は{year}年度・"
        f"{numbers.counted}・物価の倍率{numbers.inputs.stock.prices.assumed.price_index:g}"
    )


def figures_of(numbers: Numbers, year: int) -> tuple[Figure, ...]:
    """The most important first: cost and effect over the horizon, then the people of the year."""
    from maps.specs import Figure

    found = numbers.found
    assert found is not None
    years = f"{found.horizon}年間"
    known = numbers.cost_known
    effect = found.effect
    shown = [
        Figure(
            f"費用（{years}）",
            hundred_million(found.costs.sum) if known else "不明",
            f"今のまま続ける場合 {hundred_million(found.before.sum) if known else '不明'}",
        ),
        Figure(
            "費用の差（効果）",
            (f"{hundred_million(abs(effect))} {'少ない' if effect >= 0 else '多い'}" if abs(effect) >= 1 else "同じ")
            if known
            else "不明",
            "わかっている費用だけの差",
        ),
    ]  # fmt: skip
    moved, now = found.moved_in(year), found.reach_in(year)
    if moved is not None and now is not None and found.supply is not None:
        at = year - found.base
        knows_older = found.reach is not None and found.reach.knows_older
        shown += [
            Figure(
                f"遠くなる人（{year}年度）",
                f"{moved.longer.sum():,.0f} 人",
                f"うち65歳以上 {f'{moved.longer[:, 2].sum():,.0f} 人' if knows_older else '不明'}",
            ),
            Figure(
                f"開いている施設（{year}年度）",
                f"{int(found.supply.opened[at].sum()):,} か所",
                f"今のままなら {int(found.supply_before.opened[at].sum()) if found.supply_before else 0:,} か所",
            ),
        ]
    return tuple(shown)


def summary_of(numbers: Numbers, year: int) -> str:
    """One sentence on the people of the year."""
    found = numbers.found
    assert found is not None
    moved = found.moved_in(year)
    if moved is None:
        return "人口または施設のデータがないため、だれが遠くなるかは計算できません。"
    longer, out = float(moved.longer.sum()), float(moved.pushed_out.sum())
    if longer < 0.5:
        return f"{year}年度に、この案で最寄りの施設が遠くなる人はいません。"
    return (
        f"{year}年度に、この案で最寄りの施設が遠くなる人は {longer:,.0f} 人、"
        f"そのうち決めた範囲の外になる人は {out:,.0f} 人です。"
    )
