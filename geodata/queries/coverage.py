"""What reach is computed from: small areas with people, and facilities in service."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.facilities import FacilityRow, facilities
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class DemandArea:
    """A small area with people; `wkb` is its MultiPolygon, lon/lat."""

    key_code: str
    district_no: int | None
    people: int
    wkb: bytes


@dataclass(frozen=True, slots=True)
class CoverageInputs:
    demand: list[DemandArea]
    facilities: list[FacilityRow]


def inputs(conn: Connection, ref: Ref, on: date | None = None) -> CoverageInputs:
    """Demand areas (people known and above 0) and activity facilities in service on the day `on`."""
    rows = conn.execute(
        """
        SELECT s.key_code, a.district_no, s.people, ST_AsBinary(s.geom) AS wkb
        FROM small_area s
        LEFT JOIN district_assignment a ON a.municipality_code = s.municipality_code
            AND a.key_code = s.key_code
            AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
        WHERE s.municipality_code = %(m)s AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')
          AND s.people > 0
        ORDER BY s.key_code
        """,
        ref.args,
    )
    demand = [DemandArea(r["key_code"], r["district_no"], r["people"], bytes(r["wkb"])) for r in rows]
    return CoverageInputs(demand, facilities(conn, ref, activity=True, on=on))
