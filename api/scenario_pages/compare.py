"""Two or three scenarios side by side in one year, the base case among them where it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from api import figures as district_figures
from api.reach_pages.gaps import KINDS
from api.scenario_pages.charts import cost_chart
from api.scenario_pages.differences import differences_table, years_of_all
from api.scenario_pages.inputs import inputs_of
from api.scenario_pages.mapped import spec_of
from api.scenario_pages.params import BASE_CASE
from api.scenario_pages.sentences import assumptions, cost_assumptions, unknowns
from api.scenario_pages.view import STATES, figures_of, numbers_of, summary_of
from api.support.parts import with_records
from geodata import scenarios as stored
from kyodo_geo.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from api.answers import Reading
    from api.reach_pages.shelf import Held
    from api.scenario_pages.params import CompareParams
    from api.scenario_pages.view import Numbers
    from geodata.scenarios import Scenario
    from maps.charts import BuiltChart
    from maps.tables import Table

AS_IS = "今のまま続ける場合"


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One column. `path` is None for the base case, `picture` and `chart` where they cannot be drawn."""

    numbers: Numbers
    path: str | None
    summary: str
    picture: Markup | None
    chart: BuiltChart | None

    @property
    def title(self) -> str:
        return self.numbers.scenario.title


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The page: sides in their order, the legend of their maps, one table of differences, one of years for the file."""

    year: int
    years: range
    sides: list[Side]
    legend: list[tuple[str, Markup]]
    differences: Table
    by_year: Table
    unknown: list[str]
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str


def comparison(
    reading: Reading, held: Held, params: CompareParams, ids: list[str], pattern: str
) -> Comparison:
    """All that is said; `pattern` with an id in it is the address of one.

    Raises `NotFoundError` for one the reader may not see, `InputError` for what cannot be compared.
    """
    code = reading.ref.municipality_code
    found = {key: stored.scenario(reading.conn, code, key) for key in ids if key != BASE_CASE}
    if not found:
        raise InputError("比べる案を 1 つ以上選んでください。", field="ids")
    first = next(iter(found.values()))
    if len(beside(list(found.values()))) < len(found):
        raise InputError("最初の年度か年数の違う案は、並べて比べられません。", field="ids")
    year = _year(found, params)
    inputs = inputs_of(reading, held)
    district = inputs.keep("districts", reading.on, lambda: district_figures.district_figures(reading))
    sides: list[Side] = []
    legend: list[tuple[str, Markup]] = []
    for place, key in enumerate(ids):
        numbers = numbers_of(reading, held, found.get(key) or _as_is(first), params)
        path = None if key == BASE_CASE else pattern.format(key)
        if numbers.found is None:
            sides.append(Side(numbers, path, "今の施設の記録に合わないため、計算できません。", None, None))
            continue
        spec = spec_of(
            reading, held, numbers.inputs, numbers.found, district, year, "", figures_of(numbers, year)
        )  # fmt: skip
        picture = None
        if numbers.found.reach is not None:
            from maps.paper_places import legend_of, paper_places

            picture = paper_places(
                replace(spec, label=f"「{numbers.scenario.title}」{spec.label}"), f"side{place}"
            )
            legend = legend or legend_of(spec)
        summary = "どの施設も、今のまま続けます。" if key == BASE_CASE else summary_of(numbers, year)
        sides.append(Side(numbers, path, summary, picture, _chart(numbers, place)))
    one = sides[0].numbers
    names = {row.no: row.name for row in district.rows}
    usable = next((side.numbers for side in sides if side.numbers.found is not None), None)
    lines, about = [], cost_assumptions(one.inputs, first.base_year, first.horizon)
    if usable is not None and usable.found is not None:
        lines = unknowns(one.inputs, usable.found, year, of_one=False)
        about = assumptions(held, one.inputs, usable.found, one.choice, names, year)
    dataset = with_records(
        district.credit(*KINDS, plans=False),
        [*one.inputs.qualities, *(item.quality for item in found.values())], [item.source for item in found.values()],
    )  # fmt: skip
    return Comparison(
        year, range(first.base_year, first.last_year + 1), sides, legend,
        differences_table(reading, [side.numbers for side in sides], year), years_of_all([side.numbers for side in sides]),
        lines, about, dataset,
        "、".join(f"{item.title}（第{item.version}版・{STATES[item.state]}）" for item in found.values())
        + f"・{first.base_year}〜{first.last_year}年度・人と施設は{year}年度・{one.counted}・"
        f"物価の倍率{one.inputs.stock.prices.assumed.price_index:g}",
    )  # fmt: skip


def beside(items: Sequence[Scenario]) -> list[Scenario]:
    """Those that cover the same years as the first of them, and so can be compared with it."""
    return [
        item for item in items if (item.base_year, item.horizon) == (items[0].base_year, items[0].horizon)
    ]  # fmt: skip


def _year(found: dict[str, Scenario], params: CompareParams) -> int:
    """The year asked for, else that of the last action of any."""
    first = next(iter(found.values()))
    if params.year is None:
        years = [action.year for item in found.values() for action in item.actions]
        return max(years, default=first.base_year)
    if not first.base_year <= params.year <= first.last_year:
        raise InputError(
            f"年度は {first.base_year} から {first.last_year} の間で指定してください。", field="year"
        )
    return params.year


def _as_is(item: Scenario) -> Scenario:
    """The base case in the years of a scenario."""
    return replace(item, scenario_id=BASE_CASE, version=0, title=AS_IS, author="", reason="", actions=())


def _chart(numbers: Numbers, place: int) -> BuiltChart | None:
    """Cost by year; its id is its own on a page with several."""
    if not numbers.cost_known:
        return None
    return cost_chart(
        numbers.rows, numbers.base_rows, key=f"cost-{place}", of=f"「{numbers.scenario.title}」の"
    )
