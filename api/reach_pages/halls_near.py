"""How far the neighbourhood halls are, for staff: by the network where its arrays are there, else by the straight line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from api.reach_pages.params import BY
from geodata import reach_arrays
from geodata.queries.halls import halls
from geodata.reach_demand import associations

if TYPE_CHECKING:
    import numpy as np

    from api.reach_pages.shelf import Held
    from geodata.database import Connection
    from geodata.queries.generation import Ref
    from geodata.queries.halls import HallRow
    from kyodo_geo.reach.report import Choice


@dataclass(frozen=True, slots=True, eq=False)
class NearHalls:
    """`rows` are all halls; `nearest` (n) is the place in `rows` of the nearest of each cell (−1: none can be reached), `cost`
    (n) its metres. `by` says how they were measured; `of_place`: small area or square → association (None: none).
    """

    rows: list[HallRow]
    nearest: np.ndarray
    cost: np.ndarray
    by: str
    of_place: dict[str, str | None]

    @property
    def unplaced(self) -> int:
        """Halls whose place is unknown: they are in no distance."""
        return sum(row.x is None for row in self.rows)

    def lines(self, choice: Choice, driving: bool) -> list[str]:
        """What the distances stand on, in sentences."""
        placed = len(self.rows) - self.unplaced
        how = (
            f"{BY[self.by]}で数えました"
            if self.by != "straight"
            else "直線距離×1.3 で数えました（道のりではありません）"
        )
        why = (
            "自治公民館までの道のりの計算が終わっていないか、歩行者の道路網がないため、直線距離を使っています。"
            if self.by == "straight" and choice.by != "straight"
            else ""
        )
        drives = (
            f"車で移動する地域（人口密度が {choice.drive_below:,.0f} 人/km² より低い地区）でも、"
            f"自治公民館までは{BY[self.by]}で見て、"
            f"{choice.drive_m:,.0f} m（{choice.minutes:g} 分を平均 {choice.kmh:g} km/h で走る距離）までを範囲としました。"
        )
        return [
            *([drives] if driving else []),
            f"自治公民館：登録されている {len(self.rows):,} 館のうち、位置のわかる {placed:,} 館を{how}。{why}",
            f"位置のわからない自治公民館 {self.unplaced:,} 館は、距離に入っていません（ないという意味ではありません）。",
        ]


def near_halls(conn: Connection, ref: Ref, held: Held, by: str) -> NearHalls:
    """Distances of all cells; `conn` is of the staff audience."""
    import numpy as np

    from kyodo_geo.reach.figures import nearest
    from kyodo_geo.reach.straight import straight_costs

    rows = halls(conn, ref)
    places = associations(conn, ref, held.demand)
    of_place = {key: association for key, (association, _, _) in places.items()}
    at = {row.hall_id: place for place, row in enumerate(rows)}
    reach = None
    if held.ready and by != "straight":
        reach = reach_arrays.held_halls(conn, ref.municipality_code, held.input_hash, held.demand)
    known = np.array([], dtype=int)
    costs = None if reach is None else reach.costs(by)
    if reach is not None and costs is not None and len(costs) == len(held.prepared.key):
        known = np.array([at.get(str(name), -1) for name in reach.hall], dtype=int)
        costs = costs[:, known >= 0]
        known, measured = known[known >= 0], by
    else:
        known = np.array([place for place, row in enumerate(rows) if row.x is not None], dtype=int)
        spots = np.array([(rows[p].x, rows[p].y) for p in known], dtype=float).reshape(-1, 2)
        names, of = np.unique(held.prepared.key, return_inverse=True)
        # A place that another generation has dropped meanwhile is far from everything.
        points = np.array(
            [places.get(str(name), (None, np.nan, np.nan))[1:] for name in names], dtype=float
        ).reshape(-1, 2)
        costs, measured = np.nan_to_num(straight_costs(points, spots), nan=np.inf)[of], "straight"
    first, cost = nearest(costs.astype(float))
    place = np.where(first >= 0, known[first] if len(known) else -1, -1)
    return NearHalls(rows, place, cost, measured, of_place)
