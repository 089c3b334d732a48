"""The 3-year 実施計画 of a scenario in words: the same rows for the page, the CSV and the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.answers import Reading
from api.clock import today
from api.scenario_edit import files, pages
from api.scenario_edit.reading import STATES
from api.scenario_pages.inputs import effects_of
from api.tables import rows_to_csv
from geodata import unit_costs
from kyodo_geo.dates import fiscal_year_label, fiscal_year_of
from kyodo_geo.errors import ConflictError, InputError
from kyodo_geo.quality import Quality
from kyodo_geo.scenarios.terms import NOBODY, NOT_SHARED

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from api.services import Services
    from geodata.database import Connection
    from geodata.scenarios import Scenario
    from kyodo_geo.scenarios.effects import Effects
    from kyodo_geo.scenarios.plan import Plan, Project

YEARS = 3
UNDECIDED, UNKNOWN, NO_MORE = "未定", "不明", "なし"
COLUMNS = ("事業名", "施設", "内容")
AFTER = ("実施後の延床面積（m²）", "担当課", "備考")
LINES = {NOBODY: "どの施設も使っていない建物", NOT_SHARED: "施設ごとに分けられない建物"}


@dataclass(frozen=True, slots=True)
class Row:
    """One project in words; `yen` None is 未定."""

    name: str
    facility: str
    content: str
    yen: tuple[int | None, ...]
    area: float | str
    office: str
    note: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that the page and the files show."""

    scenario: Scenario
    plan: Plan
    rows: tuple[Row, ...]
    assumptions: tuple[str, ...]
    dataset: dict[str, Any]
    ref: Any

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(fiscal_year_label(year) for year in self.plan.years)


def effects_for(read: Reading, held: Held, scenario: Scenario) -> Effects:
    """Effects of a stored version; raises ConflictError where it does not fit the records any more."""
    from api.reach_pages.params import ReachParams, choice_of

    base, horizon = scenario.base_year, scenario.horizon
    try:
        return effects_of(
            read, held, choice_of(held, ReachParams()), scenario.actions, base=base, horizon=horizon
        )
    except InputError as error:
        raise ConflictError(
            f"この案は今の施設の記録に合わないため、費用を計算できません。{error.message}"
        ) from None


def sheet(
    services: Services,
    conn: Connection,
    held: Held,
    scenario_id: str,
    version: int | None,
    first: int | None,
) -> Sheet:
    """Raises NotFoundError, InputError for years outside of the scenario and for actions that do not fit the records."""
    from kyodo_geo.scenarios.plan import plan

    found = pages.load(conn, services.settings.municipality, scenario_id, version)
    scenario = found.scenario
    latest = max(scenario.base_year, scenario.last_year - YEARS + 1)
    begins = first if first is not None else min(max(fiscal_year_of(today()) + 1, scenario.base_year), latest)
    made = plan(
        effects_for(Reading(conn, found.ref, today(), services), held, scenario),
        begins,
        min(YEARS, scenario.horizon),
    )
    names = {**found.known.names, **LINES}
    areas = {key: place.floor_area_m2 for key, place in found.known.places.items()}
    return Sheet(
        scenario, made, tuple(_row(project, names, areas) for project in made.projects),
        _assumptions(conn, found.ref.municipality_code, made), found.dataset, found.ref,
    )  # fmt: skip


def _row(project: Project, names: dict[str, str], areas: dict[str, float | None]) -> Row:
    name, action = names.get(project.facility, project.facility), project.action
    area: float | str | None
    if action is None:
        title, content = f"{name} 更新", "大規模改修・建替え"
        basis, area = "60年のきまりと単価による目安", areas.get(project.facility)
    else:
        title, content = f"{name} {action.action}", action.action
        if action.into_facility:
            content += f"（移す先：{names.get(action.into_facility, action.into_facility)}）"
        content += f"、{fiscal_year_label(action.year)}から" if action.action != "廃止・除却" else ""
        basis = "単価による目安" if action.cost_yen is None else "案に入力された額"
        area = action.floor_area_m2
        if area is None:
            area = NO_MORE if action.ends else areas.get(project.facility)
    own = (action.note,) if action is not None and action.note else ()
    known = any(project.yen)
    notes = [*own, *((f"{basis}。",) if known else ()), *project.unknown]
    return Row(title, name, content, project.yen, UNKNOWN if area is None else area, UNKNOWN, " ".join(notes))


