"""Resident register as it was loaded: every area and day of the dataset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Registered:
    """People and households of one area on one day; `name` is None for the whole city, unknown figures are None."""

    area_kind: str
    area_key: str
    name: str | None
    as_of: date
    people: int | None
    households: int | None


def registered(conn: Connection, ref: Ref) -> list[Registered]:
    """All rows, newest day first: the city, then districts, small areas and towns by their keys."""
    rows = conn.execute(
        """
        SELECT r.area_kind, r.area_key, r.as_of, r.people, r.households,
               CASE r.area_kind WHEN 'district' THEN d.name WHEN 'small-area' THEN s.name WHEN 'town' THEN r.area_key
               END AS name
        FROM register_population r
        LEFT JOIN district_area d ON r.area_kind = 'district' AND d.municipality_code = r.municipality_code
            AND d.dataset_id = active_dataset(%(m)s, %(g)s, 'districts') AND d.district_no::text = r.area_key
        LEFT JOIN small_area s ON r.area_kind = 'small-area' AND s.municipality_code = r.municipality_code
            AND s.dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas') AND s.key_code = r.area_key
        WHERE r.municipality_code = %(m)s AND r.dataset_id = active_dataset(%(m)s, %(g)s, 'register-population')
        ORDER BY r.as_of DESC, array_position(ARRAY['city', 'district', 'small-area', 'town'], r.area_kind),
                 length(r.area_key), r.area_key
        """,
        ref.args,
    )
    return [Registered(**row) for row in rows]
