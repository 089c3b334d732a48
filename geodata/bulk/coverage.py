"""Who is within reach of a facility or a hall, municipality by municipality, by straight line × detour factor.

The same arrays and figures as the service's pages have before a network is loaded (`kyodo_geo.reach`): people of a small
area stand at a point inside it. Facilities of the municipality itself count, as on the pages.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from geodata.bulk import geoparquet, ground, parts
from geodata.bulk.running import Done
from kyodo_geo import plane
from kyodo_geo.crs import plane_zone
from kyodo_geo.reach.figures import figures, nearest
from kyodo_geo.reach.prepared import Area, Site, YearPeople, prepare

FORMAT = 1
FACTS = "kyodo_coverage"


@dataclass(frozen=True, slots=True)
class CoveragePart:
    """One municipality. `of`: `activity` (facilities for activities), `facilities` (all) or `halls`; `on`: ISO day."""

    code: str
    of: str
    on: str
    distances: tuple[float, ...]
    ground: str
    target: str
    size: int = 1


def plan(
    grounds: Path, target: Path, *, of: str, on: date, distances: tuple[float, ...]
) -> list[CoveragePart]:
    """One part per municipality that has small areas. Raises `InputError` where there is none."""
    found = []
    for code, _ in parts.municipalities(grounds / "small-areas"):
        version = ground.version(grounds, code, ground.COVERAGE)
        key = parts.key_of(f=FORMAT, what="coverage", of=of, on=on, distances=distances, version=version)
        made = str(parts.part_path(target, code, 0, key))
        found.append(CoveragePart(code, of, on.isoformat(), distances, str(grounds), made))
    return found


def run(part: CoveragePart) -> Done:
    """A row per small area: people, nearest facility, metres to it, and whether it is within each distance."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    grounds, day = Path(part.ground), date.fromisoformat(part.on)
    rows = sorted(ground.rows(grounds, "small-areas", part.code), key=lambda row: row["key_code"])
    spots = shapely.point_on_surface(shapely.from_wkb([row["geom"] for row in rows]))
    lon, lat = shapely.get_x(spots), shapely.get_y(spots)
    x, y = plane.forward(plane_zone(part.code), lon, lat)
    areas = [
        Area(row["key_code"], row.get("name"), None, row.get("area_m2") or 0.0, np.array([[x[i], y[i]]]))
        for i, row in enumerate(rows)
    ]
    people = {
        row["key_code"]: [0.0, 0.0, 0.0, float(row["people"])] for row in rows if row["people"] is not None
    }
    made = prepare(areas, [YearPeople(day.year, False, people)], _sites(part, day))
    which, cost = nearest(made.straight)
    alive = made.people_in(day.year).sum(axis=1)
    total = figures(cost, alive, part.distances)
    facts = {
        "municipality": part.code,
        "facilities": len(made.site),
        "areas": len(rows),
        "unpublished": int(made.secret[0]),
        "people": float(total.people[0, 0]),
        "within": {f"{d:g}": float(total.within[t, 0, 0]) for t, d in enumerate(part.distances)},
        "unreachable": float(total.unreachable[0, 0]),
        "mean_m": None if np.isnan(total.mean_cost[0, 0]) else float(total.mean_cost[0, 0]),
    }
    table = pa.table(
        {
            "key_code": pa.array([row["key_code"] for row in rows], pa.string()),
            "name": pa.array([row.get("name") for row in rows], pa.string()),
            "people": pa.array([row["people"] for row in rows], pa.int32()),
            "facility_id": pa.array([str(made.site[w]) if w >= 0 else None for w in which], pa.string()),
            "metres": pa.array([float(c) if np.isfinite(c) else None for c in cost], pa.float64()),
            **{f"within_{d:g}m": pa.array(cost <= d) for d in part.distances},
            "geometry": pa.array(geoparquet.points_wkb(lon.tolist(), lat.tolist()), pa.binary()),
        }
    )
    bounds = geoparquet.bounds_of(lon.tolist(), lat.tolist())
    told = {
        **geoparquet.geo_metadata("geometry", bounds, ["Point"]),
        FACTS: json.dumps(facts, ensure_ascii=False),
    }
    with parts.whole(Path(part.target)) as passing:
        pq.write_table(table.replace_schema_metadata(told), passing, compression="zstd")
    return Done(part.code, part.target, 1, {})


def facts_of(path: Path) -> dict[str, Any]:
    """The totals that stand in a part's file."""
    import pyarrow.parquet as pq

    with path.open("rb") as stream, pq.ParquetFile(stream) as file:
        found: dict[str, Any] = json.loads(file.metadata.metadata[FACTS.encode()])
    return found


def _sites(part: CoveragePart, day: date) -> list[Site]:
    """What is in service on the day, by id."""
    kind = "halls" if part.of == "halls" else "facilities"
    named = "hall_id" if kind == "halls" else "facility_id"
    found = []
    for row in sorted(ground.rows(Path(part.ground), kind, part.code), key=lambda row: row[named]):
        opened, closed = row.get("opened_on"), row.get("closed_on")
        if row["geom"] is None or (opened and opened > day) or (closed and closed <= day):
            continue
        if part.of == "activity" and not row["activity"]:
            continue
        at = shapely.from_wkb(row["geom"])
        x, y = plane.forward(plane_zone(part.code), np.array([at.x]), np.array([at.y]))
        found.append(
            Site(row[named], row["name"], row.get("kind") or kind, bool(row.get("activity")), row.get("capacity"),
                 opened, closed, (float(x[0]), float(y[0])))
        )  # fmt: skip
    return found
