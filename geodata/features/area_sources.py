"""Sources of the collections that have a place on the map."""

from __future__ import annotations

from typing import LiteralString

from geodata.features import figures
from geodata.features.source import Source, of_generation, same

DISTRICTS = Source(
    table="district_area d",
    id="d.district_no::text",
    geom="d.geom",
    where=of_generation("d", "districts"),
    columns={
        "no": "d.district_no",
        **same("name", "kana", "aliases", of="d"),
        "plan_state": ("p.state", "plan"),
        "plan_adopted": ("p.state IN ('adopted', 'revised')", "plan"),
        "people": ("c.people", "figures"),
        "households": ("c.households", "figures"),
        "area_m2": "round(ST_Area(ST_Transform(d.geom, %(plane)s))::numeric, 1)::float8",
        "associations": ("coalesce(c.associations, 0)", "figures"),
        "membership_fiscal_year": ("c.fiscal_year", "figures"),
        "membership_rate": ("c.members::float8 / nullif(c.member_of, 0)", "figures"),
        "membership_withheld": ("c.withheld", "figures"),
    },
    joins={
        "plan": """LEFT JOIN LATERAL (
            SELECT state FROM district_plan
            WHERE municipality_code = d.municipality_code AND district_no = d.district_no
              AND coalesce(valid_from, stated_on, '-infinity') <= %(day)s::date
              AND coalesce(valid_to, 'infinity') > %(day)s::date
            ORDER BY valid_from DESC NULLS LAST, record_no DESC LIMIT 1
        ) p ON true""",
        "figures": figures.JOIN,
    },
    prepared={"figures": figures.district_figures},
)

# As the function association_districts, but row by row: a page of a hundred out of 300,000 asks for a hundred.
IN_DISTRICT: LiteralString = """LEFT JOIN association_district l ON l.municipality_code = a.municipality_code
            AND l.association_id = a.association_id
            AND l.dataset_id = active_dataset(%(m)s, %(g)s, 'association-districts')
        LEFT JOIN LATERAL (
            SELECT p.district_no FROM district_area p
            WHERE l.district_no IS NULL AND p.municipality_code = a.municipality_code
              AND p.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')
              AND ST_Covers(p.geom, ST_PointOnSurface(a.geom))
            ORDER BY p.district_no LIMIT 1
        ) c ON true
        LEFT JOIN district_area n ON n.municipality_code = a.municipality_code
            AND n.district_no = coalesce(l.district_no, c.district_no)
            AND n.dataset_id = active_dataset(%(m)s, %(g)s, 'districts')"""

ASSOCIATIONS = Source(
    table="association_area a",
    id="a.association_id",
    geom="a.geom",
    where=of_generation("a", "associations"),
    columns={
        **same("association_id", "name", "kana", "kind", "area_text", of="a"),
        "district_no": ("coalesce(l.district_no, c.district_no)", "district"),
        "district_name": ("n.name", "district"),
        "district_basis": (
            "CASE WHEN l.district_no IS NOT NULL THEN 'list' WHEN c.district_no IS NOT NULL THEN 'area' END",
            "district",
        ),
        "membership_fiscal_year": ("y.fiscal_year", "membership"),
        "households": ("y.households", "membership"),
        "member_households": ("y.member_households", "membership"),
        "membership_rate": ("y.member_households::float8 / nullif(y.households, 0)", "membership"),
    },
    joins={
        "district": IN_DISTRICT,
        "membership": """LEFT JOIN LATERAL (
            SELECT fiscal_year, households, member_households FROM membership
            WHERE municipality_code = a.municipality_code AND association_id = a.association_id
              AND dataset_id = active_dataset(%(m)s, %(g)s, 'membership')
            ORDER BY fiscal_year DESC LIMIT 1
        ) y ON true""",
    },
)

SMALL_AREAS = Source(
    table="small_area s",
    id="s.key_code",
    geom="s.geom",
    where=of_generation("s", "small-areas"),
    columns={
        **same("key_code", "name", "people", "households", of="s"),
        "area_m2": "round(s.area_m2::numeric, 1)::float8",
        "district_no": ("t.district_no", "assignment"),
        "confidence": ("t.confidence", "assignment"),
    },
    joins={
        "assignment": """LEFT JOIN district_assignment t ON t.municipality_code = s.municipality_code
            AND t.key_code = s.key_code AND t.dataset_id = active_dataset(%(m)s, %(g)s, 'district-assignment')""",
    },
)

OUTLINE = Source(
    table="outline o",
    id="o.part_no::text",
    geom="o.geom",
    where=of_generation("o", "outline"),
    columns=same("part_no", "name", of="o"),
)

FACILITIES = Source(
    table="facility_site s",
    id="s.facility_id",
    geom="s.geom",
    where=of_generation("s", "facilities"),
    columns=same(
        "facility_id", "name", "kana", "kind", "activity", "address", "operator", "capacity", "opened_on",
        "closed_on", of="s",
    ),
)  # fmt: skip

TOWNS = Source(
    table="town t",
    id="t.town_id",
    geom="t.geom",
    where=of_generation("t", "towns"),
    columns=same(
        "town_id", "name", "koaza", "oaza", "chome", "jiwari", "kana", "postal_code", "level", "aliases",
        "accuracy_m", "valid_from", "valid_to", of="t",
    ),
)  # fmt: skip

HALLS = Source(
    table="hall h",
    id="h.hall_id",
    geom="h.geom",
    where=of_generation("h", "halls"),
    columns=same(
        "hall_id", "association_id", "name", "address", "floor_area_m2", "built_year", "confirmed_on",
        "ownership", of="h",
    ),
)  # fmt: skip


def layer(kind: LiteralString) -> Source:
    """Source of one optional or planning layer."""
    return Source(
        table="area_layer l",
        id="l.area_no::text",
        geom="l.geom",
        where=of_generation("l", kind),
        columns=same("area_no", "name", "detail", "contact", "phone", "address", of="l"),
    )
