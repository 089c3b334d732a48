"""The list of scenarios: what each means, and what it costs beside keeping everything as it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.answers import Reading
from api.reach_pages import cells
from api.reach_pages.gaps import KINDS
from api.scenario_pages.compare import beside
from api.scenario_pages.inputs import inputs_of
from api.scenario_pages.params import ScenarioParams
from api.scenario_pages.tables import yen
from api.scenario_pages.view import STATES, Numbers, numbers_of
from api.support.parts import with_records
from geodata import scenarios as stored
from geodata.queries.datasets import active_datasets
from kyodo_geo.quality import credit
from maps.text import day

if TYPE_CHECKING:
    from api.reach_pages.shelf import Held
    from maps.tables import Table


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """Scenarios that the reader may see, with their effects; `together`: ids of up to three over the same years."""

    items: list[Numbers]
    together: list[str]
    table: Table
    dataset: dict[str, Any]


def listing(reading: Reading, held: Held, folder: str) -> Listing:
    """`folder`: address under which each scenario has its page."""
    from maps.tables import Cell, Column, Row, Table

    conn, ref = reading.conn, reading.ref
    params = ScenarioParams(municipality=ref.municipality_code)
    inputs = inputs_of(reading, held)
    items = [
        numbers_of(reading, held, stored.scenario(conn, ref.municipality_code, item.scenario_id, item.version), params)
        for item in stored.scenarios(conn, ref.municipality_code)
    ]  # fmt: skip
    given = (
        ""
        if ref.municipality_code == reading.services.settings.municipality
        else f"?municipality={ref.municipality_code}"
    )
    rows = []
    for numbers in items:
        item, found = numbers.scenario, numbers.found
        known = found is not None and numbers.cost_known
        rows.append(
            Row(
                item.scenario_id,
                item.title,
                (
                    cells.words(item.reason),
                    cells.words(item.author),
                    cells.words(_version(item)),
                    Cell(f"{item.base_year}〜{item.last_year}年度", item.base_year),
                    Cell(f"{len(item.actions):,}", len(item.actions)),
                    yen(found.costs.sum if found is not None and known else None),
                    yen(found.before.sum if found is not None and known else None),
                    yen(found.effect if found is not None and known else None),
                ),
                on_map=False,
                href=f"{folder}/{item.scenario_id}{given}",
            )
        )
    table = Table(
        f"公共施設の案（{len(rows)} 件）",
        "案",
        (
            Column("reason", "ねらい"),
            Column("author", "作成"),
            Column("version", "版と状態"),
            Column("years", "期間"),
            Column("actions", "行動の数", numeric=True),
            Column("total", "費用（百万円）", numeric=True, digits=1),
            Column("total_base", "今のまま（百万円）", numeric=True, digits=1),
            Column("effect", "差：今のまま－案（百万円）", numeric=True, digits=1),
        ),
        tuple(rows),
        layer="none",
        notes=(
            "費用は、期間の中の工事、除却・移転など、維持管理の計です。計算できない建物は入っていません。",
            "費用が「不明」の案は、建物の記録がないか、案の行動が今の施設の記録に合いません。",
        ),
    )
    dataset = credit(active_datasets(conn, ref), KINDS)
    return Listing(
        items, [item.scenario_id for item in beside([numbers.scenario for numbers in items])[:3]], table,
        with_records(dataset, [*inputs.qualities, *(i.scenario.quality for i in items)], [i.scenario.source for i in items]),
    )  # fmt: skip


def _version(item: stored.Scenario) -> str:
    on = f"、{day(item.published_at.date())}" if item.published_at else ""
    return f"第{item.version}版（{STATES[item.state]}{on}）"
