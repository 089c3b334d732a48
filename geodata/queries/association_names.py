"""Names of the associations by district, for choosing one without a map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geodata.database import Connection
from geodata.queries.generation import Ref
from kyodo_geo.lookup.names import name_order


@dataclass(frozen=True, slots=True)
class Named:
    """One association; district fields are None for one in no district."""

    id: str
    name: str
    district_no: int | None
    district_name: str | None


def names(conn: Connection, ref: Ref) -> list[Named]:
    """All associations of the generation by district number, then name (一丁目 before 二丁目, 第2 before 第10)."""
    rows = conn.execute(
        """
        SELECT a.association_id AS id, a.name, d.district_no, n.name AS district_name
        FROM association_area a
        LEFT JOIN association_districts(%(m)s, %(g)s) d ON d.association_id = a.association_id
        LEFT JOIN district_area n ON n.municipality_code = a.municipality_code AND n.district_no = d.district_no
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY d.district_no NULLS LAST, a.association_id
        """,
        ref.args,
    )
    found = [Named(**row) for row in rows]
    return sorted(
        found, key=lambda item: (item.district_no is None, item.district_no or 0, name_order(item.name))
    )


def district_names(conn: Connection, ref: Ref) -> list[tuple[int, str]]:
    """(number, name) of every district."""
    rows = conn.execute(
        "SELECT district_no, name FROM district_area WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts') ORDER BY district_no",
        ref.args,
    )
    return [(row["district_no"], row["name"]) for row in rows]


def by_district(known: Iterable[Named]) -> list[tuple[str, list[Named]]]:
    """(district's label, its associations) in the order of `known`."""
    groups: dict[str, list[Named]] = {}
    for item in known:
        label = (
            f"{item.district_no} {item.district_name or ''}".strip() if item.district_no else "地区が未登録"
        )
        groups.setdefault(label, []).append(item)
    return list(groups.items())


def names_of(conn: Connection, ref: Ref, ids: Sequence[str]) -> dict[str, str]:
    """Id → name of those that are in the generation."""
    rows = conn.execute(
        "SELECT association_id, name FROM association_area WHERE municipality_code = %(m)s "
        "AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations') AND association_id = ANY(%(ids)s)",
        {**ref.args, "ids": list(ids)},
    )
    return {row["association_id"]: row["name"] for row in rows}
