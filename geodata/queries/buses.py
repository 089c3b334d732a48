"""Bus lines as arrays, for the process that computes reach; stops for a map."""

from __future__ import annotations

import numpy as np

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.reach.transit import DAYS, Buses


def buses(conn: Connection, ref: Ref, day: str) -> Buses | None:
    """The lines of the generation with the departures of one kind of day, None where no timetable is loaded."""
    assert day in DAYS
    rows = conn.execute(
        f"""
        SELECT pattern_no, stop_id, minutes, board, alight, {day} AS departures,
               ST_X(ST_Transform(geom, %(plane)s)) AS x, ST_Y(ST_Transform(geom, %(plane)s)) AS y
        FROM bus_call
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'bus-timetable')
        ORDER BY pattern_no, seq
        """,  # noqa: S608 - one of three fixed names
        {**ref.args, "plane": ref.plane_epsg},
    ).fetchall()
    if not rows:
        return None
    place: dict[str, int] = {}
    spots: list[tuple[float, float]] = []
    for row in rows:
        if row["stop_id"] not in place:
            place[row["stop_id"]] = len(spots)
            spots.append((row["x"], row["y"]))
    return Buses(
        stops=np.array(spots, dtype=float),
        pattern=np.array([row["pattern_no"] for row in rows], dtype=int),
        stop=np.array([place[row["stop_id"]] for row in rows], dtype=int),
        minutes=np.array([np.nan if row["minutes"] is None else row["minutes"] for row in rows], dtype=float),
        board=np.array([row["board"] for row in rows], dtype=bool),
        alight=np.array([row["alight"] for row in rows], dtype=bool),
        departures=np.array([row["departures"] for row in rows], dtype=int),
    )
