"""Names of the associations by district, for choosing one without a map."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref


@dataclass(frozen=True, slots=True)
class Named:
    """One association; district fields are None for one in no district."""

    id: str
    name: str
    district_no: int | None
    district_name: str | None


def names(conn: Connection, ref: Ref) -> list[Named]:
    """All associations of the generation by district number, then reading."""
    rows = conn.execute(
        """
        SELECT a.association_id AS id, a.name, d.district_no, n.name AS district_name
        FROM association_area a
        LEFT JOIN association_districts(%(m)s, %(g)s) d ON d.association_id = a.association_id
        LEFT JOIN district_area n ON n.municipality_code = a.municipality_code AND n.district_no = d.district_no
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY d.district_no NULLS LAST, coalesce(a.kana, a.name), a.association_id
        """,
        ref.args,
    )
    return [Named(**row) for row in rows]


def district_names(conn: Connection, ref: Ref) -> list[tuple[int, str]]:
    """(number, name) of every district."""
    rows = conn.execute(
        "SELECT district_no, name FROM district_area WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts') ORDER BY district_no",
        ref.args,
    )
    return [(row["district_no"], row["name"]) for row in rows]
