"""Sources of the collections that drafts change: the active rows with the open draft's over them. For staff alone."""

from __future__ import annotations

from dataclasses import replace
from typing import LiteralString

from geodata.features.area_sources import ASSOCIATIONS, DISTRICTS, FACILITIES, SMALL_AREAS
from geodata.features.source import Source, of_generation


def _changes(scope: LiteralString, kind: LiteralString) -> LiteralString:
    """Rows `row_key`, `after` of the open draft."""
    return (
        "(" + _OPEN + " AND d.scope = '" + scope + "' AND c.kind = '" + kind + "')"
    )  # fmt: skip


def _over(
    table: LiteralString, key: LiteralString, kind: LiteralString, scope: LiteralString,
    columns: dict[LiteralString, LiteralString], number: LiteralString = "",
) -> LiteralString:  # fmt: skip
    """The rows of a table that the draft does not name, and those of the draft; `columns`: name → its value from `after`;
    `number`: "::int" where the key is a number."""
    changes, active = _changes(scope, kind), of_generation("o", kind)
    kept: LiteralString = ", ".join("o." + name for name in columns)
    new: LiteralString = ", ".join(columns.values())
    rows: LiteralString = _KEPT + key + ", " + kept + " FROM " + table + " o WHERE " + active
    others: LiteralString = (
        " AND NOT EXISTS (" + _NAMED + changes + " x WHERE x.row_key" + number + " = o." + key + ")"
    )
    drawn: LiteralString = _DRAWN + kind + "'), x.row_key" + number + ", " + new + " FROM " + changes + " x "
    former: LiteralString = (
        "LEFT JOIN " + table + " o ON " + active + " AND o." + key + " = x.row_key" + number + " "
    )
    return "(" + rows + others + " UNION ALL " + drawn + former + "WHERE x.after IS NOT NULL)"


_OPEN: LiteralString = (
    "SELECT c.row_key, c.after FROM edit_draft d JOIN edit_draft_change c USING (municipality_code, draft_id) "
    "WHERE d.municipality_code = %(m)s AND d.state = 'open'"
)
_KEPT: LiteralString = "SELECT o.municipality_code, o.dataset_id, o."
_NAMED: LiteralString = "SELECT FROM "
_DRAWN: LiteralString = "SELECT %(m)s AS municipality_code, active_dataset(%(m)s, %(g)s, '"
_NAME: LiteralString = "(x.after ->> 'name') COLLATE \"ja-x-icu\""
_KANA: LiteralString = "(x.after ->> 'kana') COLLATE \"ja-x-icu\""

DRAFTED: dict[str, Source] = {
    "associations": replace(
        ASSOCIATIONS,
        table=_over(
            "association_area", "association_id", "associations", "associations",
            {
                "name": _NAME, "kana": _KANA, "kind": "coalesce(x.after ->> 'kind', o.kind)",
                "area_text": "x.after ->> 'area_text'",
                "geom": "CASE WHEN jsonb_exists(x.after, 'geom') "
                "THEN ST_Multi(ST_GeomFromGeoJSON(nullif(x.after -> 'geom', 'null'))) ELSE o.geom END",
            },
        ) + " a",
    ),
    "facilities": replace(
        FACILITIES,
        table=_over(
            "facility_site", "facility_id", "facilities", "facilities",
            {
                "name": _NAME, "kana": _KANA, "kind": "x.after ->> 'kind'",
                "activity": "(x.after ->> 'activity')::boolean", "address": "x.after ->> 'address'",
                "operator": "x.after ->> 'operator'", "capacity": "(x.after ->> 'capacity')::int",
                "opened_on": "(x.after ->> 'opened_on')::date", "closed_on": "(x.after ->> 'closed_on')::date",
                "geom": "ST_GeomFromGeoJSON(x.after -> 'geom')",
            },
        ) + " s",
    ),
    "districts": replace(
        DISTRICTS,
        table=_over(
            "district_area", "district_no", "districts", "districts",
            {
                "name": _NAME, "kana": _KANA, "geom": "o.geom",
                "aliases": "ARRAY(SELECT jsonb_array_elements_text(x.after -> 'aliases'))",
            },
            "::int",
        ) + " d",
    ),
    "small-areas": replace(
        SMALL_AREAS,
        joins={
            "assignment": "LEFT JOIN "
            + _over(
                "district_assignment", "key_code", "district-assignment", "assignment",
                {
                    "district_no": "(x.after ->> 'district_no')::int", "confidence": "x.after ->> 'confidence'",
                },
            )
            + " t ON t.municipality_code = s.municipality_code AND t.key_code = s.key_code",
        },
    ),
}  # fmt: skip
