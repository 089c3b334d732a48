"""What the active datasets say of the rows that drafts change, and frames with changes applied."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from geodata.database import Connection
from geodata.kind_tables import kind_table
from geodata.queries.generation import Ref
from geodata.rows import read_frame

if TYPE_CHECKING:
    import pandas as pd

    from geodata.edits.drafts import Change

Facts = dict[str, Any]
RULE_COLUMNS = ("kind", "town", "koaza", "block_from", "block_to", "house_from", "house_to")
PROFILE_COLUMNS = ("fee", "activities", "joining", "website")
ASSIGNMENT_COLUMNS = ("district_no", "confidence")

_WHOLE = {
    "associations": """
        SELECT association_id AS key, jsonb_build_object('name', name, 'kana', kana, 'area_text', area_text, 'kind', kind,
                   'geom', ST_AsGeoJSON(geom, 15)::jsonb) AS facts
        FROM association_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
          AND (%(keys)s::text[] IS NULL OR association_id = ANY(%(keys)s))
    """,
}
_QUERIES = {
    "districts": """
        SELECT district_no::text AS key, jsonb_build_object('name', name, 'kana', kana, 'aliases', aliases) AS facts
        FROM district_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
          AND (%(keys)s::text[] IS NULL OR district_no::text = ANY(%(keys)s))
    """,
    "facilities": """
        SELECT facility_id AS key, jsonb_build_object('name', name, 'kana', kana, 'kind', kind, 'activity', activity,
                   'address', address, 'operator', operator, 'capacity', capacity, 'opened_on', opened_on,
                   'closed_on', closed_on, 'geom', ST_AsGeoJSON(geom, 15)::jsonb) AS facts
        FROM facility_site
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'facilities')
          AND (%(keys)s::text[] IS NULL OR facility_id = ANY(%(keys)s))
    """,
    "associations": """
        SELECT association_id AS key, jsonb_build_object('name', name, 'kana', kana, 'area_text', area_text) AS facts
        FROM association_area
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'associations')
          AND (%(keys)s::text[] IS NULL OR association_id = ANY(%(keys)s))
    """,
    "association-rules": """
        SELECT association_id AS key, jsonb_build_object('rules', jsonb_agg(jsonb_build_object(
                   'kind', kind, 'town', town, 'koaza', koaza, 'block_from', block_from, 'block_to', block_to,
                   'house_from', house_from, 'house_to', house_to) ORDER BY rule_no)) AS facts
        FROM address_rule
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'association-rules')
          AND (%(keys)s::text[] IS NULL OR association_id = ANY(%(keys)s))
        GROUP BY association_id
    """,
    "association-profiles": """
        SELECT association_id AS key, jsonb_build_object('fee', fee, 'activities', activities, 'joining', joining,
                   'website', website) AS facts
        FROM association_profile
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'association-profiles')
          AND (%(keys)s::text[] IS NULL OR association_id = ANY(%(keys)s))
    """,
    "district-assignment": """
        SELECT key_code AS key, jsonb_build_object('district_no', district_no, 'confidence', confidence) AS facts
        FROM district_assignment
        WHERE municipality_code = %(m)s AND dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')
          AND (%(keys)s::text[] IS NULL OR key_code = ANY(%(keys)s))
    """,
}


def active_facts(
    conn: Connection, ref: Ref, kind: str, keys: Iterable[str] | None = None, *, whole: bool = False
) -> dict[str, Facts]:
    """Key → what the active dataset of `kind` says; keys without a row are missing. `whole`: with the area, too."""
    wanted = None if keys is None else list(keys)
    query = _WHOLE.get(kind, _QUERIES[kind]) if whole else _QUERIES[kind]
    rows = conn.execute(query, {**ref.args, "keys": wanted})
    return {row["key"]: row["facts"] for row in rows}


def changed_frame(
    conn: Connection, code: str, kind: str, dataset_id: int | None, changes: list[Change]
) -> pd.DataFrame:
    """The frame of a dataset (None: of nothing yet) with the changes of a draft."""
    import pandas as pd

    columns = kind_table(kind).columns
    if dataset_id is None:
        frame: pd.DataFrame = pd.DataFrame(columns=list(columns), dtype=object)
    else:
        frame = read_frame(conn, code, dataset_id, kind)
    id_column = columns[0]
    if "geom" in columns:
        return _drawn(frame, id_column, changes)
    kept = frame[~frame[id_column].isin([change.key for change in changes])]
    rows = [row for change in changes for row in _rows(kind, id_column, change)]
    if not rows:
        return kept
    fresh = pd.DataFrame(rows, columns=list(columns), dtype=object)
    joined = pd.concat([kept.astype(object), fresh], ignore_index=True)
    return joined.sort_values(list(kind_table(kind).key), ignore_index=True)


def _drawn(frame: pd.DataFrame, id_column: str, changes: list[Change]) -> pd.DataFrame:
    """Rows with a shape: what a change does not speak of stays as it is, the area on the map above all."""
    import pandas as pd
    import shapely

    rows: dict[str, Facts] = {}
    for row in pd.DataFrame(frame).astype(object).to_dict("records"):
        rows[str(row[id_column])] = {str(name): value for name, value in row.items()}
    for change in changes:
        if change.after is None:
            rows.pop(change.key, None)
            continue
        said = dict(change.after)
        if said.get("geom") is not None:
            said["geom"] = shapely.from_geojson(json.dumps(said["geom"]))
        former: Facts = rows.get(change.key, {**dict.fromkeys(frame.columns), id_column: change.key})
        rows[change.key] = {**former, **said}
    ordered = sorted(rows.values(), key=lambda row: row[id_column])
    return pd.DataFrame(ordered, columns=list(frame.columns), dtype=object)


def _rows(kind: str, id_column: str, change: Change) -> list[Facts]:
    if change.after is None:
        return []
    if kind == "association-rules":
        return [
            {id_column: change.key, "rule_no": number, **rule}
            for number, rule in enumerate(change.after["rules"], start=1)
        ]
    return [{id_column: change.key, **change.after}]
