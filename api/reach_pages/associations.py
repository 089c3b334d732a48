"""Who is out of reach by association, also with the neighbourhood halls counted. For staff: halls may be somebody's house."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from api.reach_pages import cells
from api.reach_pages.gaps import kinds_of_data, period_of
from api.reach_pages.params import BY, assumptions, choice_of, supply_label
from api.reach_pages.people import year_label
from geodata.queries import association_names, demand
from geodata.queries.datasets import active_datasets
from geodata.queries.halls import halls
from kyodo_geo.quality import credit

if TYPE_CHECKING:
    import numpy as np

    from api.reach_pages.params import ReachParams
    from api.reach_pages.shelf import Held
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from kyodo_geo.reach.report import Choice, Report
    from maps.tables import Table


@dataclass(frozen=True, slots=True, eq=False)
class AssociationGaps:
    """The table and what it stands on."""

    choice: Choice
    table: Table
    assumptions: list[str]
    dataset: dict[str, Any]
    period: str


def association_gaps(conn: Connection, ref: Ref, held: Held, params: ReachParams) -> AssociationGaps:
    """Figures by association; `conn` is of the staff audience."""
    from kyodo_geo.reach.report import report

    choice = choice_of(held, params)
    found = report(held.prepared, choice)
    districts = dict(association_names.district_names(conn, ref))
    points = demand.points(conn, ref)
    near_hall, number, unplaced = _hall_distance(conn, ref, held, points)
    table = _table(held, found, points, association_names.names(conn, ref), near_hall)
    lines = [
        *assumptions(held, choice, [districts.get(no, str(no)) for no in found.driving]),
        f"自治公民館：登録されている {number:,} 館を、小地域の代表点からの直線距離×1.3 で数えました。道のりではありません。",
        f"位置のわからない自治公民館 {unplaced:,} 館は数えていません。",
        "町内会・自治会：小地域の代表点を区域に含む団体に、その小地域の人を割り当てました。",
    ]
    lines = [
        line.replace("（自治公民館は職員だけが見られる記録のため、この公開のページでは数えていません）", "")
        for line in lines
    ]
    return AssociationGaps(
        choice,
        table,
        lines,
        credit(active_datasets(conn, ref), (*kinds_of_data(held), "associations", "halls")),
        period_of(held, choice),
    )


def _hall_distance(
    conn: Connection, ref: Ref, held: Held, points: list[demand.DemandPoint]
) -> tuple[np.ndarray, int, int]:
    """(metres of each cell to the nearest hall, halls with a place, halls without one)."""
    import numpy as np

    from kyodo_geo.reach.straight import straight_costs

    known = halls(conn, ref)
    spots = np.array([(h.x, h.y) for h in known if h.x is not None and h.y is not None]).reshape(-1, 2)
    areas = np.array([(p.x, p.y) for p in points]).reshape(-1, 2)
    nearest = straight_costs(areas, spots).min(axis=1) if len(spots) else np.full(len(areas), np.inf)
    of_area = dict(zip((p.key_code for p in points), nearest.tolist(), strict=True))
    far = float("inf")
    return (
        np.array([of_area.get(str(key), far) for key in held.prepared.key]),
        len(spots),
        len(known) - len(spots),
    )


def _table(
    held: Held,
    found: Report,
    points: list[demand.DemandPoint],
    names: list[association_names.Named],
    near_hall: np.ndarray,
) -> Table:
    import numpy as np

    from maps.tables import Cell, Column, Row, Table

    place_of = {item.id: place for place, item in enumerate(names)}
    association = {p.key_code: place_of.get(p.association_id or "", len(names)) for p in points}
    group = np.array([association.get(str(key), len(names)) for key in held.prepared.key], dtype=int)
    count, total = len(names) + 1, found.total
    inside = found.cost <= found.limit
    with_halls = inside | (near_hall <= found.limit)
    has = np.isfinite(found.cost)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, values, count)

    heads, near, nearer = summed(total), summed(total * inside), summed(total * with_halls)
    older = summed(found.people[:, 2] * ~inside)
    older_halls = summed(found.people[:, 2] * ~with_halls)
    ways, metres = summed(total * has), summed(np.where(has, found.cost, 0.0) * total)
    rows = []
    for place in range(count):
        last = place == len(names)
        if last and heads[place] < 0.5:
            continue
        item = None if last else names[place]
        mean = (
            metres[place] / ways[place]
            if ways[place] > 0
            else (float("inf") if heads[place] > 0 else float("nan"))
        )
        district = (
            "—"
            if item is None or item.district_no is None
            else f"{item.district_no} {item.district_name or ''}".strip()
        )
        rows.append(
            Row(
                "none" if item is None else item.id,
                "どの団体の区域にも入らない小地域" if item is None else item.name,
                (
                    Cell(district, district),
                    cells.people(heads[place]),
                    cells.share(near[place], heads[place]),
                    cells.people(heads[place] - near[place]),
                    cells.people(older[place]),
                    cells.metres(float(mean)),
                    cells.share(nearer[place], heads[place]),
                    cells.people(heads[place] - nearer[place]),
                    cells.people(older_halls[place]),
                ),
                on_map=False,
                href=None if item is None else f"/associations/{item.id}",
            )
        )
    return Table(
        f"{year_label(held.prepared, found.choice.year, found.choice.projection)}に施設が届かない人（町内会・自治会別、"
        f"{supply_label(found.choice.supply)}、{BY[found.choice.by]}）",
        "町内会・自治会",
        (
            Column("district", "地区"),
            Column("people", "人口", numeric=True),
            Column("share_within", "範囲内の割合（%）", numeric=True, digits=1),
            Column("out_of_reach", "届かない人", numeric=True),
            Column("out_of_reach_65", "うち65歳以上", numeric=True),
            Column("mean_m", "最寄りまでの平均（m）", numeric=True),
            Column("share_with_halls", "自治公民館も含めた割合（%）", numeric=True, digits=1),
            Column("out_with_halls", "それでも届かない人", numeric=True),
            Column("out_with_halls_65", "うち65歳以上", numeric=True),
        ),
        tuple(rows),
        layer="none",
        notes=(
            "人口が「0」の団体は、区域がわからないか、小地域の代表点をふくみません。住む人がいないという意味ではありません。",
        ),
    )
