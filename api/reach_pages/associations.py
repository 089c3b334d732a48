"""Who is out of reach by association, also with the neighbourhood halls counted. For staff: halls may be somebody's house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.gaps import kinds_of_data, period_of
from api.reach_pages.hall_tables import difference_table, register_table
from api.reach_pages.halls_near import near_halls
from api.reach_pages.level_table import columns, row_cells
from api.reach_pages.params import BY, assumptions, choice_of, supply_label
from api.reach_pages.people import unit_of, year_label
from geodata.queries import association_names
from geodata.queries.datasets import active_datasets
from kyodo_geo.quality import credit

if TYPE_CHECKING:
    from api.reach_pages.halls_near import NearHalls
    from api.reach_pages.params import ReachParams
    from api.reach_pages.shelf import Held
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from kyodo_geo.reach.report import Choice, Report
    from maps.tables import Row, Table

NO_ASSOCIATION = "どの団体の区域にも入らない所"


@dataclass(frozen=True, slots=True, eq=False)
class AssociationGaps:
    """The tables and what they stand on; `figures` has every figure of each association."""

    choice: Choice
    table: Table
    figures: Table
    districts: Table
    halls: Table
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str

    def part(self, name: str) -> Table:
        """The table of a file."""
        return {"figures": self.figures, "districts": self.districts, "halls": self.halls}.get(
            name, self.table
        )


def association_gaps(conn: Connection, ref: Ref, held: Held, params: ReachParams) -> AssociationGaps:
    """Figures by association; `conn` is of the staff audience."""
    from kyodo_geo.reach.report import report

    choice = choice_of(held, params)
    found = report(held.prepared, choice)
    districts = dict(association_names.district_names(conn, ref))
    near = near_halls(conn, ref, held, choice.by)
    names = association_names.names(conn, ref)
    lines = [
        *assumptions(held, choice, [districts.get(no, str(no)) for no in found.driving]),
        *near.lines(choice, bool(found.driving)),
        f"町内会・自治会：{unit_of(held)}の代表点を区域に含む団体に、その{unit_of(held)}の人を割り当てました。",
    ]
    lines = [
        line.replace("（自治公民館は職員だけが見られる記録のため、この公開のページでは数えていません）", "")
        for line in lines
    ]
    grants = [grant["quality"] for row in near.rows for grant in row.grants]
    table, figures = _tables(held, found, names, near)
    return AssociationGaps(
        choice,
        table,
        figures,
        difference_table(held, found, near, districts),
        register_table(held, found, near),
        lines,
        credit(
            active_datasets(conn, ref), (*kinds_of_data(held), "associations", "halls"), values=set(grants)
        ),
        period_of(held, choice),
    )


def _tables(
    held: Held, found: Report, names: list[association_names.Named], near: NearHalls
) -> tuple[Table, Table]:
    """(people within and out of reach with and without halls, every figure) by association."""
    import numpy as np

    from kyodo_geo.reach.levels import levels
    from maps.tables import Column, Row, Table

    place_of = {item.id: place for place, item in enumerate(names)}
    association = {key: place_of.get(of or "", len(names)) for key, of in near.of_place.items()}
    group = np.array([association.get(str(key), len(names)) for key in held.prepared.key], dtype=int)
    reached = near.cost <= found.limit
    out = ~((found.cost <= found.limit) | reached)
    count = len(names) + 1
    beyond = np.bincount(group, found.total * out, count)
    beyond_old = np.bincount(group, found.people[:, 2] * out, count)
    own = {row.association_id for row in near.rows if row.association_id is not None}
    old = held.prepared.knows_band(2)
    rows: list[Row] = []
    every: list[Row] = []
    for place, level in enumerate(levels(found, group, count)):
        item = None if place == len(names) else names[place]
        if item is None and level.total < 0.5:
            continue
        has_hall = "—" if item is None else "あり" if item.id in own else "なし"
        more = (
            cells.words(has_hall),
            cells.share(level.total - beyond[place], level.total),
            cells.people(beyond[place]),
            cells.people(beyond_old[place] if old else None),
        )
        whole = row_cells(held, found, level)
        by_key = dict(zip((column.key for column in columns(found)), whole, strict=True))
        key = "none" if item is None else item.id
        name = NO_ASSOCIATION if item is None else item.name
        href = None if item is None else f"/associations/{item.id}"
        where = cells.words(
            "—"
            if item is None or item.district_no is None
            else f"{item.district_no} {item.district_name or ''}".strip()
        )
        short = (
            by_key[k] for k in ("people", "share_within", "out_of_reach", "out_65", "mean_m", "seats_decayed")
        )
        rows.append(Row(key, name, (where, *short, *more), on_map=False, href=href))
        every.append(Row(key, name, (where, *whole, *more), on_map=False, href=href))
    halls = (
        Column("hall", "自治公民館"),
        Column("share_with_halls", "自治公民館も含めた割合（%）", numeric=True, digits=1),
        Column("out_with_halls", "それでも届かない人", numeric=True),
        Column("out_with_halls_65", "うち65歳以上", numeric=True),
    )
    choice = found.choice
    said = (
        f"{year_label(held.prepared, choice.year, choice.projection)}、"
        f"{supply_label(choice.supply)}、{BY[choice.by]}"
    )
    district = Column("district", "地区")
    note = (
        "人口が「0」の団体は、区域がわからないか、代表点をふくみません。住む人がいないという意味ではありません。",
        "「自治公民館」の「なし」は、名簿にその団体の自治公民館がないことです。",
    )
    table = Table(
        f"施設が届かない人（町内会・自治会別、{said}）",
        "町内会・自治会",
        (
            district,
            Column("people", "人口", numeric=True),
            Column("share_within", "範囲内の割合（%）", numeric=True, digits=1),
            Column("out_of_reach", "届かない人", numeric=True),
            Column("out_of_reach_65", "うち65歳以上", numeric=True),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("seats_decayed", "千人あたりの定員（E2SFCA）", numeric=True, digits=1),
            *halls,
        ),
        tuple(rows),
        layer="none",
        notes=note,
    )
    figures = Table(
        f"町内会・自治会別のすべての項目（{said}）",
        "町内会・自治会",
        (district, *columns(found), *halls),
        tuple(every),
        layer="none",
        notes=note,
    )
    return table, figures
