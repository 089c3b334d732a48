"""Everything the in-memory lookup needs, read in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import shapely

from geodata.database import Connection
from geodata.queries.datasets import active_datasets
from geodata.queries.generation import Ref
from kyodo_geo.kinds import LOOKUP_KINDS
from kyodo_geo.lookup_types import Association, District, FormerName, Rule, Snapshot, Town
from kyodo_geo.point_table import PointTable, Row
from kyodo_geo.quality import credit


def _geometries(conn: Connection, query: str, ref: Ref) -> Any:
    row = conn.execute(query, ref.args).fetchone()
    return None if row is None or row["wkb"] is None else shapely.from_wkb(bytes(row["wkb"]))


def _wkb(value: Any) -> Any:
    return None if value is None else shapely.from_wkb(bytes(value))


def lookup_snapshot(conn: Connection, ref: Ref) -> Snapshot:
    """Gazetteer, rules, associations, districts and outline of the generation, with published contacts only."""
    outline = _geometries(
        conn,
        "SELECT ST_AsBinary(ST_Union(geom)) AS wkb FROM outline "
        "WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'outline')",
        ref,
    )
    union = _geometries(
        conn,
        "SELECT ST_AsBinary(ST_Union(geom)) AS wkb FROM small_area "
        "WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'small-areas')",
        ref,
    )
    districts = tuple(
        District(row["district_no"], row["name"], row["kana"], _wkb(row["wkb"]))
        for row in conn.execute(
            "SELECT district_no, name, kana, ST_AsBinary(geom) AS wkb FROM district_area "
            "WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts') "
            "ORDER BY district_no",
            ref.args,
        )
    )
    return Snapshot(
        municipality_code=ref.municipality_code,
        municipality_name=ref.name,
        pref_name=ref.pref_name,
        revision=ref.revision,
        generation_no=ref.generation_no,
        outline=outline,
        small_area_union=union,
        districts=districts,
        associations=_associations(conn, ref),
        rules=_rules(conn, ref),
        towns=_towns(conn, ref),
        blocks=_blocks(conn, ref),
        lots=_lots(conn, ref),
        neighbours=(),
        dataset=credit_of(conn, ref),
        phone=ref.contact_phone or "",
        email=ref.contact_email or "",
        department=ref.contact_department or "",
    )


def snapshot_mark(conn: Connection, ref: Ref) -> str:
    """Of two equal marks read on one day, the snapshots are equal: most changes of a municipality touch no lookup.

    What a generation holds never changes; beside it a snapshot has the office's own facts, the credit and the published
    contacts.
    """
    row = conn.execute(
        """
        SELECT md5(string_agg(to_jsonb(c)::text, E'\\n' ORDER BY association_id, contact_no)) AS contacts
        FROM association_contact c
        WHERE municipality_code = %(m)s AND published AND daterange(valid_from, valid_to, '[)') @> current_date
        """,
        ref.args,
    ).fetchone()
    contacts = None if row is None else row["contacts"]
    return f"{replace(ref, revision=0)!r} {credit_of(conn, ref)!r} {contacts}"


def _associations(conn: Connection, ref: Ref) -> tuple[Association, ...]:
    rows = conn.execute(
        """
        SELECT a.association_id, a.name, a.kana, a.kind, d.district_no, ST_AsBinary(a.geom) AS wkb, c.contact
        FROM association_area a
        LEFT JOIN association_districts(%(m)s, %(g)s) d USING (association_id)
        LEFT JOIN LATERAL (
            SELECT jsonb_build_object('role', role, 'name', name, 'phone', phone, 'email', email) AS contact
            FROM association_contact
            WHERE municipality_code = a.municipality_code AND association_id = a.association_id AND published
              AND daterange(valid_from, valid_to, '[)') @> current_date
            ORDER BY contact_no LIMIT 1
        ) c ON true
        WHERE a.municipality_code = %(m)s AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY a.association_id
        """,
        ref.args,
    )
    return tuple(
        Association(
            association_id=row["association_id"],
            name=row["name"],
            kana=row["kana"],
            kind=row["kind"],
            district_no=row["district_no"],
            # Left as it is: of hundreds of thousands a lookup looks at a few.
            geom=None if row["wkb"] is None else bytes(row["wkb"]),
            contact=row["contact"],
        )
        for row in rows
    )


def _rules(conn: Connection, ref: Ref) -> tuple[Rule, ...]:
    rows = conn.execute(
        """
        SELECT r.association_id, r.kind, r.town, r.koaza, r.block_from, r.block_to, r.house_from, r.house_to
        FROM address_rule r
        JOIN association_area a USING (municipality_code, association_id)
        WHERE r.municipality_code = %(m)s AND r.dataset_id = active_dataset(%(m)s, %(g)s, 'association-rules')
          AND a.dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
        ORDER BY r.association_id, r.rule_no
        """,
        ref.args,
    )
    return tuple(Rule(**row) for row in rows)


def _towns(conn: Connection, ref: Ref) -> tuple[Town, ...]:
    rows = conn.execute(
        """
        SELECT town_id, name, koaza, oaza, chome, jiwari, kana, postal_code, level, aliases, former_names, accuracy_m,
               valid_to, ST_X(geom) AS lon, ST_Y(geom) AS lat
        FROM town
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'towns')
        ORDER BY town_id
        """,
        ref.args,
    )
    return tuple(
        Town(
            **{
                **row,
                "aliases": tuple(row["aliases"]),
                "former_names": tuple(
                    FormerName(former["name"], _day(former.get("valid_from")), _day(former.get("valid_to")))
                    for former in row["former_names"]
                ),
            }
        )
        for row in rows
    )


def _day(text: Any) -> date | None:
    """A day as JSON has it; what is none is not known."""
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _blocks(conn: Connection, ref: Ref) -> PointTable:
    """Blocks and house numbers; read row by row into arrays, as there are about a hundred thousand."""
    rows = conn.execute(
        """
        SELECT town, koaza, block || coalesce('-' || house, '') AS number, ST_X(geom) AS lon, ST_Y(geom) AS lat,
               accuracy_m
        FROM block
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'blocks')
        ORDER BY block_no
        """,
        ref.args,
    )
    return PointTable(Row(**row) for row in rows)


def _lots(conn: Connection, ref: Ref) -> PointTable:
    """Lots; several hundred thousand in a city."""
    rows = conn.execute(
        """
        SELECT town, koaza, lot AS number, ST_X(geom) AS lon, ST_Y(geom) AS lat, accuracy_m
        FROM lot
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'lots')
        ORDER BY lot_no
        """,
        ref.args,
    )
    return PointTable(Row(**row) for row in rows)


def credit_of(conn: Connection, ref: Ref) -> dict[str, Any]:
    """Sources, licences and date of everything an answer rests on, with the quality of its worst part."""
    return credit(active_datasets(conn, ref), LOOKUP_KINDS)
