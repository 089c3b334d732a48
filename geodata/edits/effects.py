"""What else a draft would do, told before it is activated: rules that meet, blocks nobody has, districts in pieces,
facilities and associations that change their district. Read within the transaction that compares.
"""

from __future__ import annotations

from dataclasses import dataclass

from geodata.database import Connection
from geodata.edits.active import active_facts
from geodata.edits.drafts import Change
from geodata.queries.generation import Ref
from geodata.queries.rule_changes import changes_between
from kyodo_geo.lookup_types import Rule
from kyodo_geo.rule_changes import RuleChanges

PIECE_M2 = 10_000
"""Pieces of a district below one hectare are slivers of the small areas' borders."""


NO_CHANGES = RuleChanges((), (), (), ())


@dataclass(frozen=True, slots=True)
class Piece:
    """A district whose area would lie in more pieces than now; `area_m2` of all but the largest."""

    no: int
    before: int
    after: int
    area_m2: float


@dataclass(frozen=True, slots=True)
class Shifted:
    """A facility or an association in another district than now."""

    kind: str
    id: str
    name: str
    from_no: int | None
    to_no: int | None


def rule_effects(conn: Connection, ref: Ref, changes: list[Change]) -> RuleChanges:
    """The check that runs when rules are imported, of the active rules with and without the changes."""
    held = {
        key: _rules(key, facts["rules"])
        for key, facts in active_facts(conn, ref, "association-rules").items()
    }
    wanted = held | {
        change.key: _rules(change.key, (change.after or {}).get("rules", [])) for change in changes
    }
    row = conn.execute(
        "SELECT active_dataset(%(m)s, %(g)s, 'towns') AS towns, active_dataset(%(m)s, %(g)s, 'blocks') AS blocks, "
        "active_dataset(%(m)s, %(g)s, 'associations') AS associations",
        ref.args,
    ).fetchone()
    assert row is not None
    old, new = ([rule for rules in side.values() for rule in rules] for side in (held, wanted))
    return changes_between(conn, ref.municipality_code, old, new, row)


def pieces(conn: Connection, code: str, old: int, new: int) -> tuple[Piece, ...]:
    """Districts of the dataset `new` that lie in more pieces than in `old`."""
    rows = conn.execute(
        """
        WITH zone AS (SELECT plane_epsg FROM municipality WHERE municipality_code = %(m)s),
        parts AS (
            SELECT d.dataset_id, d.district_no, ST_Area(ST_Transform(p.geom, (SELECT plane_epsg FROM zone))) AS area_m2
            FROM district_area d CROSS JOIN LATERAL ST_Dump(d.geom) p
            WHERE d.municipality_code = %(m)s AND d.dataset_id IN (%(old)s, %(new)s)
        ), counted AS (
            SELECT dataset_id, district_no, count(*)::int AS n, sum(area_m2) - max(area_m2) AS area_m2
            FROM parts WHERE area_m2 >= %(least)s GROUP BY dataset_id, district_no
        )
        SELECT n.district_no AS no, coalesce(o.n, 0) AS before, n.n AS after, n.area_m2
        FROM counted n LEFT JOIN counted o ON o.district_no = n.district_no AND o.dataset_id = %(old)s
        WHERE n.dataset_id = %(new)s AND n.n > 1 AND n.n > coalesce(o.n, 0) ORDER BY 1
        """,
        {"m": code, "old": old, "new": new, "least": PIECE_M2},
    )
    return tuple(Piece(**row) for row in rows)


def shifted(conn: Connection, ref: Ref, old: int, new: int) -> tuple[Shifted, ...]:
    """Facilities by their place, associations by an inner point unless the city's list says their district."""
    rows = conn.execute(
        """
        WITH points AS (
            SELECT 'facility' AS kind, facility_id AS id, name, geom AS point FROM facility_site
            WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
            UNION ALL
            SELECT 'association', a.association_id, a.name, ST_PointOnSurface(a.geom) FROM association_area a
            WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
              AND NOT EXISTS (
                  SELECT FROM association_district l WHERE l.municipality_code = a.municipality_code
                  AND l.association_id = a.association_id AND l.district_no IS NOT NULL
                  AND l.dataset_id = active_dataset(%(m)s, %(g)s, 'association-districts'))
        ), placed AS (
            SELECT p.kind, p.id, p.name, min(d.district_no) FILTER (WHERE d.dataset_id = %(old)s) AS from_no,
                   min(d.district_no) FILTER (WHERE d.dataset_id = %(new)s) AS to_no
            FROM points p JOIN district_area d ON d.municipality_code = %(m)s AND d.dataset_id IN (%(old)s, %(new)s)
                 AND ST_Covers(d.geom, p.point)
            GROUP BY p.kind, p.id, p.name
        )
        SELECT kind, id, name, from_no, to_no FROM placed WHERE from_no IS DISTINCT FROM to_no
        ORDER BY kind, from_no, to_no, name COLLATE "ja-x-icu", id
        """,
        {**ref.args, "old": old, "new": new},
    )
    return tuple(Shifted(**row) for row in rows)


def _rules(key: str, rules: list[dict[str, object]]) -> list[Rule]:
    return [Rule(key, **rule) for rule in rules]  # type: ignore[arg-type]
