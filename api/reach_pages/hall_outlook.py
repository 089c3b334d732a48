"""The neighbourhood halls in years to come: repairs, new buildings, subsidies, earthquakes, and who has none. For staff."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reach_pages.hall_outlook_tables import (
    by_district,
    by_hall,
    by_period,
    by_year,
    chart,
    without_hall,
)
from api.reach_pages.hall_params import rules_of
from api.reach_pages.halls_near import near_halls
from api.reach_pages.params import assumptions, choice_of
from geodata.queries import association_names
from geodata.queries.datasets import active_datasets
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.hall_outlook import Hall, Need, outlook
from kyodo_geo.quality import credit
from kyodo_geo.vacancy.verdict import Verdict

if TYPE_CHECKING:
    from api.reach_pages.hall_params import HallsParams
    from api.reach_pages.shelf import Held
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from geodata.queries.halls import HallRow
    from kyodo_geo.hall_outlook import Outlook, Rules
    from kyodo_geo.reach.report import Choice
    from maps.charts import BuiltChart
    from maps.tables import Table

KINDS = ("halls", "associations", "districts", "age-population", "small-areas", "walk-network")


@dataclass(frozen=True, slots=True, eq=False)
class HallsView:
    """All that page and files say."""

    choice: Choice
    rules: Rules
    summary: list[str]
    chart: BuiltChart
    halls: Table
    periods: Table
    years: Table
    districts: Table
    without: Table
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str

    def part(self, name: str) -> Table:
        """The table of a file."""
        found: Table = getattr(self, name)
        return found


def halls_view(conn: Connection, ref: Ref, held: Held, params: HallsParams) -> HallsView:
    """The outlook and the reach of the halls; `conn` is of the staff audience. Raises `InputError`."""
    from kyodo_geo.reach.report import limits

    choice, rules = choice_of(held, params), rules_of(params)
    near = near_halls(conn, ref, held, choice.by)
    names = dict(association_names.district_names(conn, ref))
    found = outlook([_hall(row) for row in near.rows], rules)
    people = held.prepared.people_in(choice.year, choice.projection)
    driving = limits(held.prepared, choice, people)[1]
    lost = without_hall(held, choice, near, association_names.names(conn, ref))
    grants = {grant["quality"] for row in near.rows for grant in row.grants}
    return HallsView(
        choice,
        rules,
        _summary(found, rules),
        chart(found, rules),
        by_hall(near.rows, found),
        by_period(found, rules),
        by_year(found, rules),
        by_district(held, choice, near, found, names),
        lost,
        [*_rules(rules), *near.lines(choice, bool(driving)), *_reach(held, choice, driving, names)],
        credit(active_datasets(conn, ref), KINDS, values=grants),
        (
            f"{fiscal_year_label(rules.base)}から{rules.years}年・修繕{rules.repair_after}年・建替え{rules.rebuild_after}年・"
            f"人口{choice.year}年・徒歩{choice.distance_m:,.0f} m・車{choice.drive_m:,.0f} m"
        ),
    )


def _hall(row: HallRow) -> Hall:
    works = [g["fiscal_year"] for g in row.grants if g["kind"] == "works" and g["work"] != "new"]
    return Hall(
        row.hall_id, row.built_year, row.confirmed_on, row.floor_area_m2, row.ownership, row.district_no,
        max(works, default=None),
    )  # fmt: skip


def _summary(found: list[Outlook], rules: Rules) -> list[str]:
    rented = sum(item.hall.ownership == "rented" for item in found)
    mine = [item for item in found if item.hall.ownership != "rented"]
    unknown = sum(item.hall.built_year is None for item in mine)
    unclear = sum(item.hall.ownership is None for item in found)
    proof = {verdict: sum(item.seismic is verdict for item in mine) for verdict in Verdict}
    events = [event for item in mine for event in item.events]

    def count(need: Need, late: bool) -> str:
        return f"{sum(e.need is need and (e.year is None) is late for e in events):,} 館"

    if not found:
        return ["自治公民館の名簿が読み込まれていないため、見通しはありません。"]
    return [
        (
            f"{fiscal_year_label(rules.base)}から {rules.years} 年の間に、大規模修繕の時期を迎える自治公民館は "
            f"{count(Need.REPAIR, False)}、建替えの時期を迎えるのは {count(Need.REBUILD, False)}です"
            "（1 館に 2 回来ることもあります）。"
        ),
        (
            f"すでに時期を過ぎているのは、大規模修繕 {count(Need.REPAIR, True)}、建替え {count(Need.REBUILD, True)}です"
            "（どの年にも入れていません）。"
        ),
        (
            f"名簿の {len(found):,} 館のうち、借家 {rented:,} 館は持ち主が直すため見通しに入れていません。"
            f"建築年が不明な {unknown:,} 館は計算できません（借家を除く）。"
            + (f"所有か借家か不明な {unclear:,} 館は、所有として数えました。" if unclear else "")
        ),
        (
            f"借家を除く {len(mine):,} 館のうち、建築確認が1981年6月1日より前（旧耐震）は {proof[Verdict.FAIL]:,} 館、"
            f"不明は {proof[Verdict.UNKNOWN]:,} 館です。"
        ),
    ]


def _rules(rules: Rules) -> list[str]:
    lines = [
        (
            f"時期：大規模修繕は建築年（補助による増改築・修繕の記録があれば、その新しい年度）から {rules.repair_after} 年、"
            f"建替えは建築年から {rules.rebuild_after} 年としました（どちらも変えられます）。"
            "年数は総務省の更新費用試算ソフトにならった仮定で、実際の傷み具合は見ていません。"
        ),
        "大規模修繕の時期が建替えより後になるものは数えません。建替えの時期をすでに過ぎたものは、その後を数えません。",
        (
            "耐震：建築確認の日が1981年6月1日より前を旧耐震としました。日が不明なら、建築年が1980年までは旧耐震、"
            "1985年からは新耐震、その間と建築年も不明なものは不明です。耐震診断や改修の記録は名簿にありません。"
        ),
    ]
    for need, label in ((Need.REPAIR, "大規模修繕"), (Need.REBUILD, "建替え")):
        terms = rules.subsidy(need)
        if not terms.known:
            lines.append(
                f"{label}の補助：単価と率、または上限が指定されていないため、額は不明です（0円ではありません）。件数と面積だけを示します。"
            )
            continue
        ceiling = "なし" if terms.ceiling_yen is None else f"{terms.ceiling_yen:,.0f} 円"
        lines.append(
            f"{label}の補助：単価 {terms.yen_m2:,.0f} 円/m²、補助率 {terms.rate_percent:g} %、"
            f"上限 {ceiling}。面積が不明な館は額に入りません。"
            if terms.yen_m2 is not None and terms.rate_percent is not None
            else f"{label}の補助：単価か率が指定されていないため、上限 {ceiling}をすべての館に出した場合の最大の額です。"
        )
    return lines


def _reach(held: Held, choice: Choice, driving: tuple[int, ...], names: dict[int, str]) -> list[str]:
    # Which city facilities count, how one drives to them, and buses are not what this page is about.
    return [
        line
        for line in assumptions(held, choice, [names.get(no, str(no)) for no in driving])
        if not line.startswith(("数える施設", "施設は", "バス", "人口密度が"))
    ]