def _assumptions(conn: Connection, code: str, made: Plan) -> tuple[str, ...]:
    assumed = unit_costs.assumptions(conn, code)
    versions = "、".join(
        f"{label} 第{unit_costs.unit_costs(conn, code, key).version}版"
        for key, label in (("60-year", "60年の単価"), ("80-year", "80年の単価"))
    )
    return (
        "この表は、案の費用の計算（案のページと同じ計算）から、3 年度分を事業ごとに分けたものです。予算や決定ではありません。",
        (
            f"事業費は、額が入力されていなければ単価による目安です（物価の倍率 {assumed.assumptions.price_index:g}、"
            f"前提 第{assumed.version}版、{versions}）。大規模改修と長寿命化は 2 年、建替えは 3 年に等分しています。"
        ),
        "案に行動のない施設の更新は、60年で建て替えるきまりで計算し、「更新」として載せています。",
        "「未定」は、額が決まらず計算もできないものです。合計には入っていません（0 円ではありません）。",
        "担当課は、案に記録する欄がないため、すべて不明です。財源（国費・起債など）の記録もありません。",
    )


def table(found: Sheet) -> tuple[list[str], list[list[str | int | float]]]:
    """Headings and rows: projects, sums, upkeep."""
    head = [*COLUMNS, *(f"{label}の事業費（円）" for label in found.labels), *AFTER]
    plan = found.plan

    def total(name: str, values: tuple[int, ...], note: str = "") -> list[str | int | float]:
        return [name, "", "", *values, "", "", note]

    body: list[list[str | int | float]] = [
        [row.name, row.facility, row.content, *(UNDECIDED if v is None else v for v in row.yen),
         row.area if isinstance(row.area, str) else round(row.area, 1), row.office, row.note]
        for row in found.rows
    ]  # fmt: skip
    count = "、".join(f"{label} {n} 件" for label, n in zip(found.labels, plan.undecided, strict=True))
    body.append(total("事業費の合計", plan.sums, f"未定は合計に入っていません（{count}）。"))
    body.append(
        total("維持管理費の目安（全施設）", plan.upkeep, "面積と単価による目安。事業ではありません。")
    )
    body.append(total("合計（案の費用）", plan.total, "案のページの年度別の費用と同じです。"))
    return head, body


def _beside(found: Sheet) -> list[str | int | float]:
    item, dataset = found.scenario, found.dataset
    return [
        item.title, item.version, STATES[item.state], str(dataset["quality_label"]), str(dataset["as_of"] or UNKNOWN),
        str(dataset["source"] or UNKNOWN),
    ]  # fmt: skip


BESIDE = ("案", "版", "状態", "データの品質", "時点", "出典")


def to_csv(found: Sheet) -> bytes:
    """Each row says which scenario it is of."""
    head, body = table(found)
    return rows_to_csv([*head, *BESIDE], [[*row, *_beside(found)] for row in body])


def to_xlsx(found: Sheet) -> bytes:
    """The table on the first sheet, what it is and assumes on the second."""
    head, body = table(found)
    item = found.scenario
    about: list[list[Any]] = [
        ["案", item.title], ["版", f"第{item.version}版（{STATES[item.state]}）"], ["作成者", item.author],
        ["案の種類", Quality(item.quality).label], ["データの品質", found.dataset["quality_label"]],
        ["時点", str(found.dataset["as_of"] or UNKNOWN)], ["出典", found.dataset["source"] or UNKNOWN],
        *(["前提", line] for line in found.assumptions),
    ]  # fmt: skip
    return files.workbook([("実施計画", head, body), ("この表について", (), about)])


def first_years(scenario: Scenario) -> list[tuple[int, str]]:
    """What the chooser offers."""
    last = max(scenario.base_year, scenario.last_year - YEARS + 1)
    return [(year, fiscal_year_label(year)) for year in range(scenario.base_year, last + 1)]
